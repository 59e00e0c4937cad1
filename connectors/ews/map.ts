import type {
  Appointment,
  AppointmentPatch,
  AppointmentTime,
  FreeBusyStatus,
  RecurrenceOverride,
} from "../../core/items/appointment.ts";
import { appointmentKind } from "../../core/items/appointment-kind.ts";
import { canonical } from "../../core/items/compare.ts";
import { touches } from "../../core/items/expand.ts";
import { normalizeAppointment, normalizeField, weekdays } from "../../core/items/normalize.ts";
import type { Observed, Window } from "../../core/items/observed.ts";
import {
  dateOfStart,
  occurrenceFields,
  ownOf,
  projectSeries,
  withOverrides,
} from "../../core/items/overrides.ts";
import type { EwsItem, EwsRecurrence } from "./reading.ts";
import { UnreadableItem, UnwritableItem } from "./values.ts";
import { fromEws, projectRule, toEws } from "./recurrence.ts";
import { allDayDate, canonicalZone, ianaZone, localDate, midnight, windowsZone } from "./zones.ts";

/** Appointments and Exchange's calendar items, in both directions; pure. */

/** What is written of an item; what is not named stays as it is, `null` deletes the property. */
export interface EwsFields {
  subject?: string | null;
  /** As text. */
  body?: string;
  location?: string | null;
  /** UTC instants, always both. */
  start?: string;
  end?: string;
  allDay?: boolean;
  /** Windows name, for start and end. */
  zone?: string;
  busy?: EwsBusy;
  sensitivity?: "Normal" | "Private";
  reminder?: number | null;
  recurrence?: EwsRecurrence | null;
}

export type EwsBusy = "Free" | "Tentative" | "Busy" | "OOF" | "WorkingElsewhere";

const busyNames: Record<FreeBusyStatus, EwsBusy> = {
  free: "Free",
  tentative: "Tentative",
  busy: "Busy",
  "out-of-office": "OOF",
  "working-elsewhere": "WorkingElsewhere",
};
const busyOf = new Map<string, FreeBusyStatus>([
  ...Object.entries(busyNames).map(([status, name]): [string, FreeBusyStatus] => [
    name,
    status as FreeBusyStatus,
  ]),
  ["NoData", "busy"],
]);
/** Exchange hides two of its four kinds from others; "personal" asks for the same respect. */
const privacyOf = new Map<string, Appointment["privacy"]>([
  ["Normal", "public"],
  ["Personal", "private"],
  ["Private", "private"],
  ["Confidential", "private"],
]);
/** Exchange refuses longer subjects and locations. */
const longestLine = 255;

/**
 * What an appointment becomes when Exchange holds it.
 *
 * @param defaultZone IANA zone for timed appointments that tell none, and for the days of all-day ones
 */
export function project(given: Appointment, defaultZone: string): Appointment {
  return projectSeries(normalizeAppointment(given), (item) => projectByRule(item, defaultZone));
}

function projectByRule(item: Appointment, defaultZone: string): Appointment {
  const timeZone = item.time.showWithoutTime
    ? null
    : (canonicalZone(item.timeZone ?? defaultZone) ?? canonicalZone(defaultZone) ?? "Etc/UTC");
  return {
    ...item,
    title: shortLine(item.title),
    location: shortLine(item.location),
    timeZone,
    recurrenceRule: item.recurrenceRule && projectRule(explicitRule({ ...item, timeZone })),
  };
}

export function shortLine(line: string): string {
  return line.length <= longestLine ? line : normalizeField.title(line.slice(0, longestLine).toWellFormed());
}

/** What a rule leaves to the start date is said, as Exchange says it. */
function explicitRule(item: Appointment): NonNullable<Appointment["recurrenceRule"]> {
  const rule = item.recurrenceRule;
  if (rule === null) throw new Error("an appointment without a rule");
  const start = startDate(item);
  const relative = rule.nthOfPeriod !== null;
  const day = weekdays[(new Date(`${start}T00:00:00Z`).getUTCDay() + 6) % 7];
  return {
    ...rule,
    byDay: rule.frequency === "weekly" && rule.byDay.length === 0 && day !== undefined ? [day] : rule.byDay,
    byMonthDay:
      relative || rule.frequency === "daily" || rule.frequency === "weekly"
        ? null
        : (rule.byMonthDay ?? Number(start.slice(8, 10))),
    byMonth: rule.frequency === "yearly" ? (rule.byMonth ?? Number(start.slice(5, 7))) : null,
  };
}

function startDate(item: Appointment): string {
  return item.time.showWithoutTime ? item.time.start : localDate(item.time.start, item.timeZone ?? "Etc/UTC");
}

/** Series with more changed occurrences are left alone: each of them is an item to read. */
const mostOccurrences = 200;

/** Whether the changed occurrences of a series are worth reading. */
export function tellsOccurrences(read: EwsItem): boolean {
  const count = read.modifiedOccurrences.length;
  const understood = read.recurrence !== null && read.recurrence !== "unreadable";
  return count > 0 && count <= mostOccurrences && understood && !read.received;
}

/**
 * @param mailboxAddress of the mailbox read; it is no participant of its own items
 * @param changed its changed occurrences, all of them or none
 * @throws UnreadableItem when a field was not positively read
 */
export function toObserved(
  read: EwsItem,
  mailboxAddress: string,
  changed: readonly EwsItem[] = [],
): Observed {
  const { item, understood } = appointmentOf(read);
  const untold = read.untoldOccurrences + read.modifiedOccurrences.length + read.deletedOccurrences.length;
  const told =
    item.recurrenceRule !== null &&
    read.untoldOccurrences === 0 &&
    changed.length === read.modifiedOccurrences.length;
  const own = mailboxAddress.toLowerCase();
  const others = new Set([read, ...changed].flatMap((each) => [...othersOf(each, own)]));
  return {
    ref: read.id,
    version: read.changeKey,
    uid: read.uid === "" ? null : read.uid,
    key: read.key,
    item: told ? normalizeAppointment(withOverrides(item, overridesRead(item, read, changed))) : item,
    traits: {
      participants: others.size,
      invited: read.received,
      exceptions: told ? 0 : untold,
      recurrenceUnknown: read.recurrence !== null && !understood,
    },
  };
}

function overridesRead(
  item: Appointment,
  read: EwsItem,
  changed: readonly EwsItem[],
): [date: string, RecurrenceOverride][] {
  return [
    ...read.deletedOccurrences.map((start): [string, RecurrenceOverride] => [
      dateRead(item, read, start),
      { excluded: true },
    ]),
    ...read.modifiedOccurrences.flatMap(({ id, originalStart }): [string, RecurrenceOverride][] => {
      const occurrence = changed.find((each) => each.id === id);
      return occurrence === undefined
        ? []
        : [[dateRead(item, read, originalStart), ownOf(appointmentOf(occurrence).item)]];
    }),
  ];
}

/** The date that names the occurrence which starts by rule at that instant. */
export function dateRead(item: Appointment, read: EwsItem, start: string): string {
  if (!item.time.showWithoutTime) return dateOfStart(item, start);
  const date = allDayDate(start, read.startTimeZone);
  if (date === undefined) throw new UnreadableItem("the day of an occurrence");
  return date;
}

/** @throws UnreadableItem */
function appointmentOf(read: EwsItem): { item: Appointment; understood: boolean } {
  const freeBusyStatus = busyOf.get(read.busy);
  const privacy = privacyOf.get(read.sensitivity);
  if (freeBusyStatus === undefined || privacy === undefined) throw new UnreadableItem("an unknown name");
  const timeZone = read.allDay || !read.startTimeZone ? null : ianaZone(read.startTimeZone.id);
  const rule =
    read.recurrence === null || read.recurrence === "unreadable" ? undefined : fromEws(read.recurrence);
  // A series repeats by the clock of its zone: without the zone its rule says nothing.
  const understood = rule !== undefined && (read.allDay || timeZone !== null);
  const item = normalizeAppointment({
    title: read.subject,
    description: read.body,
    location: read.location,
    time: readTime(read),
    timeZone,
    freeBusyStatus,
    privacy,
    alertMinutes: read.reminder,
    recurrenceRule: understood ? rule : null,
  });
  return { item, understood };
}

function readTime(read: EwsItem): AppointmentTime {
  if (!read.allDay) return { showWithoutTime: false, start: read.start, end: read.end };
  const start = allDayDate(read.start, read.startTimeZone);
  const end = allDayDate(read.end, read.startTimeZone);
  if (start === undefined || end === undefined) throw new UnreadableItem("the day of an all-day item");
  return { showWithoutTime: true, start, end: end > start ? end : dayAfter(start) };
}

function dayAfter(date: string): string {
  return new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);
}

/** The organizer of an own item is its owner, under whichever of the owner's addresses Exchange prefers. */
function othersOf(read: EwsItem, own: string): Set<string> {
  const others = new Set(read.attendees);
  if (read.organizer !== null) {
    if (read.received) others.add(read.organizer);
    else others.delete(read.organizer);
  }
  others.delete(own);
  others.delete("");
  return others;
}

/** Whether any occurrence may touch the window; a series that is not understood is followed to its last one. */
export function inWindow(read: EwsItem, observed: Observed, window: Window): boolean {
  if (!observed.traits.recurrenceUnknown) return touches(observed.item, window);
  const last = read.lastOccurrenceEnd;
  return (
    Date.parse(read.start) < Date.parse(window.to) &&
    (last === null || Date.parse(last) > Date.parse(window.from))
  );
}

/** @throws UnwritableItem */
export function fieldsOfNew(given: Appointment, defaultZone: string): EwsFields {
  const item = project(given, defaultZone);
  const iana = item.timeZone ?? defaultZone;
  if (given.recurrenceRule && given.timeZone && canonicalZone(given.timeZone) === null) {
    throw new UnwritableItem("a series in a zone that Windows does not have");
  }
  return {
    ...(item.title === "" ? {} : { subject: item.title }),
    ...(item.description === "" ? {} : { body: item.description }),
    ...(item.location === "" ? {} : { location: item.location }),
    ...instants(item.time, iana),
    allDay: item.time.showWithoutTime,
    zone: windowsZoneOf(iana),
    busy: busyNames[item.freeBusyStatus],
    sensitivity: item.privacy === "private" ? "Private" : "Normal",
    reminder: item.alertMinutes,
    ...(item.recurrenceRule ? { recurrence: recurrenceOf(item, item.recurrenceRule) } : {}),
  };
}

/** What makes an occurrence as it is the one that is wanted. */
export function fieldsOfOccurrence(wanted: Appointment, current: EwsItem, defaultZone: string): EwsFields {
  const { item: was } = appointmentOf(current);
  const patch: AppointmentPatch = {};
  for (const field of occurrenceFields) {
    if (canonical(appointmentKind, field, wanted) !== canonical(appointmentKind, field, was))
      Object.assign(patch, { [field]: wanted[field] });
  }
  const { time, ...rest } = patch;
  if (time === undefined) return fieldsOfPatch(rest, undefined, defaultZone);
  const iana = (current.startTimeZone && ianaZone(current.startTimeZone.id)) ?? defaultZone;
  return {
    ...fieldsOfPatch(rest, undefined, defaultZone),
    ...instants(time, iana),
    ...(time.showWithoutTime === current.allDay ? {} : { allDay: time.showWithoutTime }),
  };
}

/**
 * The properties that a patch means; nothing else is written.
 *
 * @param current the item as it is, at the version that the patch is made for; only needed for `time`, `timeZone`
 *   and `recurrenceRule`, which hang together in Exchange
 * @throws UnwritableItem
 */
export function fieldsOfPatch(
  patch: AppointmentPatch,
  current: EwsItem | undefined,
  defaultZone: string,
): EwsFields {
  const fields: EwsFields = {};
  if (patch.title !== undefined) fields.subject = shortLine(normalizeField.title(patch.title)) || null;
  if (patch.description !== undefined) fields.body = normalizeField.description(patch.description);
  if (patch.location !== undefined)
    fields.location = shortLine(normalizeField.location(patch.location)) || null;
  if (patch.freeBusyStatus !== undefined) fields.busy = busyNames[patch.freeBusyStatus];
  if (patch.privacy !== undefined) fields.sensitivity = patch.privacy === "private" ? "Private" : "Normal";
  if (patch.alertMinutes !== undefined) fields.reminder = normalizeField.alertMinutes(patch.alertMinutes);
  if (touchesTime(patch)) {
    if (!current) throw new Error("a patch of the time needs the current item");
    Object.assign(fields, timeFields(patch, current, defaultZone));
  }
  return fields;
}

export function touchesTime(patch: AppointmentPatch): boolean {
  return patch.time !== undefined || patch.timeZone !== undefined || patch.recurrenceRule !== undefined;
}

function timeFields(patch: AppointmentPatch, current: EwsItem, defaultZone: string): EwsFields {
  const { item: was, traits } = toObserved(current, "");
  if (traits.recurrenceUnknown) throw new UnwritableItem("a series that was not understood");
  const time = patch.time ? normalizeField.time(patch.time) : was.time;
  const { zone, changed } = zoneOf(patch, current, time, defaultZone);
  const iana = ianaZone(zone) ?? defaultZone;
  const fields: EwsFields = {};
  if (patch.time || changed) Object.assign(fields, instants(time, iana));
  if (changed) fields.zone = zone;
  if (time.showWithoutTime !== current.allDay) fields.allDay = time.showWithoutTime;

  const next: Appointment = { ...was, time, timeZone: time.showWithoutTime ? null : iana };
  const given = patch.recurrenceRule === undefined ? was.recurrenceRule : patch.recurrenceRule;
  if (given === null) {
    if (current.recurrence !== null && patch.recurrenceRule === null) fields.recurrence = null;
  } else if (patch.recurrenceRule || startDate(next) !== startDate(was)) {
    fields.recurrence = recurrenceOf(next, given);
  }
  return fields;
}

/** The zone the item will have (Windows name); `changed` when it must be written. */
function zoneOf(
  patch: AppointmentPatch,
  current: EwsItem,
  time: AppointmentTime,
  defaultZone: string,
): { zone: string; changed: boolean } {
  const present =
    current.startTimeZone && ianaZone(current.startTimeZone.id) ? current.startTimeZone.id : null;
  if (time.showWithoutTime === current.allDay && (time.showWithoutTime || !patch.timeZone)) {
    if (present !== null) return { zone: present, changed: false };
    // The zone is not known by name, hence not written; instants need none. All-day ones move to a known one.
    if (!time.showWithoutTime) return { zone: current.startTimeZone?.id ?? "UTC", changed: false };
  }
  const wanted = time.showWithoutTime ? defaultZone : (patch.timeZone ?? defaultZone);
  const zone = windowsZone(wanted);
  if (zone === undefined) throw new UnwritableItem("a zone that Windows does not have");
  return { zone, changed: true };
}

function instants(time: AppointmentTime, iana: string): { start: string; end: string } {
  return time.showWithoutTime
    ? { start: midnight(time.start, iana), end: midnight(time.end, iana) }
    : { start: time.start, end: time.end };
}

function windowsZoneOf(iana: string): string {
  return windowsZone(iana) ?? "UTC";
}

function recurrenceOf(item: Appointment, rule: NonNullable<Appointment["recurrenceRule"]>): EwsRecurrence {
  const normal = explicitRule({ ...item, recurrenceRule: normalizeField.recurrenceRule(rule) });
  const recurrence = toEws(normal, startDate(item));
  if (!recurrence) throw new UnwritableItem("a rule for which Exchange has no word");
  return recurrence;
}
