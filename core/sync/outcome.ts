import { otherSide, type Observed } from "../items/observed.ts";
import { withoutChoice, type Intent, type ItemLink, type LinkSide, type Prints } from "./item-link.ts";
import { taking, type Seen } from "./prints.ts";
import { restoreRow } from "./restoring.ts";
import { markIn, withMark } from "./rolling.ts";

type Written = Pick<
  Intent,
  "row" | "target" | "operation" | "fields" | "source" | "expected" | "narrow" | "masked" | "key"
>;

/**
 * What a write that took effect makes of its item link.
 *
 * Only the fields that were written are rebased, and only to what was written: a value that somebody changed while
 * our request was on its way is still a change when it is seen next (I1), while a value that the system rounded
 * is not (I9).
 *
 * @param seen the target as the write answered it, or as found later
 * @param certain the write came to its end: a date of a series that is not there now has no place in that system
 */
export function applied(
  link: ItemLink,
  write: Written,
  seen: Seen<unknown> | null,
  elements: Elements = noElements,
  certain = true,
): ItemLink {
  const source = otherSide(write.target);
  const counted: ItemLink = {
    ...(isDecided(link, write) ? withoutChoice(link) : link),
    revision: link.revision + 1,
    // The mask is on the CRM's copy: an update of the mailbox neither puts it on nor takes it off.
    masked: write.target === "mailbox" && write.operation === "update" ? link.masked : write.masked,
    attempts: 0,
    notBefore: null,
  };
  if (write.operation === "delete" || seen === null) {
    return { ...counted, state: "deleted", reason: null, pending: false, held: null };
  }
  const known = link.sides[write.target];
  if (write.row === restoreRow && known !== null) {
    // No base moves: what was given back is an edit, and flows as one.
    const there = { ...known, ...sideOf(seen.observed) };
    return { ...counted, sides: { ...link.sides, [write.target]: there }, pending: true, held: null };
  }
  const before =
    write.operation === "create" ? {} : withMark(known?.base ?? {}, write.expected, write.fields);
  const base: Record<string, string | undefined> = { ...before, ...markIn(write.expected) };
  const missing = write.fields.filter((field) => isMissing(field, write, seen, elements));
  const fields = certain ? write.fields : write.fields.filter((field) => !missing.includes(field));
  for (const field of write.fields) {
    if (missing.includes(field)) {
      delete base[field];
      continue;
    }
    const asWritten = seen.narrow[field] === write.narrow[field];
    // What nobody could decide, a new item has of its system.
    const given = write.operation === "create" && write.expected[field] === undefined && !elements.is(field);
    const print = asWritten || given ? seen.own[field] : write.expected[field];
    if (print !== undefined) base[field] = print;
    else if (elements.is(field)) delete base[field];
  }
  // Dates that have been keep what they had when their series changes: nobody's edit.
  if (write.fields.some((field) => !elements.is(field))) {
    for (const [field, print] of Object.entries(seen.own))
      if (elements.isKept(field) && !write.fields.includes(field)) base[field] = print;
  }
  const target: LinkSide = {
    ...sideOf(seen.observed),
    base,
    out: known?.out ?? false,
    unconfirmed: write.operation === "create" || (known?.unconfirmed ?? false),
    unverified: false,
  };
  const from = link.sides[source];
  return {
    ...counted,
    state: "linked",
    reason: link.reason === "conflict" ? "conflict" : null,
    sides: {
      ...link.sides,
      [write.target]: target,
      [source]: from === null ? null : { ...from, base: taking(from.base, write.source, fields) },
    },
    agreed: taking(link.agreed, write.narrow, fields),
    // What is missing is written again; an end that is ours will have to be moved on.
    pending: fields.length < write.fields.length || Object.keys(markIn(base)).length > 0,
    held: null,
  };
}

/** Whether this write is what a person's decision asked for. */
function isDecided({ choice }: ItemLink, { row, target }: Written): boolean {
  if (choice === undefined) return false;
  return choice.kind === "restore" ? row === restoreRow : target === otherSide(choice.side);
}

/** What an outcome must know of a kind's elements. */
export interface Elements {
  is(field: string): boolean;
  /** The target leaves this one as it was when the whole changes. */
  isKept(field: string): boolean;
}

const noElements: Elements = { is: () => false, isKept: () => false };

/** An element that was written and is not there: the write ended before it, or the system has no such date. */
function isMissing(field: string, write: Written, seen: Seen<unknown>, elements: Elements): boolean {
  return elements.is(field) && write.expected[field] !== undefined && seen.own[field] === undefined;
}

/** Whether the target holds exactly what the write and the link expect: nothing else has happened to it. */
export function asExpected(
  link: ItemLink,
  side: Intent["target"],
  seen: Seen<unknown>,
  elements: Elements = noElements,
): boolean {
  const base: Prints = link.sides[side]?.base ?? {};
  const asKnown = Object.entries(seen.own).every(([field, print]) => base[field] === print);
  return asKnown && Object.keys(base).every((field) => !elements.is(field) || seen.own[field] !== undefined);
}

/** Whether an uncertain update has taken effect, judged by what the target holds now. */
export function tookEffect(write: Written, seen: Seen<unknown>): boolean {
  return write.fields.every(
    (field) => seen.own[field] === write.expected[field] || seen.narrow[field] === write.narrow[field],
  );
}

/**
 * What an uncertain update has left behind, where not everything is as it wrote it: fields that hold what it wrote and
 * did not before. Somebody may have been there since; what they changed is theirs, and what is ours must not be taken
 * for theirs.
 */
export function leftBehind(link: ItemLink, write: Written, seen: Seen<unknown>): string[] {
  const before: Prints = link.sides[write.target]?.base ?? {};
  return write.fields.filter(
    (field) => before[field] !== write.expected[field] && tookEffect({ ...write, fields: [field] }, seen),
  );
}

/** A write that changed nothing remotely: the item is planned again at once, as another revision. */
export function notApplied(link: ItemLink): ItemLink {
  return { ...link, revision: link.revision + 1, pending: true, notBefore: null };
}

/**
 * A write that may have been made in part. Systems take the single dates of a series away when its shape changes, and
 * get them back one by one: those that are gone are nobody's edit, and whoever still has them gives them back.
 *
 * @param seen the target as it is now
 */
export function halfApplied(
  link: ItemLink,
  write: Written,
  seen: Seen<unknown>,
  elements: Elements,
): ItemLink {
  const base = link.sides[write.target]?.base ?? {};
  const gone = Object.keys(base).filter((field) => elements.is(field) && seen.own[field] === undefined);
  if (write.operation !== "update" || gone.length === 0) return link;
  const without = (side: LinkSide | null) => side && { ...side, base: taking(side.base, {}, gone) };
  return {
    ...link,
    sides: { crm: without(link.sides.crm), mailbox: without(link.sides.mailbox) },
    agreed: taking(link.agreed, {}, gone),
  };
}

export function sideOf(
  observed: Observed<unknown>,
): Omit<LinkSide, "base" | "out" | "unconfirmed" | "unverified"> {
  const { ref, version, uid, key, born = null } = observed;
  return { ref, version, uid, stamp: key, born };
}
