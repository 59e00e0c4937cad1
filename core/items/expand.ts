import type { Appointment, RecurrenceRule } from "./appointment.ts";
import { clockAt } from "./local-time.ts";
import type { Window } from "./observed.ts";
import { overridesOf } from "./overrides.ts";
import { weekdays } from "./weekdays.ts";

const dayMs = 86_400_000;
/** No series is followed further than this; the longest a person makes is daily for decades. */
const occurrenceLimit = 20_000;
/** Zones lie at most this far from UTC: an all-day item somewhere on earth. */
const zoneSlackMs = 14 * 3_600_000;

/** Where an item lies in time, all occurrences together; `to` is `Infinity` for an endless series. Milliseconds since 1970. */
export interface Span {
  from: number;
  to: number;
}

/** The item's span; with tolerance where the zone is not known, so never too short. */
export function spanOf(item: Appointment): Span {
  const allDay = item.time.showWithoutTime;
  const start = Date.parse(allDay ? `${item.time.start}T00:00:00Z` : item.time.start);
  const end = Date.parse(allDay ? `${item.time.end}T00:00:00Z` : item.time.end);
  const slack = allDay ? zoneSlackMs : 0;
  if (item.recurrenceRule === null) return { from: start - slack, to: end + slack };
  const last = lastDate(localDate(item), item.recurrenceRule);
  if (last === null) return { from: start - slack, to: Number.POSITIVE_INFINITY };
  const lastStart = Date.parse(`${last}T00:00:00Z`) + dayMs + zoneSlackMs;
  return { from: start - slack, to: Math.max(end, lastStart + (end - start)) };
}

/** Whether any occurrence of the item may touch the window. An instant without length touches where it stands. */
export function touches(item: Appointment, window: Window): boolean {
  return [item, ...movedOccurrences(item)].some((each) => spanTouches(each, window));
}

/** Occurrences with a time of their own, which may lie far from the others. */
function movedOccurrences(item: Appointment): Appointment[] {
  if (item.recurrenceRule === null) return [];
  return overridesOf(item).flatMap(([, override]) =>
    override.excluded === true || override.time === undefined
      ? []
      : [{ ...item, time: override.time, recurrenceRule: null }],
  );
}

function spanTouches(item: Appointment, window: Window): boolean {
  const span = spanOf(item);
  return span.from < Date.parse(window.to) && Math.max(span.to, span.from + 1) > Date.parse(window.from);
}

/** The local date on which the item starts. */
export function localDate(item: Appointment): string {
  if (item.time.showWithoutTime) return item.time.start;
  const clock = clockAt(Date.parse(item.time.start), item.timeZone);
  return Number.isNaN(clock) ? "" : new Date(clock).toISOString().slice(0, 10);
}

/** The local date of the series' last occurrence; `null` when it has no end, or none that is near. */
export function lastDate(first: string, rule: RecurrenceRule): string | null {
  if (rule.end.kind === "endless") return null;
  let last: string | null = null;
  for (const date of occurrenceDates(first, rule)) last = date;
  return last ?? first;
}

/**
 * The local dates of a series in order, from the date on which it starts (RFC 5545 §3.3.10: dates that a month
 * does not have are left out). Stops at the rule's end, or after 20,000.
 */
export function* occurrenceDates(first: string, rule: RecurrenceRule): Generator<string> {
  const until = rule.end.kind === "until" ? rule.end.date : "9999-12-31";
  const count = rule.end.kind === "count" ? Math.min(rule.end.count, occurrenceLimit) : occurrenceLimit;
  let told = 0;
  // An interval that never meets a date (30 February) must not go on for ever.
  for (let period = 0; period < occurrenceLimit; period += 1) {
    for (const date of datesOfPeriod(first, rule, period * Math.max(1, rule.interval))) {
      if (date < first) continue;
      if (date > until || told >= count) return;
      told += 1;
      yield date;
    }
    const next = (period + 1) * Math.max(1, rule.interval);
    if (rule.end.kind === "until" && periodStart(first, rule, next) > until) return;
  }
}

/**
 * Whether the date is one of the rule's. In months that lack its day, the last day counts as well: RFC 5545 leaves such
 * months out, Exchange takes their last day.
 */
export function mayOccur(first: string, rule: RecurrenceRule, date: string): boolean {
  if (date < first || (rule.end.kind === "until" && date > rule.end.date)) return false;
  const upTo: RecurrenceRule = rule.end.kind === "count" ? rule : { ...rule, end: { kind: "until", date } };
  for (const other of occurrenceDates(first, upTo)) {
    if (other === date) return true;
    if (other > date) break;
  }
  const [year, month, day] = parts(date);
  const wanted = rule.nthOfPeriod === null ? (rule.byMonthDay ?? parts(first)[2]) : 0;
  const monthly = rule.frequency === "monthly" || rule.frequency === "yearly";
  if (!monthly || wanted <= day || day !== new Date(Date.UTC(year, month, 0)).getUTCDate()) return false;
  const months = (year - parts(first)[0]) * 12 + month - parts(first)[1];
  return rule.frequency === "yearly"
    ? month === (rule.byMonth ?? parts(first)[1])
    : months % Math.max(1, rule.interval) === 0;
}

function datesOfPeriod(first: string, rule: RecurrenceRule, offset: number): string[] {
  const [year, month, day] = parts(first);
  switch (rule.frequency) {
    case "daily":
      return [addDays(first, offset)];
    case "weekly": {
      const monday = addDays(first, -weekdayOf(first) + 7 * offset);
      const days =
        rule.byDay.length > 0 ? rule.byDay.map((name) => weekdays.indexOf(name)) : [weekdayOf(first)];
      return days.toSorted((a, b) => a - b).map((number) => addDays(monday, number));
    }
    case "monthly":
      return dateInMonth(year, month + offset, rule, day);
    case "yearly":
      return dateInMonth(year + offset, rule.byMonth ?? month, rule, day);
  }
}

/** The first date that the period can have: enough to see that a series has ended. */
function periodStart(first: string, rule: RecurrenceRule, offset: number): string {
  const [year, month] = parts(first);
  switch (rule.frequency) {
    case "daily":
      return addDays(first, offset);
    case "weekly":
      return addDays(first, -weekdayOf(first) + 7 * offset);
    case "monthly":
      return iso(Date.UTC(year, month - 1 + offset, 1));
    case "yearly":
      return iso(Date.UTC(year + offset, 0, 1));
  }
}

function dateInMonth(year: number, month: number, rule: RecurrenceRule, startDay: number): string[] {
  const first = Date.UTC(year, month - 1, 1);
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (rule.nthOfPeriod === null) {
    const day = rule.byMonthDay ?? startDay;
    return day <= length ? [iso(first + (day - 1) * dayMs)] : [];
  }
  const firstWeekday = weekdayOf(iso(first));
  const matching: number[] = [];
  for (let day = 0; day < length; day += 1) {
    const name = weekdays[(firstWeekday + day) % 7];
    if (name !== undefined && (rule.byDay.length === 0 || rule.byDay.includes(name))) matching.push(day);
  }
  const chosen = matching.at(rule.nthOfPeriod === -1 ? -1 : rule.nthOfPeriod - 1);
  return chosen === undefined ? [] : [iso(first + chosen * dayMs)];
}

/** Monday 0 … Sunday 6. */
function weekdayOf(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
}

function addDays(date: string, days: number): string {
  return iso(Date.parse(`${date}T00:00:00Z`) + days * dayMs);
}

/** 9999-12-31: beyond it dates have more digits, and nobody has appointments. */
const lastDayMs = 253_402_214_400_000;

function iso(at: number): string {
  return new Date(Math.min(at, lastDayMs)).toISOString().slice(0, 10);
}

function parts(date: string): [number, number, number] {
  return [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10))];
}
