import type { SampleRecurrence } from "../context.ts";
import type { Appointment } from "./appointment.ts";
import { onDay, type Repetition } from "./diary.ts";
import {
  calculateDays,
  WEEKDAYS,
  WEEKS_OF_MONTH,
  type MonthlyRule,
  type RecurrenceRule,
} from "./recurrence.ts";
import type { Switches } from "./switches.ts";
import { clockFace, NO_DATE } from "./time.ts";

const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
type Day = (typeof DAYS)[number];

/**
 * A neutral recurrence as SuperOffice holds it.
 * @throws Error naming what SuperOffice cannot hold
 */
export function repetitionOf(sample: SampleRecurrence, start: string, switches: Switches): Repetition {
  if (sample.end.kind === "endless") throw new Error("SuperOffice cannot hold an endless series");
  const rule: RecurrenceRule = {
    ...patternOf(sample, start),
    startDay: start.slice(0, 10),
    endDay: sample.end.kind === "until" ? sample.end.date.slice(0, 10) : NO_DATE.slice(0, 10),
    endType: sample.end.kind === "until" ? "EndDate" : "Counter",
    counter: sample.end.kind === "count" ? sample.end.count : 0,
  };
  const deleted = new Set((sample.deleted ?? []).map((date) => date.slice(0, 10)));
  const days = calculateDays(rule, switches);
  if (rule.endType === "Counter") rule.endDay = days.at(-1) ?? rule.endDay;
  return { rule, days: days.filter((day) => !deleted.has(day)) };
}

/** The neutral form of a series, with the dates that are gone, or are not as `base` is. */
export function sampleRecurrence<Content extends object>(
  rule: RecurrenceRule,
  dates: Appointment[],
  base: Appointment,
  { contentOf, endOf }: { contentOf(date: Appointment): Content; endOf(date: Appointment): string },
  switches: Switches,
): SampleRecurrence {
  const planned = calculateDays(rule, switches);
  const dayOfDate = daysOfRule(dates, planned);
  const originals = new Set(dayOfDate.values());
  const clock = base.originalStart.slice(10);
  const deleted = planned.filter((day) => !originals.has(day)).map((day) => `${day}${clock}`);
  const usual = Object.entries(contentOf(base));
  const modified = dates.flatMap((date) => {
    const day = dayOfDate.get(date) ?? date.originalStart.slice(0, 10);
    const slot = onDay(base, day);
    const content = contentOf(date) as Record<string, unknown>;
    const own = usual.filter(([name, value]) => content[name] !== value).map(([name]) => name);
    if (own.length === 0 && date.start === slot.start && date.end === slot.end) return [];
    return [
      {
        originalStart: `${day}${clock}`,
        ...Object.fromEntries(own.map((name) => [name, content[name]])),
        start: date.start,
        end: endOf(date),
      },
    ];
  });
  return {
    ...wordsOf(rule),
    end:
      rule.endType === "Counter"
        ? { kind: "count", count: rule.counter }
        : { kind: "until", date: rule.endDay },
    ...(deleted.length > 0 ? { deleted } : {}),
    ...(modified.length > 0 ? { modified } : {}),
  };
}

/**
 * The day of the rule that each date stands for. A series that was changed as a whole has forgotten on which day a moved
 * date was: it stands for the first one that is missing.
 */
function daysOfRule(dates: Appointment[], planned: string[]): Map<Appointment, string> {
  const own = (date: Appointment) => date.originalStart.slice(0, 10);
  const regular = dates.filter((date) => planned.includes(own(date)));
  const taken = new Set(regular.map(own));
  const missing = planned.filter((day) => !taken.has(day));
  const strays = dates.filter((date) => !regular.includes(date));
  return new Map([
    ...regular.map((date) => [date, own(date)] as const),
    ...strays.map((date, index) => [date, missing[index] ?? own(date)] as const),
  ]);
}

type Pattern = Pick<RecurrenceRule, "pattern" | "day" | "week" | "month" | "year">;

function patternOf(sample: SampleRecurrence, start: string): Pattern {
  const first = clockFace(start);
  const days = sample.byDay ?? [DAYS[first.weekday - 1] as Day];
  switch (sample.frequency) {
    case "daily":
      return { pattern: "Daily", day: { cycle: sample.interval, pattern: "EveryCyclicDay" } };
    case "weekly":
      return {
        pattern: "Weekly",
        week: { cycle: sample.interval, weekdays: days.map((day) => WEEKDAYS[DAYS.indexOf(day)] ?? "") },
      };
    case "monthly":
      return { pattern: "Monthly", month: monthlyOf(sample, first.day) };
    case "yearly":
      if (sample.interval !== 1) throw new Error("SuperOffice cannot hold a series of every so many years");
      return {
        pattern: "Yearly",
        year: { ...monthlyOf(sample, first.day), cycle: sample.month ?? first.month },
      };
  }
}

function monthlyOf(sample: SampleRecurrence, day: number): MonthlyRule {
  const rule: MonthlyRule = {
    cycle: sample.interval,
    pattern: "DayOfMonth",
    day: sample.dayOfMonth ?? day,
    weekday: "Unknown",
    weekOfMonth: "Unknown",
  };
  if (sample.position === undefined) return rule;
  const [weekday, ...others] = sample.byDay ?? [];
  if (!weekday || others.length > 0) throw new Error("SuperOffice holds one weekday of a month, not several");
  return {
    ...rule,
    pattern: "WeekdayOfMonth",
    day: 0,
    weekday: WEEKDAYS[DAYS.indexOf(weekday)] ?? "Unknown",
    weekOfMonth: WEEKS_OF_MONTH[sample.position === -1 ? 5 : sample.position] ?? "Unknown",
  };
}

function wordsOf(rule: RecurrenceRule): Omit<SampleRecurrence, "end"> {
  const workdays: Day[] = ["MO", "TU", "WE", "TH", "FR"];
  switch (rule.pattern) {
    case "Weekly":
      return {
        frequency: "weekly",
        interval: rule.week?.cycle ?? 1,
        byDay: (rule.week?.weekdays ?? []).map(dayOf),
      };
    case "Monthly":
      return { frequency: "monthly", ...monthWords(rule.month) };
    case "Yearly":
      return { frequency: "yearly", ...monthWords(rule.year), interval: 1, month: rule.year?.cycle ?? 1 };
    case "Daily":
    case "Custom":
      return rule.day?.pattern === "EveryWorkday"
        ? { frequency: "weekly", interval: 1, byDay: workdays }
        : { frequency: "daily", interval: rule.day?.pattern === "EveryCyclicDay" ? rule.day.cycle : 1 };
  }
}

function monthWords(
  rule: MonthlyRule | undefined,
): Pick<SampleRecurrence, "interval" | "byDay" | "position" | "dayOfMonth"> {
  const interval = rule?.cycle ?? 1;
  if (rule?.pattern !== "WeekdayOfMonth") return { interval, dayOfMonth: rule?.day ?? 1 };
  const week = WEEKS_OF_MONTH.indexOf(rule.weekOfMonth);
  return { interval, byDay: [dayOf(rule.weekday)], position: week === 5 ? -1 : week };
}

function dayOf(weekday: string): Day {
  return DAYS[WEEKDAYS.indexOf(weekday)] ?? "MO";
}
