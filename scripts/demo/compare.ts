import type { Appointment } from "./sandbox.ts";

/** Why an appointment is left alone on its side in this version; see docs/architecture.md §10. */
export function untouchedBecause(item: Appointment): string | undefined {
  if (item.recurrence?.end.kind === "endless") return "endless series";
  if ((item.recurrence?.deleted?.length ?? 0) > 0 || (item.recurrence?.modified?.length ?? 0) > 0)
    return "series with exceptions";
  if ((item.attendees?.length ?? 0) > 0) return "meeting with participants";
  return undefined;
}

/**
 * What both systems can tell of an appointment, in one form. SuperOffice knows only free and busy and keeps no zone,
 * so times are compared as instants and the status as free or not. Everything else must be equal to the letter.
 */
export function comparable(item: Appointment): Record<string, unknown> {
  return {
    subject: item.subject,
    body: item.body.replaceAll("\r\n", "\n").trimEnd(),
    location: item.location,
    allDay: item.allDay,
    start: item.allDay ? item.start.slice(0, 10) : instant(item.start, item.timeZone),
    end: item.allDay ? item.end.slice(0, 10) : instant(item.end, item.timeZone),
    free: item.busy === "free",
    private: item.private,
    reminderMinutes: item.reminderMinutes,
    recurrence: item.recurrence ? recurrence(item.recurrence) : null,
  };
}

function recurrence(rule: NonNullable<Appointment["recurrence"]>): Record<string, unknown> {
  return {
    frequency: rule.frequency,
    interval: rule.interval,
    byDay: (rule.byDay ?? []).toSorted(),
    position: rule.position ?? null,
    dayOfMonth: rule.dayOfMonth ?? null,
    month: rule.month ?? null,
    end: rule.end,
  };
}

/** UTC instant of a local time in an IANA zone. */
function instant(local: string, timeZone: string): string {
  const wanted = Date.parse(`${local}Z`);
  let guess = wanted;
  for (let round = 0; round < 3; round += 1) guess += wanted - wallClock(guess, timeZone);
  return new Date(guess).toISOString();
}

function wallClock(at: number, timeZone: string): number {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return Date.parse(
    `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}:${parts.second}Z`,
  );
}

export interface Comparison {
  equal: number;
  onlyCrm: Appointment[];
  onlyMailbox: Appointment[];
}

/** Compares two diaries as bags: every appointment must have exactly one equal on the other side. */
export function compareDiaries(crm: readonly Appointment[], mailbox: readonly Appointment[]): Comparison {
  const waiting = new Map<string, Appointment[]>();
  for (const item of mailbox) {
    const key = JSON.stringify(comparable(item));
    waiting.set(key, [...(waiting.get(key) ?? []), item]);
  }
  const onlyCrm: Appointment[] = [];
  let equal = 0;
  for (const item of crm) {
    const twin = waiting.get(JSON.stringify(comparable(item)))?.pop();
    if (twin) equal += 1;
    else onlyCrm.push(item);
  }
  return { equal, onlyCrm, onlyMailbox: [...waiting.values()].flat() };
}
