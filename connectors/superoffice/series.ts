import type { Appointment, RecurrenceOverride, RecurrenceRule } from "../../core/items/appointment.ts";
import { normalizeAppointment } from "../../core/items/normalize.ts";
import { ownOf, withOverrides } from "../../core/items/overrides.ts";
import { expandDays } from "./expand.ts";
import { readRow } from "./map.ts";
import { contentOf } from "./row-content.ts";
import { dayIn, daysBetween, moment, shifted } from "./time.ts";
import type { AppointmentRecord, RowContent } from "./wire.ts";

/** The rows of a repetition as one series. */
export interface Series {
  item: Appointment;
  /** The row of each date of the rule; a cancelled date has none. */
  rowOf: ReadonlyMap<string, AppointmentRecord>;
  /** Rows that belong to no date of the rule, so that the series cannot be told as one. */
  strays: number;
}

/** So many dates at the end of a series say what it is like. */
const recentDates = 5;

/**
 * The row that is like the series is: what most of its last dates have in common. A change "from this date on" makes the
 * dates before it differ from the series, so the last ones tell; and no clock is asked, so that a series does not change
 * by getting old.
 *
 * @param rows by date
 */
export function usualRow(rows: readonly AppointmentRecord[], zone: string): AppointmentRecord | undefined {
  const groups = [...Map.groupBy(rows, (row) => likeness(row, zone)).values()];
  const recent = new Set(rows.slice(-recentDates));
  const recently = (group: AppointmentRecord[]) => group.filter((row) => recent.has(row)).length;
  const [most] = groups.toSorted((a, b) => recently(b) - recently(a) || b.length - a.length);
  return most?.[0];
}

/**
 * Finds each date's row. SuperOffice does not tell on which date a moved row was: it is taken for one of the dates that
 * lack a row, the nearest between the dates of the rows made before and after it.
 *
 * date of the rule                    | told
 * has a row like the usual one        | regular
 * has another row, or a moved one     | what is different of it
 * has none                            | excluded
 *
 * Rows beside the rule from before the first regular one are what an earlier rule left behind: history, and no matter of
 * the series as it is.
 */
export function readSeries(
  rows: readonly AppointmentRecord[],
  usual: RowContent,
  rule: RecurrenceRule,
  ruleStart: string,
  zone: string,
): Series {
  const days = rows.map((row) => dayIn(row.StartDate, zone));
  const firstRowDay = days.toSorted()[0] ?? ruleStart;
  // A rule may begin before its first date; a removed first date makes it begin there too.
  const startDay = ruleStart !== "" && ruleStart <= firstRowDay ? ruleStart : firstRowDay;
  const expected = likeliest(rule, startDay, new Set(days));
  const usually = likeness(usual, zone);
  const { rowOf, beside } = assign(rows, expected, usually, zone);
  pair(rowOf, beside, expected, zone);
  const firstUsual = rows.find((row) => likeness(row, zone) === usually)?.StartDate ?? "";
  const strays = [...beside].filter((row) => row.StartDate >= firstUsual).length;

  const item = readRow(moveTo(usual, expected[0] ?? firstRowDay, zone), rule, zone);
  const overrides = expected.map((date): [string, RecurrenceOverride] => {
    const row = rowOf.get(date);
    return [date, row ? ownOf(readRow(row, null, zone)) : { excluded: true }];
  });
  return { item: normalizeAppointment(withOverrides(item, overrides)), rowOf, strays };
}

/** The dates of a rule by whichever reading of short months fits the rows better. */
function likeliest(rule: RecurrenceRule, startDay: string, present: ReadonlySet<string>): string[] {
  const misses = (days: string[]) => new Set(days).symmetricDifference(present).size;
  const [one, other] = [expandDays(rule, startDay, "last-day"), expandDays(rule, startDay, "skip")];
  return misses(other) < misses(one) ? other : one;
}

function assign(
  rows: readonly AppointmentRecord[],
  expected: readonly string[],
  usually: string,
  zone: string,
): { rowOf: Map<string, AppointmentRecord>; beside: Set<AppointmentRecord> } {
  const dates = new Set(expected);
  const rowOf = new Map<string, AppointmentRecord>();
  // Where a row was moved onto another one's date, the regular one is the date's.
  const regularFirst = rows.toSorted(
    (a, b) =>
      Number(likeness(b, zone) === usually) - Number(likeness(a, zone) === usually) ||
      a.AppointmentId - b.AppointmentId,
  );
  const beside = new Set<AppointmentRecord>();
  for (const row of regularFirst) {
    const day = dayIn(row.StartDate, zone);
    if (dates.has(day) && !rowOf.has(day)) rowOf.set(day, row);
    else beside.add(row);
  }
  return { rowOf, beside };
}

function pair(
  rowOf: Map<string, AppointmentRecord>,
  beside: Set<AppointmentRecord>,
  expected: readonly string[],
  zone: string,
): void {
  for (const row of [...beside].toSorted((a, b) => a.AppointmentId - b.AppointmentId)) {
    const missing = expected.filter((date) => !rowOf.has(date));
    if (missing.length === 0) return;
    const known = [...rowOf].toSorted(([, a], [, b]) => a.AppointmentId - b.AppointmentId);
    const before = known.findLast(([, other]) => other.AppointmentId < row.AppointmentId)?.[0] ?? "";
    const after = known.find(([, other]) => other.AppointmentId > row.AppointmentId)?.[0] ?? "9999-12-31";
    const between = missing.filter((date) => date > before && date < after);
    const day = dayIn(row.StartDate, zone);
    const [nearest] = (between.length > 0 ? between : missing).toSorted(
      (a, b) => Math.abs(daysBetween(a, day)) - Math.abs(daysBetween(b, day)),
    );
    if (nearest === undefined) return;
    rowOf.set(nearest, row);
    beside.delete(row);
  }
}

/** What the dates of an undisturbed series have in common: content, clock time and length. */
function likeness(row: RowContent, zone: string): string {
  const start = moment(row.StartDate).setZone(zone);
  const end = moment(row.EndDate).setZone(zone);
  const days = end.startOf("day").diff(start.startOf("day"), "days").days;
  const { StartDate: _start, EndDate: _end, ...content } = contentOf(row);
  return JSON.stringify([content, start.toFormat("HH:mm:ss"), end.toFormat("HH:mm:ss"), Math.round(days)]);
}

/** The same row on another day: clock times stay, in the tenant's zone. */
function moveTo(row: RowContent, day: string, zone: string): RowContent {
  const shift = daysBetween(dayIn(row.StartDate, zone), day);
  return {
    ...row,
    StartDate: shifted(row.StartDate, shift, zone),
    EndDate: shifted(row.EndDate, shift, zone),
  };
}
