import ICAL from "ical.js";
import { DateTime } from "luxon";
import { comparable } from "../../scripts/demo/compare.ts";
import type { Appointment } from "../../scripts/demo/sandbox.ts";

type Rule = NonNullable<Appointment["recurrence"]>;

/** How a person sees one date: everything both systems can tell of it. */
export type Seen = Record<string, unknown>;

/**
 * An appointment as people see it until `horizon`: one entry per date, in the order of their dates. Two systems may tell a
 * series by different rules, starts and exceptions; what stands on which day is what they must have in common.
 */
export function datesOf(item: Appointment, horizon: number): Seen[] {
  const { recurrence: _, ...whole } = comparable({
    ...item,
    startsAt: instant(item.startsAt, "utc"),
    endsAt: instant(item.endsAt, "utc"),
  });
  if (item.recurrence === null) return Date.parse(instant(item.startsAt, "utc")) > horizon ? [] : [whole];
  const { deleted = [], modified = [] } = item.recurrence;
  const changed = new Map(modified.map((each) => [each.originalStart.slice(0, 10), each]));
  const cancelled = new Set(deleted.map((start) => start.slice(0, 10)));
  const minutes = DateTime.fromISO(item.end, { zone: "utc" }).diff(
    DateTime.fromISO(item.start, { zone: "utc" }),
  );
  const seen: Seen[] = [];
  for (const start of startsOf(item, item.recurrence)) {
    if (Date.parse(instant(start, item.timeZone)) > horizon) break;
    const date = start.slice(0, 10);
    if (cancelled.has(date)) continue;
    const own = {
      start,
      end: local(DateTime.fromISO(start, { zone: "utc" }).plus(minutes)),
      ...changed.get(date),
    };
    const { recurrence: __, ...told } = comparable({
      ...item,
      ...own,
      startsAt: instant(own.start, item.timeZone),
      endsAt: instant(own.end, item.timeZone),
    });
    seen.push(told);
    if (seen.length > 5_000) throw new Error(`${item.subject} has no end`);
  }
  return seen.toSorted((a, b) => (String(a["start"]) < String(b["start"]) ? -1 : 1));
}

/** Local starts, as the rule makes them. Months that lack the day have their last one, as in Outlook. */
function* startsOf(item: Appointment, rule: Rule): Generator<string> {
  let left = rule.end.kind === "count" ? rule.end.count : Number.POSITIVE_INFINITY;
  for (const day of daysOf(item.start.slice(0, 10), rule)) {
    if (left === 0 || (rule.end.kind === "until" && day > rule.end.date)) return;
    left -= 1;
    yield `${day}${item.start.slice(10)}`;
  }
}

function* daysOf(first: string, rule: Rule): Generator<string> {
  if (rule.dayOfMonth !== undefined) {
    const start = DateTime.fromISO(first, { zone: "utc" });
    const unit = rule.frequency === "yearly" ? "years" : "months";
    for (let n = 0; ; n += rule.interval) {
      const month = start.set({ day: 1 }).plus({ [unit]: n });
      const day = month
        .set({ day: Math.min(rule.dayOfMonth, month.daysInMonth ?? 28) })
        .toFormat("yyyy-MM-dd");
      if (day >= first) yield day;
    }
  }
  const recur = ICAL.Recur.fromData({
    freq: rule.frequency.toUpperCase(),
    interval: rule.interval,
    ...(rule.byDay === undefined || rule.byDay.length === 0 ? {} : { byday: daysAndPosition(rule) }),
    ...(rule.position === undefined || rule.byDay?.length === 1 ? {} : { bysetpos: [rule.position] }),
    ...(rule.month === undefined ? {} : { bymonth: [rule.month] }),
    wkst: ICAL.Time.MONDAY,
  });
  const dates = recur.iterator(ICAL.Time.fromDateString(first));
  for (let date = dates.next() as ICAL.Time | null; date; date = dates.next() as ICAL.Time | null)
    yield date.toString().slice(0, 10);
}

/** `2TU` for the second Tuesday. */
function daysAndPosition({ byDay = [], position }: Rule): string[] {
  return position !== undefined && byDay.length === 1 ? [`${position}${byDay[0]}`] : byDay;
}

const local = (at: DateTime): string => at.toFormat("yyyy-MM-dd'T'HH:mm:ss");

function instant(text: string, zone: string): string {
  return DateTime.fromISO(text, { zone }).toUTC().toFormat("yyyy-MM-dd'T'HH:mm:ss'Z'");
}
