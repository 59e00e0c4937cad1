import type { DateTime } from "luxon";
import { badRequest } from "./errors.ts";
import type { Switches } from "./switches.ts";
import { clockFace, localText } from "./time.ts";

/**
 * SuperOffice's repetition: a pattern, a first day and an end by date or by count; never without an end.
 * Dates are base-zone days, so a series keeps its clock time across DST.
 * @see diary/learn/recurrence; api/reference/restful/agent/Appointment_Agent/v1AppointmentAgent_CalculateDays.md
 */
export interface RecurrenceRule {
  pattern: "Daily" | "Weekly" | "Monthly" | "Yearly" | "Custom";
  /** Base-zone days, `2026-03-02`. */
  startDay: string;
  endDay: string;
  endType: "EndDate" | "Counter";
  counter: number;
  day?: { cycle: number; pattern: "EveryWorkday" | "EveryWeekday" | "EveryCyclicDay" };
  week?: { cycle: number; weekdays: string[] };
  month?: MonthlyRule;
  year?: MonthlyRule;
}

export interface MonthlyRule {
  /** Months between dates; for yearly rules the month, 1 to 12. */
  cycle: number;
  pattern: "DayOfMonth" | "WeekdayOfMonth";
  day: number;
  weekday: string;
  weekOfMonth: string;
}

export const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
export const WEEKS_OF_MONTH = ["Unknown", "First", "Second", "Third", "Fourth", "Last"];

/** Nobody's series is longer than this; it only stops patterns that never match. */
const HORIZON_DAYS = 366 * 100;

/**
 * The days of a rule in order.
 * @throws SoError 400 without an end, with an unusable pattern, or beyond the switch `maxOccurrences`
 */
export function calculateDays(rule: RecurrenceRule, switches: Switches): string[] {
  if (rule.endType === "Counter" ? rule.counter < 1 : rule.endDay < rule.startDay) {
    throw badRequest("A recurrence must end by a date after its start or by a number of repetitions");
  }
  const start = clockFace(`${rule.startDay}T00:00:00`);
  const days: string[] = [];
  for (const day of candidates(rule, start, switches)) {
    const text = localText(day).slice(0, 10);
    if (text < rule.startDay) continue;
    if (rule.endType === "EndDate" && text > rule.endDay) break;
    days.push(text);
    if (switches.maxOccurrences > 0 && days.length > switches.maxOccurrences) {
      throw badRequest(`A series may have at most ${switches.maxOccurrences} dates`);
    }
    if (rule.endType === "Counter" && days.length >= rule.counter) break;
  }
  if (days.length === 0) throw badRequest("The recurrence pattern has no date");
  return days;
}

function* candidates(rule: RecurrenceRule, start: DateTime, switches: Switches): Generator<DateTime> {
  const last = start.plus({ days: HORIZON_DAYS });
  switch (rule.pattern) {
    case "Daily":
      yield* daily(rule.day, start, last);
      return;
    case "Weekly":
      yield* weekly(rule.week, start, last);
      return;
    case "Monthly":
      yield* monthly(rule.month, start, last, cycleOf(rule.month), switches);
      return;
    case "Yearly":
      yield* monthly(rule.year, yearStart(rule.year, start), last, 12, switches);
      return;
    case "Custom":
      throw badRequest("A custom recurrence needs its Dates");
  }
}

/** "The month of the year where the recurrence occurs": `RecurrenceYearPattern.Cycle` in the package's typings. */
function yearStart(rule: MonthlyRule | undefined, start: DateTime): DateTime {
  const month = cycleOf(rule);
  if (month > 12) throw badRequest(`There is no month ${month}`);
  return start.set({ month, day: 1 });
}

function* daily(rule: RecurrenceRule["day"], start: DateTime, last: DateTime): Generator<DateTime> {
  const step = rule?.pattern === "EveryCyclicDay" ? cycleOf(rule) : 1;
  for (let day = start; day <= last; day = day.plus({ days: step })) {
    if (rule?.pattern !== "EveryWorkday" || day.weekday <= 5) yield day;
  }
}

function* weekly(rule: RecurrenceRule["week"], start: DateTime, last: DateTime): Generator<DateTime> {
  if (!rule || rule.weekdays.length === 0) throw badRequest("A weekly recurrence needs Weekdays");
  for (let week = start.startOf("week"); week <= last; week = week.plus({ weeks: cycleOf(rule) })) {
    for (const [index, name] of WEEKDAYS.entries()) {
      if (rule.weekdays.includes(name)) yield week.plus({ days: index });
    }
  }
}

function* monthly(
  rule: MonthlyRule | undefined,
  start: DateTime,
  last: DateTime,
  months: number,
  switches: Switches,
): Generator<DateTime> {
  if (!rule) throw badRequest("The recurrence lacks its pattern");
  for (let month = start.startOf("month"); month <= last; month = month.plus({ months })) {
    const day =
      rule.pattern === "DayOfMonth" ? dayOfMonth(rule, month, switches) : weekdayOfMonth(rule, month);
    if (day) yield day;
  }
}

function dayOfMonth(rule: MonthlyRule, month: DateTime, switches: Switches): DateTime | undefined {
  const length = month.daysInMonth ?? 28;
  if (rule.day < 1 || rule.day > 31) throw badRequest(`There is no day ${rule.day} in a month`);
  if (rule.day > length && switches.shortMonth === "skip") return undefined;
  return month.set({ day: Math.min(rule.day, length) });
}

function weekdayOfMonth(rule: MonthlyRule, month: DateTime): DateTime {
  const weekday = WEEKDAYS.indexOf(rule.weekday) + 1;
  const week = WEEKS_OF_MONTH.indexOf(rule.weekOfMonth);
  if (weekday < 1 || week < 1) throw badRequest("The recurrence lacks its weekday or week of the month");
  const first = month.plus({ days: (weekday - month.weekday + 7) % 7 });
  if (rule.weekOfMonth !== "Last") return first.plus({ weeks: week - 1 });
  const fifth = first.plus({ weeks: 4 });
  return fifth.month === month.month ? fifth : first.plus({ weeks: 3 });
}

function cycleOf(rule: { cycle: number } | undefined): number {
  return Math.max(1, rule?.cycle ?? 1);
}
