const dayMs = 86_400_000;
/** Zones lie at most this far from UTC: a day somewhere on earth. */
const zoneSlackMs = 14 * 3_600_000;
const date = /^\d{4}-\d{2}-\d{2}$/u;

/** Whole days from anything that begins with one; an empty text is none. Idempotent. */
export function normalizeDate(day: string | null): string | null {
  return day === null || day === "" ? null : day.slice(0, 10);
}

/** 30 February is a text of the right form, and no day. */
export function isDate(text: string): boolean {
  const at = Date.parse(text);
  return date.test(text) && !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** Whether a day, whatever the zone, may lie in the window. */
export function dayTouches(day: string, window: { from: string; to: string }): boolean {
  const at = Date.parse(`${day}T00:00:00Z`);
  return at - zoneSlackMs < Date.parse(window.to) && at + dayMs + zoneSlackMs > Date.parse(window.from);
}
