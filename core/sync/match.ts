import type { ItemLinkId } from "../ids.ts";
import { sides, type Ref, type Side } from "../items/observed.ts";
import type { ItemLink } from "./item-link.ts";

/** What matching looks at in a link of state `new`, which has one side. */
export interface Candidate {
  id: ItemLinkId;
  /** The stamp of what is made from it. */
  key: string;
  side: Side;
  ref: Ref;
  uid: string | null;
  /** The stamp that the item itself carries. */
  stamp: string | null;
  /** The same for items with equal content in the narrower projection, and for no others. */
  content: string;
}

export interface Pairs<Of extends Candidate> {
  /** `kept` is the one whose key, and thereby stamp, both go by from now on. */
  pairs: { kept: Of; absorbed: Of }[];
  single: Of[];
}

/**
 * Finds the counterparts among the new items of both sides, in the order of certainty:
 *
 * 1. the stamp: one was made from the other, or both from the same (the tables were lost)
 * 2. the UID that both systems know
 * 3. equal content in the narrower projection; items that are equal in everything compared are interchangeable,
 *    so that any pairing of them is the right one
 *
 * Where a copy made by a person leaves more than one candidate, the one with equal content is taken, then the
 * first by ref; the others are new items. The result does not depend on the order of the input, and is the same for
 * any part of the input that holds both or neither of each pair.
 */
export function pairUp<Of extends Candidate>(news: readonly Of[]): Pairs<Of> {
  const of = (side: Side) =>
    news.filter((each) => each.side === side).toSorted((a, b) => (a.ref < b.ref ? -1 : 1));
  const crm = of("crm");
  const mailbox = of("mailbox");
  const pairs: Pairs<Of>["pairs"] = [];
  const taken = new Set<Of>();

  const pair = (keysOf: (candidate: Of) => readonly (string | null)[], byStamp = false) => {
    const byKey = new Map<string, Of[]>();
    for (const candidate of mailbox) {
      for (const key of keysOf(candidate)) if (key !== null) push(byKey, key, candidate);
    }
    for (const one of crm) {
      if (taken.has(one)) continue;
      const found = keysOf(one)
        .flatMap((key) => (key === null ? [] : (byKey.get(key) ?? [])))
        .filter((each) => !taken.has(each));
      const other = found.find(({ content }) => content === one.content) ?? found[0];
      if (other === undefined) continue;
      taken.add(one).add(other);
      const made = byStamp && one.stamp === other.key;
      pairs.push(made ? { kept: other, absorbed: one } : { kept: one, absorbed: other });
    }
  };
  // A stamp is the key of the link of the item from which the stamped one was made.
  pair(({ stamp, key }) => [stamp, key], true);
  pair(({ uid }) => [uid]);
  pair(({ content }) => [content]);
  return { pairs, single: news.filter((each) => !taken.has(each)) };
}

export interface Matches {
  /** `single` links with both sides and no base: planned as row 43. `absorbed` is the other of the two. */
  pairs: { link: ItemLink; absorbed: ItemLink }[];
  /** New items without counterpart: rows 41 and 42. */
  single: ItemLink[];
}

/** As `pairUp`, for whole links; the hashes of an item's content are in `agreed`. */
export function match(fields: readonly string[], news: readonly ItemLink[]): Matches {
  const candidates = news.map((link) => ({ ...candidateOf(link, contentOf(fields, link)), link }));
  const { pairs, single } = pairUp(candidates);
  return { pairs: pairs.map(joined), single: single.map(({ link }) => link) };
}

function joined({ kept, absorbed }: Pairs<Candidate & { link: ItemLink }>["pairs"][number]) {
  const known = { crm: kept.link.sides.crm, mailbox: kept.link.sides.mailbox };
  known[absorbed.side] = absorbed.link.sides[absorbed.side];
  for (const side of sides) known[side] = known[side] && { ...known[side], base: {} };
  const link: ItemLink = { ...kept.link, state: "single", sides: known, agreed: {} };
  return { link, absorbed: absorbed.link };
}

/** The hashes of the fields that are compared, in one. */
export function contentOf(fields: readonly string[], { agreed }: Pick<ItemLink, "agreed">): string {
  return fields.map((field) => agreed[field] ?? "?").join("/");
}

export function candidateOf({ id, key, sides: known }: ItemLink, content: string): Candidate {
  const side: Side = known.crm === null ? "mailbox" : "crm";
  const { ref = "", uid = null, stamp = null } = known[side] ?? {};
  return { id, key, side, ref, uid, stamp, content };
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
