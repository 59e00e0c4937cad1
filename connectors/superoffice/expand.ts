import { DateTime } from "luxon";
import type { RecurrenceRule, Weekday } from "../../core/items/appointment.ts";

const order: readonly Weekday[] = ["mo", "tu", "we", "th", "fr", "sa", "su"];

/** More dates than any series that SuperOffice's screens let people make; it stops rules that never match. */
const longest = 4_000;

/**
 * The days of a rule from `startDay` on, to find out which dates of a series were moved or removed.
 *
 * @param shortMonth what a monthly day beyond a month's end means; no document says which one SuperOffice does
 */
export function expandDays(
  rule: RecurrenceRule,
  startDay: string,
  shortMonth: "last-day" | "skip",
  atMost: number = longest,
): string[] {
  const days: string[] = [];
  const limit = rule.end.kind === "count" ? Math.min(rule.end.count, atMost) : atMost;
  const start = DateTime.fromISO(startDay, { zone: "utc" });
  const stop = rule.end.kind === "until" ? rule.end.date : start.plus({ years: 50 }).toFormat("yyyy-MM-dd");
  for (const candidate of candidates(rule, start, shortMonth)) {
    const day = candidate.toFormat("yyyy-MM-dd");
    if (day > stop || days.length >= limit) break;
    if (day >= startDay) days.push(day);
  }
  return days;
}

function* candidates(
  rule: RecurrenceRule,
  start: DateTime,
  shortMonth: "last-day" | "skip",
): Generator<DateTime> {
  const end = start.plus({ years: 51 });
  switch (rule.frequency) {
    case "daily":
      for (let day = start; day < end; day = day.plus({ days: rule.interval })) yield day;
      return;
    case "weekly":
      for (let week = start.startOf("week"); week < end; week = week.plus({ weeks: rule.interval })) {
        for (const [index, name] of order.entries()) {
          if (rule.byDay.includes(name)) yield week.plus({ days: index });
        }
      }
      return;
    case "monthly":
      for (let month = start.startOf("month"); month < end; month = month.plus({ months: rule.interval })) {
        yield* inMonth(rule, month, shortMonth);
      }
      return;
    case "yearly":
      for (let year = start.startOf("year"); year < end; year = year.plus({ years: rule.interval })) {
        yield* inMonth(rule, year.set({ month: rule.byMonth ?? start.month }), shortMonth);
      }
  }
}

function* inMonth(
  rule: RecurrenceRule,
  month: DateTime,
  shortMonth: "last-day" | "skip",
): Generator<DateTime> {
  const length = month.daysInMonth ?? 28;
  if (rule.nthOfPeriod === null) {
    const day = rule.byMonthDay ?? 1;
    if (day <= length || shortMonth === "last-day") yield month.set({ day: Math.min(day, length) });
    return;
  }
  const weekday = order.indexOf(rule.byDay[0] ?? "mo") + 1;
  const first = month.plus({ days: (weekday - month.weekday + 7) % 7 });
  if (rule.nthOfPeriod > 0) yield first.plus({ weeks: rule.nthOfPeriod - 1 });
  else yield first.plus({ weeks: Math.floor((length - first.day) / 7) });
}

/** A repetition that comes to a single date is none: SuperOffice leaves such a rule behind when a series is stopped. */
export function happensOnce(rule: RecurrenceRule, startDay: string): boolean {
  return expandDays(rule, startDay, "last-day", 2).length <= 1;
}
