import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { stampId } from "../../connectors/graph/map.ts";
import type { Changes, Scope } from "../../connectors/contract.ts";
import { Failure } from "../../core/errors/failure.ts";
import { differences, held } from "../../core/items/compare.ts";
import type { Contact } from "../../core/items/contact.ts";
import { contactKind, emptyContact } from "../../core/items/contact-kind.ts";
import type { Task } from "../../core/items/task.ts";
import { taskKind } from "../../core/items/task-kind.ts";
import type { FaultEffect } from "../../sandbox/context.ts";
import { appointment } from "./appointments.ts";
import { eventOf, openMailbox, type GraphMailbox } from "./graph-mailbox.ts";
import { itemStoreContract, type StoreHarness } from "./item-store.suite.ts";

const scope: Scope = {
  kind: "appointment",
  container: "calendar",
  window: { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" },
};
const signal = new AbortController().signal;

/** @param switches positions of what no document settles (`sandbox/graph/switches.ts`) */
async function harness(switches: Record<string, unknown> = {}): Promise<StoreHarness> {
  const mailbox = await openMailbox();
  const { store, test, person } = mailbox;
  test.graph.configure(switches);
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
      forgetCursors: async () => void test.graph.configure({ forgetDeltaTokens: true }),
      unmapped: {
        set: async (ref, value) => void (await person("PATCH", `/me/events/${ref}`, { categories: [value] })),
        read: async (ref) => (await person("GET", `/me/events/${ref}`)).categories[0] as string,
      },
      mailsSent: async () => test.sandbox.context.attendeeMails.count(),
    },
    async close() {
      const counters = test.graph.counters();
      await mailbox.close();
      expect(test.errors).toEqual([]);
      expect(counters).toMatchObject({ requestsInvalid: 0, responsesInvalid: 0 });
      expect(counters["requestsValid"]).toBeGreaterThan(50);
    },
  };
}

itemStoreContract("Microsoft Graph, on the sandbox", harness);
itemStoreContract("Microsoft Graph, where everything undocumented is the other way", () =>
  harness({
    removedOutsideWindow: false,
    deletedOccurrences: "removed",
    deltaOccurrences: "full",
    deltaMasters: false,
    lostToken: "400 syncStateNotFound",
    updateMails: "always",
    ifMatch: "ignored",
    deletedTransaction: "refused",
  }),
);

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
    expect(since.upserts[0]?.traits).toMatchObject({ exceptions: 2, recurrenceUnknown: false });
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

describe("contacts", () => {
  const kari: Contact = {
    ...emptyContact,
    "name/given": "Kari",
    "name/surname": "Nordmann",
    "name/title": "Dr.",
    "organizations/company": "Nordlys R&D <AS>",
    "anniversaries/birth": "1970-12-31",
    "emails/first": "kari@nordlys.example",
    "emails/second": "kari@home.example",
    "phones/office": "+47 22 00 00 00",
    "phones/mobile": "+47 90 00 00 00",
    "phones/home": "+47 23 00 00 00",
    "addresses/work": {
      street: "Storgata 1\nInngang B",
      locality: "Oslo",
      region: "",
      postcode: "0155",
      country: "Norway",
    },
    "onlineServices/im": "kari",
    "links/homepage": "https://nordlys.example",
    "notes/note": "Likes skiing.\nMet in Bergen.",
    "keywords/category": "Customer",
  };
  const place: Scope = { ...scope, kind: "contact", container: "contacts" };
  let mailbox: GraphMailbox;
  afterEach(async () => {
    const counters = mailbox.test.graph.counters();
    await mailbox.close();
    expect(counters).toMatchObject({ requestsInvalid: 0, responsesInvalid: 0 });
  });

  async function open() {
    mailbox = await openMailbox();
    return mailbox.contacts;
  }

  it("are kept field by field, found by their stamp, and changed only at the version that was read", async () => {
    const store = await open();
    const made = await store.create(place, kari, "el.kari", signal);
    expect(differences(contactKind, made.item, held(contactKind, kari, store.capabilities))).toEqual([]);
    expect(await store.findByKey(place, "el.kari", signal)).toEqual([made]);
    const patch = {
      "phones/mobile": "+47 91 11 11 11",
      "addresses/work": null,
      "emails/first": "k@n.example",
    };
    const changed = await store.update(made.ref, patch, made.version, signal);
    expect(differences(contactKind, changed.item, { ...made.item, ...patch })).toEqual([]);
    await expect(store.update(made.ref, patch, made.version, signal)).rejects.toThrow(
      "item.version-conflict",
    );
    await expect(store.remove(made.ref, made.version, signal)).rejects.toThrow("item.version-conflict");
    await store.remove(made.ref, changed.version, signal);
    await store.remove(made.ref, changed.version, signal);
    expect(await store.get(made.ref, signal)).toBeUndefined();
    await expect(store.update(made.ref, patch, changed.version, signal)).rejects.toThrow("item.not-found");
  });

  it("are listed with what changed and what was deleted since", async () => {
    const store = await open();
    const made = await store.create(place, kari, "el.kari", signal);
    const by = await mailbox.person("POST", "/me/contacts", { givenName: "Ola" });
    const first = await store.changes(place, undefined, signal);
    expect(first).toMatchObject({ listing: "complete", reset: false, more: false });
    expect(first.upserts.map(({ ref }) => ref).toSorted()).toEqual([made.ref, by.id as string].toSorted());
    await mailbox.person("PATCH", `/me/contacts/${by.id}`, { surname: "Nordmann" });
    await mailbox.person("DELETE", `/me/contacts/${made.ref}`);
    const since = await store.changes(place, first.next, signal);
    expect(since.upserts.map(({ item }) => item["name/surname"])).toEqual(["Nordmann"]);
    expect(since.gone).toEqual([{ ref: made.ref, why: "deleted" }]);
    mailbox.test.graph.configure({ forgetDeltaTokens: true });
    expect(await store.changes(place, since.next, signal)).toMatchObject({
      reset: true,
      listing: "complete",
    });
    expect(await store.probe(signal)).toEqual({ ok: true });
  });
});

describe("tasks", () => {
  const call: Task = {
    title: "Call R&D <b>",
    description: "About the drawings\nand the price",
    due: "2026-03-06",
    start: "2026-03-02",
    progress: { status: "in-process", percentComplete: 50, completedOn: null },
    priority: "high",
    privacy: "public",
    alert: "2026-03-05T08:15:00Z",
    category: "Call",
  };
  const place: Scope = { ...scope, kind: "task", container: "tasks" };
  let mailbox: GraphMailbox;
  afterEach(async () => {
    const counters = mailbox.test.graph.counters();
    await mailbox.close();
    expect(counters).toMatchObject({ requestsInvalid: 0, responsesInvalid: 0 });
  });

  async function open() {
    mailbox = await openMailbox();
    return mailbox.tasks;
  }

  it("are kept field by field, found by their stamp, and changed only at the version that was read", async () => {
    const store = await open();
    const made = await store.create(place, call, "el.call", signal);
    expect(differences(taskKind, made.item, held(taskKind, call, store.capabilities))).toEqual([]);
    expect(await store.findByKey(place, "el.call", signal)).toEqual([made]);
    expect(await store.findByKey(place, "el.other", signal)).toEqual([]);
    const done = { status: "completed", percentComplete: 100, completedOn: "2026-03-04" } as const;
    const patch = { progress: done, due: null, alert: null, title: "Called" };
    const changed = await store.update(made.ref, patch, made.version, signal);
    expect(differences(taskKind, changed.item, { ...made.item, ...patch })).toEqual([]);
    expect(changed.key).toBe("el.call");
    await expect(store.update(made.ref, patch, made.version, signal)).rejects.toThrow(
      "item.version-conflict",
    );
    await expect(store.remove(made.ref, made.version, signal)).rejects.toThrow("item.version-conflict");
    await store.remove(made.ref, changed.version, signal);
    await store.remove(made.ref, changed.version, signal);
    expect(await store.get(made.ref, signal)).toBeUndefined();
  });

  it("are listed with what changed and what was deleted since", async () => {
    const store = await open();
    const made = await store.create(place, call, "el.call", signal);
    const [list] = (await mailbox.person("GET", "/me/todo/lists")).value;
    const tasks = `/me/todo/lists/${list.id}/tasks`;
    const by = await mailbox.person("POST", tasks, { title: "By hand" });
    const first = await store.changes(place, undefined, signal);
    expect(first).toMatchObject({ listing: "complete", reset: false, more: false });
    expect(first.upserts.map(({ ref }) => ref).toSorted()).toEqual([made.ref, by.id as string].toSorted());
    await mailbox.person("PATCH", `${tasks}/${by.id}`, { title: "Edited" });
    await mailbox.person("DELETE", `${tasks}/${made.ref}`);
    const since = await store.changes(place, first.next, signal);
    expect(since.upserts.map(({ item }) => item.title)).toEqual(["Edited"]);
    expect(since.gone).toEqual([{ ref: made.ref, why: "deleted" }]);
    mailbox.test.graph.configure({ forgetDeltaTokens: true });
    expect(await store.changes(place, since.next, signal)).toMatchObject({
      reset: true,
      listing: "complete",
    });
    expect(await store.probe(signal)).toEqual({ ok: true });
  });
});
