import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ItemLinkId } from "../ids.ts";
import { sides, type Side } from "../items/observed.ts";
import { link, side } from "./builders.testing.ts";
import type { ItemLink, LinkSide } from "./item-link.ts";
import { candidateOf, contentOf, match } from "./match.ts";

const fields = ["title", "place"];

/** A new item, seen on one side. */
function fresh(on: Side, ref: string, title: string, patch: Partial<LinkSide> = {}): ItemLink {
  const sidesOf = { crm: null, mailbox: null, [on]: side(null, { ref, ...patch }) };
  return link({
    state: "new",
    id: ref as ItemLinkId,
    key: `el.${ref}`,
    agreed: { title, place: "P", colour: ref },
    sides: sidesOf,
  });
}

const names = (news: readonly ItemLink[]) =>
  match(fields, news)
    .pairs.map(({ link: pair }) => `${pair.sides.crm?.ref}=${pair.sides.mailbox?.ref}`)
    .toSorted();

describe("matching new items", () => {
  it("by stamp before UID before content", () => {
    const news = [
      fresh("crm", "c1", "A"),
      fresh("mailbox", "m1", "B", { stamp: "el.c1" }),
      fresh("mailbox", "m2", "A"),
      fresh("crm", "c2", "B", { uid: "U" }),
      fresh("mailbox", "m3", "A", { uid: "U" }),
      fresh("crm", "c3", "A"),
    ];
    expect(names(news)).toEqual(["c1=m1", "c2=m3", "c3=m2"]);
  });

  it.each([
    ["the mailbox's was made from the CRM's", {}, { stamp: "el.c1" }, ["c1=m1"]],
    ["the CRM's was made from the mailbox's", { stamp: "el.m1" }, {}, ["c1=m1"]],
    ["both were made from the same", { stamp: "el.x" }, { stamp: "el.x" }, ["c1=m1"]],
    ["made from others", { stamp: "el.x" }, { stamp: "el.y" }, []],
    ["one UID", { uid: "U" }, { uid: "U" }, ["c1=m1"]],
    ["two UIDs", { uid: "U" }, { uid: "V" }, []],
    ["no UID is not the same one", { uid: null }, { uid: null }, []],
  ])("%s", (_what, crm, mailbox, pairs) => {
    expect(names([fresh("crm", "c1", "A", crm), fresh("mailbox", "m1", "B", mailbox)])).toEqual(pairs);
  });

  it("the link that the copy was made from goes on, and its stamp with it", () => {
    const fromMailbox = match(fields, [
      fresh("crm", "c1", "A", { stamp: "el.m1" }),
      fresh("mailbox", "m1", "A"),
    ]);
    const [pair] = fromMailbox.pairs;
    expect([pair?.link.id, pair?.link.key, pair?.absorbed.id]).toEqual(["m1", "el.m1", "c1"]);
    const byContent = match(fields, [fresh("mailbox", "m1", "A"), fresh("crm", "c1", "A")]);
    expect([byContent.pairs[0]?.link.id, byContent.pairs[0]?.absorbed.id]).toEqual(["c1", "m1"]);
    const sameUid = { uid: "U" };
    // Its stamp names the other one by chance of a copy: the UID is no word about who was first.
    const byUid = match(fields, [fresh("crm", "c1", "A", sameUid), fresh("mailbox", "m1", "B", sameUid)]);
    expect(byUid.pairs[0]?.link.id).toBe("c1");
  });

  it("a pair has both sides and no base: what differs is a conflict without one", () => {
    const news = [fresh("crm", "c1", "A"), fresh("mailbox", "m1", "A", { version: "9" })];
    expect(match(fields, news).pairs[0]?.link).toMatchObject({
      state: "single",
      agreed: {},
      sides: { crm: { ref: "c1", base: {} }, mailbox: { ref: "m1", version: "9", base: {} } },
    });
  });

  it("takes the stamped item with equal content when a copy carries the stamp too", () => {
    const news = [
      fresh("crm", "c1", "A"),
      fresh("mailbox", "m1", "B", { stamp: "el.c1" }),
      fresh("mailbox", "m2", "A", { stamp: "el.c1" }),
    ];
    expect(names(news)).toEqual(["c1=m2"]);
    expect(match(fields, news).single.map(({ id }) => id)).toEqual(["m1"]);
  });

  it("takes the first by ref where several are as good", () => {
    const news = [
      fresh("crm", "c1", "A"),
      fresh("mailbox", "m2", "B", { stamp: "el.c1" }),
      fresh("mailbox", "m1", "C", { stamp: "el.c1" }),
    ];
    expect(names(news)).toEqual(["c1=m1"]);
    const twins = [fresh("crm", "c2", "A"), fresh("crm", "c1", "A"), fresh("mailbox", "m1", "A")];
    expect(names(twins)).toEqual(["c1=m1"]);
    expect(match(fields, twins).single.map(({ id }) => id)).toEqual(["c2"]);
  });

  it("gives nobody two counterparts", () => {
    const stamped = { stamp: "el.c1", uid: "U" };
    const news = [
      fresh("crm", "c1", "A", { uid: "U" }),
      fresh("mailbox", "m1", "A", stamped),
      fresh("mailbox", "m2", "A", stamped),
      fresh("crm", "c2", "A", { uid: "U" }),
    ];
    expect(names(news)).toEqual(["c1=m1", "c2=m2"]);
  });

  it("compares the fields that are compared, and tells what is not known from every value", () => {
    expect(contentOf(fields, { agreed: { title: "A", place: "P", colour: "red" } })).toBe("A/P");
    expect(contentOf(fields, { agreed: { title: "A" } })).toBe("A/?");
    expect(candidateOf(fresh("mailbox", "m1", "A", { uid: "U", stamp: "s" }), "text")).toEqual({
      id: "m1",
      key: "el.m1",
      side: "mailbox",
      ref: "m1",
      uid: "U",
      stamp: "s",
      content: "text",
    });
    expect(candidateOf(fresh("crm", "c1", "A"), "")).toMatchObject({ side: "crm", ref: "c1" });
  });

  it("gives the same result in any order", () => {
    const items = fc.array(
      fc.record({
        on: fc.constantFrom<Side>(...sides),
        title: fc.constantFrom("A", "B"),
        uid: fc.constantFrom(null, "U", "V"),
        stamp: fc.constantFrom(null, "el.crm0", "el.mailbox1"),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(items, fc.infiniteStream(fc.nat()), (given, random) => {
        const news = given.map(({ on, title, uid, stamp }, n) =>
          fresh(on, `${on}${n}`, title, { uid, stamp }),
        );
        const shuffled = news
          .map((each) => ({ each, at: random.next().value as number }))
          .toSorted((a, b) => a.at - b.at);
        expect(names(shuffled.map(({ each }) => each))).toEqual(names(news));
      }),
    );
  });
});
