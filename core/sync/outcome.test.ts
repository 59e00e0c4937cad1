import { describe, expect, it } from "vitest";
import { base, link, linkWith, seen, side } from "./builders.testing.ts";
import type { Intent } from "./item-link.ts";
import { applied, asExpected, halfApplied, leftBehind, notApplied, tookEffect } from "./outcome.ts";

const known = { title: "T1", place: "P1" };
const before = link({
  sides: { crm: side(null, { base: known }), mailbox: side("el.1", { base: known, out: true }) },
  agreed: known,
  attempts: 2,
  notBefore: 5,
  held: "crm",
  pending: true,
});

/** The title goes from the CRM to the mailbox, which holds it as `T2m`; both know it as `T2n` in common. */
const update: Pick<
  Intent,
  "row" | "target" | "operation" | "fields" | "source" | "expected" | "narrow" | "masked" | "key"
> = {
  row: 21,
  target: "mailbox",
  operation: "update",
  fields: ["title"],
  source: { title: "T2" },
  expected: { title: "T2m" },
  narrow: { title: "T2n" },
  masked: false,
  key: "el.1",
};

describe("what a write that took effect makes of the link", () => {
  it("rebases what was written, to what was written, on both sides, and nothing else", () => {
    const now = seen(
      { title: "T2m", place: "P9" },
      { version: "7", key: "el.1", uid: "U" },
      { title: "T2n" },
    );
    const after = applied(before, update, now);
    expect(after.sides.mailbox).toEqual({
      ...side("el.1"),
      version: "7",
      uid: "U",
      base: { title: "T2m", place: "P1" },
      out: true,
    });
    expect(after.sides.crm?.base).toEqual({ title: "T2", place: "P1" });
    expect(after).toMatchObject({
      agreed: { title: "T2n", place: "P1" },
      revision: 4,
      state: "linked",
      reason: null,
      pending: false,
      notBefore: null,
      attempts: 0,
      held: null,
    });
  });

  it("takes a value that the system spells otherwise as it is there, when it comes to the same in common", () => {
    const after = applied(before, update, seen({ title: "T2 rounded" }, {}, { title: "T2n" }));
    expect(after.sides.mailbox?.base).toMatchObject({ title: "T2 rounded" });
  });

  it("keeps to what was written where somebody changed it meanwhile: that is still to be seen (I1)", () => {
    const after = applied(before, update, seen({ title: "Mine" }, {}, { title: "Mine" }));
    expect(after.sides.mailbox?.base).toMatchObject({ title: "T2m" });
  });

  it("of a create: the base is what was made, it is not confirmed yet, and what the system decides is its own", () => {
    const one = link({
      state: "single",
      sides: { crm: side(null, { base: {} }), mailbox: null },
      agreed: {},
    });
    const create = { ...update, operation: "create", fields: ["title", "place"] } as const;
    const own = { title: "T2m", place: "where the system puts it", colour: "red" };
    const after = applied(one, create, seen(own, { key: "el.1" }, { title: "T2n", place: "elsewhere" }));
    expect(after.sides.mailbox).toEqual({
      ...side("el.1"),
      version: "2",
      base: { title: "T2m", place: "where the system puts it" },
      unconfirmed: true,
    });
    expect(after.state).toBe("linked");
    expect(applied(before, update, seen(known)).sides.mailbox?.unconfirmed).toBe(false);
    const fresh = linkWith("mailbox", { unconfirmed: true, unverified: true });
    expect(applied(fresh, update, seen(known)).sides.mailbox).toMatchObject({
      unconfirmed: true,
      unverified: false,
    });
  });

  it("of a delete, or when nothing is there any more: it is over", () => {
    const waiting = link({ reason: "conflict", pending: true, held: "mailbox", attempts: 1 });
    const over = {
      state: "deleted",
      reason: null,
      pending: false,
      held: null,
      attempts: 0,
      revision: 4,
      sides: waiting.sides,
    };
    const remove = { ...update, operation: "delete", fields: [] } as const;
    expect(applied(waiting, remove, seen(known))).toMatchObject(over);
    expect(applied(waiting, update, null)).toMatchObject(over);
  });

  it("an unanswered conflict about other fields goes on waiting", () => {
    expect(applied({ ...before, reason: "conflict" }, update, seen(known)).reason).toBe("conflict");
    expect(applied({ ...before, reason: "loop" as never }, update, seen(known)).reason).toBeNull();
  });

  it.each([
    ["an update of the CRM puts it on", "crm", "update", false, true, true],
    ["an update of the CRM takes it off", "crm", "update", true, false, false],
    ["an update of the mailbox leaves it on", "mailbox", "update", true, false, true],
    ["an update of the mailbox leaves it off", "mailbox", "update", false, true, false],
    ["a create in the mailbox says what it is", "mailbox", "create", false, true, true],
  ] as const)("the mask: %s", (_what, target, operation, was, masked, is) => {
    const after = applied({ ...before, masked: was }, { ...update, target, operation, masked }, seen(known));
    expect(after.masked).toBe(is);
  });

  it("of row 91: no base moves, so that what was given back flows as an edit", () => {
    const given = { ...update, row: 91, source: {} };
    const chosen = { ...before, choice: { kind: "restore", archiveId: "a" } } as const;
    const after = applied(chosen, given, seen({ title: "T2m" }, { version: "9", key: "el.1" }));
    expect(after.sides).toEqual({ ...before.sides, mailbox: { ...before.sides.mailbox, version: "9" } });
    expect(after).toMatchObject({ pending: true, held: null, revision: 4, agreed: known });
    expect("choice" in after).toBe(false);
  });

  it.each([
    ["a conflict is taken for the CRM, and the mailbox is written", "crm", "mailbox", 22, true],
    ["a conflict is taken for the mailbox, and the mailbox is written", "mailbox", "mailbox", 22, false],
  ] as const)("a decision: %s", (_what, taken, target, row, over) => {
    const chosen = { ...before, choice: { kind: "take", side: taken, state: {} } } as const;
    expect("choice" in applied(chosen, { ...update, target, row }, seen(known))).toBe(!over);
  });

  it("a decision: another write than row 91 does not carry a restore out", () => {
    const chosen = { ...before, choice: { kind: "restore", archiveId: "a" } } as const;
    expect(applied(chosen, update, seen(known)).choice).toEqual(chosen.choice);
  });
});

describe("single dates of a series, which a system may not have", () => {
  const elements = {
    is: (field: string) => field.startsWith("d/"),
    isKept: (field: string) => field === "d/old",
  };
  const series = link({
    sides: {
      crm: side(null, { base: { "d/1": "A" } }),
      mailbox: side("el.1", { base: { "d/1": "A", "d/old": "O" } }),
    },
    agreed: { "d/1": "A" },
  });
  const dates = {
    ...update,
    fields: ["d/1"],
    source: { "d/1": "B" },
    expected: { "d/1": "Bm" },
    narrow: { "d/1": "Bn" },
  };

  it("a date that was written and is not there has no place there, when the write came to its end", () => {
    const after = applied(series, dates, seen({}), elements);
    expect(after.sides.mailbox?.base).toEqual({ "d/old": "O" });
    expect(after.sides.crm?.base).toEqual({ "d/1": "B" });
    expect(after).toMatchObject({ pending: false, agreed: { "d/1": "Bn" } });
  });

  it("otherwise it is written again", () => {
    const after = applied(series, dates, seen({}), elements, false);
    expect(after.sides.mailbox?.base).toEqual({ "d/old": "O" });
    expect(after.sides.crm?.base).toEqual({ "d/1": "A" });
    expect(after).toMatchObject({ pending: true, agreed: { "d/1": "A" } });
  });

  it("a date made regular again is not there, and nothing is missing", () => {
    const regular = { ...dates, source: {}, expected: {}, narrow: {} };
    const after = applied(series, regular, seen({}), elements, false);
    expect([after.pending, after.sides.mailbox?.base, after.sides.crm?.base]).toEqual([
      false,
      { "d/old": "O" },
      {},
    ]);
  });

  it("what has been keeps what it had when the whole series changes", () => {
    const own = { "d/old": "O2", "d/1": "A2", title: "T2m" };
    expect(applied(series, update, seen(own), elements).sides.mailbox?.base).toEqual({
      "d/1": "A",
      "d/old": "O2",
      title: "T2m",
    });
    // A date alone is no change of the whole.
    expect(applied(series, dates, seen(own), elements).sides.mailbox?.base).toEqual({
      "d/1": "Bm",
      "d/old": "O",
    });
    // Nor is a kept date that was itself written taken as it is.
    const both = { ...update, fields: ["title", "d/old"], expected: { title: "T2m", "d/old": "W" } };
    expect(applied(series, both, seen(own), elements).sides.mailbox?.base).toMatchObject({ "d/old": "W" });
  });

  it("an end that is ours will have to be moved on", () => {
    const rule = {
      ...update,
      fields: ["recurrenceRule"],
      expected: { recurrenceRule: "R", "recurrenceRule/ours": "E" },
    };
    const after = applied(before, rule, seen({ recurrenceRule: "R" }));
    expect(after.sides.mailbox?.base).toMatchObject({ "recurrenceRule/ours": "E" });
    expect(after.pending).toBe(true);
  });

  it("of an update that may have been made in part: dates that are gone are forgotten on both sides", () => {
    const after = halfApplied(series, dates, seen({ "d/old": "O" }), elements);
    expect(after.sides.mailbox?.base).toEqual({ "d/old": "O" });
    expect(after.sides.crm?.base).toEqual({});
    expect(after.agreed).toEqual({});
    const whole = seen({ "d/1": "A", "d/old": "O" });
    expect(halfApplied(series, dates, whole, elements)).toBe(series);
    expect(halfApplied(series, { ...dates, operation: "create" }, seen({}), elements)).toBe(series);
    const alone = { ...series, sides: { ...series.sides, crm: null } };
    expect(halfApplied(alone, dates, seen({}), elements).sides).toMatchObject({
      crm: null,
      mailbox: { base: {} },
    });
  });

  it("the target is as expected when nothing but its version moved", () => {
    expect(asExpected(series, "mailbox", seen({ "d/1": "A", "d/old": "O" }), elements)).toBe(true);
    expect(asExpected(series, "mailbox", seen({ "d/1": "A" }), elements)).toBe(false);
    expect(asExpected(series, "mailbox", seen({ "d/1": "A" }))).toBe(true);
    expect(asExpected(series, "mailbox", seen({ "d/1": "B", "d/old": "O" }), elements)).toBe(false);
    expect(asExpected(link({ sides: { crm: null, mailbox: null } }), "crm", seen({}))).toBe(true);
  });
});

describe("judging an uncertain update by what the target holds", () => {
  it.each([
    ["as written", { title: "T2m" }, { title: "x" }, true],
    ["the same in common", { title: "T2 rounded" }, { title: "T2n" }, true],
    ["another value", { title: "Mine" }, { title: "Mine" }, false],
  ])("%s", (_what, own, narrow, took) => {
    expect(tookEffect(update, seen(own, {}, narrow))).toBe(took);
    expect(leftBehind(before, update, seen(own, {}, narrow))).toEqual(took ? ["title"] : []);
  });

  it("every field has to be there; what was there before is not left behind by us", () => {
    const two = {
      ...update,
      fields: ["title", "place"],
      expected: { title: "T2m", place: "P1" },
      narrow: { title: "T2n", place: "P1" },
    };
    const half = seen({ title: "T2m", place: "P7" });
    expect(tookEffect(two, half)).toBe(false);
    expect(leftBehind(before, two, half)).toEqual(["title"]);
    expect(leftBehind(before, two, seen({ title: "T2m", place: "P1" }))).toEqual(["title"]);
    expect(leftBehind(link({ sides: { crm: side(null), mailbox: null } }), two, half)).toEqual(["title"]);
  });

  it("what was not applied is planned again at once, as another revision", () => {
    expect(notApplied(link({ notBefore: 9, agreed: base }))).toEqual(
      link({ revision: 4, pending: true, agreed: base }),
    );
  });
});
