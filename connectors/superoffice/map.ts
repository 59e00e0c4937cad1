import type { Appointment, AppointmentPatch, RecurrenceRule } from "../../core/items/appointment.ts";
import { projectSeries } from "../../core/items/overrides.ts";
import type { Capabilities } from "../contract.ts";
import { happensOnce } from "./expand.ts";
import { canonicalRule, firstDay, inexpressible } from "./recurrence.ts";
import { clip, firstLine, lines, oneLine, textLength } from "./texts.ts";
import { instant, minutesSpan, moment, readTime, spanMinutes, writeTime } from "./time.ts";
import type { RowContent } from "./wire.ts";

/** `location` is String(254) (database/tables/appointment.md). */
const locationLength = 254;
/** `alarm` is an unsigned 16-bit number of minutes. */
const longestAlertMinutes = 65_535;

export const fieldSupport: Capabilities["fields"] = {
  title: "lossy",
  description: "lossy",
  location: "lossy",
  time: "lossy",
  timeZone: "none",
  freeBusyStatus: "lossy",
  privacy: "full",
  alertMinutes: "lossy",
  recurrenceRule: "lossy",
};

/**
 * One row as an appointment.
 *
 * `Title` came late: rows from before it may have a text alone, whose first line people see as the title.
 */
export function readRow(row: RowContent, recurrenceRule: RecurrenceRule | null, zone: string): Appointment {
  const description = lines(row.Description ?? "");
  return {
    title: oneLine(row.Title ?? "") || firstLine(description),
    description,
    location: oneLine(row.Location ?? ""),
    time: readTime(row, zone),
    timeZone: row.IsAlldayEvent ? null : zone,
    freeBusyStatus: row.IsFree ? "free" : "busy",
    // A group's appointment is not everybody's: of the two words, "private" shows less.
    privacy: row.Private === "Public" ? "public" : "private",
    alertMinutes: row.HasAlarm ? (spanMinutes(row.AlarmLeadTime ?? "") ?? 0) : null,
    recurrenceRule,
  };
}

/** The members of `AppointmentEntity` that a patch sets; the repetition is written elsewhere. */
export function writeFields(patch: AppointmentPatch, zone: string): Record<string, unknown> {
  return {
    ...(patch.title === undefined ? {} : { Title: clip(oneLine(patch.title), textLength) }),
    ...(patch.description === undefined ? {} : { Description: clip(lines(patch.description), textLength) }),
    ...(patch.location === undefined ? {} : { Location: clip(oneLine(patch.location), locationLength) }),
    ...(patch.time === undefined ? {} : writeTime(projectTime(patch.time), zone)),
    ...(patch.freeBusyStatus === undefined ? {} : { IsFree: patch.freeBusyStatus === "free" }),
    ...(patch.privacy === undefined
      ? {}
      : { Private: patch.privacy === "private" ? "PrivateUser" : "Public" }),
    ...(patch.alertMinutes === undefined ? {} : writeAlert(patch.alertMinutes)),
  };
}

function writeAlert(alertMinutes: number | null): Record<string, unknown> {
  const minutes = projectAlert(alertMinutes);
  // The lead time stays as it is when the alert goes: SuperOffice offers it again when a person switches it on.
  return minutes === null ? { HasAlarm: false } : { HasAlarm: true, AlarmLeadTime: minutesSpan(minutes) };
}

/** What a whole appointment becomes in SuperOffice (`Capabilities.project`). */
export function project(item: Appointment, zone: string): Appointment {
  return projectSeries(item, (single) => projectByRule(single, zone));
}

function projectByRule(item: Appointment, zone: string): Appointment {
  const description = clip(lines(item.description), textLength);
  const time = projectTime(item.time);
  return {
    title: clip(oneLine(item.title), textLength) || firstLine(description),
    description,
    location: clip(oneLine(item.location), locationLength),
    time,
    timeZone: time.showWithoutTime ? null : zone,
    freeBusyStatus: item.freeBusyStatus === "free" ? "free" : "busy",
    privacy: item.privacy,
    alertMinutes: projectAlert(item.alertMinutes),
    recurrenceRule: item.recurrenceRule && projectRule(item.recurrenceRule, firstDay(time, zone)),
  };
}

/** A rule that SuperOffice cannot hold is never written there, so nothing is gained by bending it. */
function projectRule(rule: RecurrenceRule, startDay: string): RecurrenceRule | null {
  const canonical = canonicalRule(rule, startDay);
  // What lacks only an end is written with one.
  if (rule.end.kind === "endless") return canonical;
  if (inexpressible(rule) !== undefined) return rule;
  return happensOnce(canonical, startDay) ? null : canonical;
}

function projectTime(time: Appointment["time"]): Appointment["time"] {
  if (time.showWithoutTime) return time;
  return { showWithoutTime: false, start: instant(moment(time.start)), end: instant(moment(time.end)) };
}

function projectAlert(minutes: number | null): number | null {
  return minutes === null ? null : Math.min(Math.max(Math.trunc(minutes), 0), longestAlertMinutes);
}
