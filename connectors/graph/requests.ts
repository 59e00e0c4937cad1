import type { Window } from "../../core/items/observed.ts";
import type { Request } from "./client.ts";
import { stampId } from "./map.ts";

/** The requests this connector makes. Each body is valid against Microsoft's schema (see `requests.test.ts`). */

/** Texts as text and times in UTC; the documentation names both as the way to get them. */
const reading = { prefer: 'outlook.body-content-type="text", outlook.timezone="UTC"' };

/** All that `readEvent` reads. */
const eventProperties = [
  "id,changeKey,iCalUId,type,seriesMasterId,subject,body,location,start,end,isAllDay,originalStartTimeZone",
  "showAs,sensitivity,isReminderOn,reminderMinutesBeforeStart,recurrence,attendees,organizer,isOrganizer",
  "isOnlineMeeting,originalStart",
].join(",");

/** Entries of one page of a delta. */
const deltaPageSize = 200;
/** More copies of one item than any person makes. */
const findPageSize = 50;
/**
 * All-day events belong to the window by their days, which are other instants in every zone: so much more is
 * listed at both ends, and told as out of scope.
 */
const slackMs = 15 * 3_600_000;

function calendarPath(container: string): string {
  return container === "calendar" ? "/me/calendar" : `/me/calendars/${encodeURIComponent(container)}`;
}

export function query(parameters: Record<string, string>): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.join("&");
}

export const stampExpanded = `singleValueExtendedProperties($filter=id eq '${stampId}')`;

export function getEvent(id: string): Request {
  return {
    operation: "GET event",
    method: "GET",
    path: `/me/events/${encodeURIComponent(id)}?${query({ $select: eventProperties, $expand: stampExpanded })}`,
    headers: reading,
  };
}

/** The dates of a series that differ from its rule: told of one master only, and only when asked for. */
export function getExceptions(id: string): Request {
  const asked = query({ $select: "id,cancelledOccurrences", $expand: "exceptionOccurrences" });
  return {
    operation: "GET exceptions",
    method: "GET",
    path: `/me/events/${encodeURIComponent(id)}?${asked}`,
    headers: reading,
  };
}

/** The dates of a series, changed or not, that touch a time. */
export function getInstances(id: string, { from, to }: Window): Request {
  const asked = query({ startDateTime: from, endDateTime: to, $select: eventProperties, $top: "50" });
  return {
    operation: "GET instances",
    method: "GET",
    path: `/me/events/${encodeURIComponent(id)}/instances?${asked}`,
    headers: reading,
  };
}

/** A new round of changes within a window; the first page of it. */
export function startDelta(container: string, window: Window): Request {
  const at = (instant: string, by: number) =>
    `${new Date(Date.parse(instant) + by).toISOString().slice(0, 19)}Z`;
  const asked = query({ startDateTime: at(window.from, -slackMs), endDateTime: at(window.to, slackMs) });
  return delta(`${calendarPath(container)}/calendarView/delta?${asked}`);
}

/** The next page, or the next round: the address that Graph gave. */
export function goOnDelta(link: string): Request {
  return delta(link);
}

function delta(path: string): Request {
  return {
    operation: "GET delta",
    method: "GET",
    path,
    headers: { prefer: `odata.maxpagesize=${deltaPageSize}` },
  };
}

export function stampFilter(key: string): string {
  const quoted = key.replaceAll("'", "''");
  return `singleValueExtendedProperties/any(ep: ep/id eq '${stampId}' and ep/value eq '${quoted}')`;
}

export function stamped(key: string): Record<string, unknown> {
  return { singleValueExtendedProperties: [{ id: stampId, value: key }] };
}

export function findByStamp(container: string, key: string): Request {
  return {
    operation: "GET events",
    method: "GET",
    path: `${calendarPath(container)}/events?${query({ $filter: stampFilter(key), $select: "id", $top: `${findPageSize}` })}`,
  };
}

export function nextPage(link: string): Request {
  return { operation: "GET events", method: "GET", path: link };
}

/** @param transactionId makes Graph recognize the same create when it comes twice */
export function createEvent(
  container: string,
  body: Record<string, unknown>,
  key: string,
  transactionId: string | undefined,
): Request {
  return {
    operation: "POST event",
    method: "POST",
    path: `${calendarPath(container)}/events`,
    headers: reading,
    body: {
      ...body,
      ...stamped(key),
      ...(transactionId === undefined ? {} : { transactionId }),
    },
  };
}

/** Only if nobody changed the event since `changeKey`. */
export function updateEvent(id: string, changeKey: string, body: Record<string, unknown>): Request {
  return {
    operation: "PATCH event",
    method: "PATCH",
    path: `/me/events/${encodeURIComponent(id)}`,
    headers: { ...reading, "if-match": etag(changeKey) },
    body,
  };
}

/** Cancels one date of a series. Each cancellation gives the series another version, so none is named. */
export function deleteOccurrence(id: string): Request {
  return { operation: "DELETE occurrence", method: "DELETE", path: `/me/events/${encodeURIComponent(id)}` };
}

/** Into Deleted Items, where its owner finds it again. */
export function deleteEvent(id: string, changeKey: string): Request {
  return {
    operation: "DELETE event",
    method: "DELETE",
    path: `/me/events/${encodeURIComponent(id)}`,
    headers: { "if-match": etag(changeKey) },
  };
}

export function getCalendar(container: string): Request {
  return { operation: "GET calendar", method: "GET", path: `${calendarPath(container)}?$select=id,canEdit` };
}

/** An item's `@odata.etag` is its change key in this form. */
export function etag(changeKey: string): string {
  return `W/"${changeKey}"`;
}
