import { bodyAs } from "../exchange/bodies.ts";
import { computedExtended } from "../exchange/computed-extended.ts";
import type { CalendarData, ItemView } from "../exchange/model.ts";
import { isMeeting } from "../exchange/readers/calendar.ts";
import { windowsZone, zoneOf } from "../exchange/timezones.ts";
import { children } from "../exchange/xml.ts";
import { writeAttendees } from "./people.ts";
import { writeRecurrence } from "./recurrence.ts";
import { etag, type GraphRequest } from "./request.ts";
import { instant, utcZone, writeTime, type NamedZone } from "./time.ts";

const types = {
  Single: "singleInstance",
  Occurrence: "occurrence",
  Exception: "exception",
  RecurringMaster: "seriesMaster",
} as const;

export const eventType = (view: ItemView): (typeof types)[keyof typeof types] => types[view.type];

const busyNames: Record<string, string> = {
  Free: "free",
  Tentative: "tentative",
  Busy: "busy",
  OOF: "oof",
  WorkingElsewhere: "workingElsewhere",
  NoData: "unknown",
};

const globalObjectId = "6ed8da90-450b-101b-98da-00aa003f1305/#3/Binary";

/** All-day events read as midnight of the answer's zone, on the days they have in their own. */
export function times(view: ItemView, zone: NamedZone): { start: object; end: object } {
  const { start, end, allDay, startZone, endZone } = view.data.calendar as CalendarData;
  if (!allDay) return { start: writeTime(start, zone), end: writeTime(end, zone) };
  const days = (utc: number, own: CalendarData["startZone"]): object => ({
    ...writeTime(utc, { ...utcZone, zone: zoneOf(own) }),
    timeZone: zone.name,
  });
  return { start: days(start, startZone), end: days(end, endZone) };
}

const zoneName = (id: string): string => (windowsZone(id) ? id : "tzone://Microsoft/Custom");

/** Every member that an event is answered with; `$select` takes its pick afterwards. */
export function readEvent(view: ItemView, request: GraphRequest): Record<string, unknown> {
  const { item, data } = view;
  const calendar = data.calendar as CalendarData;
  const text = (name: string): string | undefined => data.values[name]?.text;
  const { person, prefer, call } = request;
  const changeKey = request.changeKey(item);
  const body = bodyAs(data.body, prefer.bodyType);
  const reminder = text("ReminderIsSet");
  const place = text("Location") ?? "";
  const meeting = isMeeting(view);
  const location = { displayName: place, locationType: "default", uniqueIdType: "unknown" };
  return {
    "@odata.etag": etag(changeKey),
    id: request.itemId(view),
    createdDateTime: instant(data.created),
    lastModifiedDateTime: instant(data.modified),
    changeKey,
    categories: children(data.values["Categories"]).map((category) => category.text ?? ""),
    transactionId: data.graph?.transactionId ?? null,
    originalStartTimeZone: zoneName(calendar.startZone.id),
    originalEndTimeZone: zoneName(calendar.endZone.id),
    iCalUId: iCalUId(view),
    reminderMinutesBeforeStart: Number(text("ReminderMinutesBeforeStart") ?? 15),
    isReminderOn: reminder === undefined ? call.switches.reminderByDefault : ["true", "1"].includes(reminder),
    hasAttachments: false,
    subject: text("Subject") ?? "",
    bodyPreview: bodyAs(data.body, "Text").content.slice(0, 255),
    importance: (text("Importance") ?? "Normal").toLowerCase(),
    sensitivity: (text("Sensitivity") ?? "Normal").toLowerCase(),
    isAllDay: calendar.allDay,
    isCancelled: false,
    isOrganizer: true,
    responseRequested: ["true", "1"].includes(text("IsResponseRequested") ?? "true"),
    seriesMasterId: view.originalStart === undefined ? null : request.itemId({ item }),
    showAs: busyNames[text("LegacyFreeBusyStatus") ?? "Busy"] ?? "busy",
    type: eventType(view),
    webLink: `https://outlook.office365.com/owa/?itemid=${encodeURIComponent(request.itemId(view))}&exvsurl=1&path=/calendar/item`,
    onlineMeetingUrl: null,
    isOnlineMeeting: false,
    onlineMeetingProvider: "unknown",
    onlineMeeting: null,
    allowNewTimeProposals: ["true", "1"].includes(text("AllowNewTimeProposal") ?? "true"),
    isDraft: false,
    hideAttendees: false,
    responseStatus: { response: meeting ? "organizer" : "none", time: "0001-01-01T00:00:00Z" },
    body: { contentType: body.type.toLowerCase(), content: body.content },
    ...times(view, prefer.zone),
    location,
    locations: place === "" ? [] : [location],
    recurrence: calendar.rule ? writeRecurrence(calendar.rule, zoneName(calendar.startZone.id)) : null,
    attendees: writeAttendees(data.values),
    organizer: { emailAddress: { name: person.fullName, address: person.address } },
    ...(view.originalStart === undefined ? {} : { originalStart: instant(view.originalStart) }),
  };
}

/** The UID of a series is the same for all, that of an occurrence holds its day (MS-OXOCAL 2.2.1.27). */
function iCalUId(view: ItemView): string {
  const uid = view.data.calendar?.uid ?? "";
  if (view.originalStart === undefined) return uid;
  const bytes = computedExtended(view, globalObjectId)?.values[0] ?? "";
  return Buffer.from(bytes, "base64").toString("hex").toUpperCase();
}
