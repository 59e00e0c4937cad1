import { readFileSync } from "node:fs";
import tls from "node:tls";
import { DateTime } from "luxon";
import { createGraphContactStore } from "../../connectors/graph/contacts.ts";
import { createGraphStore } from "../../connectors/graph/store.ts";
import type { Account, ItemStore } from "../../connectors/contract.ts";
import type { Appointment, RecurrenceRule } from "../../core/items/appointment.ts";
import type { Contact } from "../../core/items/contact.ts";
import { createGraphTaskStore } from "../../connectors/graph/tasks.ts";
import type { Task } from "../../core/items/task.ts";
import { startGraph, type Json, type TestGraph } from "../../sandbox/graph/testing/server.ts";
import { bearerOf } from "../../sandbox/testing/bearer.ts";

/** A mailbox on a sandbox of its own, the store that reads it, and the ways past that store. */
export interface GraphMailbox {
  test: TestGraph;
  store: ItemStore & Account;
  contacts: ItemStore<Contact> & Account;
  tasks: ItemStore<Task> & Account;
  /** What another Graph client of the person does: a success's body. */
  person(method: string, path: string, body?: unknown): Promise<Json>;
  close(): Promise<void>;
}

export async function openMailbox(options: { timeoutMs?: number } = {}): Promise<GraphMailbox> {
  const test = await startGraph();
  const { sandbox, person } = test;
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(sandbox.caFile, "utf8")]);
  const storeOptions = {
    url: sandbox.origin,
    mailboxAddress: person.address,
    token: async () => bearerOf(1).replace("Bearer ", ""),
    userAgent: "Everlink test",
    timeZone: person.timeZone,
    identity: `entra/${person.tenant}/${person.objectId}`,
    ...options,
  };
  return {
    test,
    store: createGraphStore(storeOptions),
    contacts: createGraphContactStore(storeOptions),
    tasks: createGraphTaskStore(storeOptions),
    async person(method, path, body) {
      const headers = { prefer: 'IdType="ImmutableId"' };
      const answer = await test.send(method, path, { headers, ...(body === undefined ? {} : { body }) });
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    close: () => test.close(),
  };
}

const busy = {
  free: "free",
  tentative: "tentative",
  busy: "busy",
  "out-of-office": "oof",
  "working-elsewhere": "workingElsewhere",
} as const;
const days = {
  mo: "monday",
  tu: "tuesday",
  we: "wednesday",
  th: "thursday",
  fr: "friday",
  sa: "saturday",
  su: "sunday",
};

/** An appointment, or a change of one, as a person's Graph client writes it: local times, IANA zones. */
export function eventOf(patch: Partial<Appointment>): Record<string, unknown> {
  const { title, description, location, time, freeBusyStatus, privacy, alertMinutes, recurrenceRule } = patch;
  const zone = patch.timeZone ?? "Europe/Oslo";
  return {
    ...(title === undefined ? {} : { subject: title }),
    ...(description === undefined ? {} : { body: { contentType: "text", content: description } }),
    ...(location === undefined ? {} : { location: { displayName: location } }),
    ...(time === undefined ? {} : timesOf(time, zone)),
    ...(freeBusyStatus === undefined ? {} : { showAs: busy[freeBusyStatus] }),
    ...(privacy === undefined ? {} : { sensitivity: privacy === "private" ? "private" : "normal" }),
    ...(alertMinutes === undefined
      ? {}
      : { isReminderOn: alertMinutes !== null, reminderMinutesBeforeStart: alertMinutes ?? 0 }),
    ...(recurrenceRule && time ? { recurrence: weeklyOf(recurrenceRule, time.start.slice(0, 10)) } : {}),
  };
}

function timesOf(time: Appointment["time"], zone: string): Record<string, unknown> {
  const local = (at: string) => ({
    dateTime: time.showWithoutTime
      ? `${at}T00:00:00`
      : DateTime.fromISO(at, { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ss"),
    timeZone: zone,
  });
  return { start: local(time.start), end: local(time.end), isAllDay: time.showWithoutTime };
}

function weeklyOf({ interval, byDay, end }: RecurrenceRule, startDate: string): Record<string, unknown> {
  return {
    pattern: {
      type: "weekly",
      interval,
      daysOfWeek: byDay.map((day) => days[day]),
      firstDayOfWeek: "monday",
    },
    range:
      end.kind === "count"
        ? { type: "numbered", startDate, numberOfOccurrences: end.count }
        : { type: "noEnd", startDate },
  };
}

const progress = {
  "needs-action": "notStarted",
  "in-process": "inProgress",
  completed: "completed",
  waiting: "waitingOnOthers",
  deferred: "deferred",
} as const;

/** A task, or a change of one, as a person's To Do writes it. */
export function todoOf(patch: Partial<Task>): Record<string, unknown> {
  const at = (day: string) => ({ dateTime: day.replace(/Z$/u, ""), timeZone: "UTC" });
  const day = (date: string | null) => date && at(`${date}T00:00:00`);
  const { title, description, due, start, priority, alert, category } = patch;
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { body: { contentType: "text", content: description } }),
    ...(due === undefined ? {} : { dueDateTime: day(due) }),
    ...(start === undefined ? {} : { startDateTime: day(start) }),
    ...(patch.progress === undefined
      ? {}
      : {
          status: progress[patch.progress.status],
          ...(patch.progress.completedOn === null
            ? {}
            : { completedDateTime: day(patch.progress.completedOn) }),
        }),
    ...(priority === undefined ? {} : { importance: priority }),
    ...(alert === undefined ? {} : { isReminderOn: alert !== null }),
    ...(alert ? { reminderDateTime: at(alert) } : {}),
    ...(category === undefined ? {} : { categories: category === "" ? [] : [category] }),
  };
}

const addressMembers = [
  ["addresses/work", "businessAddress"],
  ["addresses/home", "homeAddress"],
  ["addresses/other", "otherAddress"],
] as const;
const contactMembers = [
  ["name/title", "title"],
  ["name/given", "givenName"],
  ["name/given2", "middleName"],
  ["name/surname", "surname"],
  ["organizations/company", "companyName"],
  ["organizations/department", "department"],
  ["titles/job", "jobTitle"],
  ["phones/mobile", "mobilePhone"],
  ["links/homepage", "businessHomePage"],
  ["notes/note", "personalNotes"],
] as const;

/** A contact as a person's Graph client writes it; of a change, the members that stand alone. */
export function personOf(patch: Partial<Contact>, lists: boolean): Record<string, unknown> {
  const texts = (...fields: (keyof Contact)[]) => fields.map((field) => patch[field]).filter(Boolean);
  return {
    ...Object.fromEntries(
      contactMembers.flatMap(([field, member]) =>
        patch[field] === undefined ? [] : [[member, patch[field]]],
      ),
    ),
    ...Object.fromEntries(
      addressMembers.flatMap(([field, member]) => {
        const address = patch[field];
        if (!address) return [];
        const { street, locality, region, postcode, country } = address;
        const parts = {
          street,
          city: locality,
          state: region,
          postalCode: postcode,
          countryOrRegion: country,
        };
        return [[member, parts]];
      }),
    ),
    ...(patch["anniversaries/birth"] ? { birthday: `${patch["anniversaries/birth"]}T11:59:00Z` } : {}),
    ...(lists
      ? {
          emailAddresses: texts("emails/first", "emails/second", "emails/third").map((address) => ({
            address,
            name: "By hand",
          })),
          businessPhones: texts("phones/office", "phones/office2"),
          homePhones: texts("phones/home"),
          imAddresses: texts("onlineServices/im"),
          categories: texts("keywords/category"),
        }
      : {}),
  };
}
