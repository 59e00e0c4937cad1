import type {
  Person,
  SampleAppointment,
  SampleContact,
  SampleRecurrence,
  SampleStore,
  SampleTask,
} from "../context.ts";
import { bodyAs, bodyToStore } from "./bodies.ts";
import { EwsError } from "./errors.ts";
import { formatId, parseId } from "./ids.ts";
import type { CalendarData, ItemData, ItemKind, StoredItem } from "./model.ts";
import { readSampleRule, writeSampleRule } from "./sample-recurrence.ts";
import { alignToFirstSlot, dropStaleExceptions } from "./series.ts";
import type { Server } from "./server.ts";
import type { Mailbox } from "./store.ts";
import {
  ianaToWindows,
  MINUTE,
  toLocal,
  toUtc,
  windowsToIana,
  zoneOf,
  type ZoneReference,
} from "./timezones.ts";
import { children, child, childText, el, type Xml } from "./xml.ts";
import { newUid } from "./writers/draft.ts";

const busyNames = {
  free: "Free",
  tentative: "Tentative",
  busy: "Busy",
  oof: "OOF",
  elsewhere: "WorkingElsewhere",
} as const;

/** Items for the seed and for `/control/edit`: they come into being as if the person had made them in Outlook. */
export function createSamples(server: Server): SampleStore {
  const { context, items, folders } = server;

  function mailboxOf(person: Person): Mailbox {
    return folders.admit(person.objectId);
  }

  function idOf(mailbox: Mailbox, row: number): string {
    return formatId({ mailbox: mailbox.owner, replica: mailbox.replica, kind: "item", row });
  }

  function insert(person: Person, folder: string, kind: ItemKind, data: ItemData): string {
    return context.transaction(() => {
      const mailbox = mailboxOf(person);
      const target = folders.distinguished(mailbox.owner, folder);
      if (!target) throw new EwsError("ErrorFolderNotFound");
      return idOf(mailbox, items.insert(mailbox.owner, target.row, kind, data).row);
    });
  }

  function find(person: Person, id: string): StoredItem {
    const item = items.item(parseId(id).row);
    if (!item || item.mailbox !== person.objectId) throw new EwsError("ErrorItemNotFound");
    return item;
  }

  const now = (): number => context.clock.now().getTime();

  return {
    put: (person, sample) => insert(person, "calendar", "CalendarItem", appointmentData(sample, now())),
    change(person, id, sample) {
      context.transaction(() => {
        const item = find(person, id);
        const next = appointmentData(
          { ...readAppointment(item, person, server.switches.now.reminderByDefault), ...sample },
          now(),
        );
        const own = new Set(Object.keys(next.values));
        const kept = Object.entries(item.data.values).filter(
          ([name]) => !own.has(name) && !sampleValues.has(name),
        );
        next.values = { ...Object.fromEntries(kept), ...next.values };
        if (sample.body === undefined && item.data.body) next.body = item.data.body;
        item.data = {
          ...next,
          created: item.data.created,
          itemClass: item.data.itemClass,
          extended: item.data.extended,
          ...(item.data.graph ? { graph: item.data.graph } : {}),
        };
        items.update(item);
      });
    },
    remove: (person, id) => context.transaction(() => items.remove(find(person, id))),
    list(person) {
      const mailbox = mailboxOf(person);
      const calendar = folders.distinguished(mailbox.owner, "calendar");
      const found = calendar ? items.itemsIn(calendar.row) : [];
      return found.map((item) => ({
        ...readAppointment(item, person, server.switches.now.reminderByDefault),
        id: idOf(mailbox, item.row),
        startsAt: new Date(item.data.calendar?.start ?? 0).toISOString(),
        endsAt: new Date(item.data.calendar?.end ?? 0).toISOString(),
      }));
    },
    putTask: (person, sample) => insert(person, "tasks", "Task", taskData(sample, now())),
    putContact: (person, sample) => insert(person, "contacts", "Contact", contactData(sample, now())),
  };
}

/** Properties that a sample decides wholly: left out of it means none. */
const sampleValues = new Set(["Location", "Sensitivity", "ReminderMinutesBeforeStart", "RequiredAttendees"]);

function values(entries: (Xml | undefined)[]): Record<string, Xml> {
  const present = entries.filter((entry) => entry !== undefined);
  return Object.fromEntries(present.map((entry) => [entry.name, entry]));
}

function appointmentData(sample: SampleAppointment, now: number): ItemData {
  const zoneReference: ZoneReference = { id: ianaToWindows(sample.timeZone) };
  const zone = zoneOf(zoneReference);
  const instant = (local: string): number => toUtc(zone, Date.parse(`${local}Z`));
  const calendar: CalendarData = {
    uid: sample.uid ?? newUid(now),
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
  if (sample.recurrence) addRecurrence(calendar, sample.recurrence, sample.start.slice(0, 10), instant, now);
  const reminder = sample.reminderMinutes;
  return {
    itemClass: "IPM.Appointment",
    created: now,
    modified: now,
    body: bodyToStore("Text", sample.body),
    extended: [],
    calendar,
    values: values([
      el("Subject", sample.subject),
      sample.location === "" ? undefined : el("Location", sample.location),
      el("LegacyFreeBusyStatus", busyNames[sample.busy]),
      sample.private ? el("Sensitivity", "Private") : undefined,
      el("ReminderIsSet", String(reminder !== null)),
      reminder === null ? undefined : el("ReminderMinutesBeforeStart", String(reminder)),
      attendeeList(sample.attendees ?? []),
    ]),
  };
}

function attendeeList(addresses: string[]): Xml | undefined {
  if (addresses.length === 0) return undefined;
  return el(
    "RequiredAttendees",
    addresses.map((address) => el("Attendee", [el("Mailbox", [el("EmailAddress", address)])])),
  );
}

function addRecurrence(
  calendar: CalendarData,
  recurrence: SampleRecurrence,
  firstDay: string,
  instant: (local: string) => number,
  now: number,
): void {
  const length = calendar.end - calendar.start;
  calendar.rule = readSampleRule(recurrence, firstDay);
  alignToFirstSlot(calendar);
  calendar.deleted = (recurrence.deleted ?? []).map(instant);
  calendar.exceptions = (recurrence.modified ?? []).map((modified) => {
    const originalStart = instant(modified.originalStart);
    const start = modified.start === undefined ? originalStart : instant(modified.start);
    return {
      originalStart,
      start,
      end: modified.end === undefined ? start + length : instant(modified.end),
      allDay: calendar.allDay,
      modified: now,
      values: modified.subject === undefined ? {} : { Subject: el("Subject", modified.subject) },
      extended: [],
    };
  });
  dropStaleExceptions(calendar);
}

function readAppointment(item: StoredItem, person: Person, reminderByDefault: boolean): SampleAppointment {
  const { data } = item;
  const calendar = data.calendar as CalendarData;
  const zone = zoneOf(calendar.startZone);
  const local = (utc: number): string => new Date(toLocal(zone, utc)).toISOString().slice(0, 19);
  const text = (name: string): string => data.values[name]?.text ?? "";
  const busy =
    Object.entries(busyNames).find(([, name]) => name === text("LegacyFreeBusyStatus"))?.[0] ?? "busy";
  const reminds = ["true", "1"].includes(text("ReminderIsSet") || String(reminderByDefault));
  const sample: SampleAppointment = {
    subject: text("Subject"),
    body: bodyAs(data.body, "Text").content.replace(/\r\n/g, "\n"),
    location: text("Location"),
    start: local(calendar.start),
    end: local(calendar.end),
    timeZone: zoneName(calendar.startZone, person),
    allDay: calendar.allDay,
    busy: busy as SampleAppointment["busy"],
    private: text("Sensitivity") === "Private",
    reminderMinutes: reminds ? Number(text("ReminderMinutesBeforeStart") || "15") : null,
    recurrence: calendar.rule ? writeSampleRule(calendar, local) : null,
    uid: calendar.uid,
  };
  const attendees = children(data.values["RequiredAttendees"]);
  if (attendees.length > 0) {
    sample.attendees = attendees.map(
      (attendee) => childText(child(attendee, "Mailbox"), "EmailAddress") ?? "",
    );
  }
  return sample;
}

/** Windows names stand for many IANA zones: the person's own where it fits, else the best known. */
function zoneName(reference: ZoneReference, person: Person): string {
  if (reference.id !== "UTC" && ianaToWindows(person.timeZone) === reference.id) return person.timeZone;
  return reference.id === "UTC" ? "Etc/UTC" : (windowsToIana(reference.id) ?? "Etc/UTC");
}

const importanceNames = { low: "Low", normal: "Normal", high: "High" } as const;

function taskData(sample: SampleTask, now: number): ItemData {
  const { percentComplete: percent, start, due } = sample;
  const day = (text: string): string => `${text.slice(0, 10)}T00:00:00Z`;
  const status = percent >= 100 ? "Completed" : percent > 0 ? "InProgress" : "NotStarted";
  return {
    itemClass: "IPM.Task",
    created: now,
    modified: now,
    body: bodyToStore("Text", sample.body),
    extended: [],
    values: values([
      el("Subject", sample.subject),
      el("Importance", importanceNames[sample.importance]),
      start === null ? undefined : el("StartDate", day(start)),
      due === null ? undefined : el("DueDate", day(due)),
      el("PercentComplete", String(percent)),
      el("Status", status),
      status === "Completed"
        ? el("CompleteDate", day(new Date(now - (now % (24 * 60 * MINUTE))).toISOString()))
        : undefined,
    ]),
  };
}

const phoneKeys = {
  business: ["BusinessPhone", "BusinessPhone2"],
  mobile: ["MobilePhone", "OtherTelephone"],
  home: ["HomePhone", "HomePhone2"],
} as const;

function contactData(sample: SampleContact, now: number): ItemData {
  const emails = sample.emails
    .slice(0, 3)
    .map((email, at) => el("Entry", email, { Key: `EmailAddress${at + 1}` }));
  const used = { business: 0, mobile: 0, home: 0 };
  const phones = sample.phones.flatMap(({ kind, number }) => {
    const key = phoneKeys[kind][used[kind]++];
    return key === undefined ? [] : [el("Entry", number, { Key: key })];
  });
  const named = (name: string, text: string): Xml | undefined => (text === "" ? undefined : el(name, text));
  return {
    itemClass: "IPM.Contact",
    created: now,
    modified: now,
    extended: [],
    values: values([
      named("Subject", sample.displayName),
      named("DisplayName", sample.displayName),
      named("GivenName", sample.givenName),
      named("Surname", sample.surname),
      named("CompanyName", sample.companyName),
      named("JobTitle", sample.jobTitle),
      emails.length > 0 ? el("EmailAddresses", emails) : undefined,
      phones.length > 0 ? el("PhoneNumbers", phones) : undefined,
    ]),
  };
}
