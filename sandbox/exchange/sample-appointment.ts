import type { Person } from "../context.ts";
import type { SampleAppointment } from "../samples.ts";
import type { CalendarData, ItemData } from "./model.ts";
import { contentFields } from "./sample-content.ts";
import { readFields, writeFields } from "./sample-fields.ts";
import { writeOccurrence } from "./sample-occurrence.ts";
import { readSampleRule, writeSampleRule } from "./sample-recurrence.ts";
import { alignToFirstSlot, dropStaleExceptions } from "./series.ts";
import { ianaToWindows, toLocal, toUtc, windowsToIana, zoneOf, type ZoneReference } from "./timezones.ts";
import { newUid } from "./writers/draft.ts";

/** A new item as if the person had made it in Outlook. */
export function newAppointment(sample: SampleAppointment, now: number): ItemData {
  const data: ItemData = {
    itemClass: "IPM.Appointment",
    created: now,
    modified: now,
    values: {},
    extended: [],
    calendar: calendarOf(sample, sample.uid ?? newUid(now), now),
  };
  writeFields(contentFields, data, sample);
  return data;
}

export function readAppointment(
  data: ItemData,
  person: Person,
  reminderByDefault: boolean,
): SampleAppointment {
  const calendar = data.calendar as CalendarData;
  const local = localIn(calendar.startZone);
  const { attendees, categories, importance, ...content } = readFields(contentFields, data);
  if (!data.values["ReminderIsSet"] && reminderByDefault) content.reminderMinutes = 15;
  return {
    ...content,
    start: local(calendar.start),
    end: local(calendar.end),
    timeZone: zoneName(calendar.startZone, person),
    allDay: calendar.allDay,
    recurrence: calendar.rule ? writeSampleRule(calendar, local) : null,
    uid: calendar.uid,
    ...(attendees && attendees.length > 0 ? { attendees } : {}),
    ...(categories && categories.length > 0 ? { categories } : {}),
    ...(importance === "normal" ? {} : { importance }),
  };
}

const timing = ["start", "end", "timeZone", "allDay", "recurrence", "uid"] as const;

/** Changes what is given and leaves the rest of the item alone, exceptions too as long as their slots exist. */
export function changeAppointment(
  data: ItemData,
  changes: Partial<SampleAppointment>,
  person: Person,
  now: number,
): void {
  writeFields(contentFields, data, changes);
  data.modified = now;
  if (!timing.some((name) => changes[name] !== undefined)) return;
  const before = data.calendar as CalendarData;
  const next = calendarOf({ ...readAppointment(data, person, true), ...changes }, before.uid, now);
  data.calendar = {
    ...next,
    uid: changes.uid ?? before.uid,
    requestSent: before.requestSent,
    sequence: before.sequence + (changes.start === undefined ? 0 : 1),
    exceptions: next.exceptions.map((exception) => {
      const old = before.exceptions.find((each) => each.originalStart === exception.originalStart);
      return old
        ? {
            ...old,
            ...exception,
            values: { ...old.values, ...exception.values },
            extended: old.extended,
            modified: old.modified,
          }
        : exception;
    }),
  };
}

function calendarOf(sample: SampleAppointment, uid: string, now: number): CalendarData {
  const zoneReference: ZoneReference = { id: ianaToWindows(sample.timeZone) };
  const zone = zoneOf(zoneReference);
  const instant = (local: string): number => toUtc(zone, Date.parse(`${local}Z`));
  const calendar: CalendarData = {
    uid,
    start: instant(sample.start),
    end: instant(sample.end),
    allDay: sample.allDay,
    startZone: zoneReference,
    endZone: zoneReference,
    deleted: [],
    exceptions: [],
    requestSent: false,
    sequence: 0,
  };
  const { recurrence } = sample;
  if (!recurrence) return calendar;
  const length = calendar.end - calendar.start;
  calendar.rule = readSampleRule(recurrence, sample.start.slice(0, 10));
  alignToFirstSlot(calendar);
  calendar.deleted = (recurrence.deleted ?? []).map(instant);
  calendar.exceptions = (recurrence.modified ?? []).map((modified) => {
    const originalStart = instant(modified.originalStart);
    const start = modified.start === undefined ? originalStart : instant(modified.start);
    const exception = {
      originalStart,
      start,
      end: modified.end === undefined ? start + length : instant(modified.end),
      allDay: calendar.allDay,
      modified: now,
      values: {},
      extended: [],
    };
    writeOccurrence(exception, modified);
    return exception;
  });
  dropStaleExceptions(calendar);
  return calendar;
}

export function localIn(reference: ZoneReference): (utc: number) => string {
  const zone = zoneOf(reference);
  return (utc) => new Date(toLocal(zone, utc)).toISOString().slice(0, 19);
}

/** Windows names stand for many IANA zones: the person's own where it fits, else the best known. */
function zoneName(reference: ZoneReference, person: Person): string {
  if (reference.id !== "UTC" && ianaToWindows(person.timeZone) === reference.id) return person.timeZone;
  return reference.id === "UTC" ? "Etc/UTC" : (windowsToIana(reference.id) ?? "Etc/UTC");
}
