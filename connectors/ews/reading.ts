import {
  optional,
  readBody,
  readBoolean,
  readId,
  readInstant,
  readInteger,
  readStamp,
  required,
  UnreadableItem,
} from "./values.ts";
import { attribute, child, children, text, type Xml } from "./xml.ts";

/** A calendar item as Exchange tells it; what was not positively read is `null`, never a default. */
export interface EwsItem {
  id: string;
  changeKey: string;
  /** `Single`, `RecurringMaster`, `Occurrence`, `Exception`. */
  type: string;
  uid: string | null;
  /** Our stamp. */
  key: string | null;
  subject: string;
  /** As text. */
  body: string;
  location: string;
  /** UTC instants. */
  start: string;
  end: string;
  allDay: boolean;
  startTimeZone: EwsZone | null;
  /** `LegacyFreeBusyStatus`. */
  busy: string;
  sensitivity: string;
  /** Minutes before the start; `null` without a reminder. */
  reminder: number | null;
  /** `unreadable`: there is one, of a kind that this reading does not know. */
  recurrence: EwsRecurrence | "unreadable" | null;
  lastOccurrenceEnd: string | null;
  modifiedOccurrences: EwsOccurrence[];
  /** UTC instants of their starts, or their dates. */
  deletedOccurrences: string[];
  /** Changed and cancelled ones of which no more is told than that there are so many. */
  untoldOccurrences: number;
  /** Addresses as Exchange tells them; the same person may be among both. */
  attendees: string[];
  organizer: string | null;
  /** Somebody else's meeting request was received (`AppointmentState` bit 2, MS-OXOCAL 2.2.1.10). */
  received: boolean;
}

/** A changed occurrence as its series lists it. */
export interface EwsOccurrence {
  id: string;
  /** UTC instant at which the rule makes it start. */
  originalStart: string;
}

export interface EwsZone {
  /** Windows name, or whatever the creating client put there. */
  id: string;
  /** `Bias` of its periods, in minutes that local time is behind UTC. */
  biases: number[];
}

export type EwsPattern =
  | { kind: "Daily"; interval: number }
  | { kind: "Weekly"; interval: number; days: string[]; firstDay: string | null }
  | { kind: "AbsoluteMonthly"; interval: number; day: number }
  | { kind: "RelativeMonthly"; interval: number; day: string; index: string }
  | { kind: "AbsoluteYearly"; day: number; month: string }
  | { kind: "RelativeYearly"; day: string; index: string; month: string };

export type EwsRange =
  | { kind: "NoEnd"; start: string }
  | { kind: "EndDate"; start: string; end: string }
  | { kind: "Numbered"; start: string; count: number };

export interface EwsRecurrence {
  pattern: EwsPattern;
  range: EwsRange;
}

/**
 * Reads a `CalendarItem` that was asked for with `itemShape`. Exchange leaves out properties without a value, so
 * an absent text is an empty one; what every calendar item has must be there and be understood.
 *
 * @throws UnreadableItem
 */
export function readItem(item: Xml): EwsItem {
  if (item.localName !== "CalendarItem") throw new UnreadableItem("not a calendar item");
  const recurrence = child(item, "Recurrence");
  const type = required(item, "CalendarItemType");
  const organizer = child(item, "Organizer");
  return {
    ...readId(item),
    type,
    uid: optional(item, "UID"),
    key: readStamp(item),
    subject: text(child(item, "Subject")),
    body: readBody(item),
    location: text(child(item, "Location")),
    start: readInstant(required(item, "Start")),
    end: readInstant(required(item, "End")),
    allDay: readBoolean(optional(item, "IsAllDayEvent") ?? "false"),
    startTimeZone: readZone(child(item, "StartTimeZone")),
    busy: required(item, "LegacyFreeBusyStatus"),
    sensitivity: required(item, "Sensitivity"),
    reminder: readReminder(item),
    recurrence: recurrence
      ? (readRecurrence(recurrence) ?? "unreadable")
      : type === "RecurringMaster"
        ? "unreadable"
        : null,
    lastOccurrenceEnd: readLastOccurrence(item),
    modifiedOccurrences: listOf(item, "ModifiedOccurrences").map((occurrence) => ({
      id: readId(occurrence).id,
      originalStart: readInstant(required(occurrence, "OriginalStart")),
    })),
    deletedOccurrences: listOf(item, "DeletedOccurrences").map((occurrence) =>
      readInstant(required(occurrence, "Start")),
    ),
    untoldOccurrences: 0,
    attendees: ["RequiredAttendees", "OptionalAttendees", "Resources"].flatMap((name) =>
      addresses(item, name),
    ),
    organizer: organizer ? addressOf(organizer) : null,
    received: readReceived(item),
  };
}

function readReminder(item: Xml): number | null {
  if (!readBoolean(optional(item, "ReminderIsSet") ?? "false")) return null;
  const minutes = readInteger(optional(item, "ReminderMinutesBeforeStart"));
  if (minutes === undefined) throw new UnreadableItem("ReminderMinutesBeforeStart");
  return minutes;
}

function readZone(zone: Xml | undefined): EwsZone | null {
  const id = zone && attribute(zone, "Id");
  if (!zone || !id) return null;
  const periods = child(zone, "Periods");
  const biases = periods
    ? children(periods, "Period").map((period) => minutes(attribute(period, "Bias")))
    : [];
  return { id, biases: [...new Set(biases.filter((bias) => bias !== undefined))] };
}

/** xs:duration without years and months, `-PT1H30M`, in minutes. */
function minutes(duration: string | undefined): number | undefined {
  const match = /^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:[\d.]+S)?)?$/u.exec(duration ?? "");
  if (!match) return undefined;
  const [, sign, days = "0", hours = "0", mins = "0"] = match;
  const total = Number(days) * 1440 + Number(hours) * 60 + Number(mins);
  return sign === "-" ? 0 - total : total;
}

function readLastOccurrence(item: Xml): string | null {
  const last = child(item, "LastOccurrence");
  const end = last && child(last, "End");
  return end ? readInstant(text(end).trim()) : null;
}

function listOf(item: Xml, name: string): Xml[] {
  const list = child(item, name);
  return list ? children(list) : [];
}

function addresses(item: Xml, name: string): string[] {
  const list = child(item, name);
  return list ? children(list, "Attendee").map(addressOf) : [];
}

/** A person without an address still is another person: the name counts then. */
function addressOf(party: Xml): string {
  const mailbox = child(party, "Mailbox");
  if (!mailbox) return "";
  return (optional(mailbox, "EmailAddress") ?? optional(mailbox, "Name") ?? "").toLowerCase();
}

function readReceived(item: Xml): boolean {
  const state = readInteger(optional(item, "AppointmentState"));
  if (state !== undefined) return (state & 2) !== 0;
  const mine = optional(item, "MyResponseType") ?? "Unknown";
  return !["Unknown", "Organizer"].includes(mine);
}

function readRecurrence(recurrence: Xml): EwsRecurrence | undefined {
  const elements = children(recurrence);
  const pattern = elements.map(readPattern).find((found) => found !== undefined);
  const range = elements.map(readRange).find((found) => found !== undefined);
  return pattern && range && { pattern, range };
}

function readPattern(element: Xml): EwsPattern | undefined {
  const interval = readInteger(optional(element, "Interval"));
  const day = readInteger(optional(element, "DayOfMonth"));
  const days = optional(element, "DaysOfWeek");
  const index = optional(element, "DayOfWeekIndex");
  const month = optional(element, "Month");
  switch (element.localName ?? "") {
    case "DailyRecurrence":
      return interval === undefined ? undefined : { kind: "Daily", interval };
    case "WeeklyRecurrence": {
      if (interval === undefined || !days) return undefined;
      return {
        kind: "Weekly",
        interval,
        days: days.split(/\s+/u),
        firstDay: optional(element, "FirstDayOfWeek"),
      };
    }
    case "AbsoluteMonthlyRecurrence":
      return interval === undefined || day === undefined
        ? undefined
        : { kind: "AbsoluteMonthly", interval, day };
    case "RelativeMonthlyRecurrence":
      return interval === undefined || !days || !index
        ? undefined
        : { kind: "RelativeMonthly", interval, day: days, index };
    case "AbsoluteYearlyRecurrence":
      return day === undefined || !month ? undefined : { kind: "AbsoluteYearly", day, month };
    case "RelativeYearlyRecurrence":
      return !days || !index || !month ? undefined : { kind: "RelativeYearly", day: days, index, month };
    default:
      return undefined;
  }
}

function readRange(element: Xml): EwsRange | undefined {
  const start = dateOf(optional(element, "StartDate"));
  if (start === undefined) return undefined;
  switch (element.localName ?? "") {
    case "NoEndRecurrence":
      return { kind: "NoEnd", start };
    case "EndDateRecurrence": {
      const end = dateOf(optional(element, "EndDate"));
      return end === undefined ? undefined : { kind: "EndDate", start, end };
    }
    case "NumberedRecurrence": {
      const count = readInteger(optional(element, "NumberOfOccurrences"));
      return count === undefined ? undefined : { kind: "Numbered", start, count };
    }
    default:
      return undefined;
  }
}

/** `2026-03-02`, whatever zone the server hangs behind it: a date of a series belongs to the series' zone. */
function dateOf(value: string | null): string | undefined {
  return value?.match(/^\d{4}-\d{2}-\d{2}/u)?.[0];
}
