import { describe, expect, it } from "vitest";
import { plainTraits, type Traits } from "../items/observed.ts";
import { base, link, seen, side } from "./builders.testing.ts";
import type { Told } from "./evidence.ts";
import type { ItemLink, Prints } from "./item-link.ts";
import { isCopy, letGo, whyStays, type StayReason } from "./removal.ts";
import { contactRules } from "./kinds/contact.ts";
import { taskRules } from "./kinds/task.ts";

function present(own: Prints = base, traits: Partial<Traits> = {}, key = "el.1"): Told<never> {
  return { kind: "present", seen: seen(own, { key, traits: { ...plainTraits, ...traits } }) };
}

const gone: Told<never> = { kind: "gone", by: "nothing" };
const untold: Told<never> = { kind: "untold" };
const rules = { kind: taskRules.kind as never, subscribes: null };
const original = present({ title: "anything" }, {}, "");

/** [what, the link, the copy, what it was made from, what becomes of it] */
const table: [string, ItemLink, Told<never>, Told<never>, StayReason | null][] = [
  ["as it was made", link(), present(), original, null],
  [
    "left alone on both sides since",
    link({ state: "untouched", reason: "direction" }),
    present(),
    original,
    null,
  ],
  [
    "a person's own",
    link({ sides: { crm: side(null), mailbox: side(null) } }),
    present(),
    original,
    "original",
  ],
  ["a person's copy of another one", link({ key: "el.2" }), present(), original, "original"],
  ["deleted long ago", link({ state: "deleted" }), gone, gone, "original"],
  ["on one side only", link({ sides: { crm: null, mailbox: side("el.1") } }), present(), untold, "original"],
  ["not there any more", link(), gone, original, "gone"],
  ["not to be read", link(), untold, original, "unreadable"],
  [
    "in a store that came back from a backup",
    link({ sides: { crm: side(null), mailbox: side("el.1", { unverified: true }) } }),
    present(),
    original,
    "unreadable",
  ],
  ["another item at its ref", link(), present(base, {}, "el.9"), original, "unreadable"],
  ["with participants since", link(), present(base, { participants: 1 }), original, "meeting"],
  ["somebody else's meeting", link(), present(base, { invited: true }), original, "meeting"],
  ["edited there", link(), present({ title: "another print" }), original, "edited"],
  [
    "made to repeat in an unknown way",
    link(),
    present(base, { recurrenceUnknown: true }),
    original,
    "edited",
  ],
  ["the only one left", link(), present(), gone, "last"],
  ["made from what cannot be read", link(), present(), untold, "last"],
];

describe("what is removed when a link ends", () => {
  it.each(table)("%s", (_what, each, copy, source, becomes) => {
    expect(whyStays(each, "mailbox", { mailbox: copy, crm: source }, rules)).toBe(becomes);
  });

  it("a person of the CRM stays, even one that Everlink made", () => {
    const made = link({ sides: { crm: side("el.1"), mailbox: side(null) } });
    const told = { crm: present(), mailbox: original };
    expect(whyStays(made, "crm", told, { kind: contactRules.kind as never, subscribes: "crm" })).toBe(
      "person",
    );
    expect(whyStays(made, "crm", told, rules)).toBeNull();
  });

  it("lets go of a copy so that its original is new again, and whoever links again makes it anew or finds it", () => {
    const after = letGo(link({ masked: true, held: "crm", pending: true }), "mailbox", "el.2");
    expect(after).toMatchObject({ key: "el.2", state: "new", masked: false, held: null, pending: false });
    expect(after.sides).toMatchObject({ crm: { ref: "ref", base: {} }, mailbox: null });
    expect([isCopy(link(), "mailbox"), isCopy(link(), "crm"), isCopy(after, "mailbox")]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
