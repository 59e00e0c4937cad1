import type {
  Appointment,
  AppointmentPatch,
  AppointmentTime,
  OccurrencePatch,
  OverrideField,
  RecurrenceOverride,
} from "./appointment.ts";
import { clockAt, instantOf, instantsOf } from "./local-time.ts";

const dayMs = 86_400_000;
const prefix = "recurrenceOverrides/";

/** What one occurrence may have of its own. */
export const occurrenceFields = [
  "title",
  "description",
  "location",
  "time",
  "freeBusyStatus",
  "privacy",
  "alertMinutes",
] as const satisfies readonly (keyof OccurrencePatch)[];

export function overrideField(date: string): OverrideField {
  return `${prefix}${date}`;
}

export function isOverrideField(field: string): field is OverrideField {
  return field.startsWith(prefix);
}

/** The local date of the original start. */
export function dateOfField(field: OverrideField): string {
  return field.slice(prefix.length);
}

/** The overrides of a series by date, in order. */
export function overridesOf(item: AppointmentPatch): [date: string, override: RecurrenceOverride][] {
  return Object.entries(item)
    .filter((entry): entry is [OverrideField, RecurrenceOverride] => isOverrideField(entry[0]) && !!entry[1])
    .map(([field, override]): [string, RecurrenceOverride] => [dateOfField(field), override])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** The dates that a patch names, be it to make their occurrences regular again; in order. */
export function datesNamed(patch: AppointmentPatch): string[] {
  return Object.keys(patch)
    .filter((field) => isOverrideField(field))
    .map(dateOfField)
    .toSorted();
}

/** The dates on which two series of one rule, both in normal form, have different occurrences; in order. */
export function datesThatDiffer(one: Appointment, other: Appointment): string[] {
  return [...new Set([...datesNamed(one), ...datesNamed(other)])]
    .filter((date) => spelling(one, date) !== spelling(other, date))
    .toSorted();
}

function spelling(item: Appointment, date: string): string {
  const override = item[overrideField(date)];
  if (!override) return "";
  if (override.excluded === true) return "excluded";
  const { time } = override;
  return JSON.stringify([
    ...occurrenceFields.map((field) => (field === "time" ? null : (override[field] ?? "-"))),
    override.alertMinutes === null,
    ...(time ? [time.showWithoutTime, time.start, time.end] : []),
  ]);
}

/** The item as its rule alone makes it; of a patch, what it does to the whole series. */
export function withoutOverrides<Part extends AppointmentPatch>(item: Part): Part {
  if (!Object.keys(item).some(isOverrideField)) return item;
  return Object.fromEntries(
    Object.entries(item).filter(([field]) => !isOverrideField(field)),
  ) as unknown as Part;
}

/** The item with these overrides and no others; one of `null` is left out. */
export function withOverrides(
  item: Appointment,
  overrides: Iterable<readonly [date: string, override: RecurrenceOverride | null]>,
): Appointment {
  const fields = [...overrides].flatMap(([date, override]) =>
    override === null ? [] : [[overrideField(date), override] as const],
  );
  const series = withoutOverrides(item);
  return fields.length === 0 ? series : { ...series, ...Object.fromEntries(fields) };
}

/** When the occurrence of that date is, as the rule makes it: the same clock time, the same length on the clock. */
export function regularTime(item: Appointment, date: string): AppointmentTime {
  const { time, timeZone } = item;
  if (date === firstDate(item)) return time;
  if (time.showWithoutTime) {
    const days = (Date.parse(time.end) - Date.parse(time.start)) / dayMs;
    return { showWithoutTime: true, start: date, end: dayOf(Date.parse(date) + days * dayMs) };
  }
  const { clock, length } = clockOf(time, timeZone);
  const start = Date.parse(date) + clock;
  return {
    showWithoutTime: false,
    start: iso(instantOf(start, timeZone)),
    end: iso(instantOf(start + length, timeZone)),
  };
}

/**
 * The date that names an occurrence which the rule makes start at that instant. Systems differ by an hour about times
 * that a clock change skips, and around midnight an hour is another date: the nearest one is meant.
 */
export function dateOfStart(item: Appointment, start: string): string {
  if (item.time.showWithoutTime || start.length === 10) return start.slice(0, 10);
  const { clock } = clockOf(item.time, item.timeZone);
  return dayOf(clockAt(Date.parse(start), item.timeZone) - clock + dayMs / 2);
}

/** The occurrence of a date as an appointment of its own; `null` when it is cancelled. */
export function occurrenceOf(item: Appointment, date: string): Appointment | null {
  const override = item[overrideField(date)];
  if (override?.excluded === true) return null;
  return {
    ...withoutOverrides(item),
    time: regularTime(item, date),
    recurrenceRule: null,
    ...override,
  };
}

/** What makes the regular occurrence of that date the actual one; `null` when nothing does. */
export function overrideFor(
  item: Appointment,
  date: string,
  actual: OccurrencePatch,
): RecurrenceOverride | null {
  const own: OccurrencePatch = {};
  for (const field of occurrenceFields) {
    const value = actual[field];
    if (value === undefined) continue;
    const regular =
      field === "time" ? isRegular(item, date, value as AppointmentTime) : value === item[field];
    if (!regular) Object.assign(own, { [field]: value });
  }
  return Object.keys(own).length === 0 ? null : own;
}

/**
 * The projection of series that a projection of single appointments makes: the series by its rule, and what is left of
 * each override when both the occurrence and the regular one are what the system can hold of them. Idempotent when
 * `project` is.
 */
export function projectSeries(item: Appointment, project: (item: Appointment) => Appointment): Appointment {
  const series = project(withoutOverrides(item));
  if (series.recurrenceRule === null) return series;
  return withOverrides(
    series,
    overridesOf(item).map(([date, override]) => {
      const occurrence = occurrenceOf(item, date);
      return occurrence === null
        ? [date, override]
        : [date, overrideFor(series, date, ownOf(project(occurrence)))];
    }),
  );
}

/** Of an occurrence, all that may be its own. */
export function ownOf(occurrence: Appointment): OccurrencePatch {
  return Object.fromEntries(occurrenceFields.map((field) => [field, occurrence[field]]));
}

function isRegular(item: Appointment, date: string, actual: AppointmentTime): boolean {
  if (actual.showWithoutTime !== item.time.showWithoutTime) return false;
  const regular = regularTime(item, date);
  if (actual.start === regular.start && actual.end === regular.end) return true;
  if (item.time.showWithoutTime) return false;
  const { clock, length } = clockOf(item.time, item.timeZone);
  const start = Date.parse(date) + clock;
  const meant = (clockMs: number, instant: string) =>
    instantsOf(clockMs, item.timeZone).includes(Date.parse(instant));
  return meant(start, actual.start) && meant(start + length, actual.end);
}

/**
 * Milliseconds after midnight at which a series starts, and how long it lasts by the clock; by the instants where the
 * clock was put back meanwhile, further than it lasts.
 */
function clockOf(time: AppointmentTime, zone: string | null): { clock: number; length: number } {
  const [from, to] = [Date.parse(time.start), Date.parse(time.end)];
  const [start, end] = [clockAt(from, zone), clockAt(to, zone)];
  return { clock: start - Math.floor(start / dayMs) * dayMs, length: end < start ? to - from : end - start };
}

function firstDate({ time, timeZone }: Appointment): string {
  return time.showWithoutTime ? time.start : dayOf(clockAt(Date.parse(time.start), timeZone));
}

function dayOf(clockMs: number): string {
  return new Date(clockMs).toISOString().slice(0, 10);
}

function iso(instantMs: number): string {
  return `${new Date(instantMs).toISOString().slice(0, 19)}Z`;
}
