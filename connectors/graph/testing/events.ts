import { DateTime } from "luxon";
import { ianaZone } from "../../ews/zones.ts";

type Json = Record<string, unknown>;
interface Time {
  dateTime: string;
  timeZone: string;
}

/** An event as Graph answers it, after a create or an update with this body. */
export function stored(body: Json, before: Json = blank): Json {
  const start = body["start"] as Time | undefined;
  return {
    ...before,
    ...body,
    changeKey: "c2",
    ...(start ? { start: inUtc(start, body), originalStartTimeZone: start.timeZone } : {}),
    ...(body["end"] ? { end: inUtc(body["end"] as Time, body) } : {}),
    type: (body["recurrence"] ?? before["recurrence"]) ? "seriesMaster" : "singleInstance",
  };
}

function inUtc({ dateTime, timeZone }: Time, { isAllDay }: Json): Time {
  // All-day events are days in every zone.
  if (isAllDay === true) return { dateTime: `${dateTime}.0000000`, timeZone: "UTC" };
  const at = DateTime.fromISO(dateTime, { zone: ianaZone(timeZone) ?? "utc" }).toUTC();
  return { dateTime: `${at.toFormat("yyyy-MM-dd'T'HH:mm:ss")}.0000000`, timeZone: "UTC" };
}

export const blank: Json = {
  "@odata.etag": 'W/"c1"',
  id: "AAMk1=",
  changeKey: "c1",
  iCalUId: "uid",
  type: "singleInstance",
  seriesMasterId: null,
  subject: "",
  body: { contentType: "text", content: "" },
  location: { displayName: "" },
  start: { dateTime: "2026-03-02T08:00:00.0000000", timeZone: "UTC" },
  end: { dateTime: "2026-03-02T09:00:00.0000000", timeZone: "UTC" },
  isAllDay: false,
  originalStartTimeZone: "UTC",
  showAs: "busy",
  sensitivity: "normal",
  isReminderOn: false,
  reminderMinutesBeforeStart: 15,
  recurrence: null,
  attendees: [],
  organizer: { emailAddress: { address: "ase@nordlys.example", name: "Åse" } },
  isOrganizer: true,
  isOnlineMeeting: false,
};
