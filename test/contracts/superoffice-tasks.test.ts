import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Scope } from "../../connectors/contract.ts";
import type { Task } from "../../core/items/task.ts";
import { blankTask, type SampleTask } from "../../sandbox/samples.ts";
import { openOffice, otherWay, person, scope as diary, signal } from "./superoffice-sandbox.ts";

const scope: Scope = { ...diary, kind: "task", container: "checklist" };
const open: Task = {
  title: "Call back",
  description: "About the price",
  due: "2026-03-06",
  start: "2026-03-06",
  progress: { status: "needs-action", percentComplete: 0, completedOn: null },
  priority: "high",
  privacy: "public",
  alert: "2026-03-06T12:30:00Z",
  category: "Prepare offer",
};

describe.each([
  ["as documented pages have it", {}],
  ["everything undocumented the other way round", otherWay],
])("SuperOffice's tasks, %s", (_, switches) => {
  let office: Awaited<ReturnType<typeof openOffice>>;
  let made = 0;
  beforeAll(async () => {
    office = await openOffice(switches);
  });
  afterAll(() => office.close());
  beforeEach(() => {
    const { tasks } = office.samples;
    for (const { id } of tasks.list(person)) tasks.remove(person, id);
  });

  const put = (sample: Partial<SampleTask> = {}) =>
    office.samples.tasks.put(person, { ...blankTask, subject: "By hand", due: "2026-03-06", ...sample });
  const create = (patch: Partial<Task> = {}) =>
    office.tasks.create(scope, { ...open, ...patch }, `el.task-${(made += 1)}`, signal);
  const listed = async () =>
    (await office.tasks.changes(scope, undefined, signal)).upserts.map(({ item }) => item.title).toSorted();
  const row = async (ref: string) =>
    (await office.client.call({ method: "GET", path: `Appointment/${ref.slice("task:".length)}`, signal }))
      .value as Record<string, never>;

  it("are rows of the checklist with a follow-up type of tasks", async () => {
    const { ref, item } = await create();
    expect(item).toEqual(open);
    expect(await row(ref)).toMatchObject({
      Type: "inChecklist",
      Task: { Value: "Prepare offer", Type: "ToDo" },
      Priority: { Value: "High" },
      Completed: "NotStarted",
      HasAlarm: true,
    });
    const [seen] = office.samples.tasks.list(person);
    expect(seen).toMatchObject({
      subject: "Call back",
      due: "2026-03-06",
      reminderAt: "2026-03-06T12:30:00Z",
    });
  });

  it("have SuperOffice's usual type for a category that it does not know, and tell none for it", async () => {
    const { ref, item } = await create({ category: "Red" });
    expect(item.category).toBe("");
    expect(await row(ref)).toMatchObject({ Task: { Value: "Task" } });
  });

  it.each([
    ["before the day", "2026-02-20T07:00:00Z", "2026-02-20T07:00:00Z"],
    ["early on the day", "2026-03-06T05:00:00Z", "2026-03-06T05:00:00Z"],
    ["late on the day", "2026-03-06T22:45:00Z", "2026-03-06T22:45:00Z"],
    ["on the next day there", "2026-03-06T23:00:00Z", null],
    ["months before", "2025-11-06T23:00:00Z", null],
  ])("remind %s as far as a row can", async (__, alert, held) => {
    const { item } = await create({ alert });
    expect(item.alert).toBe(held);
    expect(office.tasks.capabilities.project({ ...open, alert }).alert).toBe(held);
    expect([item.start, item.due]).toEqual(["2026-03-06", "2026-03-06"]);
  });

  it("keep their reminder when their days move", async () => {
    const before = await create({ alert: "2026-03-06T12:30:00Z" });
    const later = { start: "2026-03-10", due: "2026-03-12" };
    const updated = await office.tasks.update(before.ref, later, before.version, signal);
    expect(updated.item).toEqual({ ...before.item, ...later });
  });

  it("start no later than they are due: a row has both", async () => {
    const before = await create({ start: null });
    expect(before.item.start).toBe("2026-03-06");
    const refused = office.tasks.update(before.ref, { due: null }, before.version, signal);
    await expect(refused).rejects.toMatchObject({ code: "superoffice.request-invalid" });
    const sooner = { start: null, due: "2026-03-04", alert: null };
    const updated = await office.tasks.update(before.ref, sooner, before.version, signal);
    expect([updated.item.start, updated.item.due]).toEqual(["2026-03-04", "2026-03-04"]);
  });

  it("are listed while they are open, and after that as long as the window reaches", async () => {
    put({ subject: "Long due", due: "2019-03-06" });
    put({ subject: "Done in time", status: "completed", due: "2026-03-06" });
    put({ subject: "Done long ago", status: "completed", due: "2019-03-06" });
    put({ subject: "Years ahead", due: "2031-03-06" });
    expect(await listed()).toEqual(["Done in time", "Long due", "Years ahead"]);
  });

  it("of the diary's kinds are none, and those that become one are not deleted", async () => {
    const { ref } = await create();
    const { next } = await office.tasks.changes(scope, undefined, signal);
    await office.client.call({
      method: "PATCH",
      path: `Appointment/${ref.slice("task:".length)}`,
      body: { Type: "inDiary" },
      contentType: "application/merge-patch+json",
      signal,
    });
    expect((await office.tasks.changes(scope, next, signal)).gone).toEqual([{ ref, why: "left-scope" }]);
    await expect(office.tasks.get(ref, signal)).rejects.toMatchObject({ code: "item.malformed" });
  });

  it("are not gone because a listing was empty once", async () => {
    const { ref } = await create();
    const { next } = await office.tasks.changes(scope, undefined, signal);
    office.sandbox.rules.add({
      system: "superoffice",
      operation: "GET /Appointment",
      times: 1,
      effect: { kind: "empty" },
    });
    const since = await office.tasks.changes(scope, next, signal);
    expect([since.gone, since.listing]).toEqual([[], "partial"]);
    expect(await office.tasks.get(ref, signal)).toBeDefined();
  });

  it("that repeat are each a task of its own, and written alone", async () => {
    const at = (day: string) => `${day}T08:00:00`;
    const { value } = await office.client.call({ method: "GET", path: "Appointment/default", signal });
    const { _Links: __, ...entity } = value as Record<string, unknown>;
    const Recurrence = {
      Pattern: "Daily",
      DayPattern: { Pattern: "EveryCyclicDay", Cycle: 1 },
      StartDate: at("2026-05-04"),
      EndDate: at("2026-05-06"),
      RecurrenceEndType: "EndDate",
      RecurrenceCounter: 0,
      RecurrenceId: 0,
      IsRecurrence: true,
      Dates: [],
    };
    const { value: days } = await office.client.call({
      method: "POST",
      path: "Agents/Appointment/CalculateDays",
      body: {
        AppointmentEntity: {
          ...entity,
          StartDate: `${at("2026-05-04")}Z`,
          EndDate: `${at("2026-05-04")}Z`,
          Recurrence,
        },
      },
      signal,
    });
    await office.client.call({
      method: "POST",
      path: "Agents/Appointment/Save",
      body: {
        AppointmentEntity: {
          ...entity,
          Title: "Daily",
          Type: "inChecklist",
          Task: { TaskListItemId: 4 },
          Associate: { AssociateId: person.associateId },
          StartDate: `${at("2026-05-04")}Z`,
          EndDate: `${at("2026-05-04")}Z`,
          Recurrence: days,
        },
        UpdateMode: "OnlyThis",
      },
      signal,
    });
    const { upserts } = await office.tasks.changes(scope, undefined, signal);
    const [first, second, ...others] = upserts.toSorted((a, b) =>
      (a.item.due ?? "") < (b.item.due ?? "") ? -1 : 1,
    );
    expect([first, second, ...others].map((each) => each?.item.due)).toEqual([
      "2026-05-04",
      "2026-05-05",
      "2026-05-06",
    ]);
    const done = { status: "completed", percentComplete: 100, completedOn: null } as const;
    await office.tasks.update(first!.ref, { progress: done, title: "Done" }, first!.version, signal);
    expect(await listed()).toEqual(["Daily", "Daily", "Done"]);
    const now = (await office.tasks.get(second!.ref, signal))!;
    await office.tasks.remove(now.ref, now.version, signal);
    expect(await listed()).toEqual(["Daily", "Done"]);
  });
});
