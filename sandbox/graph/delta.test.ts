import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGraph, type Json, type TestGraph } from "./testing/server.ts";

let at: TestGraph;
let path: string;
beforeAll(async () => {
  at = await startGraph();
  path = "/me/calendarView/delta?startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";
});
afterAll(async () => {
  expect(at.errors).toEqual([]);
  expect(at.graph.counters()["responsesInvalid"]).toBe(0);
  await at.close();
});

const utc = (dateTime: string): Json => ({ dateTime, timeZone: "UTC" });
const event = (subject: string, day: string, more: object = {}): Json => ({
  subject,
  start: utc(`${day}T09:00:00`),
  end: utc(`${day}T10:00:00`),
  ...more,
});
const create = async (subject: string, day: string, more: object = {}): Promise<Json> => {
  const answer = await at.send("POST", "/me/events", { body: event(subject, day, more) });
  expect(answer.status).toBe(201);
  return answer.body;
};

/** Follows a round to its end. */
async function round(
  from: string,
  headers: Record<string, string> = {},
): Promise<{ value: Json[]; link: string; pages: number }> {
  const value: Json[] = [];
  let link = from;
  for (let pages = 1; ; pages++) {
    const { status, body } = await at.send("GET", link, { headers });
    expect(status, JSON.stringify(body)).toBe(200);
    value.push(...body.value);
    if (body["@odata.deltaLink"]) return { value, link: body["@odata.deltaLink"], pages };
    link = body["@odata.nextLink"];
  }
}

const daily = (count: number): Json => ({
  recurrence: {
    pattern: { type: "daily", interval: 1 },
    range: { type: "numbered", startDate: "2026-03-10", numberOfOccurrences: count },
  },
});

describe("calendarView/delta", () => {
  it("tells all events of the window once, in pages, and then nothing", async () => {
    for (let n = 1; n <= 9; n++) await create(`E${n}`, `2026-03-0${n}`);
    await create("Outside", "2026-06-01");
    const first = await round(path, { prefer: "odata.maxpagesize=2" });
    expect(first.pages).toBe(5);
    expect(first.value.map((each) => each.subject)).toEqual([
      "E9",
      "E8",
      "E7",
      "E6",
      "E5",
      "E4",
      "E3",
      "E2",
      "E1",
    ]);
    expect((await round(first.link)).value).toEqual([]);
  });

  it("tells what was added, changed and deleted since, as often as it is asked", async () => {
    const [changed, deleted] = [await create("Change", "2026-03-11"), await create("Delete", "2026-03-11")];
    const { link } = await round(path);
    await at.send("PATCH", `/me/events/${changed.id}`, { body: { subject: "Changed" } });
    await at.send("DELETE", `/me/events/${deleted.id}`);
    const added = await create("Added", "2026-03-12");
    for (let times = 0; times < 2; times++) {
      const { value } = await round(link);
      expect(value.find((each) => each.id === changed.id).subject).toBe("Changed");
      expect(value.find((each) => each.id === added.id).subject).toBe("Added");
      expect(value.find((each) => each.id === deleted.id)["@removed"]).toEqual({ reason: "deleted" });
      expect(value).toHaveLength(3);
    }
  });

  it("tells an event that left the window as removed, and one made outside of it too unless the switch is turned", async () => {
    const leaving = await create("Leaving", "2026-03-13");
    const { link } = await round(path);
    await at.send("PATCH", `/me/events/${leaving.id}`, { body: event("Left", "2026-08-01") });
    const outside = await create("Never inside", "2026-08-02");
    const { value } = await round(link);
    expect(value.map((each) => [each.id, each["@removed"]?.reason])).toEqual([
      [outside.id, "deleted"],
      [leaving.id, "deleted"],
    ]);
    expect((await at.send("GET", `/me/events/${leaving.id}`)).status).toBe(200);
    at.graph.configure({ removedOutsideWindow: false });
    expect((await round(link)).value.map((each) => each.id)).toEqual([leaving.id]);
    at.graph.configure({ removedOutsideWindow: true });
  });

  it("tells a series as its master and slim occurrences, on one page, with changed occurrences in full", async () => {
    const { link } = await round(path);
    const master = await create("Series", "2026-03-10", daily(15));
    const first = await at.send("GET", link);
    expect(first.body.value.map((each: Json) => each.type)).toEqual([
      "seriesMaster",
      ...Array<string>(15).fill("occurrence"),
    ]);
    const third = first.body.value[3];
    expect(Object.keys(third).sort()).toEqual([
      "@odata.etag",
      "@odata.type",
      "end",
      "id",
      "seriesMasterId",
      "start",
      "type",
    ]);
    expect(third.seriesMasterId).toBe(master.id);
    const second = await round(link);
    await at.send("PATCH", `/me/events/${third.id}`, { body: { subject: "Third" } });
    const changed = await round(second.link);
    expect(changed.value.find((each) => each.id === third.id)).toMatchObject({
      type: "exception",
      subject: "Third",
    });
    at.graph.configure({ deltaOccurrences: "full", deltaMasters: false });
    const full = await round(second.link);
    expect(full.value).toHaveLength(15);
    expect(full.value.filter((each) => each.subject === "Series")).toHaveLength(14);
    at.graph.configure({ deltaOccurrences: "slim", deltaMasters: true });
  });

  it("is silent about a deleted occurrence, or tells it, as the switch says", async () => {
    const master = await create("Shrinking", "2026-03-10", daily(4));
    const { value, link } = await round(path);
    const gone = value.filter((each) => each.seriesMasterId === master.id)[1];
    await at.send("DELETE", `/me/events/${gone.id}`);
    const silent = await round(link);
    expect(silent.value.map((each) => each.type)).toEqual([
      "seriesMaster",
      "occurrence",
      "occurrence",
      "occurrence",
    ]);
    at.graph.configure({ deletedOccurrences: "removed" });
    const told = await round(link);
    expect(told.value.find((each) => each.id === gone.id)["@removed"]).toEqual({ reason: "deleted" });
    at.graph.configure({ deletedOccurrences: "silent" });
  });

  it("keeps to immutable ids when they are preferred, also for what is gone", async () => {
    const headers = { prefer: 'IdType="ImmutableId"' };
    const made = await at.send("POST", "/me/events", { body: event("Stable", "2026-03-20"), headers });
    const { value, link } = await round(path, headers);
    expect(value.map((each) => each.id)).toContain(made.body.id);
    await at.send("DELETE", `/me/events/${made.body.id}`);
    expect((await round(link, headers)).value).toMatchObject([{ id: made.body.id, "@removed": {} }]);
  });

  it("demands a resynchronization with 410 when the token is no longer known", async () => {
    const { link } = await round(path);
    at.graph.configure({ forgetDeltaTokens: true });
    const lost = await at.send("GET", link);
    expect([lost.status, lost.body.error.code]).toEqual([410, "syncStateNotFound"]);
    const anew = await round(String(lost.headers["location"]));
    expect(anew.value).toHaveLength((await round(path)).value.length);
    at.graph.configure({ lostToken: "410 resyncRequired" });
    expect((await at.send("GET", link)).body.error.code).toBe("resyncRequired");
    at.graph.configure({ lostToken: "400 syncStateNotFound" });
    expect((await at.send("GET", link)).status).toBe(400);
    at.graph.configure({ lostToken: "410 syncStateNotFound" });
    expect((await round(path)).value.length).toBeGreaterThan(0);
  });

  it("replays the last changes when the switch is turned", async () => {
    const made = await create("Again", "2026-03-21");
    at.graph.configure({ deltaReplays: true });
    const { link } = await round(path);
    at.graph.configure({ deltaReplays: false });
    const replayed = await round(link);
    expect(replayed.value.map((each) => each.id)).toContain(made.id);
    expect((await round(replayed.link)).value).toEqual([]);
  });

  it("refuses windows and parameters that it does not take", async () => {
    for (const query of ["&$select=subject", "&$filter=subject eq 'x'", "&$top=5", "&$expand=extensions"]) {
      expect((await at.send("GET", path + query)).status).toBe(400);
    }
    const open = await at.send("GET", "/me/calendarView/delta?startDateTime=2026-03-01");
    expect([open.status, open.body.error.code]).toEqual([400, "ErrorInvalidParameter"]);
    const wide = "/me/calendarView/delta?startDateTime=2020-01-01&endDateTime=2026-01-01";
    expect((await at.send("GET", wide)).status).toBe(400);
    expect((await at.send("GET", "/me/calendarView/delta?$deltatoken=nonsense")).status).toBe(400);
  });
});
