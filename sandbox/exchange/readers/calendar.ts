import type { Call } from "../call.ts";
import type { ItemView } from "../model.ts";
import { writeRule } from "../recurrence.ts";
import { firstAndLast, occurrenceAt } from "../series.ts";
import { definitionOf, displayName } from "../timezone-definition.ts";
import { formatDate, formatTime, toLocal, zoneOf, type ZoneReference } from "../timezones.ts";
import { el, type Xml } from "../xml.ts";
import { completeMailbox, stored, type Reader, type Readers } from "./reader.ts";

type Calendar = NonNullable<ItemView["data"]["calendar"]>;

function calendar(
  read: (calendar: Calendar, view: ItemView, call: Call) => string | Xml | undefined,
): Reader {
  return (view, call) => (view.data.calendar ? read(view.data.calendar, view, call) : undefined);
}

function attendees(element: string): Reader {
  return (view) => {
    const list = view.data.values[element]?.children ?? [];
    if (list.length === 0) return undefined;
    return el(
      element,
      list.map((attendee) => {
        const parts = new Map((attendee.children ?? []).map((part) => [part.name, part]));
        return el("Attendee", [
          completeMailbox(parts.get("Mailbox")),
          parts.get("ResponseType") ?? el("ResponseType", "Unknown"),
          ...[parts.get("LastResponseTime")].filter((part) => part !== undefined),
        ]);
      }),
    );
  };
}

/** True when somebody is invited. */
export function isMeeting(view: Pick<ItemView, "data">): boolean {
  const lists = ["RequiredAttendees", "OptionalAttendees", "Resources"];
  return lists.some((name) => (view.data.values[name]?.children?.length ?? 0) > 0);
}

function occurrenceInfo(name: string, view: ItemView, call: Call): Xml {
  const { start, end } = view.data.calendar as Calendar;
  return el(name, [
    call.itemId(view),
    el("Start", formatTime(start, call.zone)),
    el("End", formatTime(end, call.zone)),
    el("OriginalStart", formatTime(view.originalStart ?? start, call.zone)),
  ]);
}

/** `PT1H30M`, `P1D`: as Exchange writes lengths. */
function duration(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const time = `${hours > 0 ? `${hours}H` : ""}${rest > 0 ? `${rest}M` : ""}`;
  if (days === 0 && time === "") return "PT0S";
  return `P${days > 0 ? `${days}D` : ""}${time === "" ? "" : `T${time}`}`;
}

/** How dates of a recurrence are written in this answer. */
function dateWriter(call: Call): (day: string) => string {
  switch (call.switches.recurrenceDates) {
    case "offset":
      return (day) => formatDate(day, call.zone);
    case "Z":
      return (day) => `${day}Z`;
    case "plain":
      return (day) => day;
  }
}

function zone(reference: ZoneReference, element: string, call: Call): Xml {
  if (call.switches.zoneDetail === "full") return definitionOf(reference, element);
  return el(element, undefined, { Id: reference.id, Name: displayName(reference.id) });
}

function wallClock(utc: number, reference: ZoneReference): string {
  return new Date(toLocal(zoneOf(reference), utc)).toISOString().slice(0, 19);
}

const itemClasses = {
  Single: "IPM.Appointment",
  RecurringMaster: "IPM.Appointment",
  Occurrence: "IPM.Appointment.Occurrence",
  Exception: "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}",
};

export const calendarReaders: Readers = {
  ItemClass: (view) => (view.originalStart === undefined ? view.data.itemClass : itemClasses[view.type]),
  ResponseObjects: (view) =>
    el("ResponseObjects", [...(isMeeting(view) ? [el("CancelCalendarItem")] : []), el("ForwardItem")]),
  UID: calendar(({ uid }) => uid),
  RecurrenceId: (view, call) =>
    view.originalStart === undefined ? undefined : formatTime(view.originalStart, call.zone),
  DateTimeStamp: (view, call) => formatTime(view.data.modified, call.zone),
  Start: calendar(({ start }, _view, call) => formatTime(start, call.zone)),
  End: calendar(({ end }, _view, call) => formatTime(end, call.zone)),
  OriginalStart: (view, call) =>
    view.originalStart === undefined ? undefined : formatTime(view.originalStart, call.zone),
  IsAllDayEvent: calendar(({ allDay }) => String(allDay)),
  LegacyFreeBusyStatus: stored("LegacyFreeBusyStatus", "Busy"),
  IntendedFreeBusyStatus: stored("LegacyFreeBusyStatus", "Busy"),
  IsMeeting: (view) => String(isMeeting(view)),
  IsCancelled: () => "false",
  IsRecurring: (view, call) => {
    const asMaster = view.type === "RecurringMaster" && call.switches.masterIsRecurring;
    return String(asMaster || view.originalStart !== undefined);
  },
  MeetingRequestWasSent: calendar(({ requestSent }) => String(requestSent)),
  IsResponseRequested: stored("IsResponseRequested", "true"),
  CalendarItemType: (view) => view.type,
  MyResponseType: (view) => (isMeeting(view) ? "Organizer" : "Unknown"),
  Organizer: (_view, call) => {
    const { fullName, address } = call.person;
    return el("Organizer", [
      completeMailbox(el("Mailbox", [el("Name", fullName), el("EmailAddress", address)])),
    ]);
  },
  IsOrganizer: () => "true",
  RequiredAttendees: attendees("RequiredAttendees"),
  OptionalAttendees: attendees("OptionalAttendees"),
  Resources: attendees("Resources"),
  ConflictingMeetingCount: () => "0",
  AdjacentMeetingCount: () => "0",
  Duration: calendar(({ start, end }) => duration(end - start)),
  TimeZone: calendar(({ startZone }) => displayName(startZone.id)),
  AppointmentSequenceNumber: calendar(({ sequence }) => String(sequence)),
  AppointmentState: (view) => (isMeeting(view) ? "1" : "0"),
  Recurrence: calendar(({ rule }, _view, call) => rule && writeRule(rule, dateWriter(call))),
  FirstOccurrence: (view, call) => {
    const first = view.type === "RecurringMaster" ? firstAndLast(view.item).first : undefined;
    return first && occurrenceInfo("FirstOccurrence", first, call);
  },
  LastOccurrence: (view, call) => {
    const last = view.type === "RecurringMaster" ? firstAndLast(view.item).last : undefined;
    return last && occurrenceInfo("LastOccurrence", last, call);
  },
  ModifiedOccurrences: calendar(({ rule, exceptions }, view, call) => {
    if (!rule || exceptions.length === 0) return undefined;
    const sorted = [...exceptions].sort((a, b) => a.originalStart - b.originalStart);
    return el(
      "ModifiedOccurrences",
      sorted.map(({ originalStart }) =>
        occurrenceInfo("Occurrence", occurrenceAt(view.item, originalStart), call),
      ),
    );
  }),
  DeletedOccurrences: calendar(({ rule, deleted }, _view, call) => {
    if (!rule || deleted.length === 0) return undefined;
    const sorted = [...deleted].sort((a, b) => a - b);
    return el(
      "DeletedOccurrences",
      sorted.map((start) => el("DeletedOccurrence", [el("Start", formatTime(start, call.zone))])),
    );
  }),
  MeetingTimeZone: calendar(({ startZone }) =>
    el("MeetingTimeZone", undefined, { TimeZoneName: displayName(startZone.id) }),
  ),
  StartTimeZone: calendar(({ startZone }, _view, call) => zone(startZone, "StartTimeZone", call)),
  EndTimeZone: calendar(({ endZone }, _view, call) => zone(endZone, "EndTimeZone", call)),
  ConferenceType: stored("ConferenceType", "0"),
  AllowNewTimeProposal: stored("AllowNewTimeProposal", "true"),
  IsOnlineMeeting: stored("IsOnlineMeeting", "false"),
  Location: (view) => view.data.values["Location"],
  EnhancedLocation: (view) => {
    const name = view.data.values["Location"]?.text;
    return name === undefined ? undefined : el("EnhancedLocation", [el("DisplayName", name)]);
  },
  StartWallClock: calendar(({ start, startZone }) => wallClock(start, startZone)),
  EndWallClock: calendar(({ end, endZone }) => wallClock(end, endZone)),
  StartTimeZoneId: calendar(({ startZone }) => startZone.id),
  EndTimeZoneId: calendar(({ endZone }) => endZone.id),
};
