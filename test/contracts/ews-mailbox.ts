import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { DateTime } from "luxon";
import { createEwsContactStore } from "../../connectors/ews/contacts.ts";
import { createEwsStore } from "../../connectors/ews/store.ts";
import { createEwsTaskStore } from "../../connectors/ews/tasks.ts";
import type { Account, ItemStore } from "../../connectors/contract.ts";
import type { Appointment, RecurrenceRule } from "../../core/items/appointment.ts";
import type { Contact } from "../../core/items/contact.ts";
import type { Task } from "../../core/items/task.ts";
import type { Person, SampleAppointment, SampleRecurrence, SampleStore } from "../../sandbox/context.ts";
import { createExchange } from "../../sandbox/exchange/index.ts";
import {
  blankContact,
  blankTask,
  type SampleAddress,
  type SampleContact,
  type SamplePhone,
  type SampleTask,
} from "../../sandbox/samples.ts";
import { startSandbox, type Sandbox } from "../../sandbox/server.ts";
import { samplePerson, sampleTenant } from "../../sandbox/testing/people.ts";

/** A mailbox on a sandbox of its own, the store that reads it, and the ways past that store. */
export interface EwsMailbox {
  sandbox: Sandbox;
  person: Person;
  /** What the person does in Outlook. */
  samples: SampleStore;
  store: ItemStore & Account;
  tasks: ItemStore<Task> & Account;
  contacts: ItemStore<Contact> & Account;
  /** What another EWS client does: the child of the SOAP body, and the answer's text. */
  soap(body: string): Promise<string>;
  /** Messages held against Microsoft's schema, by the sandbox. */
  counters(): Record<string, unknown>;
  close(): Promise<void>;
}

export async function openMailbox(options: { timeoutMs?: number } = {}): Promise<EwsMailbox> {
  const dataDir = await mkdtemp(join(tmpdir(), "everlink-ews-"));
  const sandbox = await startSandbox({ dataDir, port: 0, seed: false, systems: [createExchange] });
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(sandbox.caFile, "utf8")]);
  const person = samplePerson(1);
  sandbox.context.directory.saveTenant(sampleTenant);
  sandbox.context.directory.save(person);
  const exchange = sandbox.systems[0];
  exchange?.admit?.(person);
  const samples = exchange?.samples;
  if (!samples) throw new Error("the sandbox has no samples");
  const url = `${sandbox.origin}/EWS/Exchange.asmx`;
  const storeOptions = {
    url,
    mailboxAddress: person.address,
    basic: { user: person.address, password: person.password },
    userAgent: "Everlink test",
    timeZone: person.timeZone,
    identity: `entra/${person.tenant}/${person.objectId}`,
    ...options,
  };
  return {
    sandbox,
    person,
    samples,
    store: createEwsStore(storeOptions),
    tasks: createEwsTaskStore(storeOptions),
    contacts: createEwsContactStore(storeOptions),
    async soap(body) {
      const answer = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "text/xml; charset=utf-8",
          authorization: `Basic ${Buffer.from(`${person.address}:${person.password}`).toString("base64")}`,
        },
        body:
          `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="${types}" xmlns:m="${messages}">` +
          `<s:Header><t:RequestServerVersion Version="Exchange2016"/></s:Header><s:Body>${body}</s:Body></s:Envelope>`,
      });
      const text = await answer.text();
      if (!text.includes('ResponseClass="Success"')) throw new Error(text);
      return text;
    },
    counters: () => exchange?.counters?.() ?? {},
    async close() {
      await sandbox.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const types = "http://schemas.microsoft.com/exchange/services/2006/types";
const messages = "http://schemas.microsoft.com/exchange/services/2006/messages";

/** An appointment as the sandbox's samples tell it. */
export function sampleOf(patch: Appointment): SampleAppointment {
  return samplePatch(patch) as SampleAppointment;
}

const busy = {
  free: "free",
  tentative: "tentative",
  busy: "busy",
  "out-of-office": "oof",
  "working-elsewhere": "elsewhere",
} as const;

function sampleTimes(item: Pick<Appointment, "time" | "timeZone">): Partial<SampleAppointment> {
  const zone = item.timeZone ?? "Europe/Oslo";
  if (item.time.showWithoutTime) {
    return {
      allDay: true,
      start: `${item.time.start}T00:00:00`,
      end: `${item.time.end}T00:00:00`,
      timeZone: zone,
    };
  }
  const local = (at: string) => DateTime.fromISO(at, { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ss");
  return { allDay: false, start: local(item.time.start), end: local(item.time.end), timeZone: zone };
}

function sampleRecurrence(rule: RecurrenceRule): SampleRecurrence {
  return {
    frequency: rule.frequency,
    interval: rule.interval,
    end: rule.end,
    byDay: rule.byDay.map((day) => day.toUpperCase() as "MO"),
    ...(rule.nthOfPeriod === null ? {} : { position: rule.nthOfPeriod }),
    ...(rule.byMonthDay === null ? {} : { dayOfMonth: rule.byMonthDay }),
    ...(rule.byMonth === null ? {} : { month: rule.byMonth }),
  };
}

export function samplePatch(patch: Partial<Appointment>): Partial<SampleAppointment> {
  const {
    title,
    description,
    location,
    time,
    timeZone,
    freeBusyStatus,
    privacy,
    alertMinutes,
    recurrenceRule,
  } = patch;
  return {
    ...(title === undefined ? {} : { subject: title }),
    ...(description === undefined ? {} : { body: description }),
    ...(location === undefined ? {} : { location }),
    ...(time === undefined ? {} : sampleTimes({ time, timeZone: timeZone ?? null })),
    ...(freeBusyStatus === undefined ? {} : { busy: busy[freeBusyStatus] }),
    ...(privacy === undefined ? {} : { private: privacy === "private" }),
    ...(alertMinutes === undefined ? {} : { reminderMinutes: alertMinutes }),
    ...(recurrenceRule === undefined
      ? {}
      : { recurrence: recurrenceRule ? sampleRecurrence(recurrenceRule) : null }),
  };
}

const statuses = {
  "needs-action": "not-started",
  "in-process": "in-progress",
  completed: "completed",
  waiting: "waiting",
  deferred: "deferred",
} as const;

/** A task, or a change of one, as the sandbox's samples tell it. */
export function taskPatch(patch: Partial<Task>): Partial<SampleTask> {
  const { title, description, due, start, progress, priority, privacy, alert, category } = patch;
  return {
    ...(title === undefined ? {} : { subject: title }),
    ...(description === undefined ? {} : { body: description }),
    ...(due === undefined ? {} : { due }),
    ...(start === undefined ? {} : { start }),
    ...(progress === undefined
      ? {}
      : {
          status: statuses[progress.status],
          percentComplete: progress.percentComplete ?? 0,
          completedOn: progress.completedOn,
        }),
    ...(priority === undefined ? {} : { importance: priority }),
    ...(privacy === undefined ? {} : { private: privacy === "private" }),
    ...(alert === undefined ? {} : { reminderAt: alert }),
    ...(category === undefined ? {} : { categories: category === "" ? [] : [category] }),
  };
}

export function taskSample(item: Task): SampleTask {
  return { ...blankTask, ...taskPatch(item) };
}

const phones = [
  ["phones/office", "business"],
  ["phones/office2", "business"],
  ["phones/mobile", "mobile"],
  ["phones/home", "home"],
  ["phones/other", "other"],
  ["phones/fax", "businessFax"],
  ["phones/company", "company"],
] as const satisfies readonly [keyof Contact, SamplePhone["kind"]][];
const places = [
  ["addresses/work", "business"],
  ["addresses/home", "home"],
  ["addresses/other", "other"],
] as const satisfies readonly [keyof Contact, SampleAddress["kind"]][];

/** A contact as the samples tell it; they know no title before the name. */
export function contactSample(item: Contact): SampleContact {
  return {
    ...blankContact,
    givenName: item["name/given"],
    middleName: item["name/given2"],
    surname: item["name/surname"],
    companyName: item["organizations/company"],
    department: item["organizations/department"],
    jobTitle: item["titles/job"],
    emails: [item["emails/first"], item["emails/second"], item["emails/third"]],
    phones: phones.map(([field, kind]) => ({ kind, number: item[field] })),
    addresses: places.flatMap(([field, kind]) => {
      const address = item[field];
      if (address === null) return [];
      const { street, locality, region, postcode, country } = address;
      return [{ kind, street, city: locality, state: region, postalCode: postcode, country }];
    }),
    im: [item["onlineServices/im"]],
    webPage: item["links/homepage"],
    birthday: item["anniversaries/birth"],
    notes: item["notes/note"],
    categories: [item["keywords/category"]],
  };
}
