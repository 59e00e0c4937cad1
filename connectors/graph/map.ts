import { DateTime } from "luxon";
import type { Appointment } from "../../core/items/appointment.ts";
import { project as exchangeProject, type EwsFields } from "../ews/map.ts";
import type { EwsItem } from "../ews/reading.ts";
import { stamp, UnreadableItem, UnwritableItem } from "../ews/values.ts";
import { canonicalZone, ianaZone, localDate, midnight } from "../ews/zones.ts";
import { parsed, spelled } from "./recurrence.ts";
import { event as eventShape, eventRecurrence, type GraphEvent } from "./wire.ts";

/**
 * Graph's events as Exchange's calendar items, in both directions; pure. It is one mailbox with one way to hold an
 * appointment, so what an item means and what of an appointment is kept is told once, in `../ews/map.ts`; here are
 * Graph's words for it. A mailbox that changes from one protocol to the other reads the same.
 */

/** An event, with what only Graph tells. */
export interface GraphItem extends EwsItem {
  /** Its body holds the joining link of an online meeting, which ends when the body is written. */
  online: boolean;
  /** Of an occurrence or exception: the series, and the instant at which its rule makes it start. */
  seriesMasterId: string | null;
  originalStart: string | null;
  /** Of a series: its changed dates. */
  changed: GraphItem[];
}

/** The same extended property as by EWS: a namespace and a name of our own. */
export const stampId = `String {${stamp.propertySetId}} Name ${stamp.name}`;

const busyNames = {
  Free: "free",
  Tentative: "tentative",
  Busy: "busy",
  OOF: "oof",
  WorkingElsewhere: "workingElsewhere",
} as const;
const busyOf = new Map<string, string>([
  ...Object.entries(busyNames).map(([name, word]): [string, string] => [word, name]),
  ["unknown", "NoData"],
]);
const utcZone = "UTC";

/**
 * What an appointment becomes when the mailbox holds it: as by EWS, but for the hour that comes twice in autumn.
 * Graph takes local times, so an instant in that hour can be said in UTC only, and the zone is UTC's then.
 */
export function project(given: Appointment, defaultZone: string): Appointment {
  const item = exchangeProject(given, defaultZone);
  if (item.time.showWithoutTime || item.timeZone === null || item.recurrenceRule !== null) return item;
  return isDoubled(item.time.start, item.timeZone) ? { ...item, timeZone: canonicalZone("Etc/UTC") } : item;
}

function isDoubled(instant: string, iana: string): boolean {
  return DateTime.fromISO(instant, { zone: iana }).getPossibleOffsets().length > 1;
}

/**
 * @param json an answer to a request that named `eventProperties`
 * @throws UnreadableItem when something that every event has is missing or unknown
 */
export function readEvent(json: unknown): GraphItem {
  const read = eventShape.safeParse(json);
  if (!read.success) throw new UnreadableItem(read.error.issues[0]?.path.join(".") ?? "an event");
  const event = read.data;
  const busy = busyOf.get(event.showAs);
  if (busy === undefined) throw new UnreadableItem("showAs");
  const type = event.type === "seriesMaster" ? "RecurringMaster" : event.type;
  return {
    id: event.id,
    changeKey: event.changeKey,
    type,
    uid: event.iCalUId ?? null,
    key: stampIn(event.singleValueExtendedProperties),
    subject: event.subject ?? "",
    body: bodyOf(event),
    location: event.location?.displayName ?? "",
    ...timesOf(event),
    allDay: event.isAllDay,
    busy,
    sensitivity: capital(event.sensitivity),
    reminder: reminderOf(event),
    ...recurrenceOf(event),
    // Told by another request: `readItems`.
    modifiedOccurrences: [],
    deletedOccurrences: [],
    untoldOccurrences: 0,
    attendees: event.attendees.map(addressOf),
    organizer: event.organizer ? addressOf(event.organizer) : null,
    received: !event.isOrganizer,
    online: event.isOnlineMeeting ?? false,
    seriesMasterId: event.seriesMasterId ?? null,
    originalStart: originalStartOf(event),
    changed: [],
  };
}

/** Our stamp among an item's extended properties. */
export function stampIn(properties: readonly { id: string; value: string }[] | undefined): string | null {
  return properties?.find((property) => sameProperty(property.id, stampId))?.value ?? null;
}

/** Exchange may spell the namespace of a property with other letters, with braces or without. */
function sameProperty(one: string, other: string): boolean {
  const bare = (id: string) => id.replace(/[{}]/gu, "").toLowerCase();
  return bare(one) === bare(other);
}

/** Text was asked for; markup taken for text would be written to the other system as it stands. */
function bodyOf({ body }: GraphEvent): string {
  if (!body) return "";
  if (body.contentType !== "text") throw new UnreadableItem("body");
  return body.content ?? "";
}

/** Times were asked for in UTC. All-day events are days, told as their midnights whatever the zone. */
function timesOf(event: GraphEvent): Pick<EwsItem, "start" | "end" | "startTimeZone"> {
  const zone = event.originalStartTimeZone;
  const known = zone === null ? null : ianaZone(zone);
  if (!event.isAllDay || !isMidnight(event.start) || !isMidnight(event.end)) {
    return {
      start: instant(event.start),
      end: instant(event.end),
      startTimeZone: zone === null || zone === "" ? null : { id: zone, biases: [0] },
    };
  }
  const iana = known ?? "Etc/UTC";
  return {
    start: midnight(event.start.dateTime.slice(0, 10), iana),
    end: midnight(event.end.dateTime.slice(0, 10), iana),
    startTimeZone: { id: known === null ? utcZone : (zone ?? utcZone), biases: [] },
  };
}

function isMidnight({ dateTime }: GraphEvent["start"]): boolean {
  return /T00:00(?::00(?:\.0+)?)?Z?$/u.test(dateTime);
}

/** To the second. */
export function instant({ dateTime, timeZone }: GraphEvent["start"]): string {
  const zone = ianaZone(timeZone);
  if (zone === null) throw new UnreadableItem("a time zone");
  const local = DateTime.fromISO(dateTime.replace(/Z$/u, "").slice(0, 19), { zone });
  const text = local.toUTC().toISO();
  if (text === null) throw new UnreadableItem("a time");
  return `${text.slice(0, 19)}Z`;
}

function originalStartOf({ originalStart }: GraphEvent): string | null {
  if (!originalStart) return null;
  const at = Date.parse(originalStart);
  if (Number.isNaN(at)) throw new UnreadableItem("originalStart");
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function reminderOf(event: GraphEvent): number | null {
  if (!event.isReminderOn) return null;
  if (typeof event.reminderMinutesBeforeStart !== "number")
    throw new UnreadableItem("reminderMinutesBeforeStart");
  return event.reminderMinutesBeforeStart;
}

function recurrenceOf(event: GraphEvent): Pick<EwsItem, "recurrence" | "lastOccurrenceEnd"> {
  const read = eventRecurrence.safeParse(event.recurrence);
  const found = read.success ? read.data : undefined;
  if (!found) {
    const none = read.success && event.type !== "seriesMaster";
    return { recurrence: none ? null : "unreadable", lastOccurrenceEnd: null };
  }
  const { endDate, type, recurrenceTimeZone } = found.range;
  const last = type === "endDate" && endDate ? Date.parse(endDate) + 2 * dayMs : Number.NaN;
  return {
    recurrence: sameZone(recurrenceTimeZone, event) ? (parsed(found) ?? "unreadable") : "unreadable",
    lastOccurrenceEnd: Number.isNaN(last) ? null : `${new Date(last).toISOString().slice(0, 19)}Z`,
  };
}

const dayMs = 86_400_000;

/** A series that repeats by another clock than its first time is told in is none that a rule can tell. */
function sameZone(recurrenceZone: string | null | undefined, event: GraphEvent): boolean {
  if (!recurrenceZone || event.isAllDay) return true;
  const own = event.originalStartTimeZone;
  return own === recurrenceZone || (own !== null && ianaZone(own) === ianaZone(recurrenceZone));
}

/** A person without an address still is another person: the name counts then. */
function addressOf({ emailAddress }: GraphEvent["attendees"][number]): string {
  return (emailAddress?.address ?? emailAddress?.name ?? "").toLowerCase();
}

/**
 * The body of a create or an update; what is not named stays as it is. It never names attendees.
 *
 * @param current the event as it is; none for a new one
 * @throws UnwritableItem
 */
export function eventBody(fields: EwsFields, current?: GraphItem): Record<string, unknown> {
  if (fields.body !== undefined && current?.online) {
    throw new UnwritableItem("the body of an online meeting holds its joining link");
  }
  return {
    ...(fields.subject === undefined ? {} : { subject: fields.subject ?? "" }),
    ...(fields.body === undefined ? {} : { body: { contentType: "text", content: fields.body } }),
    ...(fields.location === undefined ? {} : { location: { displayName: fields.location ?? "" } }),
    ...timeBody(fields, current),
    ...(fields.busy === undefined ? {} : { showAs: busyNames[fields.busy] }),
    ...(fields.sensitivity === undefined ? {} : { sensitivity: fields.sensitivity.toLowerCase() }),
    ...reminderBody(fields.reminder),
  };
}

function reminderBody(reminder: number | null | undefined): Record<string, unknown> {
  if (reminder === undefined) return {};
  return reminder === null
    ? { isReminderOn: false }
    : { isReminderOn: true, reminderMinutesBeforeStart: reminder };
}

function timeBody(fields: EwsFields, current: GraphItem | undefined): Record<string, unknown> {
  const zone = fields.zone ?? current?.startTimeZone?.id ?? utcZone;
  const present = current?.recurrence === "unreadable" ? undefined : current?.recurrence;
  const recurrence =
    fields.recurrence === undefined && fields.zone !== undefined ? (present ?? undefined) : fields.recurrence;
  const repeats = fields.recurrence === undefined ? Boolean(present) : fields.recurrence !== null;
  const allDay = fields.allDay ?? current?.allDay ?? false;
  return {
    ...(fields.start === undefined || fields.end === undefined
      ? {}
      : {
          start: spelledTime(fields.start, zone, { allDay, repeats }),
          end: spelledTime(fields.end, zone, { allDay, repeats: false }),
          isAllDay: allDay,
        }),
    ...(recurrence === undefined ? {} : { recurrence: recurrence && spelled(recurrence, zone) }),
  };
}

/** A local time in a zone; in UTC where that would name two instants, or where the zone is not known. */
function spelledTime(
  at: string,
  zone: string,
  { allDay, repeats }: { allDay: boolean; repeats: boolean },
): { dateTime: string; timeZone: string } {
  const iana = ianaZone(zone);
  if (allDay) {
    return { dateTime: `${localDate(at, iana ?? "Etc/UTC")}T00:00:00`, timeZone: iana ? zone : utcZone };
  }
  if (iana !== null && !isDoubled(at, iana)) {
    const local = DateTime.fromISO(at, { zone: iana }).toFormat("yyyy-MM-dd'T'HH:mm:ss");
    return { dateTime: local, timeZone: zone };
  }
  if (repeats) throw new UnwritableItem("a series that begins in the hour that comes twice");
  return { dateTime: at.slice(0, 19), timeZone: utcZone };
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
