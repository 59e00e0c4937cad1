import { describe, expect, it } from "vitest";
import type { ItemLinkId } from "../ids.ts";
import { base, link, linkWith, seen, side } from "./builders.testing.ts";
import type { Observation } from "./evidence.ts";
import { doubted, isAnother, isNowhere, letGo, recognized, verified } from "./incarnation.ts";

/** [what is known, what stands at its ref now, which item that is] */
const table: [string, Parameters<typeof side>, Parameters<typeof seen>, "same" | "another" | "unknown"][] = [
  ["the same stamp", ["el.1"], [{}, { key: "el.1" }], "same"],
  [
    "another stamp, whatever else is equal",
    ["el.1", { uid: "U" }],
    [base, { key: "el.2", uid: "U" }],
    "another",
  ],
  ["a stamp on what had none", [null, { uid: "U" }], [base, { key: "el.2", uid: "U" }], "another"],
  [
    "a stamp on what was never read",
    [null, { version: "", uid: "U" }],
    [{}, { key: "el.2", uid: "U" }],
    "same",
  ],
  ["the stamp is gone, the UID is the same", ["el.1", { uid: "U" }], [{}, { uid: "U" }], "same"],
  ["another UID", ["el.1", { uid: "U" }], [base, { uid: "V" }], "another"],
  ["the same birth", [null, { born: "b" }], [{}, { born: "b" }], "same"],
  ["another birth", [null, { born: "b" }], [base, { born: "c" }], "another"],
  ["no mark in common, equal content", [null, { uid: "U" }], [base], "same"],
  ["no mark in common, other content", [null], [{ title: "other" }], "unknown"],
  ["no mark in common, a field more", [null], [{ ...base, place: "P" }], "unknown"],
  ["no mark in common, a field less", [null, { base: { ...base, place: "P" } }], [base], "unknown"],
  [
    "an end that is ours is no field of the item",
    [null, { base: { ...base, "rule/ours": "E" } }],
    [base],
    "same",
  ],
  ["nothing is known of it", [null, { base: {} }], [{}], "unknown"],
];

describe("whether what stands at a ref is the item that was known there", () => {
  it.each(table)("%s", (_what, known, now, which) => {
    expect(recognized(side(...known), seen(...now))).toBe(which);
    expect(isAnother(side(...known), seen(...now))).toBe(which === "another");
  });
});

describe("a side whose word does not count yet", () => {
  const unverified = { unverified: true };
  const both = { ...link(), sides: { crm: side(null, unverified), mailbox: side(null, unverified) } };
  const same: Observation<never> = { change: "same", seen: seen(base) };
  const unread: Observation<never> = { change: "same", seen: null };

  it("is the one that came back from a backup; where both did, neither is the better one", () => {
    expect(doubted(link())).toBeNull();
    expect(doubted(linkWith("crm", unverified))).toBe("crm");
    expect(doubted(linkWith("mailbox", unverified))).toBe("mailbox");
    expect(doubted(both)).toBeNull();
    expect(doubted(link({ sides: { crm: null, mailbox: side(null, unverified) } }))).toBe("mailbox");
  });

  it("counts as before once it was found and everything is handled", () => {
    const now = verified(both, { crm: same, mailbox: unread }, new Set());
    expect([now.sides.crm?.unverified, now.sides.mailbox?.unverified]).toEqual([false, true]);
    const written = verified(both, { crm: same, mailbox: same }, new Set(["crm"]));
    expect([written.sides.crm?.unverified, written.sides.mailbox?.unverified]).toEqual([true, false]);
    const alone = { ...both, sides: { ...both.sides, crm: null } };
    expect(verified(alone, { crm: { change: "never" }, mailbox: same }, new Set()).sides).toMatchObject({
      crm: null,
      mailbox: { unverified: false },
    });
  });

  it("not before, and whoever is not in doubt stays as it is", () => {
    const pending = { ...both, pending: true };
    expect(verified(pending, { crm: same, mailbox: same }, new Set())).toBe(pending);
    const sure = link();
    expect(verified(sure, { crm: same, mailbox: same }, new Set())).toBe(sure);
  });
});

describe("a ref that no system gives", () => {
  it("takes the place of one that is another item's by now, once", () => {
    const gone = letGo(link({ id: "7" as ItemLinkId }), "crm");
    expect(gone.sides.crm).toEqual({ ...side(null), ref: "nowhere/7" });
    expect(gone.sides.mailbox?.ref).toBe("ref");
    expect(letGo(gone, "crm")).toBe(gone);
    expect([isNowhere("nowhere/7"), isNowhere("ref"), isNowhere("x/nowhere/7")]).toEqual([
      true,
      false,
      false,
    ]);
    const none = link({ sides: { crm: null, mailbox: side(null) } });
    expect(letGo(none, "crm")).toBe(none);
  });
});
