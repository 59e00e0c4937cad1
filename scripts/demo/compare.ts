import { DateTime } from "luxon";
import type { Appointment } from "./sandbox.ts";

/** Why an appointment is left alone on its side in this version; see docs/architecture.md §10. */
export function untouchedBecause(item: Appointment): string | undefined {
  if ((item.attendees?.length ?? 0) > 0) return "meeting with participants";
  return undefined;
}

/**
 * What both systems can tell of an appointment, in one form. SuperOffice knows only free and busy and keeps no zone,
 * so times are compared as instants and the status as free or not; blanks at the ends of lines mean nothing in either.
 * Everything else must be equal to the letter.
 */
export function comparable(item: Appointment): Record<string, unknown> {
  return {
    subject: oneLine(item.subject),
    body: item.body
      .replaceAll("\r\n", "\n")
      .replaceAll(/[^\S\n]+$/gm, "")
      .trimEnd(),
    location: oneLine(item.location),
    allDay: item.allDay,
    start: item.allDay ? item.start.slice(0, 10) : item.startsAt,
    end: item.allDay ? item.end.slice(0, 10) : item.endsAt,
    free: item.busy === "free",
    private: item.private,
    reminderMinutes: item.reminderMinutes,
    recurrence: item.recurrence ? recurrence(item.recurrence, item) : null,
  };
}

/** A title has one line, and a row of blanks in it is one blank. */
export const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").trim();

/**
 * The default for private appointments of the mailbox: the CRM learns when, not what. So of private ones only time and
 * status can be compared; `mainJob` checks apart that nothing else of them is in SuperOffice.
 */
export function comparableWhenPrivate(item: Appointment): Record<string, unknown> {
  return item.private
    ? { ...comparable(item), subject: "Private", body: "", location: "" }
    : comparable(item);
}

/** SuperOffice keeps every series by the clock of its own zone. */
const tenantZone = "Europe/Oslo";

function recurrence(
  rule: NonNullable<Appointment["recurrence"]>,
  item: Appointment,
): Record<string, unknown> {
  const instant = (local: string) => DateTime.fromISO(local, { zone: item.timeZone }).toUTC();
  const clock = DateTime.fromISO(item.startsAt, { zone: tenantZone }).toFormat("HH:mm:ss");
  const lasting = instant(item.end).diff(instant(item.start));
  // A date of another zone's series that was moved to where SuperOffice has it anyway is a regular one there.
  const isRegular = (date: string, start: DateTime, end: DateTime) => {
    const slot = DateTime.fromISO(`${date}T${clock}`, { zone: tenantZone }).toUTC();
    return (
      !item.allDay && item.timeZone !== tenantZone && start.equals(slot) && end.equals(slot.plus(lasting))
    );
  };
  return {
    frequency: rule.frequency,
    interval: rule.interval,
    byDay: (rule.byDay ?? []).toSorted(),
    position: rule.position ?? null,
    dayOfMonth: rule.dayOfMonth ?? null,
    month: rule.month ?? null,
    end: isFar(rule) ? "open" : rule.end,
    cancelled: (rule.deleted ?? []).map((start) => start.slice(0, 10)).toSorted(),
    moved: (rule.modified ?? [])
      .map(({ originalStart, start = originalStart, end = "" }) => ({
        date: originalStart.slice(0, 10),
        start: instant(start),
        end: instant(end),
      }))
      .filter(({ date, start, end }) => !isRegular(date, start, end))
      .map(({ date, start, end }) => [date, start.toISO(), end.toISO()].join(" "))
      .toSorted(),
  };
}

const units: Record<string, "days" | "weeks" | "months" | "years"> = {
  daily: "days",
  weekly: "weeks",
  monthly: "months",
  yearly: "years",
};

/**
 * SuperOffice has no series without an end: what has none in the mailbox ends there with its last date before some time after
 * the window, so that the date that would follow lies beyond the window.
 */
function isFar({ end, frequency, interval }: NonNullable<Appointment["recurrence"]>): boolean {
  if (end.kind !== "until") return end.kind === "endless";
  const next = DateTime.fromISO(end.date).plus({ [units[frequency] ?? "days"]: interval });
  return next > DateTime.utc().plus({ days: 365 });
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
    const key = JSON.stringify(comparableWhenPrivate(item));
    waiting.set(key, [...(waiting.get(key) ?? []), item]);
  }
  const onlyCrm: Appointment[] = [];
  let equal = 0;
  for (const item of crm) {
    const twin = waiting.get(JSON.stringify(comparableWhenPrivate(item)))?.pop();
    if (twin) equal += 1;
    else onlyCrm.push(item);
  }
  return { equal, onlyCrm, onlyMailbox: [...waiting.values()].flat() };
}
