import { DateTime } from "luxon";
import type { Appointment, AppointmentTime, RecurrenceRule, Weekday } from "../../core/items/appointment.ts";
import { localDate } from "../../core/items/expand.ts";
import { overridesOf } from "../../core/items/overrides.ts";
import { happensOnce } from "./expand.ts";
import { dayIn, instant, moment } from "./time.ts";
import type { RecurrenceInfo } from "./wire.ts";

/**
 * SuperOffice's repetition and ours. All days are days of the tenant's base zone.
 *
 * SuperOffice       | RecurrenceRule
 * Daily, EveryCyclicDay, Cycle n | daily, interval n
 * Daily, EveryWeekday            | daily, interval 1 ("Mon-Sun")
 * Daily, EveryWorkday            | weekly, mo..fr ("Mon-Fri")
 * Weekly, Cycle n, Weekdays      | weekly, interval n, byDay
 * Monthly, Cycle n, DayOfMonth or WeekdayOfMonth | monthly, interval n
 * Yearly, Cycle = **month** 1..12 | yearly, interval 1, byMonth
 * Custom (listed dates), Unknown | none: the trait `recurrenceUnknown`
 *
 * @see diary/learn/recurrence/create.md; `RecurrenceInfo` and its patterns in the typings of `@superoffice/webapi`
 */
const weekdays: readonly [Weekday, string][] = [
  ["mo", "Monday"],
  ["tu", "Tuesday"],
  ["we", "Wednesday"],
  ["th", "Thursday"],
  ["fr", "Friday"],
  ["sa", "Saturday"],
  ["su", "Sunday"],
];
const positions: readonly [RecurrenceRule["nthOfPeriod"], string][] = [
  [1, "First"],
  [2, "Second"],
  [3, "Third"],
  [4, "Fourth"],
  [-1, "Last"],
];

type Pattern = Omit<RecurrenceRule, "end">;

const simple = (frequency: "daily" | "weekly", interval: number, byDay: Weekday[] = []): Pattern => ({
  frequency,
  interval,
  byDay,
  nthOfPeriod: null,
  byMonthDay: null,
  byMonth: null,
});

/** @returns `undefined` when `RecurrenceRule` cannot tell this repetition */
export function readRule(info: RecurrenceInfo, zone: string): RecurrenceRule | undefined {
  const pattern = readPattern(info);
  const end = readEnd(info, zone);
  return pattern && end && { ...pattern, end };
}

function readEnd(info: RecurrenceInfo, zone: string): RecurrenceRule["end"] | undefined {
  if (info.RecurrenceEndType === "Counter" && info.RecurrenceCounter > 0) {
    return { kind: "count", count: info.RecurrenceCounter };
  }
  if (info.RecurrenceEndType === "EndDate") return { kind: "until", date: ruleDay(info.EndDate, zone) };
  return undefined;
}

function readPattern(info: RecurrenceInfo): Pattern | undefined {
  switch (info.Pattern) {
    case "Daily":
      if (info.DayPattern?.Pattern === "EveryWorkday")
        return simple("weekly", 1, ["mo", "tu", "we", "th", "fr"]);
      if (info.DayPattern?.Pattern === "EveryWeekday") return simple("daily", 1);
      return info.DayPattern?.Pattern === "EveryCyclicDay" && info.DayPattern.Cycle > 0
        ? simple("daily", info.DayPattern.Cycle)
        : undefined;
    case "Weekly": {
      const named = readDays(info.WeekPattern?.Weekdays);
      const cycle = info.WeekPattern?.Cycle ?? 0;
      return named.length > 0 && cycle > 0 ? simple("weekly", cycle, named) : undefined;
    }
    case "Monthly":
      return readMonth("monthly", info.MonthPattern, info.MonthPattern?.Cycle ?? 0, null);
    case "Yearly": {
      const month = info.YearPattern?.Cycle ?? 0;
      return month >= 1 && month <= 12 ? readMonth("yearly", info.YearPattern, 1, month) : undefined;
    }
    default:
      return undefined;
  }
}

function readMonth(
  frequency: "monthly" | "yearly",
  pattern: RecurrenceInfo["MonthPattern"],
  interval: number,
  byMonth: number | null,
): Pattern | undefined {
  if (!pattern || interval < 1) return undefined;
  const base = { frequency, interval, byMonth };
  if (pattern.Pattern === "DayOfMonth") {
    const day = pattern.Day ?? 0;
    if (day < 1 || day > 31) return undefined;
    return { ...base, byDay: [], nthOfPeriod: null, byMonthDay: day };
  }
  const byDay = readDays(pattern.Weekday);
  const nth = positions.find(([, name]) => name === pattern.WeekOfMonth)?.[0];
  if (pattern.Pattern !== "WeekdayOfMonth" || byDay.length !== 1 || nth === undefined) return undefined;
  return { ...base, byDay, nthOfPeriod: nth, byMonthDay: null };
}

function readDays(flags: string | null | undefined): Weekday[] {
  const named = (flags ?? "").split(",").map((name) => name.trim());
  return weekdays.filter(([, name]) => named.includes(name)).map(([day]) => day);
}

/**
 * The day of a rule's own dates. Recorded answers show them as bare dates even when UTC was asked for
 * (`2002-03-31T00:00:00Z` for a day in Oslo), others may convert them: midnight UTC is taken as it stands, anything
 * else in the tenant's zone.
 */
export function ruleDay(wire: string, zone: string): string {
  return /T00:00:00(\.0+)?Z?$/.test(wire) ? wire.slice(0, 10) : dayIn(wire, zone);
}

/** Why SuperOffice cannot hold this rule; `undefined` when it can. */
export function inexpressible(rule: RecurrenceRule): string | undefined {
  if (rule.frequency === "yearly" && rule.interval !== 1) return "yearly-interval";
  if (rule.nthOfPeriod !== null && rule.byDay.length !== 1) return "relative-days";
  return rule.end.kind === "endless" ? "endless" : undefined;
}

/**
 * Whether SuperOffice has words for the repetition, but for an end, and its days in the tenant's zone are those of the
 * rule: a Monday in Tokyo may be a Sunday here. A series of one date is a single row there: where that date has been
 * changed or cancelled, the row would show what is not so.
 */
export function canHold(item: Appointment, zone: string): boolean {
  const rule = item.recurrenceRule;
  if (rule === null) return true;
  const reason = inexpressible(rule);
  if (reason !== undefined && reason !== "endless") return false;
  if (overridesOf(item).length > 0 && happensOnce(rule, localDate(item))) return false;
  return item.time.showWithoutTime || localDate(item) === firstDay(item.time, zone);
}

/**
 * `rule` as SuperOffice tells it back: named days in the order of the week, and the parts that the start implies
 * filled in. Idempotent.
 */
export function canonicalRule(rule: RecurrenceRule, startDay: string): RecurrenceRule {
  const start = DateTime.fromISO(startDay, { zone: "utc" });
  const ownDay = weekdays[start.weekday - 1]?.[0] ?? "mo";
  const relative = rule.nthOfPeriod !== null;
  const absolute = !relative && (rule.frequency === "monthly" || rule.frequency === "yearly");
  const named = weekdays.map(([day]) => day).filter((day) => rule.byDay.includes(day));
  const needsDay = rule.frequency === "weekly" || (relative && rule.frequency !== "daily");
  return {
    frequency: rule.frequency,
    interval: rule.interval,
    byDay: needsDay ? (named.length > 0 ? named : [ownDay]) : [],
    nthOfPeriod: rule.frequency === "monthly" || rule.frequency === "yearly" ? rule.nthOfPeriod : null,
    byMonthDay: absolute ? (rule.byMonthDay ?? start.day) : null,
    byMonth: rule.frequency === "yearly" ? (rule.byMonth ?? start.month) : null,
    end: rule.end,
  };
}

/** `RecurrenceInfo` of an expressible rule; `Dates` come from SuperOffice's own `CalculateDays`. */
export function writeRule(
  given: RecurrenceRule,
  time: AppointmentTime,
  zone: string,
): Record<string, unknown> {
  const startDay = firstDay(time, zone);
  const rule = canonicalRule(given, startDay);
  const names = rule.byDay.map((day) => weekdays.find(([short]) => short === day)?.[1]).join(", ");
  const month = {
    Day: rule.byMonthDay ?? 1,
    Weekday: names || "Unknown",
    WeekOfMonth: positions.find(([nth]) => nth === rule.nthOfPeriod)?.[1] ?? "Unknown",
    Pattern: rule.nthOfPeriod === null ? "DayOfMonth" : "WeekdayOfMonth",
  };
  return {
    RecurrenceId: 0,
    StartDate: amid(startDay, zone),
    EndDate: amid(rule.end.kind === "until" ? rule.end.date : startDay, zone),
    RecurrenceEndType: rule.end.kind === "until" ? "EndDate" : "Counter",
    RecurrenceCounter: rule.end.kind === "count" ? rule.end.count : 1,
    Pattern: { daily: "Daily", weekly: "Weekly", monthly: "Monthly", yearly: "Yearly" }[rule.frequency],
    DayPattern: rule.frequency === "daily" ? { Cycle: rule.interval, Pattern: "EveryCyclicDay" } : null,
    WeekPattern: rule.frequency === "weekly" ? { Cycle: rule.interval, Weekdays: names } : null,
    MonthPattern: rule.frequency === "monthly" ? { Cycle: rule.interval, ...month } : null,
    YearPattern: rule.frequency === "yearly" ? { Cycle: rule.byMonth ?? 1, ...month } : null,
    Dates: [],
    IsRecurrence: true,
  };
}

/** The day of an appointment's start in the tenant's zone. */
export function firstDay(time: AppointmentTime, zone: string): string {
  return time.showWithoutTime ? time.start : moment(time.start).setZone(zone).toFormat("yyyy-MM-dd");
}

/** A moment on the named day both for a receiver that converts it and for one that cuts the time off. */
function amid(day: string, zone: string): string {
  const offsetHours = DateTime.fromISO(`${day}T12:00`, { zone }).offset / 60;
  return instant(moment(`${day}T00:00:00Z`).plus({ hours: (24 - offsetHours) / 2 }));
}
