import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonical, differences, held } from "./compare.ts";
import { contactKind, emptyContact } from "./contact-kind.ts";
import type { Contact } from "./contact.ts";
import { declare } from "./kind.ts";
import { taskKind } from "./task-kind.ts";
import type { Task } from "./task.ts";

const day = fc.option(fc.oneof(fc.constantFrom("2026-03-02", "2026-02-30", ""), fc.string()));
const tasks: fc.Arbitrary<Task> = fc.record({
  title: fc.string({ unit: "binary" }),
  description: fc.string({ unit: "binary" }),
  due: day,
  start: day,
  progress: fc.record({
    status: fc.constantFrom("needs-action", "in-process", "completed", "waiting", "deferred"),
    percentComplete: fc.option(fc.double()),
    completedOn: day,
  }),
  priority: fc.constantFrom("high", "normal", "low"),
  privacy: fc.constantFrom("public", "private"),
  alert: fc.option(fc.oneof(fc.constant("2026-03-02T08:15:31.5Z"), fc.string())),
  category: fc.string(),
});
const address = fc.option(
  fc.record({
    street: fc.string({ unit: "binary" }),
    locality: fc.string(),
    region: fc.string(),
    postcode: fc.string(),
    country: fc.string(),
  }),
);
const contacts: fc.Arbitrary<Contact> = fc.record(
  Object.fromEntries(
    contactKind.fields.map((field) => {
      if (field.startsWith("addresses/")) return [field, address];
      return [field, field === "anniversaries/birth" ? day : fc.string({ unit: "binary" })];
    }),
  ),
) as unknown as fc.Arbitrary<Contact>;

const window = { from: "2026-03-01T00:00:00Z", to: "2026-04-01T00:00:00Z" };
const task: Task = {
  title: "Call back",
  description: "",
  due: "2026-03-05",
  start: null,
  progress: { status: "needs-action", percentComplete: 0, completedOn: null },
  priority: "normal",
  privacy: "public",
  alert: null,
  category: "",
};

describe("a task", () => {
  it("has one normal form", () => {
    fc.assert(
      fc.property(tasks, (item) => {
        const once = taskKind.normalize(item);
        expect(taskKind.normalize(once)).toEqual(once);
        expect(typeof taskKind.isValid(once)).toBe("boolean");
      }),
    );
  });

  it("is not half done when its status says done", () => {
    const done = taskKind.normalize({
      ...task,
      progress: { status: "completed", percentComplete: 50, completedOn: "2026-03-04T22:00:00Z" },
    });
    expect(done.progress).toEqual({ status: "completed", percentComplete: 100, completedOn: "2026-03-04" });
  });

  it("is in the window while it is open, and afterwards where it was done", () => {
    const done = (completedOn: string | null, due: string | null): Task => ({
      ...task,
      due,
      progress: { status: "completed", percentComplete: 100, completedOn },
    });
    expect(taskKind.touches({ ...task, due: "2019-01-01" }, window)).toBe(true);
    expect(taskKind.touches(done("2026-03-04", "2019-01-01"), window)).toBe(true);
    expect(taskKind.touches(done("2026-01-04", "2026-03-05"), window)).toBe(false);
    expect(taskKind.touches(done(null, null), window)).toBe(false);
  });

  it("has days that exist, and starts before it is due", () => {
    expect(taskKind.isValid(task)).toBe(true);
    expect(taskKind.isValid({ ...task, due: "2026-02-30" })).toBe(false);
    expect(taskKind.isValid({ ...task, start: "2026-03-06" })).toBe(false);
  });
});

describe("a contact", () => {
  it("has one normal form", () => {
    fc.assert(
      fc.property(contacts, (item) => {
        const once = contactKind.normalize(item);
        expect(contactKind.normalize(once)).toEqual(once);
        expect(typeof contactKind.isValid(once)).toBe("boolean");
      }),
    );
  });

  it.each([
    ["+47 22 12 34 56", "0047 (22) 12-34.56", true],
    ["+47 (0) 22 12 34 56", "+4722123456", true],
    ["22 12 34 56 ext. 12", "22123456x12", true],
    ["+47 22 12 34 56", "22 12 34 56", false],
    ["22 12 34 56", "22 12 34 57", false],
    ["-", "", false],
  ])("takes the numbers %s and %s for one: %s", (a, b, equal) => {
    const one = { ...emptyContact, "phones/mobile": a };
    expect(differences(contactKind, one, { ...one, "phones/mobile": b })).toEqual(
      equal ? [] : ["phones/mobile"],
    );
    expect(contactKind.normalize(one)["phones/mobile"]).toBe(a);
  });

  it("has no address when every part of it is empty", () => {
    const nowhere = { street: " \n", locality: "", region: "", postcode: "", country: "" };
    expect(
      contactKind.normalize({ ...emptyContact, "addresses/home": nowhere })["addresses/home"],
    ).toBeNull();
  });

  it("is one person however its mail address is capitalized", () => {
    const of = (address: string) => ({ ...emptyContact, "emails/first": address });
    expect(canonical(contactKind, "emails/first", of("Kari@Example.com"))).toBe(
      canonical(contactKind, "emails/first", of("kari@example.com")),
    );
  });
});

describe("a character that some program could not read", () => {
  const task: Task = {
    title: "46b12, 3\uFFFDme \uFFFDtage",
    description: "",
    due: null,
    start: null,
    progress: { status: "needs-action", percentComplete: null, completedOn: null },
    priority: "normal",
    privacy: "public",
    alert: null,
    category: "",
  };

  it("is kept, and one more or less is nobody's edit", () => {
    const normal = taskKind.normalize(task);
    expect(normal.title).toBe(task.title);
    expect(taskKind.normalize({ ...task, title: "A\uD800B" }).title).toBe("A\uFFFDB");
    expect(differences(taskKind, task, { ...task, title: "46b12, 3me tage" })).toEqual([]);
    expect(differences(taskKind, task, { ...task, title: "46b12, 3e tage" })).toEqual(["title"]);
    expect(canonical(taskKind, "title", normal)).not.toContain("\uFFFD");
  });
});

describe("a declaration", () => {
  const system = declare(taskKind, {
    title: { lossy: (title) => title.slice(0, 5) },
    description: "full",
    due: "full",
    start: { lossy: (start, item) => start ?? item.due },
    progress: "full",
    priority: { none: "normal" },
    privacy: "full",
    alert: { none: null },
    category: "read-only",
  });

  it("tells the support of each field", () => {
    expect(system.fields).toEqual({
      title: "lossy",
      description: "full",
      due: "full",
      start: "lossy",
      progress: "full",
      priority: "none",
      privacy: "full",
      alert: "none",
      category: "read-only",
    });
  });

  it("projects once and for all, into normal form", () => {
    const item: Task = { ...task, title: "Four five", priority: "high", alert: "2026-03-02T08:15:00Z" };
    const once = held(taskKind, item, system);
    expect(once).toEqual({ ...task, title: "Four", start: "2026-03-05" });
    fc.assert(
      fc.property(tasks, (any) => {
        const first = held(taskKind, any, system);
        expect(held(taskKind, first, system)).toEqual(first);
      }),
    );
  });
});
