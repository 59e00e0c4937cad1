import type { ItemLinkId } from "../ids.ts";
import { plainTraits, type Observed, type Side } from "../items/observed.ts";
import type { ItemLink, LinkSide, Prints } from "./item-link.ts";
import type { Seen } from "./prints.ts";

/** Links and what is seen of them, for tests that need no content: a print is any word. */

export const base: Prints = { title: "print of the title" };

export function side(stamp: string | null, patch: Partial<LinkSide> = {}): LinkSide {
  const known = { uid: null, base, out: false, unconfirmed: false, born: null, unverified: false };
  return { ...known, ref: "ref", version: "1", stamp, ...patch };
}

/** An item of the CRM of which Everlink made a copy in the mailbox. */
export function link(patch: Partial<ItemLink> = {}): ItemLink {
  return {
    id: "link" as ItemLinkId,
    key: "el.1",
    revision: 3,
    state: "linked",
    reason: null,
    masked: false,
    sides: { crm: side(null), mailbox: side("el.1") },
    agreed: base,
    pending: false,
    notBefore: null,
    attempts: 0,
    held: null,
    rewrites: 0,
    rewritesSince: null,
    ...patch,
  };
}

/** Linked as well, but for what is known of one side. */
export function linkWith(name: Side, patch: Partial<LinkSide>): ItemLink {
  const whole = link();
  return { ...whole, sides: { ...whole.sides, [name]: { ...whole.sides[name], ...patch } as LinkSide } };
}

/** What a side shows of an item. */
export function seen(
  own: Prints,
  patch: Partial<Omit<Observed<never>, "item">> = {},
  narrow: Prints = own,
): Seen<never> {
  const observed = {
    ref: "ref",
    version: "2",
    uid: null,
    key: null,
    item: {},
    traits: plainTraits,
    ...patch,
  };
  return { observed, item: {}, own, narrow } as never;
}
