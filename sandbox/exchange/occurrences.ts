import { EwsError } from "./errors.ts";
import type { CalendarData, Exception, ItemView, StoredItem } from "./model.ts";
import { neighbours } from "./series.ts";
import type { Draft } from "./writers/draft.ts";

/**
 * Stores a changed occurrence in its series.
 * @throws EwsError `ErrorOccurrenceCrossingBoundary` when it would pass or overlap a neighbour
 */
export function storeException(view: ItemView, draft: Draft, now: number): void {
  const { item } = view;
  const series = item.data.calendar as CalendarData;
  const originalStart = view.originalStart as number;
  const { start, end, allDay } = draft.data.calendar as CalendarData;
  demandPlace(item, originalStart, start, end, view.data.calendar as CalendarData);
  const present = series.exceptions.find((candidate) => candidate.originalStart === originalStart);
  const exception: Exception = present ?? {
    originalStart,
    start,
    end,
    allDay,
    modified: now,
    values: {},
    extended: [],
  };
  Object.assign(exception, { start, end, allDay, modified: now });
  for (const name of draft.touched) {
    if (name === "Body") {
      if (draft.data.body) exception.body = draft.data.body;
    } else if (draft.data.values[name]) exception.values[name] = draft.data.values[name];
    else if (item.data.values[name]) exception.values[name] = null;
  }
  const own = new Set([...exception.extended.map((entry) => entry.key), ...draft.touchedExtended]);
  exception.extended = draft.data.extended.filter((entry) => own.has(entry.key));
  if (!present) series.exceptions.push(exception);
  item.data.modified = now;
}

function demandPlace(
  item: StoredItem,
  originalStart: number,
  start: number,
  end: number,
  before: CalendarData,
): void {
  if (start === before.start && end === before.end) return;
  const { before: previous, after: next } = neighbours(item, originalStart);
  const previousEnd = previous?.data.calendar?.end ?? -Infinity;
  const nextStart = next?.data.calendar?.start ?? Infinity;
  if (start < previousEnd || end > nextStart) throw new EwsError("ErrorOccurrenceCrossingBoundary");
}

/** Takes one occurrence out of its series. */
export function deleteOccurrence(view: ItemView, now: number): void {
  const series = view.item.data.calendar as CalendarData;
  const originalStart = view.originalStart as number;
  series.exceptions = series.exceptions.filter((exception) => exception.originalStart !== originalStart);
  series.deleted.push(originalStart);
  view.item.data.modified = now;
}
