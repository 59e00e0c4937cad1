import { describe, expect, it } from "vitest";
import { base, seen, side } from "./builders.testing.ts";
import { observe, seenOf, untold } from "./evidence.ts";
import { appointmentRules } from "./kinds/appointment.ts";
import { taskRules } from "./kinds/task.ts";

const kind = taskRules.kind as never;
const gone = { kind: "gone", by: "deleted" } as const;
const present = (own: Record<string, string>, version = "2") =>
  ({ kind: "present", seen: seen(own, { version }) }) as never;

describe("what one side tells, compared with what it last held", () => {
  it.each([
    ["never there, and nothing is told", null, untold, { change: "never" }],
    ["never there, whatever is told", null, gone, { change: "never" }],
    ["nothing is told", side(null), untold, { change: "same", seen: null }],
    ["a proof that it is gone", side(null), gone, { change: "deleted" }],
    [
      "another version of the same is no change",
      side(null),
      present({ title: base["title"]! }, "9"),
      { change: "same" },
    ],
    ["another value", side(null), present({ title: "other" }), { change: "changed", fields: ["title"] }],
    ["a value less", side(null), present({}), { change: "changed", fields: ["title"] }],
    [
      "nothing is known of it",
      side(null, { base: {} }),
      present({ title: "T", due: "D" }),
      { change: "changed", fields: ["title", "due"] },
    ],
  ] as const)("%s", (_what, known, told, observed) => {
    const observation = observe(kind, known, told);
    expect(observation).toMatchObject(observed);
    const isSeen = told.kind === "present" && known !== null;
    expect(seenOf(observation) !== null).toBe(isSeen);
  });

  it("counts a date of a series that is there on one of them only", () => {
    const field = "recurrenceOverrides/2026-03-02";
    const observation = observe(
      appointmentRules.kind as never,
      side(null, { base: { [field]: "x" } }),
      present({}),
    );
    expect(observation).toMatchObject({ change: "changed", fields: [field] });
  });
});
