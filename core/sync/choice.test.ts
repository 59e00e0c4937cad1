import { describe, expect, it } from "vitest";
import { seen } from "./builders.testing.ts";
import { choicesOf, sameState, stateOf } from "./choice.ts";

describe("what may be asked for about a finding", () => {
  it.each([
    ["conflict", ["take-crm", "take-mailbox", "compare", "dismiss"]],
    ["refused", ["retry", "compare", "dismiss"]],
    ["loop", ["retry", "compare", "dismiss"]],
    ["unreadable", ["retry", "dismiss"]],
    ["meeting", ["compare", "dismiss"]],
    ["series-with-exceptions", ["compare", "dismiss"]],
  ] as const)("%s", (code, choices) => {
    expect(choicesOf(code)).toEqual(choices);
  });
});

describe("what a person was told about", () => {
  const hash = (field: string, value: string) => `${field}(${value})`;
  const crm = seen({ title: "T", place: "P" });

  it("is a digest of the named fields, or of all, of each side that was read", () => {
    expect(stateOf({ crm, mailbox: null }, hash)).toEqual({ crm: "state(place=P title=T)" });
    expect(stateOf({ crm, mailbox: seen({ title: "M" }) }, hash, ["title", "place"])).toEqual({
      crm: "state(place=P title=T)",
      mailbox: "state(place= title=M)",
    });
    expect(stateOf({ crm, mailbox: null }, hash, ["title"])).toEqual({ crm: "state(title=T)" });
  });

  it.each([
    [{ crm: "a", mailbox: "b" }, { crm: "a", mailbox: "b" }, true],
    [{ crm: "a", mailbox: "b" }, { crm: "a", mailbox: "c" }, false],
    [{ crm: "a", mailbox: "b" }, { crm: "c", mailbox: "b" }, false],
    [{ crm: "a" }, { crm: "a", mailbox: "c" }, true],
    [{ crm: "a", mailbox: "b" }, { mailbox: "b" }, true],
    [{}, { crm: "a" }, true],
  ])("%o and %o: the same %s", (then, now, same) => {
    expect(sameState(then, now)).toBe(same);
  });
});
