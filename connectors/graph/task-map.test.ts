import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { differences, held } from "../../core/items/compare.ts";
import type { Task } from "../../core/items/task.ts";
import { taskKind } from "../../core/items/task-kind.ts";
import { linked, observedTask, readTask, taskBody, taskDeclaration } from "./task-map.ts";
import { schemaViolation } from "./testing/schema.ts";

const blank = {
  id: "AAMk1=",
  "@odata.etag": 'W/"1"',
  title: "",
  body: { contentType: "text", content: "" },
  dueDateTime: null,
  startDateTime: null,
  completedDateTime: null,
  status: "notStarted",
  importance: "normal",
  isReminderOn: false,
  reminderDateTime: null,
  categories: [],
  recurrence: null,
};

const day = fc.constantFrom(null, "2026-03-02", "2026-10-25", "2028-02-29");
const task: fc.Arbitrary<Task> = fc.record({
  title: fc.string({ unit: "binary", maxLength: 60 }),
  description: fc.constantFrom("", "One\r\ntwo  \n", "<b>"),
  due: day,
  start: day,
  progress: fc.record({
    status: fc.constantFrom("needs-action", "in-process", "completed", "waiting", "deferred"),
    percentComplete: fc.option(fc.integer({ min: 0, max: 100 })),
    completedOn: day,
  }),
  priority: fc.constantFrom("high", "normal", "low"),
  privacy: fc.constantFrom("public", "private"),
  alert: fc.constantFrom(null, "2026-03-02T08:15:00Z"),
  category: fc.constantFrom("", "Call", "Visit"),
});
const read = (stored: unknown) => observedTask(readTask(stored));
const holds = (item: Task) => held(taskKind, item, taskDeclaration);

describe("tasks", () => {
  it("read as they were written, as the projection says, in bodies that Microsoft's schema allows", () => {
    fc.assert(
      fc.property(task, (item) => {
        const body = { ...taskBody(taskDeclaration.project(item)), ...linked("el.1") };
        expect(schemaViolation("todoTaskCreate", body)).toBeUndefined();
        const observed = read({ ...blank, ...body });
        expect(differences(taskKind, observed.item, holds(item))).toEqual([]);
        expect(observed.key).toBe("el.1");
      }),
    );
  });

  it("are patched field by field, and nothing else is named", () => {
    fc.assert(
      fc.property(task, task, fc.constantFrom(...taskKind.fields), (from, to, field) => {
        fc.pre(
          field !== "progress" ||
            holds(to).progress.completedOn !== null ||
            to.progress.status !== "completed",
        );
        const before = { ...blank, ...taskBody(taskDeclaration.project(from)) };
        const patch = { [field]: holds(to)[field] };
        const after = { ...before, ...taskBody(patch, readTask(before)) };
        expect(differences(taskKind, read(after).item, { ...holds(from), ...patch })).toEqual([]);
      }),
    );
    expect(taskBody({}, readTask(blank))).toEqual({});
  });

  it("keep a person's other categories", () => {
    const stored = readTask({ ...blank, categories: ["Call", "Skiing"] });
    expect(taskBody({ category: "Visit" }, stored)).toEqual({ categories: ["Visit", "Skiing"] });
  });

  it("were done on the day of their hour, and are due on the day whose midnight was meant", () => {
    const at = (dateTime: string) => ({ dateTime, timeZone: "UTC" });
    const { item } = read({
      ...blank,
      status: "completed",
      completedDateTime: at("2026-03-02T15:30:00.0000000"),
      dueDateTime: at("2026-03-02T23:00:00.0000000"),
      startDateTime: at("2026-03-02T05:00:00.0000000"),
    });
    expect(item.progress).toEqual({ status: "completed", percentComplete: 100, completedOn: "2026-03-02" });
    expect([item.due, item.start]).toEqual(["2026-03-03", "2026-03-02"]);
  });

  it("that come again when they are done are told as such", () => {
    expect(read(blank).traits.recurrenceUnknown).toBe(false);
    expect(read({ ...blank, recurrence: { pattern: {}, range: {} } }).traits.recurrenceUnknown).toBe(true);
  });

  it.each([
    [{ status: "asleep" }, "status"],
    [{ importance: "urgent" }, "importance"],
    [{ body: { contentType: "html", content: "<p>x</p>" } }, "body"],
    [{ "@odata.etag": undefined }, "etag"],
  ])("with %o are unreadable", (patch, reason) => {
    expect(() => read({ ...blank, ...patch })).toThrow(reason);
  });
});
