import type { Side } from "../items/observed.ts";
import type { ItemLink, LinkSide } from "./item-link.ts";

/** A link of state `new` with its one side; the hashes of its content are in `agreed`. */
interface Candidate {
  link: ItemLink;
  side: LinkSide;
  content: string;
}

export interface Matches {
  /** `single` links with both sides and no base: planned as row 43. `absorbed` is the other of the two. */
  pairs: { link: ItemLink; absorbed: ItemLink }[];
  /** New items without counterpart: rows 41 and 42. */
  single: ItemLink[];
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
 * first by ref; the others are new items. The result does not depend on the order of the input.
 */
export function match(fields: readonly string[], news: readonly ItemLink[]): Matches {
  const crm = candidates(fields, news, "crm");
  const mailbox = candidates(fields, news, "mailbox");
  const pairs: Matches["pairs"] = [];
  const taken = new Set<ItemLink>();

  const pair = (keysOf: (candidate: Candidate) => readonly (string | null)[], keep: Side | "stamp") => {
    const byKey = new Map<string, Candidate[]>();
    for (const candidate of mailbox) {
      for (const key of keysOf(candidate)) if (key !== null) push(byKey, key, candidate);
    }
    for (const one of crm) {
      if (taken.has(one.link)) continue;
      const found = keysOf(one)
        .flatMap((key) => (key === null ? [] : (byKey.get(key) ?? [])))
        .filter(({ link }) => !taken.has(link));
      const other = found.find(({ content }) => content === one.content) ?? found[0];
      if (other === undefined) continue;
      taken.add(one.link).add(other.link);
      const kept = keep === "stamp" && one.side.stamp === other.link.key ? other : one;
      const absorbed = kept === one ? other : one;
      pairs.push({
        link: {
          ...kept.link,
          state: "single",
          sides: { crm: { ...one.side, base: {} }, mailbox: { ...other.side, base: {} } },
          agreed: {},
        },
        absorbed: absorbed.link,
      });
    }
  };
  // A stamp is the key of the link of the item from which the stamped one was made.
  pair(({ link, side }) => [side.stamp, link.key], "stamp");
  pair(({ side }) => [side.uid], "crm");
  pair(({ content }) => [content], "crm");
  return { pairs, single: news.filter((link) => !taken.has(link)) };
}

function candidates(fields: readonly string[], news: readonly ItemLink[], on: Side): Candidate[] {
  return news
    .flatMap((link) => {
      const side = link.sides[on];
      const content = fields.map((field) => link.agreed[field] ?? "?").join("/");
      return side === null ? [] : [{ link, side, content }];
    })
    .toSorted((a, b) => (a.side.ref < b.side.ref ? -1 : 1));
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
