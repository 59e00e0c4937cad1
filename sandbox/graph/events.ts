import { attendeesOf } from "../exchange/meetings.ts";
import type { Folder } from "../exchange/folders.ts";
import type { CalendarData, ItemView } from "../exchange/model.ts";
import { deleteOccurrence, storeException } from "../exchange/occurrences.ts";
import { isMeeting } from "../exchange/readers/calendar.ts";
import { occurrenceAt, occurrencesBetween, whole } from "../exchange/series.ts";
import { toLocal, zoneOf } from "../exchange/timezones.ts";
import { badRequest } from "./errors.ts";
import { readEvent } from "./event-read.ts";
import { changedEvent, newEvent } from "./event-write.ts";
import { mailAttendees, mailUpdate } from "./mails.ts";
import { lazyRow, page, shaped, type Row } from "./query.ts";
import type { GraphRequest } from "./request.ts";
import { readMoment } from "./time.ts";
import { eventOfTransaction, rememberTransaction } from "./transactions.ts";

type Entity = Record<string, unknown>;

/** The calendar that the path names, or the default one. */
export function calendarOf(request: GraphRequest): Folder {
  const id = request.path["calendar"];
  return id === undefined ? request.call.defaultFolder("calendar") : request.folder(id, "IPF.Appointment");
}

export function eventOf(request: GraphRequest): ItemView {
  return request.view(request.path["event"] ?? "", "CalendarItem");
}

const row = (view: ItemView, request: GraphRequest): Row => lazyRow(view, () => readEvent(view, request));

function answerEvent(
  view: ItemView,
  request: GraphRequest,
  offers: Record<string, () => unknown> = {},
): Entity {
  return {
    "@odata.context": `${request.context("events")}/$entity`,
    ...shaped({ ...row(view, request), offers }, request),
  };
}

/** Single events and series masters; `/me/events` tells those of the default calendar only. */
export function listEvents(request: GraphRequest): Entity {
  const items = request.call.items
    .itemsIn(calendarOf(request).row)
    .filter((item) => item.kind === "CalendarItem");
  return page(
    items.map((item) => row(whole(item), request)),
    "events",
    request,
  );
}

/** @see https://learn.microsoft.com/graph/api/event-get */
export function getEvent(request: GraphRequest): Entity {
  const view = eventOf(request);
  return answerEvent(view, request, view.type === "RecurringMaster" ? seriesMembers(view, request) : {});
}

/**
 * What Graph tells of a series' master when asked for it by id: the changed occurrences, and the deleted ones as
 * `OID.<master>.<date of the occurrence>`.
 * @see https://learn.microsoft.com/graph/api/resources/event (cancelledOccurrences, exceptionOccurrences, occurrenceId)
 */
function seriesMembers({ item }: ItemView, request: GraphRequest): Record<string, () => unknown> {
  const calendar = item.data.calendar as CalendarData;
  const zone = zoneOf(calendar.startZone);
  const sorted = (starts: number[]): number[] => starts.toSorted((a, b) => a - b);
  const day = (start: number): string => new Date(toLocal(zone, start)).toISOString().slice(0, 10);
  const onlyIds = /exceptionOccurrences\(\s*\$select=id\s*\)/i.test(request.query("$expand") ?? "");
  return {
    cancelledOccurrences: () =>
      sorted(calendar.deleted).map((start) => `OID.${request.itemId({ item })}.${day(start)}`),
    exceptionOccurrences: () =>
      sorted(calendar.exceptions.map((exception) => exception.originalStart)).map((start) => {
        const view = occurrenceAt(item, start);
        return onlyIds ? { id: request.itemId(view) } : readEvent(view, request);
      }),
  };
}

/** @see https://learn.microsoft.com/graph/api/user-post-events */
export function createEvent(request: GraphRequest): Entity {
  const repeated = eventOfTransaction(request);
  if (repeated) return answerEvent(whole(repeated), request);
  const calendar = calendarOf(request);
  const draft = newEvent(request);
  if (isMeeting(draft) && draft.data.calendar) draft.data.calendar.requestSent = true;
  const { call } = request;
  const item = call.items.insert(call.mailbox().owner, calendar.row, "CalendarItem", draft.data);
  rememberTransaction(request, item);
  mailAttendees(request, "create", item.data);
  return answerEvent(whole(item), request);
}

/** @see https://learn.microsoft.com/graph/api/event-update */
export function updateEvent(request: GraphRequest): Entity {
  const view = eventOf(request);
  const { item } = view;
  request.demandMatch(item);
  if (
    view.originalStart !== undefined &&
    Object.hasOwn(request.body, "recurrence") &&
    request.body["recurrence"]
  ) {
    throw badRequest("ErrorInvalidRequest", "An occurrence has no recurrence of its own.");
  }
  const draft = changedEvent(view, request);
  if (isMeeting(draft) && draft.data.calendar) draft.data.calendar.requestSent = true;
  let after: ItemView;
  if (view.originalStart === undefined) {
    draft.data.modified = request.call.now;
    if (draft.data.calendar && draft.pending.start !== undefined) draft.data.calendar.sequence++;
    item.data = draft.data;
    request.call.items.update(item);
    after = whole(item);
  } else {
    storeException(view, draft, request.call.now);
    request.call.items.update(item);
    after = occurrenceAt(item, view.originalStart);
  }
  mailUpdate(request, view.data, after.data);
  return answerEvent(after, request);
}

/** A deleted event goes to Deleted Items; the attendees of a meeting get a cancellation. */
export function deleteEvent(request: GraphRequest): undefined {
  const view = eventOf(request);
  request.demandMatch(view.item);
  discard(view, request, "delete");
}

function discard(view: ItemView, request: GraphRequest, operation: string): void {
  mailAttendees(request, operation, view.data);
  const { item } = view;
  if (view.originalStart !== undefined) {
    deleteOccurrence(view, request.call.now);
    request.call.items.update(item);
  } else request.call.items.move(item, request.call.defaultFolder("deleteditems").row);
}

/** @see https://learn.microsoft.com/graph/api/event-cancel */
export function cancelEvent(request: GraphRequest): undefined {
  const view = eventOf(request);
  if (attendeesOf(view.data).length === 0) {
    throw badRequest("ErrorInvalidRequest", "Your request can't be completed. The event is not a meeting.");
  }
  discard(view, request, "cancel");
}

/** accept, decline and tentativelyAccept: everybody here is the organizer of all own meetings. */
export function respondToEvent(request: GraphRequest): undefined {
  eventOf(request);
  throw badRequest(
    "ErrorInvalidRequest",
    "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer.",
  );
}

/** Longest window of a calendar view: Graph refuses more than 1825 days. */
const LONGEST_WINDOW = 1825 * 86_400_000;

/** @throws GraphError `ErrorInvalidParameter` */
export function windowOf(request: GraphRequest): { from: number; to: number } {
  const from = readMoment(request.query("startDateTime"), "StartDateTime");
  const to = readMoment(request.query("endDateTime"), "EndDateTime");
  if (to < from) throw badRequest("ErrorInvalidParameter", "The EndDateTime lies before the StartDateTime.");
  if (to - from > LONGEST_WINDOW) {
    throw badRequest("ErrorInvalidParameter", "The requested time window must not be longer than 1825 days.");
  }
  return { from, to };
}

/** What of an item is inside a window: itself, or the occurrences of a series. */
export function inside(view: ItemView, from: number, to: number): ItemView[] {
  if (view.type === "RecurringMaster") return occurrencesBetween(view.item, from, to);
  const { start, end } = view.data.calendar ?? { start: NaN, end: NaN };
  return start < to && (end > from || (start === end && start >= from)) ? [view] : [];
}

const byStart = (a: ItemView, b: ItemView): number =>
  (a.data.calendar?.start ?? 0) - (b.data.calendar?.start ?? 0);

/** @see https://learn.microsoft.com/graph/api/user-list-calendarview */
export function viewCalendar(request: GraphRequest): Entity {
  const { from, to } = windowOf(request);
  const items = request.call.items
    .itemsIn(calendarOf(request).row)
    .filter((item) => item.kind === "CalendarItem");
  const views = items.flatMap((item) => inside(whole(item), from, to)).sort(byStart);
  return page(
    views.map((view) => row(view, request)),
    "calendarView",
    request,
  );
}

/** @see https://learn.microsoft.com/graph/api/event-list-instances */
export function listInstances(request: GraphRequest): Entity {
  const { from, to } = windowOf(request);
  const view = eventOf(request);
  if (view.type !== "RecurringMaster") {
    throw badRequest("ErrorInvalidRequest", "The event is not the master of a series.");
  }
  const views = occurrencesBetween(view.item, from, to).sort(byStart);
  return page(
    views.map((each) => row(each, request)),
    "events",
    request,
  );
}
