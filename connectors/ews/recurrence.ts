import type { RecurrenceRule, Weekday } from "../../core/items/appointment.ts";
import { weekdays } from "../../core/items/normalize.ts";
import type { EwsPattern, EwsRange, EwsRecurrence } from "./reading.ts";

/**
 * Recurrences, rule by rule (RFC 8984 §4.3.3 against EWS `RecurrenceType`).
 *
 *  rule                         | EWS                                    | and back
 *  -----------------------------|----------------------------------------|---------------------------
 *  daily                        | DailyRecurrence                        | same
 *  weekly, days                 | WeeklyRecurrence, weeks from Monday    | same
 *  monthly, day of month        | AbsoluteMonthlyRecurrence              | same
 *  monthly, nth of days         | RelativeMonthlyRecurrence              | same
 *  yearly, day and month        | AbsoluteYearlyRecurrence               | same
 *  yearly, nth of days in month | RelativeYearlyRecurrence               | same
 *  yearly, interval n > 1       | monthly recurrence, interval 12 n      | monthly, interval 12 n
 *
 * "nth of days" knows one day, Monday to Friday, Saturday and Sunday, or all seven; other sets Exchange cannot say.
 */

const dayNames: Record<Weekday, string> = {
  mo: "Monday",
  tu: "Tuesday",
  we: "Wednesday",
  th: "Thursday",
  fr: "Friday",
  sa: "Saturday",
  su: "Sunday",
};
const dayOf = new Map(weekdays.map((day) => [dayNames[day], day]));
const daySets = new Map<string, readonly Weekday[]>([
  ["Day", weekdays],
  ["Weekday", weekdays.slice(0, 5)],
  ["WeekendDay", weekdays.slice(5)],
  ...weekdays.map((day): [string, Weekday[]] => [dayNames[day], [day]]),
]);
const indexes = new Map<string, NonNullable<RecurrenceRule["nthOfPeriod"]>>([
  ["First", 1],
  ["Second", 2],
  ["Third", 3],
  ["Fourth", 4],
  ["Last", -1],
]);
const months = [
  ["January", "February", "March", "April", "May", "June"],
  ["July", "August", "September", "October", "November", "December"],
].flat();

/** Exchange's longest intervals (MS-OXOCAL 2.2.1.44.1). */
const longest = { daily: 999, weekly: 99, monthly: 99, yearly: 99 } as const;

/** The rule that Exchange gives back for a rule in normal form; the same when it cannot hold it. Idempotent. */
export function projectRule(rule: RecurrenceRule): RecurrenceRule {
  if (rule.frequency !== "yearly" || rule.interval <= 1 || rule.interval * 12 > longest.monthly) return rule;
  return { ...rule, frequency: "monthly", interval: rule.interval * 12, byMonth: null };
}

/**
 * @param rule in normal form
 * @param start local date of the first occurrence
 * @returns `undefined` when Exchange has no word for the rule
 */
export function toEws(given: RecurrenceRule, start: string): EwsRecurrence | undefined {
  const rule = projectRule(given);
  if (rule.interval < 1 || rule.interval > longest[rule.frequency]) return undefined;
  const pattern = patternOf(rule, start);
  return pattern && { pattern, range: rangeOf(rule, start) };
}

function patternOf(rule: RecurrenceRule, start: string): EwsPattern | undefined {
  const { interval, nthOfPeriod } = rule;
  if (rule.frequency === "daily") return { kind: "Daily", interval };
  if (rule.frequency === "weekly") {
    const days = rule.byDay.map((day) => dayNames[day]);
    return days.length === 0 ? undefined : { kind: "Weekly", interval, days, firstDay: "Monday" };
  }
  const month = months[(rule.byMonth ?? Number(start.slice(5, 7))) - 1];
  if (month === undefined || (rule.frequency === "yearly" && interval !== 1)) return undefined;
  if (nthOfPeriod === null) {
    const day = rule.byMonthDay ?? Number(start.slice(8, 10));
    if (day < 1 || day > 31) return undefined;
    return rule.frequency === "monthly"
      ? { kind: "AbsoluteMonthly", interval, day }
      : { kind: "AbsoluteYearly", day, month };
  }
  const day = [...daySets].find(([, set]) => set.join() === rule.byDay.join())?.[0];
  const index = [...indexes].find(([, nth]) => nth === nthOfPeriod)?.[0];
  if (day === undefined || index === undefined) return undefined;
  return rule.frequency === "monthly"
    ? { kind: "RelativeMonthly", interval, day, index }
    : { kind: "RelativeYearly", day, index, month };
}

function rangeOf({ end }: RecurrenceRule, start: string): EwsRange {
  if (end.kind === "until") return { kind: "EndDate", start, end: end.date };
  return end.kind === "count" ? { kind: "Numbered", start, count: end.count } : { kind: "NoEnd", start };
}

/** @returns `undefined` when `RecurrenceRule` cannot tell it */
export function fromEws({ pattern, range }: EwsRecurrence): RecurrenceRule | undefined {
  const told = ruleOf(pattern);
  return told && { ...blank, ...told, end: endOf(range) };
}

const blank: Omit<RecurrenceRule, "frequency" | "end"> = {
  interval: 1,
  byDay: [],
  nthOfPeriod: null,
  byMonthDay: null,
  byMonth: null,
};

type Told = Partial<RecurrenceRule> & Pick<RecurrenceRule, "frequency">;

function ruleOf(pattern: EwsPattern): Told | undefined {
  switch (pattern.kind) {
    case "Daily":
      return { frequency: "daily", interval: pattern.interval };
    case "Weekly": {
      const days = pattern.days.map((name) => dayOf.get(name));
      if (days.includes(undefined)) return undefined;
      // RFC 8984 begins the week on Monday. Another beginning matters only where every nth week has several days.
      const sameWeeks =
        pattern.interval === 1 ||
        days.length === 1 ||
        pattern.firstDay === "Monday" ||
        (pattern.firstDay === "Sunday" && !days.includes("su"));
      if (!sameWeeks) return undefined;
      return {
        frequency: "weekly",
        interval: pattern.interval,
        byDay: weekdays.filter((day) => days.includes(day)),
      };
    }
    case "AbsoluteMonthly":
      return { frequency: "monthly", interval: pattern.interval, byMonthDay: pattern.day };
    case "RelativeMonthly": {
      const nth = nthOf(pattern);
      return nth && { frequency: "monthly", interval: pattern.interval, ...nth };
    }
    case "AbsoluteYearly": {
      const byMonth = months.indexOf(pattern.month) + 1;
      return byMonth === 0 ? undefined : { frequency: "yearly", byMonthDay: pattern.day, byMonth };
    }
    case "RelativeYearly": {
      const nth = nthOf(pattern);
      const byMonth = months.indexOf(pattern.month) + 1;
      return nth && byMonth !== 0 ? { frequency: "yearly", ...nth, byMonth } : undefined;
    }
  }
}

function nthOf(relative: {
  day: string;
  index: string;
}): Pick<RecurrenceRule, "byDay" | "nthOfPeriod"> | undefined {
  const days = daySets.get(relative.day);
  const nthOfPeriod = indexes.get(relative.index);
  return days && nthOfPeriod && { byDay: [...days], nthOfPeriod };
}

function endOf(range: EwsRange): RecurrenceRule["end"] {
  if (range.kind === "EndDate") return { kind: "until", date: range.end };
  return range.kind === "Numbered" ? { kind: "count", count: range.count } : { kind: "endless" };
}
