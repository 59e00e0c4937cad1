import { EwsError } from "./errors.ts";
import type { CalendarData, Exception, ItemData, ItemView, StoredItem } from "./model.ts";
import { dayNumber, dayText, daysOf } from "./recurrence.ts";
import { DAY, toLocal, toUtc, zoneOf } from "./timezones.ts";
import type { Xml } from "./xml.ts";

/** A slot of a series before deletions and changes: its original start and end. */
export interface Slot {
  originalStart: number;
  end: number;
}

/** Slots in order; endless series end after some thousands. Wall-clock time and length stay through clock changes. */
export function* slotsOf(calendar: CalendarData): Generator<Slot> {
  if (!calendar.rule) return;
  const zone = zoneOf(calendar.startZone);
  const endZone = zoneOf(calendar.endZone);
  const localStart = toLocal(zone, calendar.start);
  const timeOfDay = localStart - Math.floor(localStart / DAY) * DAY;
  const length = toLocal(endZone, calendar.end) - localStart;
  for (const day of daysOf(calendar.rule)) {
    const local = day * DAY + timeOfDay;
    yield { originalStart: toUtc(zone, local), end: toUtc(endZone, local + length) };
  }
}

/** Moves the master's own times to its first slot, where Exchange shows them. */
export function alignToFirstSlot(calendar: CalendarData): void {
  if (!calendar.rule) return;
  const first = slotsOf(calendar).next().value;
  if (!first) throw new EwsError("ErrorRecurrenceHasNoOccurrence", "The recurrence has no occurrence.");
  calendar.start = first.originalStart;
  calendar.end = first.end;
  calendar.rule.range.start = dayText(Math.floor(toLocal(zoneOf(calendar.startZone), calendar.start) / DAY));
}

/** Moves the range's start to the day on which the master now starts. */
export function followStart(calendar: CalendarData): void {
  if (!calendar.rule) return;
  const day = Math.floor(toLocal(zoneOf(calendar.startZone), calendar.start) / DAY);
  const { range } = calendar.rule;
  if (range.end !== undefined && dayNumber(range.end) < day) range.end = dayText(day);
  range.start = dayText(day);
}

/** Drops changes and deletions whose slot the series no longer has. */
export function dropStaleExceptions(calendar: CalendarData): void {
  const wanted = [...calendar.deleted, ...calendar.exceptions.map((exception) => exception.originalStart)];
  if (wanted.length === 0) return;
  const latest = Math.max(...wanted);
  const present = new Set<number>();
  for (const slot of slotsOf(calendar)) {
    if (slot.originalStart > latest) break;
    present.add(slot.originalStart);
  }
  calendar.deleted = calendar.deleted.filter((start) => present.has(start));
  calendar.exceptions = calendar.exceptions.filter((exception) => present.has(exception.originalStart));
}

/** The item itself: single, or the master of its series. */
export function whole(item: StoredItem): ItemView {
  return { item, data: item.data, type: item.data.calendar?.rule ? "RecurringMaster" : "Single" };
}

/** Occurrences that touch `[from, to)`, changed ones by their own times, deleted ones left out. */
export function occurrencesBetween(item: StoredItem, from: number, to: number): ItemView[] {
  const calendar = item.data.calendar;
  if (!calendar?.rule) return [];
  const deleted = new Set(calendar.deleted);
  const changed = new Map(calendar.exceptions.map((exception) => [exception.originalStart, exception]));
  const touches = (start: number, end: number): boolean =>
    start < to && (end > from || (start === end && start >= from));
  const views: ItemView[] = [];
  for (const exception of calendar.exceptions) {
    if (touches(exception.start, exception.end)) views.push(viewOfException(item, exception));
  }
  for (const slot of slotsOf(calendar)) {
    if (slot.originalStart >= to) break;
    if (deleted.has(slot.originalStart) || changed.has(slot.originalStart)) continue;
    if (touches(slot.originalStart, slot.end)) views.push(viewOfSlot(item, slot));
  }
  return views;
}

/**
 * @throws EwsError `ErrorItemNotFound`, `ErrorCalendarOccurrenceIsDeletedFromRecurrence`
 */
export function occurrenceAt(item: StoredItem, originalStart: number): ItemView {
  const calendar = item.data.calendar;
  if (!calendar?.rule) throw new EwsError("ErrorItemNotFound");
  if (calendar.deleted.includes(originalStart)) {
    throw new EwsError("ErrorCalendarOccurrenceIsDeletedFromRecurrence");
  }
  const exception = calendar.exceptions.find((candidate) => candidate.originalStart === originalStart);
  if (exception) return viewOfException(item, exception);
  for (const slot of slotsOf(calendar)) {
    if (slot.originalStart > originalStart) break;
    if (slot.originalStart === originalStart) return viewOfSlot(item, slot);
  }
  throw new EwsError("ErrorItemNotFound");
}

/**
 * The occurrence with a 1-based index; deleted ones keep their number.
 * @throws EwsError `ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange`, `…IsDeletedFromRecurrence`
 */
export function occurrenceByIndex(item: StoredItem, index: number): ItemView {
  const calendar = item.data.calendar;
  if (!calendar?.rule) throw new EwsError("ErrorCalendarCannotUseIdForRecurringMasterId");
  let at = 0;
  for (const slot of slotsOf(calendar)) if (++at === index) return occurrenceAt(item, slot.originalStart);
  throw new EwsError("ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange");
}

/** First occurrence that is left, and the last one unless the series is endless. */
export function firstAndLast(item: StoredItem): { first?: ItemView; last?: ItemView } {
  const calendar = item.data.calendar;
  if (!calendar?.rule) return {};
  const deleted = new Set(calendar.deleted);
  const endless = calendar.rule.range.count === undefined && calendar.rule.range.end === undefined;
  let first: number | undefined;
  let last: number | undefined;
  for (const slot of slotsOf(calendar)) {
    if (deleted.has(slot.originalStart)) continue;
    first ??= slot.originalStart;
    last = slot.originalStart;
    if (endless) break;
  }
  if (first === undefined || last === undefined) return {};
  return { first: occurrenceAt(item, first), ...(endless ? {} : { last: occurrenceAt(item, last) }) };
}

/** Neighbours of a slot in time, as they now are; between them a changed occurrence has to stay. */
export function neighbours(item: StoredItem, originalStart: number): { before?: ItemView; after?: ItemView } {
  const calendar = item.data.calendar;
  if (!calendar) return {};
  const deleted = new Set(calendar.deleted);
  let before: number | undefined;
  for (const slot of slotsOf(calendar)) {
    if (deleted.has(slot.originalStart) || slot.originalStart === originalStart) continue;
    if (slot.originalStart > originalStart) {
      const after = occurrenceAt(item, slot.originalStart);
      return before === undefined ? { after } : { before: occurrenceAt(item, before), after };
    }
    before = slot.originalStart;
  }
  return before === undefined ? {} : { before: occurrenceAt(item, before) };
}

function viewOfSlot(item: StoredItem, slot: Slot): ItemView {
  const series = item.data.calendar as CalendarData;
  const calendar: CalendarData = {
    ...series,
    start: slot.originalStart,
    end: slot.end,
    deleted: [],
    exceptions: [],
  };
  delete calendar.rule;
  return { item, data: { ...item.data, calendar }, type: "Occurrence", originalStart: slot.originalStart };
}

function viewOfException(item: StoredItem, exception: Exception): ItemView {
  const series = item.data.calendar as CalendarData;
  const { start, end, allDay } = exception;
  const calendar: CalendarData = { ...series, start, end, allDay, deleted: [], exceptions: [] };
  delete calendar.rule;
  const values: Record<string, Xml> = { ...item.data.values };
  for (const [name, value] of Object.entries(exception.values)) {
    if (value) values[name] = value;
    else delete values[name];
  }
  const own = new Set(exception.extended.map((entry) => entry.key));
  const extended = [...item.data.extended.filter((entry) => !own.has(entry.key)), ...exception.extended];
  const data: ItemData = { ...item.data, modified: exception.modified, values, extended, calendar };
  if (exception.body) data.body = exception.body;
  return { item, data, type: "Exception", originalStart: exception.originalStart };
}

/** What is left of a series from one of its slots on, as a series of its own: the changes before it are gone. */
export function restOf(calendar: CalendarData, from: number): CalendarData {
  const rest = structuredClone(calendar);
  if (!rest.rule) return rest;
  const zone = zoneOf(rest.startZone);
  let passed = 0;
  for (const slot of slotsOf(calendar)) {
    if (slot.originalStart < from) passed++;
    else {
      rest.start = slot.originalStart;
      rest.end = slot.end;
      break;
    }
  }
  rest.rule.range.start = dayText(Math.floor(toLocal(zone, rest.start) / DAY));
  if (rest.rule.range.count !== undefined) rest.rule.range.count -= passed;
  rest.deleted = rest.deleted.filter((start) => start >= from);
  rest.exceptions = rest.exceptions.filter((exception) => exception.originalStart >= from);
  return rest;
}

/** The day before a local time. */
export function dayBefore(local: string): string {
  return dayText(dayNumber(local.slice(0, 10)) - 1);
}
