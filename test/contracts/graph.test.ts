import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { stampId } from "../../connectors/graph/map.ts";
import type { Changes, Scope } from "../../connectors/contract.ts";
import { Failure } from "../../core/errors/failure.ts";
import type { Contact } from "../../core/items/contact.ts";
import type { Task } from "../../core/items/task.ts";
import type { FaultEffect } from "../../sandbox/context.ts";
import { appointment, appointmentExamples } from "./appointments.ts";
import { inAnyWeather } from "./bad-weather.ts";
import { contactExamples } from "./contacts.ts";
import { eventOf, openMailbox, personOf, todoOf, type GraphMailbox } from "./graph-mailbox.ts";
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
async function opened(switches: Record<string, unknown>) {
  const mailbox = await openMailbox();
  const { test } = mailbox;
  test.graph.configure(switches);
  return {
    ...mailbox,
    forgetCursors: async () => void test.graph.configure({ forgetDeltaTokens: true }),
    mailsSent: async () => test.sandbox.context.attendeeMails.count(),
    weather: () => sandboxWeather(test.sandbox.rules, "graph"),
    async close() {
      const counters = test.graph.counters();
      await mailbox.close();
      expect(test.errors).toEqual([]);
      expect(counters).toMatchObject({ requestsInvalid: 0, responsesInvalid: 0 });
      expect(counters["requestsValid"]).toBeGreaterThan(10);
    },
  };
}

/** @param switches positions of what no document settles (`sandbox/graph/switches.ts`) */
async function calendar(switches: Record<string, unknown> = {}): Promise<RecurrenceHarness> {
  const { store, person, forgetCursors, mailsSent, weather, close } = await opened(switches);
  return {
    store,
    scope,
    outside: {
      put: async (item) => (await person("POST", "/me/events", eventOf(item))).id as string,
      change: async (ref, patch) => void (await person("PATCH", `/me/events/${ref}`, eventOf(patch))),
      remove: async (ref) => void (await person("DELETE", `/me/events/${ref}`)),
      async copy(ref) {
        const value = (await store.get(ref, signal))?.key ?? "";
        const event = {
          ...eventOf(appointment({ title: "Copy" })),
          singleValueExtendedProperties: [{ id: stampId, value }],
        };
        return (await person("POST", "/me/events", event)).id as string;
      },
      async changeOccurrence(ref, date, to) {
        const day = `startDateTime=${date}T00:00:00Z&endDateTime=${date}T23:59:00Z`;
        const [instance] = (await person("GET", `/me/events/${ref}/instances?${day}`)).value;
        if (to.excluded === true) await person("DELETE", `/me/events/${instance.id}`);
        else await person("PATCH", `/me/events/${instance.id}`, eventOf(to));
      },
      forgetCursors,
      unmapped: {
        set: async (ref, value) => void (await person("PATCH", `/me/events/${ref}`, { categories: [value] })),
        read: async (ref) => (await person("GET", `/me/events/${ref}`)).categories[0] as string,
      },
      mailsSent,
    },
    weather,
    close,
  };
}

async function todo(switches: Record<string, unknown> = {}): Promise<StoreHarness<Task>> {
  const { tasks, person, forgetCursors, mailsSent, weather, close } = await opened(switches);
  const [list] = (await person("GET", "/me/todo/lists")).value;
  const path = `/me/todo/lists/${list.id}/tasks`;
  const read = async (ref: string) => await person("GET", `${path}/${ref}`);
  return {
    store: tasks,
    scope: { ...scope, kind: "task", container: "tasks" },
    outside: {
      put: async (item) => (await person("POST", path, todoOf(item))).id as string,
      change: async (ref, patch) => void (await person("PATCH", `${path}/${ref}`, todoOf(patch))),
      remove: async (ref) => void (await person("DELETE", `${path}/${ref}`)),
      async copy(ref) {
        const { value } = await person("GET", `${path}/${ref}/linkedResources`);
        const [{ applicationName, displayName, externalId }] = value;
        const linkedResources = [{ applicationName, displayName, externalId }];
        return (await person("POST", path, { title: "Copy", linkedResources })).id as string;
      },
      forgetCursors,
      // Categories beyond the first are not mapped.
      unmapped: {
        async set(ref, value) {
          const [first] = (await read(ref)).categories;
          await person("PATCH", `${path}/${ref}`, { categories: [first, value] });
        },
        read: async (ref) => (await read(ref)).categories[1] as string,
      },
      mailsSent,
    },
    weather,
    close,
  };
}

async function people(switches: Record<string, unknown> = {}): Promise<StoreHarness<Contact>> {
  const { contacts, person, forgetCursors, mailsSent, weather, close } = await opened(switches);
  const path = "/me/contacts";
  const read = async (ref: string) => await person("GET", `${path}/${ref}`);
  return {
    store: contacts,
    scope: { ...scope, kind: "contact", container: "contacts" },
    outside: {
      put: async (item) => (await person("POST", path, personOf(item, true))).id as string,
      change: async (ref, patch) => void (await person("PATCH", `${path}/${ref}`, personOf(patch, false))),
      remove: async (ref) => void (await person("DELETE", `${path}/${ref}`)),
      async copy(ref) {
        const value = (await contacts.get(ref, signal))?.key ?? "";
        const copied = { givenName: "Copy", singleValueExtendedProperties: [{ id: stampId, value }] };
        return (await person("POST", path, copied)).id as string;
      },
      forgetCursors,
      unmapped: {
        async set(ref, value) {
          const [first] = (await read(ref)).categories;
          await person("PATCH", `${path}/${ref}`, { nickName: value, categories: [first, value] });
        },
        async read(ref) {
          const { nickName, categories } = await read(ref);
          return categories[1] === nickName ? (nickName as string) : undefined;
        },
      },
      mailsSent,
    },
    weather,
    close,
  };
}

/** Everything undocumented the other way. */
const otherWay = {
  removedOutsideWindow: false,
  deletedOccurrences: "removed",
  deltaOccurrences: "full",
  deltaMasters: false,
  lostToken: "400 syncStateNotFound",
  updateMails: "always",
  ifMatch: "ignored",
  deletedTransaction: "refused",
  immutableTaskIds: true,
  linkedResourcesUnasked: true,
};

const other = "Microsoft Graph, where everything undocumented is the other way";
for (const [name, make] of [
  ...inAnyWeather("Microsoft Graph: appointments", appointmentExamples.kind, () => calendar()),
  [`${other}: appointments`, () => calendar(otherWay)] as const,
]) {
  itemStoreContract(name, appointmentExamples, make);
  recurrenceContract(name, make);
}
for (const [name, make] of [
  ...inAnyWeather("Microsoft Graph: tasks", taskExamples.kind, () => todo()),
  [`${other}: tasks`, () => todo(otherWay)] as const,
])
  itemStoreContract(name, taskExamples, make);
for (const [name, make] of [
  ...inAnyWeather("Microsoft Graph: contacts", contactExamples.kind, () => people()),
  [`${other}: contacts`, () => people(otherWay)] as const,
])
  itemStoreContract(name, contactExamples, make);

describe("Graph in trouble", () => {
  let mailbox: GraphMailbox;
  afterEach(() => mailbox?.close());

  async function put(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const event = eventOf(appointment({ title: `No. ${index}` }));
      ids.push((await mailbox.person("POST", "/me/events", event)).id as string);
    }
    return ids.toSorted();
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

  const refused = (effect: FaultEffect) =>
    mailbox.test.sandbox.rules.add({ system: "graph", effect, times: 1 });

  it.each<FaultEffect>([
    { kind: "truncate", bytes: 300 },
    { kind: "lostResponse" },
    { kind: "status", status: 503, retryAfterSeconds: 0 },
    { kind: "status", status: 429, retryAfterSeconds: 1 },
    { kind: "status", status: 500, body: "" },
  ])("a listing under %o loses and doubles nothing", async (effect) => {
    mailbox = await openMailbox();
    const ids = await put(45);
    refused(effect);
    const { pages, failures } = await list();
    expect(failures.length).toBeLessThan(5);
    expect(pages.flatMap((page) => page.upserts.map(({ ref }) => ref)).toSorted()).toEqual(ids);
    expect(pages.flatMap((page) => page.gone)).toEqual([]);
  });

  it.each<FaultEffect>([{ kind: "lostResponse" }, { kind: "truncate", bytes: 200 }])(
    "a create whose answer is %o is found by its stamp, and made once however often it is wished",
    async (effect) => {
      mailbox = await openMailbox();
      const { store } = mailbox;
      refused(effect);
      await expect(store.create(scope, appointment(), "el.lost", signal)).rejects.toThrow(/network|remote/u);
      const [found] = await store.findByKey(scope, "el.lost", signal);
      expect((await store.create(scope, appointment(), "el.lost", signal)).ref).toBe(found?.ref);
      expect(await store.findByKey(scope, "el.lost", signal)).toHaveLength(1);
    },
  );

  it("a server that is too slow is given up on", async () => {
    mailbox = await openMailbox({ timeoutMs: 200 });
    refused({ kind: "latency", ms: 60_000 });
    expect(await mailbox.store.probe(signal)).toEqual({ ok: false, code: "network.timeout" });
  });

  it("a mailbox that is not in Exchange Online is refused as such", async () => {
    mailbox = await openMailbox();
    const { sandbox, person } = mailbox.test;
    sandbox.context.directory.save({ ...person, capabilities: { ...person.capabilities, graph: false } });
    expect(await mailbox.store.probe(signal)).toEqual({ ok: false, code: "graph.mailbox-missing" });
  });

  it("twenty writes at once stay within what one mailbox allows", async () => {
    mailbox = await openMailbox();
    const { store } = mailbox;
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        store.create(scope, appointment({ title: `${index}` }), `el.many-${index}`, signal),
      ),
    );
    expect(new Set(made.map(({ ref }) => ref)).size).toBe(20);
  });

  it("an endless series shows its moved and cancelled dates, and tells when another one is", async () => {
    mailbox = await openMailbox();
    const { store, person } = mailbox;
    const daily = {
      pattern: { type: "daily", interval: 1 },
      range: { type: "noEnd", startDate: "2026-03-02" },
    };
    const { id } = await person("POST", "/me/events", { ...eventOf(appointment()), recurrence: daily });
    const { pages } = await list();
    expect(pages.flatMap((page) => page.upserts.map(({ ref }) => ref))).toEqual([id]);
    const week = "startDateTime=2026-03-03T00:00:00Z&endDateTime=2026-03-07T00:00:00Z";
    const dates = (await person("GET", `/me/events/${id}/instances?${week}`)).value;
    await person("PATCH", `/me/events/${dates[0].id}`, { subject: "Elsewhere" });
    await person("DELETE", `/me/events/${dates[1].id}`);
    const since = await store.changes(scope, pages.at(-1)?.next, signal);
    expect(since.upserts.map(({ ref }) => ref)).toEqual([id]);
    expect(since.gone).toEqual([]);
    expect(since.upserts[0]?.traits).toMatchObject({ exceptions: 0, recurrenceUnknown: false });
    expect(since.upserts[0]?.item).toMatchObject({
      "recurrenceOverrides/2026-03-03": { title: "Elsewhere" },
      "recurrenceOverrides/2026-03-04": { excluded: true },
    });
    expect(since.upserts[0]?.item.recurrenceRule).toMatchObject({
      frequency: "daily",
      end: { kind: "endless" },
    });
  });

  it("a meeting with participants is told as one, and nobody is mailed by any wish of ours", async () => {
    mailbox = await openMailbox();
    const { store, test, person } = mailbox;
    const attendees = [{ emailAddress: { address: "ola@example.com" }, type: "required" }];
    const { id } = await person("POST", "/me/events", { ...eventOf(appointment()), attendees });
    const mails = test.sandbox.context.attendeeMails.count();
    const read = await store.get(id as string, signal);
    expect(read?.traits).toMatchObject({ participants: 1, invited: false });
    const version = read?.version ?? "";
    await expect(store.update(id as string, { title: "x" }, version, signal)).rejects.toThrow("would-notify");
    await expect(store.remove(id as string, version, signal)).rejects.toThrow("would-notify");
    expect(test.sandbox.context.attendeeMails.count()).toBe(mails);
  });
});
