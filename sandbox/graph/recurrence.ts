import { dayNumber, monthNames, weekdayNames, type Pattern, type Rule } from "../exchange/recurrence.ts";
import { el, type Xml } from "../exchange/xml.ts";
import { badRequest } from "./errors.ts";

/** A `patternedRecurrence` as the schema has checked it. */
export interface PatternedRecurrence {
  pattern: {
    type: "daily" | "weekly" | "absoluteMonthly" | "relativeMonthly" | "absoluteYearly" | "relativeYearly";
    interval: number;
    month?: number;
    dayOfMonth?: number;
    daysOfWeek?: string[];
    firstDayOfWeek?: string | null;
    index?: string | null;
  };
  range: {
    type: "endDate" | "noEnd" | "numbered";
    startDate: string;
    endDate?: string | null;
    numberOfOccurrences?: number;
    recurrenceTimeZone?: string | null;
  };
}

const indexes = ["first", "second", "third", "fourth"];
const small = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
const week = weekdayNames.map(small);

const groups: Record<string, string[]> = {
  Day: week,
  Weekday: week.slice(1, 6),
  WeekendDay: ["sunday", "saturday"],
};

/** @see https://learn.microsoft.com/graph/api/resources/recurrencepattern */
export function writeRecurrence({ pattern, range }: Rule, zone: string): PatternedRecurrence {
  const { count, end } = range;
  return {
    pattern: { ...blank, ...writePattern(pattern, range.start) },
    range: {
      type: count !== undefined ? "numbered" : end !== undefined ? "endDate" : "noEnd",
      startDate: range.start,
      endDate: end ?? "0001-01-01",
      recurrenceTimeZone: zone,
      numberOfOccurrences: count ?? 0,
    },
  };
}

/** Graph answers all members, the ones without a meaning too. */
const blank = { interval: 1, month: 0, dayOfMonth: 0, firstDayOfWeek: "sunday", index: "first" } as const;

function writePattern(pattern: Pattern, start: string): PatternedRecurrence["pattern"] {
  const months = (interval: number): { yearly: boolean; interval: number; month: number } => {
    // A yearly rule is stored as one of so many months (MS-OXOCAL 2.2.1.44.1); EWS has no interval for it.
    const yearly = interval % 12 === 0;
    const month = new Date(dayNumber(start) * 86_400_000).getUTCMonth() + 1;
    return { yearly, interval: yearly ? interval / 12 : interval, month: yearly ? month : 0 };
  };
  const index = (position: number): string => indexes[position - 1] ?? "last";
  const days = (name: string): string[] => groups[name] ?? [small(name)];
  switch (pattern.kind) {
    case "daily":
      return { type: "daily", interval: pattern.interval };
    case "weekly":
      return {
        type: "weekly",
        interval: pattern.interval,
        daysOfWeek: pattern.days.map((day) => week[day] ?? ""),
        firstDayOfWeek: week[pattern.firstDay] ?? "sunday",
      };
    case "monthly": {
      const { yearly, ...rest } = months(pattern.interval);
      return { type: yearly ? "absoluteYearly" : "absoluteMonthly", ...rest, dayOfMonth: pattern.day };
    }
    case "relativeMonthly": {
      const { yearly, ...rest } = months(pattern.interval);
      const where = { daysOfWeek: days(pattern.days), index: index(pattern.index) };
      return { type: yearly ? "relativeYearly" : "relativeMonthly", ...rest, ...where };
    }
    case "yearly":
      return { type: "absoluteYearly", interval: 1, month: pattern.month, dayOfMonth: pattern.day };
    case "relativeYearly":
      return {
        type: "relativeYearly",
        interval: 1,
        month: pattern.month,
        daysOfWeek: days(pattern.days),
        index: index(pattern.index),
      };
  }
}

/**
 * The same as `t:Recurrence`, which the store reads.
 * @throws GraphError for combinations of days that a mailbox cannot hold
 */
export function recurrenceElement({ pattern, range }: PatternedRecurrence): Xml {
  const startDate = el("StartDate", range.startDate);
  let span = el("NoEndRecurrence", [startDate]);
  if (range.type === "numbered") {
    span = el("NumberedRecurrence", [
      startDate,
      el("NumberOfOccurrences", String(range.numberOfOccurrences)),
    ]);
  } else if (range.type === "endDate") {
    span = el("EndDateRecurrence", [startDate, el("EndDate", range.endDate ?? "")]);
  }
  return el("Recurrence", [patternElement(pattern), span]);
}

function patternElement(pattern: PatternedRecurrence["pattern"]): Xml {
  const interval = el("Interval", String(pattern.interval));
  const day = el("DayOfMonth", String(pattern.dayOfMonth ?? 0));
  const month = el("Month", monthNames[(pattern.month ?? 0) - 1] ?? "");
  const index = el("DayOfWeekIndex", capital(pattern.index ?? "first"));
  const severalYears = el("Interval", String(pattern.interval * 12));
  switch (pattern.type) {
    case "daily":
      return el("DailyRecurrence", [interval]);
    case "weekly":
      return el("WeeklyRecurrence", [
        interval,
        el("DaysOfWeek", (pattern.daysOfWeek ?? []).map(capital).join(" ")),
        el("FirstDayOfWeek", capital(pattern.firstDayOfWeek ?? "sunday")),
      ]);
    case "absoluteMonthly":
      return el("AbsoluteMonthlyRecurrence", [interval, day]);
    case "relativeMonthly":
      return el("RelativeMonthlyRecurrence", [interval, relativeDays(pattern), index]);
    case "absoluteYearly":
      return pattern.interval > 1
        ? el("AbsoluteMonthlyRecurrence", [severalYears, day])
        : el("AbsoluteYearlyRecurrence", [day, month]);
    case "relativeYearly":
      return pattern.interval > 1
        ? el("RelativeMonthlyRecurrence", [severalYears, relativeDays(pattern), index])
        : el("RelativeYearlyRecurrence", [relativeDays(pattern), index, month]);
  }
}

function relativeDays({ daysOfWeek = [] }: PatternedRecurrence["pattern"]): Xml {
  const chosen = week.filter((day) => daysOfWeek.includes(day)).join();
  const group = Object.entries(groups).find(
    ([, days]) => week.filter((day) => days.includes(day)).join() === chosen,
  );
  const name = group?.[0] ?? (daysOfWeek.length === 1 ? capital(daysOfWeek[0] ?? "") : undefined);
  if (name === undefined) {
    throw badRequest("ErrorInvalidRequest", "The recurrence pattern's days of the week cannot be combined.");
  }
  return el("DaysOfWeek", name);
}
