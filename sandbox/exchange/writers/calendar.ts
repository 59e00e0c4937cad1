import type { Call } from "../call.ts";
import { EwsError } from "../errors.ts";
import type { CalendarData } from "../model.ts";
import { readRule } from "../recurrence.ts";
import { alignToFirstSlot, dropStaleExceptions, followStart } from "../series.ts";
import { DAY, readTime, toLocal, toUtc, zoneOf, type ZoneReference } from "../timezones.ts";
import type { Draft } from "./draft.ts";

/** Longest calendar item: five years, as the real server's limit. */
const MAX_LENGTH = 5 * 366 * DAY;

/**
 * Works out the times of a calendar item once all its properties are known: an explicit offset wins; a value
 * without one follows the zone given with it, then the request's context.
 *
 * @throws EwsError `ErrorCalendarEndDateIsEarlierThanStartDate`, `ErrorCalendarDurationIsTooLong`,
 *   `ErrorCalendarInvalidRecurrence`
 */
export function settleCalendar(draft: Draft, call: Call, isNew: boolean): void {
  const calendar = draft.data.calendar;
  if (!calendar) return;
  const { pending } = draft;
  const before = signature(calendar);
  if (pending.startZone) calendar.startZone = pending.startZone;
  if (pending.endZone ?? (isNew && pending.startZone))
    calendar.endZone = (pending.endZone ?? pending.startZone) as ZoneReference;
  const startZone = pending.startZone ?? call.zoneReference;
  const endZone = pending.endZone ?? pending.startZone ?? call.zoneReference;
  if (pending.start !== undefined) {
    calendar.start = readTime(pending.start, zoneOf(startZone));
    if (isNew && pending.end === undefined) calendar.end = calendar.start + 30 * 60_000;
  }
  if (pending.end !== undefined) calendar.end = readTime(pending.end, zoneOf(endZone));
  if (calendar.end < calendar.start) throw new EwsError("ErrorCalendarEndDateIsEarlierThanStartDate");
  if (calendar.end - calendar.start > MAX_LENGTH) throw new EwsError("ErrorCalendarDurationIsTooLong");
  if (calendar.allDay) wholeDays(calendar);
  settleRecurrence(calendar, draft);
  if (before.series !== signature(calendar).series) {
    calendar.deleted = [];
    calendar.exceptions = [];
  } else if (before.range !== signature(calendar).range) dropStaleExceptions(calendar);
}

function settleRecurrence(calendar: CalendarData, draft: Draft): void {
  const { pending } = draft;
  if (pending.recurrence) calendar.rule = readRule(pending.recurrence);
  else if (pending.recurrence === null) delete calendar.rule;
  else if (pending.start !== undefined || pending.startZone) followStart(calendar);
  if (calendar.rule && (pending.recurrence || pending.start !== undefined || pending.startZone)) {
    alignToFirstSlot(calendar);
  }
}

/**
 * What makes the slots of a series, its end apart: a change of it takes all exceptions away, as in Exchange;
 * a change of the end only those beyond it.
 */
function signature(calendar: CalendarData): { series: string; range: string } {
  const { rule, start, end, startZone } = calendar;
  const series = JSON.stringify([
    rule?.pattern,
    rule?.range.start,
    rule && [start, end - start],
    rule && startZone.id,
  ]);
  return { series, range: JSON.stringify(rule?.range) };
}

/** All-day items begin and end at midnight of their own zones and last one day at least. */
function wholeDays(calendar: CalendarData): void {
  const startZone = zoneOf(calendar.startZone);
  const endZone = zoneOf(calendar.endZone);
  const start = Math.floor(toLocal(startZone, calendar.start) / DAY) * DAY;
  const end = Math.max(Math.ceil(toLocal(endZone, calendar.end) / DAY) * DAY, start + DAY);
  calendar.start = toUtc(startZone, start);
  calendar.end = toUtc(endZone, end);
}
