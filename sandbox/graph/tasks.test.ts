import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGraph, type Json, type TestGraph } from "./testing/server.ts";

let at: TestGraph;
let tasks: string;
beforeAll(async () => {
  at = await startGraph();
  const { body } = await at.send("GET", "/me/todo/lists");
  expect(body.value).toMatchObject([
    { displayName: "Tasks", wellknownListName: "defaultList", isOwner: true },
  ]);
  tasks = `/me/todo/lists/${body.value[0].id}/tasks`;
});
afterAll(async () => {
  expect(at.errors).toEqual([]);
  expect(at.graph.counters()["responsesInvalid"]).toBe(0);
  await at.close();
});

const create = async (body: object): Promise<Json> => {
  const answer = await at.send("POST", tasks, { body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
};
const day = (date: string): Json => ({ dateTime: `${date}T00:00:00.0000000`, timeZone: "UTC" });

describe("tasks", () => {
  it("come back as they were created; their dates have no time of day", async () => {
    const made = await create({
      title: "Write offer",
      body: { content: "For Fjord & Co", contentType: "text" },
      importance: "high",
      status: "waitingOnOthers",
      startDateTime: { dateTime: "2026-03-02T15:30:00", timeZone: "Europe/Oslo" },
      dueDateTime: { dateTime: "2026-03-05T23:30:00", timeZone: "Europe/Oslo" },
      isReminderOn: true,
      reminderDateTime: { dateTime: "2026-03-04T08:00:00", timeZone: "UTC" },
      categories: ["Sales"],
    });
    const got = await at.send("GET", `${tasks}/${made.id}`);
    expect(got.body).toMatchObject({
      title: "Write offer",
      body: { content: "For Fjord & Co", contentType: "text" },
      importance: "high",
      status: "waitingOnOthers",
      startDateTime: day("2026-03-02"),
      dueDateTime: day("2026-03-05"),
      isReminderOn: true,
      reminderDateTime: { dateTime: "2026-03-04T08:00:00.0000000", timeZone: "UTC" },
      categories: ["Sales"],
      completedDateTime: null,
    });
  });

  it("get a completion date with their status, and lose it again", async () => {
    const made = await create({ title: "Do it" });
    const done = await at.send("PATCH", `${tasks}/${made.id}`, { body: { status: "completed" } });
    expect(done.body.completedDateTime.dateTime.slice(0, 10)).toBe(
      at.sandbox.context.clock.now().toISOString().slice(0, 10),
    );
    const again = await at.send("PATCH", `${tasks}/${made.id}`, {
      body: { status: "inProgress", dueDateTime: day("2026-04-01") },
    });
    expect(again.body).toMatchObject({
      status: "inProgress",
      completedDateTime: null,
      dueDateTime: day("2026-04-01"),
    });
    expect(
      (await at.send("PATCH", `${tasks}/${made.id}`, { body: { dueDateTime: null } })).body.dueDateTime,
    ).toBeNull();
  });

  it("may recur", async () => {
    const recurrence = {
      pattern: { type: "weekly", interval: 1, daysOfWeek: ["monday"], firstDayOfWeek: "sunday" },
      range: { type: "noEnd", startDate: "2026-03-02" },
    };
    const made = await create({ title: "Weekly", dueDateTime: day("2026-03-02"), recurrence });
    expect(made.recurrence).toMatchObject(recurrence);
  });

  it("carry linked resources and checklist items, which are told when asked for", async () => {
    const link = {
      externalId: "crm:42",
      applicationName: "SuperOffice",
      displayName: "Sale 42",
      webUrl: "https://crm.example/42",
    };
    const made = await create({ title: "Stamped", linkedResources: [link] });
    expect(made.linkedResources).toBeUndefined();
    const path = `${tasks}/${made.id}`;
    expect((await at.send("GET", `${path}?$expand=linkedResources`)).body.linkedResources).toMatchObject([
      link,
    ]);
    const second = await at.send("POST", `${path}/linkedResources`, { body: { externalId: "crm:43" } });
    expect(second.status).toBe(201);
    const one = `${path}/linkedResources/${second.body.id}`;
    expect((await at.send("PATCH", one, { body: { displayName: "Sale 43" } })).body).toMatchObject({
      externalId: "crm:43",
      displayName: "Sale 43",
    });
    expect((await at.send("GET", `${path}/linkedResources`)).body.value).toHaveLength(2);
    expect((await at.send("DELETE", one)).status).toBe(204);
    expect((await at.send("GET", one)).status).toBe(404);
    at.graph.configure({ linkedResourcesUnasked: true });
    const list = await at.send("GET", tasks);
    expect(list.body.value.find((each: Json) => each.id === made.id).linkedResources).toMatchObject([link]);
    at.graph.configure({ linkedResourcesUnasked: false });
    const item = await at.send("POST", `${path}/checklistItems`, { body: { displayName: "Step 1" } });
    expect(item.body).toMatchObject({ displayName: "Step 1", isChecked: false });
  });

  it("are told by a delta of their list, with their links when asked for", async () => {
    const begin = await at.send("GET", `${tasks}/delta?$expand=linkedResources`, {
      headers: { prefer: "odata.maxpagesize=1000" },
    });
    const stamped = begin.body.value.find((each: Json) => each.title === "Stamped");
    expect(stamped.linkedResources[0].externalId).toBe("crm:42");
    const made = await create({ title: "New", linkedResources: [{ externalId: "crm:44" }] });
    await at.send("DELETE", `${tasks}/${stamped.id}`);
    const { body } = await at.send("GET", begin.body["@odata.deltaLink"]);
    expect(body.value).toMatchObject([
      { id: made.id, linkedResources: [{ externalId: "crm:44" }] },
      { id: stamped.id, "@removed": { reason: "deleted" } },
    ]);
  });

  it("live in lists, which can be made, renamed and deleted, the default one apart", async () => {
    const list = await at.send("POST", "/me/todo/lists", { body: { displayName: "CRM" } });
    expect(list.body).toMatchObject({ displayName: "CRM", wellknownListName: "none" });
    const path = `/me/todo/lists/${list.body.id}`;
    const made = await at.send("POST", `${path}/tasks`, { body: { title: "There" } });
    expect((await at.send("GET", `${tasks}/${made.body.id}`)).status).toBe(404);
    expect((await at.send("PATCH", path, { body: { displayName: "SuperOffice" } })).body.displayName).toBe(
      "SuperOffice",
    );
    expect((await at.send("DELETE", path)).status).toBe(204);
    expect((await at.send("GET", `${path}/tasks`)).status).toBe(404);
    expect((await at.send("DELETE", tasks.replace(/\/tasks$/, ""))).status).toBe(400);
  });

  it("have no immutable ids unless the switch says so", async () => {
    const made = await create({ title: "Ids" });
    const headers = { prefer: 'IdType="ImmutableId"' };
    expect((await at.send("GET", `${tasks}/${made.id}`, { headers })).body.id).toBe(made.id);
    at.graph.configure({ immutableTaskIds: true });
    const other = (await at.send("GET", `${tasks}/${made.id}`, { headers })).body.id;
    expect(other).not.toBe(made.id);
    expect((await at.send("GET", `${tasks}/${other}`)).body.id).toBe(made.id);
    at.graph.configure({ immutableTaskIds: false });
  });
});
