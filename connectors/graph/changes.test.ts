import { afterEach, describe, expect, it } from "vitest";
import type { Failure } from "../../core/errors/failure.ts";
import type { Changes, Scope } from "../../core/items/observed.ts";
import { createGraphStore } from "./store.ts";
import { blank } from "./testing/events.ts";
import { batched, openServer, refuse, type Call, type TestServer } from "./testing/server.ts";

const signal = new AbortController().signal;
const window = { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" };
const scope: Scope = { kind: "appointment", container: "calendar", window };
const recurrence = {
  pattern: { type: "daily", interval: 1 },
  range: { type: "noEnd", startDate: "2026-03-02", recurrenceTimeZone: "UTC" },
};
const notFound = { status: 404, body: { error: { code: "ErrorItemNotFound", message: "Gone." } } };

/** A calendar that answers reads from `events`, and deltas from `pages`, one after the other. */
interface Calendar {
  events: Record<string, object>;
  pages: object[][];
  /** Refusals by id, taken instead of the event. */
  refused: Record<string, { status: number; code: string }>;
  exceptions: Record<string, object>;
}
let server: TestServer;
afterEach(() => server.close());

async function open(calendar: Partial<Calendar>) {
  const { events = {}, pages = [], refused = {}, exceptions = {} } = calendar;
  let page = 0;
  const part = (url: string) => {
    const id = /\/events\/([^?]+)/u.exec(url)?.[1] ?? "";
    const no = refused[id];
    if (no) return { status: no.status, body: { error: { code: no.code, message: "No." } } };
    if (url.includes("cancelledOccurrences")) return { status: 200, body: { id, ...exceptions[id] } };
    const event = events[id];
    return event ? { status: 200, body: { ...blank, ...event, id } } : notFound;
  };
  server = await openServer((call, response) => {
    if (call.path === "/$batch") return batched(call, part);
    if (call.path.startsWith("/me/events/")) {
      const { status, body } = part(call.path);
      response.statusCode = status;
      return body;
    }
    const value = pages[page++] ?? [];
    const link = `${server.url}/v1.0/me/calendar/calendarView/delta?$skiptoken=${page}`;
    return { value, [page < pages.length ? "@odata.nextLink" : "@odata.deltaLink"]: link };
  });
  return createGraphStore({
    url: server.url,
    mailboxAddress: "ase@nordlys.example",
    token: async () => "token",
    userAgent: "Everlink test",
  });
}

type Store = Awaited<ReturnType<typeof open>>;

async function list(store: Store, cursor?: string): Promise<Changes[]> {
  const pages: Changes[] = [];
  do pages.push(await store.changes(scope, pages.at(-1)?.next ?? cursor, signal));
  while (pages.at(-1)?.more);
  return pages;
}

const refsOf = (pages: Changes[]) => pages.flatMap((page) => page.upserts.map(({ ref }) => ref));
const goneOf = (pages: Changes[]) => pages.flatMap((page) => page.gone);
const isRead = ({ method, path }: Call) =>
  path === "/$batch" || (method === "GET" && path.startsWith("/me/events/"));
const reads = (calls: Call[]) => calls.filter(isRead).length;

describe("a listing", () => {
  it("reads each series once, however many of its dates are named on however many pages", async () => {
    const dates = (from: number) =>
      Array.from({ length: 3 }, (_, index) => ({
        id: `date-${from + index}`,
        type: "occurrence",
        seriesMasterId: "series",
      }));
    const store = await open({
      events: { series: { type: "seriesMaster", recurrence }, single: {} },
      pages: [
        [{ id: "series", type: "seriesMaster" }, ...dates(1)],
        [...dates(4), { id: "single" }],
      ],
    });
    const pages = await list(store);
    expect(refsOf(pages).toSorted()).toEqual(["series", "single"]);
    expect(pages.map(({ listing }) => listing)).toEqual(["complete", "complete"]);
  });

  const moved = (more: object) => ({
    ...blank,
    id: "x",
    type: "exception",
    seriesMasterId: "series",
    originalStart: "2026-03-03T08:00:00Z",
    subject: "Moved",
    ...more,
  });
  const withDates = (exception: object) =>
    open({
      events: { series: { type: "seriesMaster", recurrence } },
      pages: [[{ id: "series" }]],
      exceptions: {
        series: { cancelledOccurrences: ["OID.series.2026-03-04"], exceptionOccurrences: [exception] },
      },
    });

  it("tells moved and cancelled dates as parts of their series", async () => {
    const [page] = await list(await withDates(moved({})));
    expect(page?.upserts[0]?.traits.exceptions).toBe(0);
    expect(page?.upserts[0]?.item).toMatchObject({
      "recurrenceOverrides/2026-03-03": { title: "Moved" },
      "recurrenceOverrides/2026-03-04": { excluded: true },
    });
  });

  it.each([{ originalStart: null }, { showAs: "dancing" }])(
    "tells no half of a series: one with a date of %o cannot be read",
    async (more) => {
      const [page] = await list(await withDates(moved(more)));
      expect(page).toMatchObject({ upserts: [], failed: [{ ref: "series", code: "item.malformed" }] });
    },
  );

  it("asks for a bit more than the window: all-day events are days of every zone", async () => {
    await list(await open({ pages: [[]] }));
    expect(server.calls[0]?.path).toContain(
      "startDateTime=2025-12-31T09:00:00Z&endDateTime=2027-01-01T15:00:00Z",
    );
  });

  it("goes on after one item that cannot be read", async () => {
    const store = await open({
      events: { good: {}, bad: { showAs: "asleep" } },
      pages: [[{ id: "bad" }, { id: "good" }, { id: "worse" }]],
      refused: { worse: { status: 500, code: "ErrorItemCorrupt" } },
    });
    const [page] = await list(store);
    expect(page?.upserts.map(({ ref }) => ref)).toEqual(["good"]);
    expect(page?.failed).toEqual([
      { ref: "bad", code: "item.malformed" },
      { ref: "worse", code: "item.malformed" },
    ]);
  });

  it("keeps in the cursor what it could not read because the server was busy", async () => {
    const refused = { b: { status: 429, code: "TooManyRequests" } };
    const store = await open({ events: { a: {}, b: {} }, pages: [[{ id: "a" }, { id: "b" }]], refused });
    const first = await store.changes(scope, undefined, signal);
    expect([refsOf([first]), first.more]).toEqual([["a"], true]);
    expect(await store.changes(scope, first.next, signal).catch((error: Failure) => error.code)).toBe(
      "graph.throttled",
    );
    delete (refused as Record<string, unknown>)["b"];
    expect(refsOf(await list(store, first.next))).toEqual(["b"]);
  });
});

describe("an item called removed", () => {
  const round = async (events: Record<string, object>, id = "it") => {
    const store = await open({ events, pages: [[], [{ id, "@removed": { reason: "deleted" } }]] });
    return await list(store);
  };

  it("is deleted when Exchange does not know it any more", async () => {
    expect(goneOf(await round({}))).toEqual([{ ref: "it", why: "deleted" }]);
  });

  it("left the scope when it is there, at a time outside of the window", async () => {
    const far = (year: number) => ({ dateTime: `${year}-03-02T08:00:00.0000000`, timeZone: "UTC" });
    expect(goneOf(await round({ it: { start: far(2036), end: far(2036) } }))).toEqual([
      { ref: "it", why: "left-scope" },
    ]);
  });

  it("is in doubt when it is there and within the window: another calendar has it", async () => {
    const pages = await round({ it: {} });
    expect(goneOf(pages)).toEqual([{ ref: "it", why: "unknown" }]);
    expect(refsOf(pages)).toEqual([]);
  });

  it("makes its series read again when it is one of its dates", async () => {
    const pages = await round({
      it: { type: "exception", seriesMasterId: "series" },
      series: { type: "seriesMaster", recurrence },
    });
    expect([refsOf(pages), goneOf(pages)]).toEqual([["series"], []]);
  });

  it("is in doubt, not deleted, when it was listed as changed and then not found", async () => {
    const store = await open({ pages: [[{ id: "it" }]] });
    expect(goneOf(await list(store))).toEqual([{ ref: "it", why: "unknown" }]);
  });
});

describe("a cursor", () => {
  it("that Graph forgot is answered by a new listing that says so", async () => {
    const store = await open({ events: { a: {} }, pages: [[{ id: "a" }]] });
    const { next } = (await list(store)).at(-1) as Changes;
    const answer = server.answer;
    server.answer = (call, response) => {
      if (call.path.includes("skiptoken")) return refuse(response, 410, "syncStateNotFound");
      if (isRead(call)) return answer(call, response);
      return { value: [{ id: "a" }], "@odata.deltaLink": `${server.url}/v1.0/next` };
    };
    const again = await store.changes(scope, next, signal);
    expect(again).toMatchObject({ reset: true, listing: "complete", more: false });
    expect(refsOf([again])).toEqual(["a"]);
  });

  it("belongs to its window: one that reaches further is listed anew, a narrower one is not", async () => {
    const store = await open({ pages: [[]] });
    const { next } = (await list(store)).at(-1) as Changes;
    const within = async (to: string) =>
      (await store.changes({ ...scope, window: { ...window, to } }, next, signal)).reset;
    expect(await within("2026-06-01T00:00:00Z")).toBe(false);
    expect(await within("2027-02-01T00:00:00Z")).toBe(true);
  });

  it("does not send the credential to another host", async () => {
    const store = await open({ pages: [[]] });
    const { next } = (await list(store)).at(-1) as Changes;
    const moved = next.replace(/http:\/\/127[^/]+/u, "https://evil.example");
    expect((await store.changes(scope, moved, signal)).reset).toBe(true);
    server.answer = () => ({ value: [], "@odata.nextLink": "https://evil.example/v1.0/me" });
    await expect(store.changes(scope, undefined, signal)).rejects.toThrow("remote.malformed");
  });

  it("that says that nothing happened costs one request", async () => {
    const store = await open({ events: { a: {} }, pages: [[{ id: "a" }], []] });
    const { next } = (await list(store)).at(-1) as Changes;
    const before = [server.calls.length, reads(server.calls)];
    await store.changes(scope, next, signal);
    expect([server.calls.length, reads(server.calls)]).toEqual([(before[0] ?? 0) + 1, before[1]]);
  });
});

describe("a write", () => {
  const guests = { attendees: [{ emailAddress: { address: "ola@example.com" }, type: "required" }] };

  it("that would mail somebody is not made", async () => {
    const store = await open({ events: { meeting: guests } });
    await expect(store.update("meeting", { title: "x" }, "c1", signal)).rejects.toThrow("graph.would-notify");
    await expect(store.remove("meeting", "c1", signal)).rejects.toThrow("graph.would-notify");
    expect(server.calls.every(isRead)).toBe(true);
  });

  it("names the version that it is for, also to a server that would not look", async () => {
    const store = await open({ events: { it: {} } });
    await expect(store.update("it", { title: "x" }, "c0", signal)).rejects.toThrow("item.version-conflict");
    await store.update("it", { title: "x" }, "c1", signal);
    const patch = server.calls.find((call) => call.method === "PATCH");
    expect(patch?.headers["if-match"]).toBe('W/"c1"');
    expect(patch?.body).toEqual({ subject: "x" });
  });

  const appointment = {
    title: "Again",
    description: "",
    location: "",
    time: { showWithoutTime: false, start: "2026-03-02T08:00:00Z", end: "2026-03-02T09:00:00Z" },
    timeZone: "Europe/Oslo",
    freeBusyStatus: "busy",
    privacy: "public",
    alertMinutes: null,
    recurrenceRule: null,
  } as const;

  const isCreate = ({ method, path }: Call) => method === "POST" && path === "/me/calendar/events";

  /** Answers creates with `first`, then with the id `second`. */
  async function creating(first: (call: Call) => unknown, found: string[]) {
    const events: Record<string, object> = { second: {}, found: stamped };
    const store = await open({ events });
    const reading = server.answer;
    server.answer = (call, response) => {
      if (isRead(call)) return reading(call, response);
      if (call.method === "GET") return { value: found.map((id) => ({ id })) };
      const posts = server.calls.filter(isCreate);
      if (posts.length > 1) return { id: "second" };
      const answer = first(call);
      return answer === "duplicate" ? refuse(response, 409, "ErrorDuplicateTransactionId") : answer;
    };
    return store;
  }
  const stamped = {
    singleValueExtendedProperties: [
      { id: "String {8a0b6a1c-5d0e-4f0b-9c53-6c1f0f3a7e21} Name EverlinkKey", value: "el.1" },
    ],
  };

  it("of an item made before gives that item, found by its stamp", async () => {
    const store = await creating(() => "duplicate", ["found"]);
    expect((await store.create(scope, appointment, "el.1", signal)).ref).toBe("found");
  });

  it.each([
    ["refuses the transaction", () => "duplicate"],
    ["answers with what is gone", () => ({ id: "gone" })],
  ])("of an item made before and deleted since is made anew, where Graph %s", async (_, first) => {
    const store = await creating(first, []);
    expect((await store.create(scope, appointment, "el.1", signal)).ref).toBe("second");
    const bodies = server.calls.filter(isCreate).map(({ body }) => body as object);
    expect(bodies.map((body) => "transactionId" in body)).toEqual([true, false]);
  });
});

it("a credential travels over https only", () => {
  const options = { mailboxAddress: "a@b.example", token: async () => "t", userAgent: "test" };
  expect(() => createGraphStore({ ...options, url: "http://graph.example" })).toThrow("https only");
});
