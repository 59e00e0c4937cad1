import type { ItemView } from "../exchange/model.ts";
import { toLocal, toUtc, zoneOf, type ZoneReference } from "../exchange/timezones.ts";
import { settleCalendar } from "../exchange/writers/calendar.ts";
import { draftOf, newDraft, type Draft } from "../exchange/writers/draft.ts";
import { deleteField, setField } from "../exchange/writers/fields.ts";
import { el, type Xml } from "../exchange/xml.ts";
import { badRequest } from "./errors.ts";
import { extendedElement } from "./extended.ts";
import { readExtensions } from "./extensions.ts";
import { attendeeLists, type Attendee } from "./people.ts";
import { recurrenceElement, type PatternedRecurrence } from "./recurrence.ts";
import type { GraphRequest } from "./request.ts";
import { namedZone, type DateTimeTimeZone } from "./time.ts";

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const busyNames: Record<string, string> = { oof: "OOF", unknown: "NoData" };

type Writer = (value: never) => Record<string, Xml | undefined>;

const text =
  (element: string) =>
  (value: string | null): Record<string, Xml | undefined> => ({
    [element]: value === null ? undefined : el(element, value),
  });
const flag =
  (element: string) =>
  (value: boolean | null): Record<string, Xml | undefined> => ({
    [element]: value === null ? undefined : el(element, String(value)),
  });

/** Members of an event by the elements of the store; `undefined` takes one away. */
const writers: Record<string, Writer> = {
  subject: text("Subject"),
  importance: (value: string | null) => ({ Importance: el("Importance", capital(value ?? "normal")) }),
  sensitivity: (value: string | null) => ({ Sensitivity: el("Sensitivity", capital(value ?? "normal")) }),
  showAs: (value: string | null) => ({
    LegacyFreeBusyStatus: el("LegacyFreeBusyStatus", busyNames[value ?? "busy"] ?? capital(value ?? "busy")),
  }),
  isReminderOn: (value: boolean | null) => ({ ReminderIsSet: el("ReminderIsSet", String(value ?? false)) }),
  reminderMinutesBeforeStart: (value: number | null) => ({
    ReminderMinutesBeforeStart: value === null ? undefined : el("ReminderMinutesBeforeStart", String(value)),
  }),
  responseRequested: flag("IsResponseRequested"),
  allowNewTimeProposals: flag("AllowNewTimeProposal"),
  isAllDay: (value: boolean | null) => ({ IsAllDayEvent: el("IsAllDayEvent", String(value ?? false)) }),
  categories: (value: string[]) => ({
    Categories:
      value.length > 0
        ? el(
            "Categories",
            value.map((each) => el("String", each)),
          )
        : undefined,
  }),
  body: (value: { contentType?: string; content?: string | null } | null) => ({
    Body: el("Body", value?.content ?? "", { BodyType: value?.contentType === "html" ? "HTML" : "Text" }),
  }),
  location: (value: { displayName?: string | null } | null) => text("Location")(value?.displayName || null),
  locations: (value: { displayName?: string | null }[]) =>
    text("Location")(value.map((each) => each.displayName ?? "").join("; ") || null),
  attendees: (value: (Attendee | null)[]) => attendeeLists(value),
};

/** Members that the server owns: clients may send them back, and they are not read. */
const ignored = new Set([
  "id",
  "changeKey",
  "createdDateTime",
  "lastModifiedDateTime",
  "bodyPreview",
  "hasAttachments",
  "isCancelled",
  "isDraft",
  "isOrganizer",
  "organizer",
  "originalStart",
  "originalStartTimeZone",
  "originalEndTimeZone",
  "responseStatus",
  "seriesMasterId",
  "type",
  "webLink",
  "onlineMeeting",
  "onlineMeetingUrl",
  "onlineMeetingProvider",
  "isOnlineMeeting",
  "hideAttendees",
  "iCalUId",
  "transactionId",
]);

/** Applies the members of a POST or PATCH body to a draft and settles its times. */
function apply(draft: Draft, body: Record<string, unknown>, request: GraphRequest, isNew: boolean): void {
  const { call } = request;
  for (const [name, value] of Object.entries(body)) {
    if (name.includes("@odata.") || ignored.has(name)) continue;
    if (["start", "end", "recurrence"].includes(name)) continue;
    if (name === "singleValueExtendedProperties" || name === "multiValueExtendedProperties") {
      for (const property of value as { id: string; value: string | string[] }[]) {
        setField(draft, extendedElement(property), call);
      }
    } else if (name === "extensions") {
      if (draft.occurrence) {
        throw badRequest("ErrorInvalidRequest", "Open extensions of single occurrences are not held here.");
      }
      draft.data.graph = {
        ...draft.data.graph,
        extensions: readExtensions(value as Record<string, unknown>[]),
      };
    } else {
      const writer = writers[name];
      if (!writer) throw badRequest("ErrorInvalidRequest", `The property '${name}' cannot be written here.`);
      // Times wait for their zones, as `start` and `end` may come in any order.
      for (const [element, xml] of Object.entries(writer(value as never)))
        write(draft, element, xml, request);
    }
  }
  applyTimes(draft, body, request);
  settleCalendar(draft, call, isNew);
}

function write(draft: Draft, element: string, xml: Xml | undefined, request: GraphRequest): void {
  if (xml) setField(draft, xml, request.call);
  else if (draft.data.values[element]) deleteField(draft, element);
}

function applyTimes(draft: Draft, body: Record<string, unknown>, request: GraphRequest): void {
  const { call } = request;
  const { start, end } = body as { start?: DateTimeTimeZone | null; end?: DateTimeTimeZone | null };
  const allDay = draft.data.calendar?.allDay ?? false;
  for (const [name, value] of [
    ["Start", start],
    ["End", end],
  ] as const) {
    if (!value) continue;
    const reference: ZoneReference = namedZone(value.timeZone).reference;
    const dateTime = value.dateTime.replace(/\.\d+/, "");
    if (allDay && !/T00:00(:00)?Z?$/.test(dateTime)) {
      throw badRequest(
        "ErrorInvalidRequest",
        "The Event.Start and Event.End properties of an all-day event must be set to midnight.",
      );
    }
    draft.pending[name === "Start" ? "startZone" : "endZone"] = reference;
    setField(draft, el(name, dateTime), call);
  }
  if (allDay && start && end && start.dateTime.slice(0, 10) >= end.dateTime.slice(0, 10)) {
    throw badRequest(
      "ErrorInvalidRequest",
      "The duration of an event marked as All day must be at least 24 hours.",
    );
  }
  if (!Object.hasOwn(body, "recurrence")) return;
  const recurrence = body["recurrence"] as PatternedRecurrence | null;
  if (recurrence === null) {
    if (draft.data.calendar?.rule) deleteField(draft, "Recurrence");
    return;
  }
  const zone = recurrence.range.recurrenceTimeZone;
  if (zone) keepWallClock(draft, namedZone(zone).reference, start);
  setField(draft, recurrenceElement(recurrence), call);
}

/**
 * A series lives in its recurrence zone: an event given in another zone keeps its instants there, so that its later
 * occurrences follow that zone's clock.
 */
function keepWallClock(
  draft: Draft,
  reference: ZoneReference,
  start: DateTimeTimeZone | null | undefined,
): void {
  if (!start || draft.data.calendar?.allDay) return;
  const from = draft.pending.startZone;
  if (!from || from.id === reference.id) return;
  const zone = zoneOf(reference);
  for (const [key, zoneKey] of [
    ["start", "startZone"],
    ["end", "endZone"],
  ] as const) {
    const given = draft.pending[key];
    if (given === undefined) continue;
    const utc = given.endsWith("Z")
      ? Date.parse(given)
      : toUtc(zoneOf(draft.pending[zoneKey] ?? from), Date.parse(`${given}Z`));
    draft.pending[key] = new Date(toLocal(zone, utc)).toISOString().slice(0, 19);
    draft.pending[zoneKey] = reference;
  }
}

export function newEvent(request: GraphRequest): Draft {
  const draft = newDraft("CalendarItem", request.call);
  const { transactionId } = request.body;
  if (typeof transactionId === "string") draft.data.graph = { transactionId };
  apply(draft, request.body, request, true);
  return draft;
}

export function changedEvent(view: ItemView, request: GraphRequest): Draft {
  const draft = draftOf(view);
  apply(draft, request.body, request, false);
  return draft;
}
