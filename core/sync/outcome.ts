import { otherSide, type Observed } from "../items/observed.ts";
import type { Intent, ItemLink, LinkSide, Prints } from "./item-link.ts";
import type { Seen } from "./prints.ts";

type Written = Pick<
  Intent,
  "target" | "operation" | "fields" | "source" | "expected" | "narrow" | "masked" | "key"
>;

/**
 * What a write that took effect makes of its item link.
 *
 * Only the fields that were written are rebased, and only to what was written: a value that somebody changed while
 * our request was on its way is still a change when it is seen next (I1), while a value that the system rounded
 * is not (I9).
 *
 * @param seen the target as the write answered it, or as found later
 */
export function applied(link: ItemLink, write: Written, seen: Seen<unknown> | null): ItemLink {
  const source = otherSide(write.target);
  const counted: ItemLink = {
    ...link,
    revision: link.revision + 1,
    masked: write.masked,
    attempts: 0,
    notBefore: null,
  };
  if (write.operation === "delete" || seen === null) {
    return { ...counted, state: "deleted", reason: null, pending: false, held: null };
  }
  const known = link.sides[write.target];
  const base: Record<string, string | undefined> = write.operation === "create" ? {} : { ...known?.base };
  for (const field of write.fields) {
    const print = seen.narrow[field] === write.narrow[field] ? seen.own[field] : write.expected[field];
    if (print !== undefined) base[field] = print;
  }
  const target: LinkSide = {
    ...sideOf(seen.observed),
    base,
    out: known?.out ?? false,
    unconfirmed: write.operation === "create" || (known?.unconfirmed ?? false),
  };
  const from = link.sides[source];
  return {
    ...counted,
    state: "linked",
    reason: link.reason === "conflict" ? "conflict" : null,
    sides: {
      ...link.sides,
      [write.target]: target,
      [source]: from === null ? null : { ...from, base: { ...from.base, ...write.source } },
    },
    agreed: { ...link.agreed, ...write.narrow },
    held: null,
  };
}

/** Whether the target holds exactly what the write and the link expect: nothing else has happened to it. */
export function asExpected(link: ItemLink, side: Intent["target"], seen: Seen<unknown>): boolean {
  const base: Prints = link.sides[side]?.base ?? {};
  return Object.entries(seen.own).every(([field, print]) => base[field] === print);
}

/** Whether an uncertain update has taken effect, judged by what the target holds now. */
export function tookEffect(write: Written, seen: Seen<unknown>): boolean {
  return write.fields.every(
    (field) => seen.own[field] === write.expected[field] || seen.narrow[field] === write.narrow[field],
  );
}

/** A write that changed nothing remotely: the item is planned again, as another revision. */
export function notApplied(link: ItemLink): ItemLink {
  return { ...link, revision: link.revision + 1, pending: true };
}

export function sideOf(observed: Observed<unknown>): Omit<LinkSide, "base" | "out" | "unconfirmed"> {
  return { ref: observed.ref, version: observed.version, uid: observed.uid, stamp: observed.key };
}
