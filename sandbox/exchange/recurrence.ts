import { EwsError } from "./errors.ts";
import { child, childText, children, el, type Xml } from "./xml.ts";

/** A recurrence in days: patterns and ranges of `t:Recurrence`, dates as `YYYY-MM-DD`. */
export interface Rule {
  pattern: Pattern;
  range: { start: string; count?: number; end?: string };
}

export type Pattern =
  | { kind: "daily"; interval: number }
  | { kind: "weekly"; interval: number; days: number[]; firstDay: number }
  | { kind: "monthly"; interval: number; day: number }
  | { kind: "relativeMonthly"; interval: number; days: string; index: number }
  | { kind: "yearly"; month: number; day: number }
  | { kind: "relativeYearly"; month: number; days: string; index: number };

export const weekdayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
export const monthNames = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const indexNames = ["First", "Second", "Third", "Fourth"];

/** Longest series the server counts through; a rule that never matches must end somewhere. */
const MAX_OCCURRENCES = 20_000;

/**
 * Reads `t:Recurrence` of a calendar item.
 * @throws EwsError `ErrorCalendarInvalidRecurrence`, `ErrorCalendarEndDateIsEarlierThanStartDate`
 */
export function readRule(recurrence: Xml): Rule {
  const [pattern, range] = children(recurrence);
  if (!pattern || !range) throw new EwsError("ErrorCalendarInvalidRecurrence");
  const rule: Rule = {
    pattern: readPattern(pattern),
    range: { start: dayOf(childText(range, "StartDate")) },
  };
  if (range.name === "NumberedRecurrence") {
    rule.range.count = number(range, "NumberOfOccurrences", 1, 999);
  } else if (range.name === "EndDateRecurrence") {
    rule.range.end = dayOf(childText(range, "EndDate"));
    if (rule.range.end < rule.range.start) throw new EwsError("ErrorCalendarEndDateIsEarlierThanStartDate");
  }
  return rule;
}

function readPattern(pattern: Xml): Pattern {
  const interval = child(pattern, "Interval") ? number(pattern, "Interval", 1, 999) : 1;
  const days = childText(pattern, "DaysOfWeek") ?? "";
  const month = monthNames.indexOf(childText(pattern, "Month") ?? "") + 1;
  const index = indexNames.indexOf(childText(pattern, "DayOfWeekIndex") ?? "") + 1 || -1;
  switch (pattern.name) {
    case "DailyRecurrence":
      return { kind: "daily", interval };
    case "WeeklyRecurrence": {
      const firstDay = Math.max(0, weekdayNames.indexOf(childText(pattern, "FirstDayOfWeek") ?? "Sunday"));
      const chosen = [...new Set(days.split(/\s+/).filter(Boolean).flatMap(weekdaysOf))].sort(
        (a, b) => a - b,
      );
      if (chosen.length === 0) throw new EwsError("ErrorCalendarInvalidDayForWeeklyRecurrence");
      return { kind: "weekly", interval, days: chosen, firstDay };
    }
    case "AbsoluteMonthlyRecurrence":
      return { kind: "monthly", interval, day: number(pattern, "DayOfMonth", 1, 31) };
    case "RelativeMonthlyRecurrence":
      return { kind: "relativeMonthly", interval, days, index };
    case "AbsoluteYearlyRecurrence":
      return { kind: "yearly", month, day: number(pattern, "DayOfMonth", 1, 31) };
    case "RelativeYearlyRecurrence":
      return { kind: "relativeYearly", month, days, index };
    default:
      throw new EwsError(
        "ErrorUnsupportedRecurrence",
        `Not a recurrence of a calendar item: ${pattern.name}`,
      );
  }
}

function number(xml: Xml, name: string, least: number, most: number): number {
  const value = Number(childText(xml, name));
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new EwsError("ErrorCalendarInvalidRecurrence", `${name} must be between ${least} and ${most}.`);
  }
  return value;
}

/** The date of an `xs:date`; its offset, if any, says nothing about the day that is meant. */
function dayOf(text: string | undefined): string {
  return (text ?? "").trim().slice(0, 10);
}

/** Writes `t:Recurrence`; `date` writes a day (`YYYY-MM-DD`) as an `xs:date`. */
export function writeRule(rule: Rule, date: (day: string) => string): Xml {
  const { start, count, end } = rule.range;
  const startDate = el("StartDate", date(start));
  let range = el("NoEndRecurrence", [startDate]);
  if (count !== undefined) {
    range = el("NumberedRecurrence", [startDate, el("NumberOfOccurrences", String(count))]);
  } else if (end !== undefined) range = el("EndDateRecurrence", [startDate, el("EndDate", date(end))]);
  return el("Recurrence", [writePattern(rule.pattern), range]);
}

function writePattern(pattern: Pattern): Xml {
  const month = (value: number): Xml => el("Month", monthNames[value - 1] ?? "");
  const position = (index: number): Xml => el("DayOfWeekIndex", indexNames[index - 1] ?? "Last");
  switch (pattern.kind) {
    case "daily":
      return el("DailyRecurrence", [el("Interval", String(pattern.interval))]);
    case "weekly":
      return el("WeeklyRecurrence", [
        el("Interval", String(pattern.interval)),
        el("DaysOfWeek", pattern.days.map((day) => weekdayNames[day]).join(" ")),
        el("FirstDayOfWeek", weekdayNames[pattern.firstDay] ?? "Sunday"),
      ]);
    case "monthly":
      return el("AbsoluteMonthlyRecurrence", [
        el("Interval", String(pattern.interval)),
        el("DayOfMonth", String(pattern.day)),
      ]);
    case "relativeMonthly":
      return el("RelativeMonthlyRecurrence", [
        el("Interval", String(pattern.interval)),
        el("DaysOfWeek", pattern.days),
        position(pattern.index),
      ]);
    case "yearly":
      return el("AbsoluteYearlyRecurrence", [el("DayOfMonth", String(pattern.day)), month(pattern.month)]);
    case "relativeYearly":
      return el("RelativeYearlyRecurrence", [
        el("DaysOfWeek", pattern.days),
        position(pattern.index),
        month(pattern.month),
      ]);
  }
}

function weekdaysOf(name: string): number[] {
  if (name === "Day") return [0, 1, 2, 3, 4, 5, 6];
  if (name === "Weekday") return [1, 2, 3, 4, 5];
  if (name === "WeekendDay") return [0, 6];
  return [weekdayNames.indexOf(name)];
}

const DAY = 86_400_000;

/** Days of the series in order, as numbers of days since 1970, from the range's start to its end. */
export function* daysOf(rule: Rule): Generator<number> {
  const start = dayNumber(rule.range.start);
  const end = rule.range.end === undefined ? Infinity : dayNumber(rule.range.end);
  let left = Math.min(rule.range.count ?? MAX_OCCURRENCES, MAX_OCCURRENCES);
  for (const day of candidates(rule.pattern, start)) {
    if (day < start) continue;
    if (day > end || left-- === 0) return;
    yield day;
  }
}

function* candidates(pattern: Pattern, start: number): Generator<number> {
  const first = new Date(start * DAY);
  const year = first.getUTCFullYear();
  const month = first.getUTCMonth();
  for (let step = 0; step < MAX_OCCURRENCES; step++) {
    switch (pattern.kind) {
      case "daily":
        yield start + step * pattern.interval;
        break;
      case "weekly": {
        const weekStart =
          start - ((first.getUTCDay() - pattern.firstDay + 7) % 7) + step * 7 * pattern.interval;
        const inWeek = pattern.days.map((day) => weekStart + ((day - pattern.firstDay + 7) % 7));
        yield* inWeek.sort((a, b) => a - b);
        break;
      }
      case "monthly":
        yield dayInMonth(year, month + step * pattern.interval, pattern.day);
        break;
      case "relativeMonthly":
        yield relativeDay(year, month + step * pattern.interval, pattern.days, pattern.index);
        break;
      case "yearly":
        yield dayInMonth(year + step, pattern.month - 1, pattern.day);
        break;
      case "relativeYearly":
        yield relativeDay(year + step, pattern.month - 1, pattern.days, pattern.index);
        break;
    }
  }
}

/** Day 31 of a shorter month is its last day. */
function dayInMonth(year: number, month: number, day: number): number {
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(day, last)) / DAY;
}

function relativeDay(year: number, month: number, name: string, index: number): number {
  const wanted = new Set(weekdaysOf(name));
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const matching: number[] = [];
  for (let day = 1; day <= last; day++) {
    const date = new Date(Date.UTC(year, month, day));
    if (wanted.has(date.getUTCDay())) matching.push(date.getTime() / DAY);
  }
  return matching.at(index > 0 ? index - 1 : -1) ?? dayInMonth(year, month, last);
}

export function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / DAY;
}

export function dayText(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}
