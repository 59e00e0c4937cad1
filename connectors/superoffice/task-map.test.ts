import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Task, TaskPriority } from "../../core/items/task.ts";
import { noLists, type Lists } from "./lists.ts";
import { readTask, taskCapabilities, writeTask } from "./task-map.ts";
import { taskEntity } from "./wire.ts";

const zone = "Europe/Oslo";
const listOf = (...names: string[]) => names.map((name, index) => ({ id: index + 1, name }));
const lists: Lists = {
  followUpTypes: listOf("Task", "Prepare offer"),
  priorities: listOf("Low", "Medium", "High"),
  countries: [],
};
const task: Task = {
  title: "Call back",
  description: "",
  due: "2026-03-30",
  start: "2026-03-28",
  progress: { status: "needs-action", percentComplete: 0, completedOn: null },
  priority: "normal",
  privacy: "public",
  alert: null,
  category: "",
};

/** The row that a task becomes, as it would be read. */
function rowOf(item: Task, known = lists) {
  return taskEntity.parse({
    AppointmentId: 1,
    Type: "inChecklist",
    UpdatedDate: "2026-03-02T08:00:00Z",
    Completed: "NotStarted",
    Private: "Public",
    IsFree: true,
    HasAlarm: false,
    IsAlldayEvent: false,
    ...writeTask(item, item, undefined, known, zone),
  });
}

describe("a task as a row of the checklist", () => {
  const days = fc
    .integer({ min: 0, max: 800 })
    .map((day) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10));
  const anyTask = fc
    .record({
      due: days,
      start: fc.option(days),
      alert: fc.option(
        fc
          .integer({ min: 0, max: 1_200_000 })
          .map((minute) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()),
      ),
      status: fc.constantFrom("needs-action", "in-process", "completed", "waiting", "deferred"),
      priority: fc.constantFrom("low", "normal", "high"),
      category: fc.constantFrom("", "Task", "prepare offer", "Red"),
    })
    .map(({ start, due, status, ...more }) => ({
      ...task,
      ...more,
      due,
      start: start !== null && start <= due ? start : null,
      progress: { status, percentComplete: null, completedOn: null },
    })) as fc.Arbitrary<Task>;

  it("is what its projection says, on every day and around both clock changes", () => {
    const { project } = taskCapabilities(lists, zone);
    fc.assert(
      fc.property(anyTask, (item) => {
        const held = project(item);
        expect(project(held)).toEqual(held);
        expect(readTask(rowOf(held), lists, zone)).toEqual(held);
      }),
    );
  });

  it("keeps the times of day that a row has", () => {
    const present = { StartDate: "2026-03-02T12:15:00Z", EndDate: "2026-03-02T15:45:00Z" };
    expect(writeTask({ due: "2026-03-30" }, task, present, lists, zone)).toMatchObject({
      StartDate: "2026-03-28T12:15:00Z",
      EndDate: "2026-03-30T14:45:00Z",
    });
    expect(writeTask({ title: "x" }, task, present, lists, zone)).toEqual({ Title: "Call back" });
  });

  it.each([
    [[], ["normal", "normal", "normal"]],
    [["Only"], ["normal", "normal", "normal"]],
    [
      ["Low", "High"],
      ["low", "low", "high"],
    ],
    [
      ["1", "2", "3", "4", "5"],
      ["low", "normal", "high"],
    ],
  ])("has the priorities of the tenant's list %j", (names, told) => {
    const known = { ...lists, priorities: listOf(...names) };
    const { project } = taskCapabilities(known, zone);
    const wanted: TaskPriority[] = ["low", "normal", "high"];
    expect(wanted.map((priority) => project({ ...task, priority }).priority)).toEqual(told);
    for (const priority of wanted) {
      const held = project({ ...task, priority });
      expect(readTask(rowOf(held, known), known, zone).priority).toBe(held.priority);
    }
  });

  it("points into no list that is not known", () => {
    const row = writeTask(task, task, undefined, noLists, zone);
    expect([row["Task"], row["Priority"]]).toEqual([undefined, undefined]);
    expect(taskCapabilities(noLists, zone).project({ ...task, category: "Task" }).category).toBe("");
  });

  it("of a group is private", () => {
    expect(readTask({ ...rowOf(task), Private: "PrivateGroup" }, lists, zone).privacy).toBe("private");
  });
});
