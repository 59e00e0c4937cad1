const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * A time as people say it, seen from `now` (both in ms): "just now", "2 min ago", "in 3 min", "09:14" for earlier
 * today, "yesterday", "in 2 days", and the date when it is a week or more away.
 */
export function relative(at: number, now: number, locale?: string): string {
  const past = at <= now;
  const distance = Math.abs(now - at);
  if (distance < minute) {
    if (!past) return "in under 1 min";
    return distance < 10_000 ? "just now" : `${Math.floor(distance / 1000)} s ago`;
  }
  if (distance < hour) {
    const minutes = Math.floor(distance / minute);
    return past ? `${minutes} min ago` : `in ${minutes} min`;
  }
  const days = calendarDays(at, now);
  if (days === 0) {
    if (distance < 4 * hour) {
      const hours = Math.floor(distance / hour);
      return past ? `${hours} h ago` : `in ${hours} h`;
    }
    return clock(at, locale);
  }
  if (days === -1) return "yesterday";
  if (days === 1) return "tomorrow";
  if (Math.abs(days) < 7) return past ? `${-days} days ago` : `in ${days} days`;
  return date(at, now, locale);
}

/** How long something lasts already: "2 h", "3 d". */
export function duration(since: number, now: number): string {
  const distance = Math.max(0, now - since);
  if (distance < minute) return "1 min";
  if (distance < hour) return `${Math.floor(distance / minute)} min`;
  if (distance < day) return `${Math.floor(distance / hour)} h`;
  return `${Math.floor(distance / day)} d`;
}

/** To the second and with the zone of the reader. */
export function exact(at: number, locale?: string): string {
  return new Intl.DateTimeFormat(locale, {
    dateStyle: "full",
    timeStyle: "long",
  }).format(at);
}

/** Whole days of the reader's calendar from `now` to `at`; negative in the past. */
function calendarDays(at: number, now: number): number {
  const midnight = (instant: number) => new Date(instant).setHours(0, 0, 0, 0);
  return Math.round((midnight(at) - midnight(now)) / day);
}

function clock(at: number, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(at);
}

function date(at: number, now: number, locale?: string): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
  }).format(at);
}
