import { otherSide, type Side } from "../items/observed.ts";
import type { Told } from "./evidence.ts";
import { observe } from "./evidence.ts";
import { withoutChoice, type ItemLink } from "./item-link.ts";
import type { KindRules } from "./rules.ts";

/** Row of the decision table under which an item's timeline tells that Everlink's copy was removed at the end of a link. */
export const removalRow = 99;

/** Why an item stays where it is although what Everlink made on its side is removed. */
export const stayReasons = [
  "original",
  "person",
  "gone",
  "unreadable",
  "meeting",
  "edited",
  "last",
  "unavailable",
] as const;
export type StayReason = (typeof stayReasons)[number];

/**
 * What becomes of one item when a link ends and what Everlink made on the side `from` is removed there; the first row
 * that holds:
 *
 *   the item there does not carry this link's stamp       | stays: original     a person's own, or adopted
 *   items there are persons of the CRM                    | stays: person       a copy ends, a person does not
 *   it was not found again since its store came back from
 *     a backup or changed its ids, or cannot be read      | stays: unreadable
 *   it is not there any more                              | stays: gone         nothing to do
 *   it has participants, or somebody else owns it         | stays: meeting      its end would be mailed
 *   it differs from what it was after the last sync       | stays: edited
 *   what it was made from is not there any more           | stays: last         it is the only one left
 *   otherwise                                             | removed             row 99
 *
 * `unavailable` is no row: a kind that one of the systems does not offer just now is not looked at.
 */
export function whyStays<Item>(
  link: ItemLink,
  from: Side,
  told: Readonly<Record<Side, Told<Item>>>,
  { kind, subscribes }: Pick<KindRules<Item>, "kind" | "subscribes">,
): StayReason | null {
  const known = link.sides[from];
  if (!isCopy(link, from) || known === null) return "original";
  if (subscribes === from) return "person";
  const copy = told[from];
  if (known.unverified || copy.kind === "untold") return "unreadable";
  if (copy.kind === "gone") return "gone";
  if (copy.seen.observed.key !== link.key) return "unreadable";
  const { participants, invited, recurrenceUnknown } = copy.seen.observed.traits;
  if (participants > 0 || invited) return "meeting";
  if (recurrenceUnknown || observe(kind, known, copy).change !== "same") return "edited";
  return told[otherSide(from)].kind === "present" ? null : "last";
}

/** Whether the item on that side was made by Everlink, for this link: only such a one carries its stamp. */
export function isCopy(link: ItemLink, side: Side): boolean {
  const stamp = link.sides[side]?.stamp ?? null;
  return (
    link.state !== "deleted" && stamp !== null && stamp === link.key && link.sides[otherSide(side)] !== null
  );
}

/**
 * The link of an item whose copy on that side it knows no more: the other side's item is new again. Whoever links again
 * has it made anew, or, where a copy has stayed, finds that by its stamp; whatever became of the copy meanwhile is no delete.
 *
 * @param key a deleted copy may occupy its stamp: then another one
 */
export function letGo(link: ItemLink, side: Side, key: string): ItemLink {
  const other = otherSide(side);
  const known = link.sides[other];
  const none: ItemLink["sides"] = { crm: null, mailbox: null };
  return {
    ...withoutChoice(link),
    key,
    revision: link.revision + 1,
    state: "new",
    reason: null,
    masked: false,
    sides: { ...none, [other]: known && { ...known, base: {} } },
    pending: false,
    notBefore: null,
    attempts: 0,
    held: null,
    rewrites: 0,
    rewritesSince: null,
  };
}
