import { sides, type Ref, type Side } from "../items/observed.ts";
import type { Observation } from "./evidence.ts";
import { seenOf } from "./evidence.ts";
import type { ItemLink, LinkSide } from "./item-link.ts";
import { samePrints, type Seen } from "./prints.ts";

/**
 * A store that came back from a backup, or was replaced by another one, is in another life: its *incarnation*. It may have
 * lost items and changes, brought back what was deleted, and gives refs out again. So the item links of that side are
 * unverified: each has to be found again before anything that this side says of it is believed (rows 95–98 of `plan.ts`).
 */

/** The one side whose word does not count for this item yet; `null` also when neither does, and none is the better one. */
export function doubted(link: ItemLink): Side | null {
  const [one, ...more] = sides.filter((side) => link.sides[side]?.unverified === true);
  return one === undefined || more.length > 0 ? null : one;
}

/**
 * Whether what stands at a ref is the item that was known there, in the order of certainty: the stamp, the UID, the item's
 * own birth, equal content.
 */
export function recognized(
  known: LinkSide,
  { observed, own }: Seen<unknown>,
): "same" | "another" | "unknown" {
  // Only what we make has a stamp, from its first moment on.
  if (known.version !== "" && known.stamp === null && observed.key !== null) return "another";
  const marks = [
    [known.stamp, observed.key],
    [known.uid, observed.uid],
    [known.born, observed.born ?? null],
  ] as const;
  for (const [before, now] of marks) {
    if (before !== null && now !== null) return before === now ? "same" : "another";
  }
  const fields = [...new Set([...Object.keys(known.base), ...Object.keys(own)])].filter(isValue);
  return Object.keys(known.base).length > 0 && samePrints(fields, known.base, own) ? "same" : "unknown";
}

/**
 * In doubt it is the same one: a restored backup takes changes back from many items, and gives few of their refs to others.
 */
export function isAnother(known: LinkSide, seen: Seen<unknown>): boolean {
  return recognized(known, seen) === "another";
}

/** A base also remembers marks of ours, which no item has. */
function isValue(field: string): boolean {
  return !field.endsWith("/ours");
}

/** What has been found again, and of which everything is handled, counts as before. */
export function verified<Item>(
  link: ItemLink,
  observed: Readonly<Record<Side, Observation<Item>>>,
  written: ReadonlySet<Side>,
): ItemLink {
  if (link.pending || sides.every((side) => link.sides[side]?.unverified !== true)) return link;
  const next = sides.map((side) => {
    const known = link.sides[side];
    const found = known !== null && seenOf(observed[side]) !== null && !written.has(side);
    return [side, found ? { ...known, unverified: false } : known] as const;
  });
  return { ...link, sides: Object.fromEntries(next) as Record<Side, LinkSide | null> };
}

const nowherePrefix = "nowhere/";

/**
 * The link with a ref that no system gives: its item is not where it was, and the ref may be another item's by now, be it
 * one that we make ourselves.
 */
export function letGo(link: ItemLink, side: Side): ItemLink {
  const known = link.sides[side];
  if (known === null || isNowhere(known.ref)) return link;
  return { ...link, sides: { ...link.sides, [side]: { ...known, ref: nowherePrefix + link.id } } };
}

export function isNowhere(ref: Ref): boolean {
  return ref.startsWith(nowherePrefix);
}
