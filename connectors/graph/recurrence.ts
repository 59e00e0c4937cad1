import type { RecurrenceRule } from "../../core/items/appointment.ts";
import type { EwsPattern, EwsRange, EwsRecurrence } from "../ews/reading.ts";
import { fromEws, toEws } from "../ews/recurrence.ts";
import type { GraphRecurrence } from "./wire.ts";

/**
 * Graph's spelling of Exchange's recurrences (`patternedRecurrence`). What Exchange can hold is told once, in
 * `../ews/recurrence.ts`, so that a mailbox reads the same by both protocols. Differences:
 *
 *  - days, indexes and months are other words (`monday`, `first`, 1..12);
 *  - the days of a relative pattern are listed: Exchange's sets (`Weekday`) are lists of the same days;
 *  - yearly patterns have an interval; Exchange holds every n years as every 12 n months;
 *  - a week begins on Sunday unless told otherwise.
 */

const dayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const daySets: Record<string, readonly string[]> = {
  Day: dayNames,
  Weekday: dayNames.slice(0, 5),
  WeekendDay: dayNames.slice(5),
};
const months = [
  ["January", "February", "March", "April", "May", "June"],
  ["July", "August", "September", "October", "November", "December"],
].flat();

/**
 * @param rule in normal form
 * @param start local date of the first occurrence
 * @param zone Windows name of the zone in which the series repeats
 * @returns `undefined` when Exchange has no word for the rule
 */
export function toGraph(rule: RecurrenceRule, start: string, zone: string): GraphRecurrence | undefined {
  const held = toEws(rule, start);
  return held && spelled(held, zone);
}

/** @returns `undefined` when `RecurrenceRule` cannot tell it */
export function fromGraph(recurrence: GraphRecurrence): RecurrenceRule | undefined {
  const held = parsed(recurrence);
  return held && fromEws(held);
}

/** Exchange's recurrence in Graph's words. */
export function spelled({ pattern, range }: EwsRecurrence, zone: string): GraphRecurrence {
  return { pattern: spelledPattern(pattern), range: { ...spelledRange(range), recurrenceTimeZone: zone } };
}

function spelledPattern(pattern: EwsPattern): GraphRecurrence["pattern"] {
  switch (pattern.kind) {
    case "Daily":
      return { type: "daily", interval: pattern.interval };
    case "Weekly":
      return {
        type: "weekly",
        interval: pattern.interval,
        daysOfWeek: pattern.days.map(word),
        firstDayOfWeek: word(pattern.firstDay ?? "Sunday"),
      };
    case "AbsoluteMonthly":
      return { type: "absoluteMonthly", interval: pattern.interval, dayOfMonth: pattern.day };
    case "RelativeMonthly":
      return { type: "relativeMonthly", interval: pattern.interval, ...relative(pattern) };
    case "AbsoluteYearly":
      return { type: "absoluteYearly", interval: 1, dayOfMonth: pattern.day, month: monthOf(pattern.month) };
    case "RelativeYearly":
      return { type: "relativeYearly", interval: 1, ...relative(pattern), month: monthOf(pattern.month) };
  }
}

function relative({ day, index }: { day: string; index: string }) {
  return { daysOfWeek: (daySets[day] ?? [day]).map(word), index: word(index) };
}

function spelledRange(range: EwsRange): GraphRecurrence["range"] {
  switch (range.kind) {
    case "NoEnd":
      return { type: "noEnd", startDate: range.start };
    case "EndDate":
      return { type: "endDate", startDate: range.start, endDate: range.end };
    case "Numbered":
      return { type: "numbered", startDate: range.start, numberOfOccurrences: range.count };
  }
}

/** Graph's recurrence as Exchange holds it; `undefined` when it is none that is known. */
export function parsed({ pattern, range }: GraphRecurrence): EwsRecurrence | undefined {
  const told = parsedPattern(pattern);
  const limits = parsedRange(range);
  return told && limits && { pattern: told, range: limits };
}

function parsedPattern(pattern: GraphRecurrence["pattern"]): EwsPattern | undefined {
  const { interval } = pattern;
  const days = (pattern.daysOfWeek ?? []).map(name);
  const day = pattern.dayOfMonth ?? 0;
  const month = months[(pattern.month ?? 0) - 1];
  const set = setOf(days);
  const index = name(pattern.index ?? "first");
  switch (pattern.type) {
    case "daily":
      return { kind: "Daily", interval };
    case "weekly":
      return { kind: "Weekly", interval, days, firstDay: name(pattern.firstDayOfWeek ?? "sunday") };
    case "absoluteMonthly":
      return { kind: "AbsoluteMonthly", interval, day };
    case "relativeMonthly":
      return set === undefined ? undefined : { kind: "RelativeMonthly", interval, day: set, index };
    case "absoluteYearly":
      if (month === undefined) return undefined;
      if (interval > 1) return { kind: "AbsoluteMonthly", interval: 12 * interval, day };
      return { kind: "AbsoluteYearly", day, month };
    case "relativeYearly":
      if (month === undefined || set === undefined) return undefined;
      if (interval > 1) return { kind: "RelativeMonthly", interval: 12 * interval, day: set, index };
      return { kind: "RelativeYearly", day: set, index, month };
    default:
      return undefined;
  }
}

function parsedRange(range: GraphRecurrence["range"]): EwsRange | undefined {
  const start = range.startDate.slice(0, 10);
  switch (range.type) {
    case "noEnd":
      return { kind: "NoEnd", start };
    case "endDate":
      return range.endDate ? { kind: "EndDate", start, end: range.endDate.slice(0, 10) } : undefined;
    case "numbered":
      return range.numberOfOccurrences
        ? { kind: "Numbered", start, count: range.numberOfOccurrences }
        : undefined;
    default:
      return undefined;
  }
}

/** Exchange's one word for several days. */
function setOf(days: readonly string[]): string | undefined {
  if (days.length === 1) return days[0];
  const sorted = dayNames.filter((day) => days.includes(day)).join(" ");
  return Object.entries(daySets).find(([, set]) => set.join(" ") === sorted)?.[0];
}

function word(name: string): string {
  return name.toLowerCase();
}

function name(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function monthOf(name: string): number {
  return months.indexOf(name) + 1;
}
