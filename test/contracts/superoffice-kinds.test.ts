import type { Contact, ContactAddress } from "../../core/items/contact.ts";
import type { Task } from "../../core/items/task.ts";
import {
  blankContact,
  blankTask,
  type SampleAddress,
  type SampleContact,
  type SamplePhone,
  type SampleTask,
} from "../../sandbox/samples.ts";
import { inAnyWeather } from "./bad-weather.ts";
import { contactExamples } from "./contacts.ts";
import { itemStoreContract } from "./item-store.suite.ts";
import type { StoreHarness } from "./store-in-use.ts";
import { openOffice, otherWay, person, scope, signal } from "./superoffice-sandbox.ts";
import { taskExamples } from "./tasks.ts";
import { sandboxWeather } from "./weather.ts";

const status = {
  "needs-action": "not-started",
  "in-process": "in-progress",
  completed: "completed",
  waiting: "waiting",
  deferred: "deferred",
} as const;

function sampleTask(patch: Partial<Task>): Partial<SampleTask> {
  const { title, description, due, start, progress, priority, privacy, alert, category } = patch;
  return {
    ...(title === undefined ? {} : { subject: title }),
    ...(description === undefined ? {} : { body: description }),
    ...(due === undefined ? {} : { due }),
    ...(start === undefined ? {} : { start }),
    ...(progress === undefined ? {} : { status: status[progress.status] }),
    ...(priority === undefined ? {} : { importance: priority }),
    ...(privacy === undefined ? {} : { private: privacy === "private" }),
    ...(alert === undefined ? {} : { reminderAt: alert }),
    ...(category === undefined ? {} : { categories: category === "" ? [] : [category] }),
  };
}

function tasks(switches: Record<string, unknown>): () => Promise<StoreHarness<Task>> {
  return async () => {
    const { sandbox, samples, tasks: store, client, close } = await openOffice(switches);
    const idOf = (ref: string) => ref.slice("task:".length);
    return {
      store,
      scope: { ...scope, kind: "task", container: "checklist" },
      outside: {
        // A person cannot ask the checklist for what it does not hold.
        put: async (item) => {
          const sample = sampleTask(store.capabilities.project(item));
          return `task:${samples.tasks.put(person, { ...blankTask, ...sample })}`;
        },
        change: async (ref, patch) => samples.tasks.change(person, idOf(ref), sampleTask(patch)),
        remove: async (ref) => samples.tasks.remove(person, idOf(ref)),
        mailsSent: async () => sandbox.context.attendeeMails.count(),
        unmapped: {
          set: async (ref, value) => {
            const body = { Agenda: value, Location: value };
            await client.call({ method: "PATCH", path: `Appointment/${idOf(ref)}`, body, signal });
          },
          read: async (ref) => {
            const { value } = await client.call({ method: "GET", path: `Appointment/${idOf(ref)}`, signal });
            const { Agenda, Location } = value as Record<string, string>;
            return Agenda === Location ? Agenda : undefined;
          },
        },
      },
      weather: () => sandboxWeather(sandbox.rules, "superoffice", 0.05),
      close,
    };
  };
}

function sampleContact(item: Contact): SampleContact {
  const phone = (kind: SamplePhone["kind"], number: string) => (number === "" ? [] : [{ kind, number }]);
  const place = (kind: SampleAddress["kind"], address: ContactAddress | null) => {
    if (address === null) return [];
    const { street, locality: city, region: state, postcode: postalCode, country } = address;
    return [{ kind, street, city, state, postalCode, country }];
  };
  return {
    ...blankContact,
    givenName: item["name/given"],
    middleName: item["name/given2"],
    surname: item["name/surname"],
    companyName: item["organizations/company"],
    department: item["organizations/department"],
    jobTitle: item["titles/job"],
    birthday: item["anniversaries/birth"],
    emails: [item["emails/first"], item["emails/second"], item["emails/third"]].filter(Boolean),
    phones: [
      ...phone("business", item["phones/office"]),
      ...phone("business", item["phones/office2"]),
      ...phone("mobile", item["phones/mobile"]),
      ...phone("home", item["phones/home"]),
      ...phone("other", item["phones/other"]),
      ...phone("businessFax", item["phones/fax"]),
    ],
    addresses: [...place("business", item["addresses/work"]), ...place("home", item["addresses/home"])],
    webPage: item["links/homepage"],
    notes: item["notes/note"],
  };
}

function contacts(switches: Record<string, unknown>): () => Promise<StoreHarness<Contact>> {
  return async () => {
    const { sandbox, samples, contacts: store, client, close } = await openOffice(switches);
    // The selection is there before anybody is in it.
    const first = samples.contacts.put(person, { ...blankContact, surname: "First" });
    samples.contacts.remove(person, first);
    const idOf = (ref: string) => ref.slice("person:".length);
    const patch = (ref: string, body: Record<string, unknown>) =>
      client.call({
        method: "PATCH",
        path: `Person/${idOf(ref)}`,
        body,
        contentType: "application/merge-patch+json",
        signal,
      });
    return {
      store,
      scope: { ...scope, kind: "contact", container: "persons" },
      outside: {
        put: async (item) => {
          const ref = `person:${samples.contacts.put(person, sampleContact(item))}`;
          // What the neutral items of the sandbox have no word for.
          const chat = item["onlineServices/im"];
          await patch(ref, { Mrmrs: item["name/title"], ChatEmails: chat === "" ? [] : [{ Value: chat }] });
          return ref;
        },
        change: async (ref, changes) =>
          samples.contacts.change(person, idOf(ref), { surname: changes["name/surname"] ?? "" }),
        remove: async (ref) => samples.contacts.remove(person, idOf(ref)),
        mailsSent: async () => sandbox.context.attendeeMails.count(),
        unmapped: {
          set: async (ref, value) => {
            await patch(ref, { PersonNumber: value, Salutation: value });
          },
          read: async (ref) => {
            const { value } = await client.call({ method: "GET", path: `Person/${idOf(ref)}`, signal });
            const { PersonNumber, Salutation } = value as Record<string, string>;
            return PersonNumber === Salutation ? PersonNumber : undefined;
          },
        },
      },
      weather: () => sandboxWeather(sandbox.rules, "superoffice", 0.05),
      close,
    };
  };
}

for (const [name, make] of inAnyWeather("SuperOffice: tasks", taskExamples.kind, tasks({})))
  itemStoreContract(name, taskExamples, make);
for (const [name, make] of inAnyWeather("SuperOffice: contacts", contactExamples.kind, contacts({})))
  itemStoreContract(name, contactExamples, make);
const other = "SuperOffice, everything undocumented the other way round";
itemStoreContract(`${other}: tasks`, taskExamples, tasks(otherWay));
itemStoreContract(`${other}: contacts`, contactExamples, contacts(otherWay));
