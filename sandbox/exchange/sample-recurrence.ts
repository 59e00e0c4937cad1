import type { SampleRecurrence } from "../context.ts";
import type { CalendarData } from "./model.ts";
import { readOccurrence } from "./sample-occurrence.ts";
import { weekdayNames, type Pattern, type Rule } from "./recurrence.ts";

const days = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"] as const;

/** A sample's recurrence as a rule that begins on `firstDay` (`YYYY-MM-DD`). */
export function readSampleRule(sample: SampleRecurrence, firstDay: string): Rule {
  const range: Rule["range"] = { start: firstDay };
  if (sample.end.kind === "count") range.count = sample.end.count;
  if (sample.end.kind === "until") range.end = sample.end.date.slice(0, 10);
  return { pattern: readPattern(sample, new Date(`${firstDay}T00:00:00Z`)), range };
}

function readPattern(sample: SampleRecurrence, first: Date): Pattern {
  const { interval, position } = sample;
  const chosen = (sample.byDay ?? []).map((day) => days.indexOf(day));
  const named = weekdayNames[chosen[0] ?? first.getUTCDay()] ?? "Monday";
  const day = sample.dayOfMonth ?? first.getUTCDate();
  const month = sample.month ?? first.getUTCMonth() + 1;
  switch (sample.frequency) {
    case "daily":
      return { kind: "daily", interval };
    case "weekly": {
      const sorted = (chosen.length > 0 ? chosen : [first.getUTCDay()]).toSorted((a, b) => a - b);
      return { kind: "weekly", interval, days: sorted, firstDay: 1 };
    }
    case "monthly":
      return position === undefined
        ? { kind: "monthly", interval, day }
        : { kind: "relativeMonthly", interval, days: relativeDays(chosen) ?? named, index: position };
    case "yearly":
      // EWS has no yearly pattern with an interval; Outlook keeps "every two years" as every 24 months.
      if (interval > 1) {
        const months = { interval: interval * 12 };
        return position === undefined
          ? { kind: "monthly", ...months, day }
          : { kind: "relativeMonthly", ...months, days: relativeDays(chosen) ?? named, index: position };
      }
      return position === undefined
        ? { kind: "yearly", month, day }
        : { kind: "relativeYearly", month, days: relativeDays(chosen) ?? named, index: position };
  }
}

/** `Weekday` and the like stand for several days at once. */
function relativeDays(chosen: number[]): string | undefined {
  if (chosen.length === 7) return "Day";
  if (chosen.length === 5 && !chosen.includes(0) && !chosen.includes(6)) return "Weekday";
  if (chosen.length === 2 && chosen.includes(0) && chosen.includes(6)) return "WeekendDay";
  return undefined;
}

const groups: Record<string, number[]> = {
  Day: [0, 1, 2, 3, 4, 5, 6],
  Weekday: [1, 2, 3, 4, 5],
  WeekendDay: [0, 6],
};

/** Reads a series back; `local` writes an instant in the series' zone. */
export function writeSampleRule(
  calendar: Pick<CalendarData, "rule" | "deleted" | "exceptions">,
  local: (utc: number) => string,
): SampleRecurrence | null {
  if (!calendar.rule) return null;
  const { pattern, range } = calendar.rule;
  const sample: SampleRecurrence = { ...writePattern(pattern), end: { kind: "endless" } };
  if (range.count !== undefined) sample.end = { kind: "count", count: range.count };
  else if (range.end !== undefined) sample.end = { kind: "until", date: range.end };
  if (calendar.deleted.length > 0) sample.deleted = calendar.deleted.toSorted((a, b) => a - b).map(local);
  if (calendar.exceptions.length > 0) {
    sample.modified = calendar.exceptions
      .toSorted((a, b) => a.originalStart - b.originalStart)
      .map((exception) => ({
        originalStart: local(exception.originalStart),
        ...readOccurrence(exception),
        start: local(exception.start),
        end: local(exception.end),
      }));
  }
  return sample;
}

function writePattern(pattern: Pattern): Omit<SampleRecurrence, "end"> {
  const byDay = (list: number[]): { byDay: (typeof days)[number][] } => ({
    byDay: list.map((day) => days[day] ?? "MO"),
  });
  const named = (name: string): number[] => groups[name] ?? [weekdayNames.indexOf(name)];
  switch (pattern.kind) {
    case "daily":
      return { frequency: "daily", interval: pattern.interval };
    case "weekly":
      return { frequency: "weekly", interval: pattern.interval, ...byDay(pattern.days) };
    case "monthly":
      return { frequency: "monthly", interval: pattern.interval, dayOfMonth: pattern.day };
    case "relativeMonthly":
      return {
        frequency: "monthly",
        interval: pattern.interval,
        ...byDay(named(pattern.days)),
        position: pattern.index,
      };
    case "yearly":
      return { frequency: "yearly", interval: 1, month: pattern.month, dayOfMonth: pattern.day };
    case "relativeYearly":
      return {
        frequency: "yearly",
        interval: 1,
        month: pattern.month,
        ...byDay(named(pattern.days)),
        position: pattern.index,
      };
  }
}
