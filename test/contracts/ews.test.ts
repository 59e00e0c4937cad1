import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { stamp } from "../../connectors/ews/values.ts";
import { createEwsStore } from "../../connectors/ews/store.ts";
import type { Changes, Scope } from "../../connectors/contract.ts";
import { Failure } from "../../core/errors/failure.ts";
import type { Contact } from "../../core/items/contact.ts";
import type { Task } from "../../core/items/task.ts";
import type { FaultEffect } from "../../sandbox/context.ts";
import { appointment, appointmentExamples } from "./appointments.ts";
import { inAnyWeather } from "./bad-weather.ts";
import { contactExamples } from "./contacts.ts";
import {
  contactSample,
  openMailbox,
  sampleOf,
  samplePatch,
  taskPatch,
  taskSample,
  type EwsMailbox,
} from "./ews-mailbox.ts";
import { itemStoreContract } from "./item-store.suite.ts";
import { recurrenceContract, type RecurrenceHarness } from "./recurrence.suite.ts";
import type { StoreHarness } from "./store-in-use.ts";
import { taskExamples } from "./tasks.ts";
import { sandboxWeather } from "./weather.ts";

const scope: Scope = {
  kind: "appointment",
  container: "calendar",
  window: { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" },
};
const signal = new AbortController().signal;

/** What every harness here does besides its own kind's ways past the store. */
async function opened(element: string) {
  const mailbox = await openMailbox();
  const { sandbox, soap } = mailbox;
  const invitations = element === "CalendarItem" ? ' SendMeetingInvitationsOrCancellations="SendToNone"' : "";
  return {
    ...mailbox,
    /** Makes an item that carries another one's stamp. */
    async copyOf(key: string | null | undefined, folder: string, before: string, after = "") {
      const answer = await soap(
        `<m:CreateItem${element === "CalendarItem" ? ' SendMeetingInvitations="SendToNone"' : ""}>` +
          `<m:SavedItemFolderId><t:DistinguishedFolderId Id="${folder}"/></m:SavedItemFolderId><m:Items>` +
          `<t:${element}>${before}<t:ExtendedProperty><t:ExtendedFieldURI PropertySetId="${stamp.propertySetId}" ` +
          `PropertyName="${stamp.name}" PropertyType="String"/><t:Value>${key}</t:Value></t:ExtendedProperty>` +
          `${after}</t:${element}></m:Items></m:CreateItem>`,
      );
      return /ItemId Id="([^"]+)"/u.exec(answer)?.[1] ?? "";
    },
    /** Sets properties, named by their address. */
    async set(id: string, properties: Record<string, string>) {
      const updates = Object.entries(properties).map(
        ([uri, xml]) =>
          `<t:SetItemField><t:FieldURI FieldURI="${uri}"/><t:${element}>${xml}</t:${element}></t:SetItemField>`,
      );
      await soap(
        `<m:UpdateItem ConflictResolution="AlwaysOverwrite"${invitations}><m:ItemChanges><t:ItemChange>${id}` +
          `<t:Updates>${updates.join("")}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
      );
    },
    async read(ref: string, ...uris: string[]) {
      const fields = uris.map((uri) => `<t:FieldURI FieldURI="${uri}"/>`).join("");
      return soap(
        `<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>${fields}` +
          `</t:AdditionalProperties></m:ItemShape><m:ItemIds><t:ItemId Id="${ref}"/></m:ItemIds></m:GetItem>`,
      );
    },
    async forgetCursors() {
      const effect = { kind: "ewsFault", code: "ErrorInvalidSyncStateData" } as const;
      sandbox.rules.add({ system: "exchange", operation: "SyncFolderItems", effect, times: 1 });
    },
    mailsSent: async () => sandbox.context.attendeeMails.count(),
    weather: () => sandboxWeather(sandbox.rules, "exchange"),
    async close() {
      const counters = mailbox.counters();
      await mailbox.close();
      expect(counters).toMatchObject({ requestsInvalid: 0, responsesInvalid: 0 });
      expect(counters["requestsValid"]).toBeGreaterThan(50);
    },
  };
}

const itemId = (ref: string) => `<t:ItemId Id="${ref}"/>`;
const categoriesOf = (answer: string) =>
  [...answer.matchAll(/<t:String>([^<]*)</gu)].map((match) => match[1] ?? "");
const categories = (...names: string[]) =>
  `<t:Categories>${names.map((name) => `<t:String>${name}</t:String>`).join("")}</t:Categories>`;

async function calendar(): Promise<RecurrenceHarness> {
  const mailbox = await opened("CalendarItem");
  const { store, samples, person, soap, set, read } = mailbox;
  return {
    store,
    scope,
    outside: {
      put: async (item) => samples.put(person, sampleOf(item)),
      change: async (ref, patch) => samples.change(person, ref, samplePatch(patch)),
      remove: async (ref) => samples.remove(person, ref),
      copy: async (ref) =>
        mailbox.copyOf(
          (await store.get(ref, signal))?.key,
          "calendar",
          "<t:Subject>Copy</t:Subject>",
          "<t:Start>2026-03-09T08:00:00Z</t:Start><t:End>2026-03-09T09:00:00Z</t:End>",
        ),
      async changeOccurrence(ref, date, to) {
        const number = (Date.parse(date) - Date.parse("2026-03-02")) / (7 * 86_400_000) + 1;
        const id = `<t:OccurrenceItemId RecurringMasterId="${ref}" InstanceIndex="${number}"/>`;
        if (to.excluded === true) {
          await soap(
            `<m:DeleteItem DeleteType="MoveToDeletedItems" SendMeetingCancellations="SendToNone"><m:ItemIds>${id}` +
              `</m:ItemIds></m:DeleteItem>`,
          );
          return;
        }
        await set(id, {
          ...(to.title === undefined ? {} : { "item:Subject": `<t:Subject>${to.title}</t:Subject>` }),
          ...(to.time === undefined
            ? {}
            : {
                "calendar:Start": `<t:Start>${to.time.start}</t:Start>`,
                "calendar:End": `<t:End>${to.time.end}</t:End>`,
              }),
        });
      },
      forgetCursors: mailbox.forgetCursors,
      unmapped: {
        set: (ref, value) => set(itemId(ref), { "item:Categories": categories(value) }),
        read: async (ref) => categoriesOf(await read(ref, "item:Categories"))[0],
      },
      mailsSent: mailbox.mailsSent,
    },
    weather: mailbox.weather,
    close: mailbox.close,
  };
}

async function tasks(): Promise<StoreHarness<Task>> {
  const mailbox = await opened("Task");
  const { tasks: store, samples, person, set, read } = mailbox;
  return {
    store,
    scope: { ...scope, kind: "task", container: "tasks" },
    outside: {
      put: async (item) => samples.tasks.put(person, taskSample(item)),
      change: async (ref, patch) => samples.tasks.change(person, ref, taskPatch(patch)),
      remove: async (ref) => samples.tasks.remove(person, ref),
      copy: async (ref) =>
        mailbox.copyOf((await store.get(ref, signal))?.key, "tasks", "<t:Subject>Copy</t:Subject>"),
      forgetCursors: mailbox.forgetCursors,
      // Categories beyond the first are not mapped.
      unmapped: {
        async set(ref, value) {
          const [first = ""] = categoriesOf(await read(ref, "item:Categories"));
          await set(itemId(ref), {
            "item:Categories": categories(first, value),
            "task:BillingInformation": `<t:BillingInformation>${value}</t:BillingInformation>`,
          });
        },
        async read(ref) {
          const answer = await read(ref, "item:Categories", "task:BillingInformation");
          const billing = /<t:BillingInformation>([^<]*)</u.exec(answer)?.[1];
          return categoriesOf(answer)[1] === billing ? billing : undefined;
        },
      },
      mailsSent: mailbox.mailsSent,
    },
    weather: mailbox.weather,
    close: mailbox.close,
  };
}

async function contacts(): Promise<StoreHarness<Contact>> {
  const mailbox = await opened("Contact");
  const { contacts: store, samples, person, set, read, soap } = mailbox;
  const setPrefix = (ref: string, value: string) =>
    soap(
      `<m:UpdateItem ConflictResolution="AlwaysOverwrite"><m:ItemChanges><t:ItemChange>${itemId(ref)}<t:Updates>` +
        `<t:SetItemField><t:ExtendedFieldURI PropertyTag="0x3A45" PropertyType="String"/><t:Contact>` +
        `<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag="0x3A45" PropertyType="String"/><t:Value>${value}</t:Value>` +
        `</t:ExtendedProperty></t:Contact></t:SetItemField></t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
    );
  return {
    store,
    scope: { ...scope, kind: "contact", container: "contacts" },
    outside: {
      async put(item) {
        const ref = samples.contacts.put(person, contactSample(item));
        await setPrefix(ref, item["name/title"]);
        return ref;
      },
      change: async (ref, patch) =>
        samples.contacts.change(person, ref, { surname: patch["name/surname"] ?? "" }),
      remove: async (ref) => samples.contacts.remove(person, ref),
      copy: async (ref) => mailbox.copyOf((await store.get(ref, signal))?.key, "contacts", ""),
      forgetCursors: mailbox.forgetCursors,
      unmapped: {
        async set(ref, value) {
          const [first = ""] = categoriesOf(await read(ref, "item:Categories"));
          await set(itemId(ref), {
            "item:Categories": categories(first, value),
            "contacts:Nickname": `<t:Nickname>${value}</t:Nickname>`,
          });
        },
        async read(ref) {
          const answer = await read(ref, "item:Categories", "contacts:Nickname");
          const nickname = /<t:Nickname>([^<]*)</u.exec(answer)?.[1];
          return categoriesOf(answer)[1] === nickname ? nickname : undefined;
        },
      },
      mailsSent: mailbox.mailsSent,
    },
    weather: mailbox.weather,
    close: mailbox.close,
  };
}

const ews = "Exchange Web Services";
for (const [name, make] of inAnyWeather(`${ews}: appointments`, appointmentExamples.kind, calendar)) {
  itemStoreContract(name, appointmentExamples, make);
  recurrenceContract(name, make);
}
for (const [name, make] of inAnyWeather(`${ews}: tasks`, taskExamples.kind, tasks))
  itemStoreContract(name, taskExamples, make);
for (const [name, make] of inAnyWeather(`${ews}: contacts`, contactExamples.kind, contacts))
  itemStoreContract(name, contactExamples, make);

describe("Exchange in trouble", () => {
  let mailbox: EwsMailbox;
  afterEach(() => mailbox?.close());

  async function troubled(operation: string, effect: FaultEffect, options: { timeoutMs?: number } = {}) {
    mailbox = await openMailbox(options);
    mailbox.sandbox.rules.add({ system: "exchange", operation, effect, times: 1 });
    return mailbox;
  }

  function put(count: number): string[] {
    const { samples, person } = mailbox;
    return Array.from({ length: count }, (_, index) =>
      samples.put(person, sampleOf(appointment({ title: `No. ${index}` }))),
    );
  }

  /** Every page of a listing; a call that fails is made again with the same cursor. */
  async function list(): Promise<{ pages: Changes[]; failures: string[] }> {
    const pages: Changes[] = [];
    const failures: string[] = [];
    do {
      try {
        pages.push(await mailbox.store.changes(scope, pages.at(-1)?.next, signal));
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        failures.push(error.code);
        await delay((error.retryAfterMs ?? 0) + 2);
      }
    } while ((pages.at(-1)?.more ?? true) && failures.length < 5);
    return { pages, failures };
  }

  it.each<[string, FaultEffect, string]>([
    ["SyncFolderItems", { kind: "truncate", bytes: 900 }, "remote.malformed"],
    ["SyncFolderItems", { kind: "lostResponse" }, "network.unreachable"],
    ["SyncFolderItems", { kind: "status", status: 503, retryAfterSeconds: 0 }, "ews.unavailable"],
    ["SyncFolderItems", { kind: "ewsFault", code: "ErrorServerBusy", backOffMs: 1 }, "ews.throttled"],
    ["GetItem", { kind: "truncate", bytes: 4000 }, "none: the call ends with what it has"],
    ["GetItem", { kind: "ewsFault", code: "ErrorServerBusy", backOffMs: 1 }, "ews.throttled"],
    ["GetItem", { kind: "status", status: 500, body: "" }, "none: the call ends with what it has"],
  ])("%s with %o loses and doubles nothing", async (operation, effect, failure) => {
    await troubled(operation, effect);
    const ids = put(35);
    const { pages, failures } = await list();
    expect(failures.filter((code) => code !== failure)).toEqual([]);
    expect(failures.length).toBeLessThan(5);
    expect(pages.flatMap((page) => page.upserts.map((item) => item.ref)).toSorted()).toEqual(ids.toSorted());
    expect(new Set(pages.map((page) => page.listing))).toEqual(new Set(["complete"]));
  });

  it("lists more than one page of Exchange's, each item once", async () => {
    mailbox = await openMailbox();
    const ids = put(530);
    const { pages } = await list();
    expect(pages.flatMap((page) => page.upserts.map((item) => item.ref)).toSorted()).toEqual(ids.toSorted());
    expect(pages.length).toBeGreaterThan(1);
  });

  it.each<FaultEffect>([{ kind: "lostResponse" }, { kind: "truncate", bytes: 500 }])(
    "a create whose answer is %o is found by its stamp, once",
    async (effect) => {
      const { store } = await troubled("CreateItem", effect);
      await expect(store.create(scope, appointment(), "el.lost", signal)).rejects.toThrow(/network|remote/u);
      expect(await store.findByKey(scope, "el.lost", signal)).toHaveLength(1);
    },
  );

  it("an update that lands late is a conflict for whoever writes after it", async () => {
    const { store } = await troubled("UpdateItem", { kind: "lateCommit", ms: 20 });
    const made = await store.create(scope, appointment(), "el.late", signal);
    const patch = { title: "Late" };
    await expect(store.update(made.ref, patch, made.version, signal)).rejects.toThrow("network.unreachable");
    await expect.poll(async () => (await store.get(made.ref, signal))?.item.title).toBe("Late");
    await expect(store.update(made.ref, { title: "x" }, made.version, signal)).rejects.toThrow(
      "item.version-conflict",
    );
  });

  it("a server that is too slow is given up on", async () => {
    const { store } = await troubled("GetFolder", { kind: "latency", ms: 60_000 }, { timeoutMs: 200 });
    expect(await store.probe(signal)).toEqual({ ok: false, code: "network.timeout" });
  });

  it("a mailbox without EWS is refused as such", async () => {
    mailbox = await openMailbox();
    const { sandbox, person, store } = mailbox;
    sandbox.context.directory.save({ ...person, capabilities: { ...person.capabilities, ews: false } });
    expect(await store.probe(signal)).toEqual({ ok: false, code: "ews.forbidden" });
  });
});

describe("what a person makes in Outlook", () => {
  it("shows other people, exceptions, and series without an end", async () => {
    const mailbox = await openMailbox();
    try {
      const { samples, person, store } = mailbox;
      const meeting = samples.put(person, {
        ...sampleOf(appointment()),
        attendees: ["ola@nordlys.example", "kari@example.com"],
      });
      const series = samples.put(person, {
        ...sampleOf(appointment()),
        recurrence: {
          frequency: "daily",
          interval: 1,
          end: { kind: "endless" },
          deleted: ["2026-03-04T09:00:00"],
          modified: [{ originalStart: "2026-03-05T09:00:00", subject: "Elsewhere" }],
        },
      });
      expect((await store.get(meeting, signal))?.traits).toMatchObject({ participants: 2, invited: false });
      const read = await store.get(series, signal);
      expect(read?.traits).toMatchObject({ exceptions: 0, recurrenceUnknown: false });
      expect(read?.item).toMatchObject({
        "recurrenceOverrides/2026-03-04": { excluded: true },
        "recurrenceOverrides/2026-03-05": { title: "Elsewhere" },
      });
      expect(read?.item.recurrenceRule).toMatchObject({ frequency: "daily", end: { kind: "endless" } });
    } finally {
      await mailbox.close();
    }
  });
});

it("needs one way to sign in, over TLS", () => {
  const options = { url: "https://localhost/", mailboxAddress: "a@b.example", userAgent: "test" };
  expect(() => createEwsStore(options)).toThrow("token or basic");
  const basic = { user: "a", password: "b" };
  expect(() => createEwsStore({ ...options, basic, url: "http://mail.example/" })).toThrow("https only");
});
