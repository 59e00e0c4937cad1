import { DateTime } from "luxon";
import type { SampleAppointment, SampleOccurrence } from "../samples.ts";
import { all, first, partsOf, textOf, type Component } from "./content-lines.ts";
import { Broken, inZone, plus, readDuration, readMoment, type Moment } from "./dates.ts";
import { leftOfRecurrence, readRecurrence } from "./rules.ts";
import type { Zones } from "./zones.ts";

/** A component as a neutral item, and the names of what of it is not kept. */
export interface Imported<Sample> {
  sample: Sample;
  left: string[];
}

/** Longest subject that both systems take. */
const SUBJECT_LIMIT = 255;
const LOCATION_LIMIT = 254;

/** A VEVENT with the components that change single occurrences of it. @throws Broken, NotHeld */
export function readEvent(
  event: Component,
  overrides: Component[],
  home: string,
  zones: Zones,
): Imported<SampleAppointment> {
  const line = first(event, "DTSTART");
  if (!line) throw new Broken("an event without its start");
  const start = readMoment(line, zones);
  const timeZone = start.zone ?? home;
  const recurrence = readRecurrence(event, start, timeZone, zones);
  const times = timesOf(event, start, timeZone, zones);
  const left = leftOf(event);
  const sample: SampleAppointment = {
    ...contentOf(event, start, timeZone, left, zones),
    ...times,
    timeZone,
    allDay: start.dateOnly,
    recurrence,
  };
  const uid = textOf(first(event, "UID"));
  if (uid !== "") sample.uid = uid;
  if (!recurrence || overrides.length === 0) return { sample, left };
  recurrence.modified = overrides.map((each) => occurrenceOf(each, sample, zones));
  // A date that was cancelled and changed is there: no system holds it as both.
  const changed = new Set(recurrence.modified.map(({ originalStart }) => originalStart));
  const cancelled = recurrence.deleted?.filter((date) => !changed.has(date)) ?? [];
  if (cancelled.length > 0) recurrence.deleted = cancelled;
  else delete recurrence.deleted;
  return { sample, left };
}

function occurrenceOf(override: Component, series: SampleAppointment, zones: Zones): SampleOccurrence {
  const id = first(override, "RECURRENCE-ID");
  const line = first(override, "DTSTART");
  if (!id || !line) throw new Broken("a changed occurrence without its start");
  const slot = readMoment(id, zones);
  const start = readMoment(line, zones);
  const { subject, body, location, busy, reminderMinutes } = contentOf(
    override,
    start,
    series.timeZone,
    [],
    zones,
  );
  const changed: SampleOccurrence = {
    originalStart: slot.dateOnly
      ? `${slot.local.slice(0, 10)}${series.start.slice(10)}`
      : inZone(slot, series.timeZone),
    ...timesOf(override, start, series.timeZone, zones),
  };
  if (subject !== series.subject) changed.subject = subject;
  if (body !== series.body) changed.body = body;
  if (location !== series.location) changed.location = location;
  if (busy !== series.busy) changed.busy = busy;
  if (reminderMinutes !== series.reminderMinutes) changed.reminderMinutes = reminderMinutes;
  return changed;
}

function timesOf(
  event: Component,
  start: Moment,
  zone: string,
  zones: Zones,
): Pick<SampleAppointment, "start" | "end"> {
  const from = inZone(start, zone);
  const ended = first(event, "DTEND");
  const lasting = first(event, "DURATION");
  let end = start.dateOnly ? plus(from, { days: 1 }) : from;
  if (ended) end = inZone(readMoment(ended, zones), zone);
  else if (lasting) end = plus(from, readDuration(lasting.value));
  if (end < from) throw new Broken("an event that ends before it starts");
  if (!start.dateOnly) return { start: from, end };
  const day = `${end.slice(0, 10)}T00:00:00`;
  return { start: from, end: day > from ? day : plus(from, { days: 1 }) };
}

type Content = Pick<
  SampleAppointment,
  "subject" | "body" | "location" | "busy" | "private" | "reminderMinutes"
> &
  Partial<Pick<SampleAppointment, "categories" | "importance" | "attendees">>;

function contentOf(event: Component, start: Moment, zone: string, left: string[], zones: Zones): Content {
  const cut = (name: string, limit: number): string => {
    const said = textOf(first(event, name)).replace(/\s+/g, " ").trim();
    if (said.length > limit) left.push(`${name} beyond ${limit} characters`);
    return said.slice(0, limit).toWellFormed();
  };
  const attendees = all(event, "ATTENDEE")
    .map((line) => line.value.trim().replace(/^mailto:/i, ""))
    .filter((address) => /^[^\s@<>"]+@[^\s@<>"]+$/.test(address));
  const categories = categoriesOf(event);
  const importance = importanceOf(event);
  return {
    subject: cut("SUMMARY", SUBJECT_LIMIT),
    body: textOf(first(event, "DESCRIPTION")).trim(),
    location: cut("LOCATION", LOCATION_LIMIT),
    busy: busyOf(event),
    private: isPrivate(event),
    reminderMinutes: reminderOf(event, inZone(start, zone), zone, left, zones),
    ...(categories.length > 0 ? { categories } : {}),
    ...(importance === "normal" ? {} : { importance }),
    ...(attendees.length > 0 ? { attendees: [...new Set(attendees)] } : {}),
  };
}

function busyOf(event: Component): SampleAppointment["busy"] {
  const said = first(event, "X-MICROSOFT-CDO-BUSYSTATUS")?.value.trim().toUpperCase();
  if (said === "FREE" || said === "TENTATIVE" || said === "OOF") return said.toLowerCase() as "free";
  if (said === "WORKINGELSEWHERE") return "elsewhere";
  if (first(event, "TRANSP")?.value.trim().toUpperCase() === "TRANSPARENT") return "free";
  return first(event, "STATUS")?.value.trim().toUpperCase() === "TENTATIVE" ? "tentative" : "busy";
}

export const isPrivate = (component: Component): boolean =>
  /^(PRIVATE|CONFIDENTIAL)$/i.test(first(component, "CLASS")?.value.trim() ?? "");

export function categoriesOf(component: Component): string[] {
  const named = all(component, "CATEGORIES").flatMap((line) => partsOf(line.value, ","));
  return [...new Set(named.filter((name) => name !== ""))];
}

/** PRIORITY 1–4 is high, 6–9 low (RFC 5545, 3.8.1.9). */
export function importanceOf(component: Component): "low" | "normal" | "high" {
  const said = Number(first(component, "PRIORITY")?.value ?? "0");
  if (said >= 1 && said <= 4) return "high";
  return said >= 6 && said <= 9 ? "low" : "normal";
}

/** Minutes before the start of the first alarm that rings before it; all others are left. */
function reminderOf(
  event: Component,
  start: string,
  zone: string,
  left: string[],
  zones: Zones,
): number | null {
  const alarms = event.components.filter((each) => each.name === "VALARM");
  const minutes = alarms.flatMap((alarm) => {
    const trigger = first(alarm, "TRIGGER");
    if (!trigger || trigger.params.get("RELATED")?.[0]?.toUpperCase() === "END") return [];
    try {
      const before = /^[+-]?P/i.test(trigger.value.trim())
        ? readDuration(trigger.value)
        : difference(start, inZone(readMoment(trigger, zones), zone));
      const lead = Math.round(-(before.days * 1440 + before.minutes));
      return lead >= 0 ? [lead] : [];
    } catch {
      return [];
    }
  });
  if (alarms.length > Math.min(1, minutes.length)) left.push("VALARM");
  return minutes[0] ?? null;
}

function difference(from: string, to: string): { days: number; minutes: number } {
  const utc = (local: string): number => DateTime.fromISO(local, { zone: "utc" }).toMillis();
  return { days: 0, minutes: (utc(to) - utc(from)) / 60_000 };
}

/** Properties with a meaning of their own that neither system has a place for. */
function leftOf(event: Component): string[] {
  const named = ["ATTACH", "GEO", "URL", "CONFERENCE", "RELATED-TO", "COMMENT", "CONTACT", "RESOURCES"];
  return [...leftOfRecurrence(event), ...named.filter((name) => first(event, name))];
}
