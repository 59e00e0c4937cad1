/**
 * What to do with one item, seen on both sides and compared with what each side last held.
 *
 *              | mailbox: same | changed      | deleted        | never seen
 * CRM: same    | 11 nothing    | 12 → CRM     | 13 delete CRM  | 41 create in mailbox
 *      changed | 21 → mailbox  | 22 merge     | 23 restore     | 41 create in mailbox
 *      deleted | 31 delete     | 32 restore   | 33 forget link | 44 forget link
 *      never   | 42 create in CRM             | 44 forget link | –
 *
 * 13 and 31 need positive evidence of the delete (I5): see `evidence.ts`.
 * 14 and 34: the brake held 13 or 31 of this item and a person chose to have the emptied side restored.
 * 23 and 32: an edit beats a concurrent delete (I6); the deleted side gets the item back.
 * 41 and 42 only for items that have no counterpart among the other side's new ones: see `match.ts`.
 * 43 adopt: they have one; both are linked and merged as row 22, with no base.
 * 51–63: left untouched on both sides, one row per reason (`untouched.ts`), above all other rows but 82–84.
 *        A later change that removes the reason brings the item back to the table.
 * 71 the system gave an item another ref: the link follows it (`match.ts`), then the table.
 * 72 instead of 11: an endless series lives in a system without such as far as the window; its end there, which is ours
 *    and no change of anybody's, is moved on (`rolling.ts`).
 *
 * Contacts are subscriptions to the CRM's persons (`KindRules.subscribes`; "deleted" in the CRM means: gone, or not in the
 * user's selections any more). For them
 * 81 instead of 12 where the direction forbids it: the mailbox's edit is taken back (archived), or left, by the setting.
 * 82 instead of 13 and 23: a delete in the mailbox ends the subscription; the person stays, and no copy is made again
 *    until the person has left the selections and come back.
 * 83 instead of 31: only a copy that Everlink made and nobody has changed is deleted,
 * 84 instead of 31 and 32: any other is left where it is, with a finding, until the person comes back.
 *
 * 90: a person has decided about this very item (`choice.ts`). 91 and 92: a person wants a conflict's loser back: `restoring.ts`.
 * Where a side's store came back from a backup, or was replaced, and the item was not found again there since
 * (`incarnation.ts`; what that side says is no word of a person's):
 * 95 instead of 12, 21, 22 and 43: the other side's value stands and goes over again; what the backup had is archived.
 * 96 instead of 13 and 31: it was lost there, and is made again.
 * 97 another item stands at its ref: the link lets go of it, and looks for its item among the new ones (41–43).
 * 98 it had been deleted on both sides and the backup brought it back: it is deleted again, under the brake.
 *
 * Directions: a row whose write would go against the direction becomes 61, and nothing is written.
 */
import type { Appointment } from "../items/appointment.ts";
import { fieldsIn, type FieldOf } from "../items/kind.ts";
import { otherSide, sides, type Side } from "../items/observed.ts";
import { held } from "../items/compare.ts";
import type { Observation } from "./evidence.ts";
import { seenOf } from "./evidence.ts";
import type { SideState } from "./choice.ts";
import { isFinding, type FindingCode } from "./findings.ts";
import { verified } from "./incarnation.ts";
import {
  withoutChoice,
  type ItemLink,
  type LinkSide,
  type Prints,
  type UntouchedReason,
  type WriteKind,
} from "./item-link.ts";
import { empties, merge, outward, type Merge, type MergeContext } from "./merge.ts";
import { narrowPrints, only, printsOf, taking, type Seen } from "./prints.ts";
import { boundFor, fallsShort, marked, remembered, rollsAt } from "./rolling.ts";
import { mayFlow, untouchedRow, whyNotNew, whyUntouched, type UntouchedContext } from "./untouched.ts";

export interface PlanContext<Item = Appointment> extends MergeContext<Item>, UntouchedContext<Item> {
  /** Sides that a person chose to have restored after the brake held deletes. */
  restore: ReadonlySet<Side>;
  /** The stamp for the next create of this link. */
  nextKey(link: ItemLink): string;
}

/** One remote write, with everything that its intent and its outcome need. */
export interface Write<Item = Appointment> {
  row: number;
  target: Side;
  operation: WriteKind;
  /** Values of the named fields; all fields for a create, none for a delete. */
  values: Partial<Item>;
  fields: readonly FieldOf<Item>[];
  source: Prints;
  expected: Prints;
  narrow: Prints;
  masked: boolean;
  key: string;
  /** It discards or empties something: it counts for the brake. */
  counted: boolean;
}

/** The value of one side that a conflict discards. */
export interface Loss<Item = Appointment> {
  side: Side;
  row: number;
  fields: readonly FieldOf<Item>[];
  values: Partial<Item>;
}

export interface Decision<Item = Appointment> {
  row: number;
  /** The link after everything that needs no write. Writes come on top (`outcome.ts`). */
  link: ItemLink;
  /** At most one per side; none for most rows. */
  writes: readonly Write<Item>[];
  losses: readonly Loss<Item>[];
  /** `state`: of which values a person is told; the whole item where absent. */
  open: readonly { code: FindingCode; fields: readonly FieldOf<Item>[]; state?: SideState }[];
  lift: readonly FindingCode[];
  /** The link is of no more use: its row is kept as a tombstone or dropped. */
  forget: boolean;
}

/** Decides about one item. Pure: the same input gives the same decision, in whatever order items come. */
export function decide<Item>(
  link: ItemLink,
  crm: Observation<Item>,
  mailbox: Observation<Item>,
  context: PlanContext<Item>,
): Decision<Item> {
  const told = kept(byTable(link, crm, mailbox, context));
  const written = new Set(told.writes.map(({ target }) => target));
  const decision = { ...told, link: verified(told.link, { crm, mailbox }, written) };
  const rests = decision.writes.length === 0 && decision.link.state === "linked" && !decision.link.pending;
  return rests ? { ...decision, link: waking(decision.link, { crm, mailbox }, context) } : decision;
}

/** A person's decision stays on the link while its write, or what the write needs, is still to come. */
function kept<Item>(decision: Decision<Item>): Decision<Item> {
  const { link, writes } = decision;
  if (link.choice === undefined) return decision;
  const { choice } = link;
  const loses = (target: Side) => choice.kind === "take" && target === otherSide(choice.side);
  const waits = link.pending && writes.length === 0;
  return waits || writes.some((each) => loses(each.target))
    ? decision
    : { ...decision, link: withoutChoice(link) };
}

function byTable<Item>(
  link: ItemLink,
  crm: Observation<Item>,
  mailbox: Observation<Item>,
  context: PlanContext<Item>,
): Decision<Item> {
  const observed = { crm, mailbox };
  if (link.state === "deleted") return deletedBefore(link, observed, context);
  // The end of a subscription is one whatever the person's item looks like just now.
  const subscription = subscribed(link, observed, context);
  if (subscription !== null) return subscription;
  const reason = untouchedNow(link, observed, context);
  if (reason !== null) return leave(link, observed, reason);
  const open = withMarks(seen(link, observed), observed, context);
  // Both sides and no base yet: just matched.
  const adopting = link.state === "single";

  switch (`${crm.change}/${mailbox.change}` as const) {
    case "same/same":
      if (adopting) return flow(43, open, observed, context);
      return sides.some((side) => isShort(side, observed, null, context))
        ? flow(72, open, observed, context)
        : nothing(link, open);
    case "same/changed":
      return flow(adopting ? 43 : 12, open, observed, context);
    case "changed/same":
      return flow(adopting ? 43 : 21, open, observed, context);
    case "changed/changed":
      return flow(adopting ? 43 : 22, open, observed, context);

    case "same/deleted":
      if (link.sides.mailbox?.unverified === true) return create(96, "mailbox", open, observed, context);
      return link.held === "crm" && context.restore.has("mailbox")
        ? create(14, "mailbox", open, observed, context)
        : remove(13, "crm", open, observed, context);
    case "deleted/same":
      if (link.sides.crm?.unverified === true) return create(96, "crm", open, observed, context);
      return link.held === "mailbox" && context.restore.has("crm")
        ? create(34, "crm", open, observed, context)
        : remove(31, "mailbox", open, observed, context);

    case "changed/deleted":
      return create(link.sides.mailbox?.unverified === true ? 96 : 23, "mailbox", open, observed, context);
    case "deleted/changed":
      return create(link.sides.crm?.unverified === true ? 96 : 32, "crm", open, observed, context);

    // Unchanged since its counterpart went, on purpose: stays so. What was changed so that it had to be left alone, and back
    // again, was changed after the delete.
    case "same/never":
    case "never/same":
      return link.state === "untouched" && link.reason !== null && staysAlone.has(link.reason)
        ? leave(link, observed, link.reason)
        : create(
            crm.change === "same" ? 41 : 42,
            crm.change === "same" ? "mailbox" : "crm",
            open,
            observed,
            context,
          );
    case "changed/never":
      return create(41, "mailbox", open, observed, context);
    case "never/changed":
      return create(42, "crm", open, observed, context);

    case "deleted/deleted":
      return forget(link, 33);
    case "deleted/never":
    case "never/deleted":
    case "never/never":
      return forget(link, 44);
  }
}

/** Reasons that hold for an item without its counterpart, whatever it says by now. */
const staysAlone: ReadonlySet<UntouchedReason> = new Set(["direction", "meeting", "invited"]);

/** Row 98. A tombstone is only looked at when its item has come back with a restored backup. */
function deletedBefore<Item>(
  link: ItemLink,
  observed: Observations<Item>,
  context: PlanContext<Item>,
): Decision<Item> {
  const back = sides.find((side) => seenOf(observed[side]) !== null);
  if (back === undefined) return forget(link, 44);
  const elsewhere = otherSide(back);
  const there = observed[elsewhere];
  if (seenOf(there) !== null)
    return byTable({ ...link, state: "linked" }, observed.crm, observed.mailbox, context);
  if (there.change !== "deleted") return waitForSource(98, link);
  return link.held === back && context.restore.has(elsewhere)
    ? create(elsewhere === "crm" ? 34 : 14, elsewhere, link, observed, context)
    : remove(98, back, seen(link, observed), observed, context);
}

type Observations<Item = Appointment> = Readonly<Record<Side, Observation<Item>>>;

/** Rows 82–84: what a delete means between a person and a subscriber's copy; `null` where the table decides. */
function subscribed<Item>(
  link: ItemLink,
  observed: Observations<Item>,
  context: PlanContext<Item>,
): Decision<Item> | null {
  const source = context.rules.subscribes;
  if (source === null) return null;
  const copy = otherSide(source);
  const [person, own] = [observed[source].change, observed[copy].change];
  if (link.state === "untouched" && link.reason === "unsubscribed")
    return person === "deleted" ? forget(link, 44) : leave(link, observed, "unsubscribed");
  const stillGone = link.reason === "left-selection" && seenOf(observed[source]) === null;
  if (own === "deleted" && stillGone) return forget(link, 44);
  // A lost mailbox ends no subscription.
  if (own === "deleted" && link.sides[copy]?.unverified === true) return null;
  if (own === "deleted")
    return person === "same" || person === "changed" ? leave(link, observed, "unsubscribed") : null;
  if (own === "never") return null;
  const gone = person === "deleted";
  if (!gone && !stillGone) return null;
  const lost = link.sides[source]?.unverified === true;
  if (gone && !lost && link.reason !== "left-selection" && own === "same" && isOurs(link, copy, context))
    return remove(83, copy, seen(link, observed), observed, context);
  return leftBehind(link, observed, source);
}

/** Made by us, and without anything that a person put into it. */
function isOurs<Item>(link: ItemLink, copy: Side, { rules }: PlanContext<Item>): boolean {
  const asMade = rules.kind.fields.every((field) => link.agreed[field] !== undefined);
  return asMade && link.sides[copy]?.stamp === link.key;
}

/** Row 84. The person's side stays known, out of reach: whoever comes back into the selections finds the copy again. */
function leftBehind<Item>(link: ItemLink, observed: Observations<Item>, source: Side): Decision<Item> {
  const left = leave(link, { ...observed, [source]: { change: "same", seen: null } }, "left-selection");
  const known = left.link.sides[source];
  if (known === null) return left;
  return {
    ...left,
    link: { ...left.link, sides: { ...left.link.sides, [source]: { ...known, out: true } } },
  };
}

/** Rows 12, 21, 22, 43 and 81: what changed goes over, field by field. */
function flow<Item>(
  row: number,
  link: ItemLink,
  observed: Observations<Item>,
  context: PlanContext<Item>,
): Decision<Item> {
  const merged = merge(link, observed.crm, observed.mailbox, context);
  if (merged.unread) return waitForSource(11, { ...link, notBefore: null });
  const short = sides.find((side) => isShort(side, observed, merged, context));
  if (short !== undefined && seenOf(observed[otherSide(short)]) === null)
    return waitForSource(11, { ...link, notBefore: null });
  if (short !== undefined) merged.to[short].push("recurrenceRule" as FieldOf<Item>);
  if (sides.some((side) => merged.reverted[side].length > 0 && seenOf(observed[otherSide(side)]) === null))
    // Nothing has happened yet: the row is told when it does.
    return waitForSource(11, link);
  const takesBack = row === 12 && merged.reverted.mailbox.length > 0;
  const recalls = sides.some((side) => merged.recalled[side].length > 0);
  const told = recalls ? 95 : takesBack ? 81 : row;
  let next: ItemLink = {
    ...link,
    state: "linked",
    reason: merged.asked.length > 0 ? "conflict" : null,
    ...handled,
  };
  next = rebase(next, observed, merged.settled);
  const writes: Write<Item>[] = [];
  for (const target of sides) {
    const source = seenOf(observed[otherSide(target)]);
    const fields = merged.to[target];
    if (fields.length === 0 || source === null) continue;
    writes.push(
      write(
        told,
        "update",
        target,
        fields,
        source,
        seenOf(observed[target]),
        next,
        merged.masked,
        merged.lost[target].filter((field) => !merged.decided.includes(field)),
        context,
      ),
    );
  }
  // A mask begins and ends with the write that makes it true, unless there is nothing to write.
  if (!writes.some(({ target }) => target === "crm")) next = { ...next, masked: merged.masked };
  const losses = sides.flatMap((side) =>
    loss(
      told,
      side,
      [...merged.lost[side], ...merged.reverted[side], ...merged.recalled[side]],
      seenOf(observed[side]),
    ),
  );
  return {
    row: told,
    link: next,
    writes: shapeLast(writes, context),
    losses,
    open:
      merged.asked.length > 0 ? [{ code: "conflict", fields: merged.asked, state: merged.askedState }] : [],
    lift: merged.asked.length > 0 ? lifted(link).filter((code) => code !== "conflict") : lifted(link),
    forget: false,
  };
}

/** Rows 14, 23, 32, 34, 41 and 42. */
function create<Item>(
  row: number,
  target: Side,
  link: ItemLink,
  observed: Observations<Item>,
  context: PlanContext<Item>,
): Decision<Item> {
  const from = otherSide(target);
  const source = seenOf(observed[from]);
  const restoring = link.sides[target] !== null;
  if (source === null) return waitForSource(row, link);
  const refusal = restoring
    ? mayFlow(context.settings, from)
      ? null
      : "direction"
    : whyNotNew(source, from, context);
  if (refusal !== null) return leave(link, observed, refusal);
  const key = restoring ? context.nextKey(link) : link.key;
  const next: ItemLink = {
    ...link,
    state: "single",
    reason: null,
    key,
    sides: { ...link.sides, [target]: null },
  };
  const masked =
    target === "crm" && context.rules.isPrivate(source.item) && context.settings.privateItems === "busy-only";
  return {
    row,
    link: next,
    writes: [
      write(
        row,
        "create",
        target,
        fieldsToCreate(source, target, context),
        source,
        null,
        next,
        masked,
        [],
        context,
      ),
    ],
    losses: [],
    open: [],
    lift: lifted(link),
    forget: false,
  };
}

/** All that an item has and the target takes: of a series, nothing beyond the end that it will have there. */
function fieldsToCreate<Item>(source: Seen<Item>, target: Side, context: PlanContext<Item>): FieldOf<Item>[] {
  const { rules, capabilities } = context;
  const end = boundFor(source.item, target, context)?.end;
  return fieldsIn(rules.kind, source.own).filter((field) => {
    if (rules.kind.isElement?.(field) !== true) return true;
    const date = rules.elementDate?.(field) ?? null;
    const reached = end === undefined || date === null || date <= end;
    return reached && capabilities[target].recurrence?.exceptions === true;
  });
}

/** Whether a series, endless in truth, ends too early on that side; not when its rule is written anyway. */
function isShort<Item>(
  side: Side,
  observed: Observations<Item>,
  merged: Merge<Item> | null,
  context: PlanContext<Item>,
): boolean {
  const seen = seenOf(observed[side]);
  if (seen === null || !fallsShort(seen, context) || !mayFlow(context.settings, otherSide(side)))
    return false;
  const rule = "recurrenceRule" as FieldOf<Item>;
  return merged === null || !sides.some((each) => merged.to[each].includes(rule));
}

/** Ends that are ours stay known for ours. */
function withMarks<Item>(link: ItemLink, observed: Observations<Item>, context: PlanContext<Item>): ItemLink {
  const marked = sides.map((side) => {
    const known = link.sides[side];
    return [side, known && remembered(known, observed[side], context.hash)] as const;
  });
  return { ...link, sides: Object.fromEntries(marked) as Record<Side, LinkSide | null> };
}

/** Looked at again when an end that is ours has to be moved on. */
function waking<Item>(link: ItemLink, observed: Observations<Item>, context: PlanContext<Item>): ItemLink {
  const times = sides.flatMap((side) => {
    const seen = seenOf(observed[side]);
    const at = seen === null ? null : rollsAt(seen, context);
    return at === null ? [] : [at];
  });
  return times.length === 0 ? link : { ...link, pending: true, notBefore: Math.min(...times) };
}

/** What changes the shape of a series may take its single dates away for a moment: what is only there is saved first. */
function shapeLast<Item>(writes: readonly Write<Item>[], { rules }: PlanContext<Item>): Write<Item>[] {
  const shapes = ({ fields }: Write<Item>) => Number(fields.some((field) => !rules.kind.isElement?.(field)));
  return rules.kind.isElement === undefined ? [...writes] : writes.toSorted((a, b) => shapes(a) - shapes(b));
}

/** Rows 13 and 31. */
function remove<Item>(
  row: number,
  target: Side,
  link: ItemLink,
  observed: Observations<Item>,
  context: PlanContext<Item>,
): Decision<Item> {
  if (!mayFlow(context.settings, otherSide(target))) return leave(link, observed, "direction");
  const nothing: Prints = {};
  return {
    row,
    link,
    writes: [
      {
        row,
        target,
        operation: "delete",
        values: {},
        fields: [],
        source: nothing,
        expected: nothing,
        narrow: nothing,
        masked: link.masked,
        key: link.key,
        counted: true,
      },
    ],
    losses: [],
    open: [],
    lift: lifted(link),
    forget: false,
  };
}

/** The source's content is needed and was not read: the engine reads both sides of a pending link. */
function waitForSource<Item>(row: number, link: ItemLink): Decision<Item> {
  return { row, link: { ...link, pending: true }, writes: [], losses: [], open: [], lift: [], forget: false };
}

function untouchedNow<Item>(
  link: ItemLink,
  observed: Observations<Item>,
  context: PlanContext<Item>,
): UntouchedReason | null {
  for (const side of sides) {
    const seen = seenOf(observed[side]);
    const reason = seen === null ? null : whyUntouched(seen, context);
    if (reason === "series-with-exceptions" && isSettled(link, side, seen, context)) continue;
    if (reason !== null) return reason;
  }
  // Neither side was read: the reason of last time holds, also while the rest of the item vanishes.
  const unread = sides.every((side) => seenOf(observed[side]) === null);
  const present = sides.some((side) => link.sides[side] !== null && observed[side].change !== "deleted");
  return unread && present && link.state === "untouched" ? link.reason : null;
}

/** Single dates that the other side need not have: what a system keeps of a series' past when it changes. */
function isSettled<Item>(
  link: ItemLink,
  side: Side,
  seen: Seen<Item> | null,
  { rules }: PlanContext<Item>,
): boolean {
  const base = link.sides[side]?.base ?? {};
  if (seen === null || seen.observed.traits.exceptions > 0) return false;
  return Object.entries(seen.own).every(
    ([field, print]) => rules.kind.isElement?.(field) !== true || base[field] === print,
  );
}

/** Rows 51–63: nothing is written; bases stay, so that a later return to the table misses no change. */
function leave<Item>(link: ItemLink, observed: Observations<Item>, reason: UntouchedReason): Decision<Item> {
  const remaining = Object.fromEntries(
    sides.map((side) => [
      side,
      observed[side].change === "deleted" ? null : seen(link, observed).sides[side],
    ]),
  ) as Record<Side, LinkSide | null>;
  const told = isFinding(reason) && !(link.state === "untouched" && link.reason === reason);
  return {
    row: untouchedRow[reason],
    link: {
      ...link,
      state: "untouched",
      reason,
      sides: remaining,
      pending: false,
      notBefore: null,
      attempts: 0,
      // Nothing is about to be written: there is nothing to hold any more.
      held: null,
    },
    writes: [],
    losses: [],
    open: told ? [{ code: reason, fields: [] }] : [],
    lift: lifted(link).filter((code) => code !== reason),
    forget: false,
  };
}

/** Row 11. A conflict that waits for a person goes on waiting. */
function nothing<Item>(before: ItemLink, link: ItemLink): Decision<Item> {
  const waits = before.reason === "conflict";
  const next: ItemLink = { ...link, ...handled, state: "linked", reason: waits ? "conflict" : null };
  return {
    row: 11,
    link: next,
    writes: [],
    losses: [],
    open: [],
    lift: waits ? [] : lifted(before),
    forget: false,
  };
}

/** Rows 33 and 44. The row stays for a while as a tombstone, so that a late echo is recognized (I4). */
function forget<Item>(link: ItemLink, row: number): Decision<Item> {
  const next: ItemLink = { ...link, ...handled, state: "deleted", reason: null };
  return { row, link: next, writes: [], losses: [], open: [], lift: lifted(link), forget: true };
}

const handled = { pending: false, notBefore: null, attempts: 0, held: null } as const;

/** Findings that a return to the table settles. */
function lifted(link: ItemLink): FindingCode[] {
  const reason: FindingCode[] = link.reason !== null && isFinding(link.reason) ? [link.reason] : [];
  return link.attempts > 0 ? [...reason, "unreadable", "refused", "loop"] : reason;
}

/** The link with what was read: new versions, UIDs, stamps; no field is rebased by looking at it. */
function seen<Item>(link: ItemLink, observed: Observations<Item>): ItemLink {
  const next: Record<Side, LinkSide | null> = { ...link.sides };
  for (const side of sides) {
    const known = link.sides[side];
    const now = seenOf(observed[side]);
    if (known === null || now === null) continue;
    const { version, uid, key, born = null } = now.observed;
    next[side] = { ...known, version, uid, stamp: key, born };
  }
  return { ...link, sides: next };
}

/** Fields that need no write: each side's present value is its base from now on. */
function rebase<Item>(link: ItemLink, observed: Observations<Item>, fields: readonly string[]): ItemLink {
  if (fields.length === 0) return link;
  const next: Record<Side, LinkSide | null> = { ...link.sides };
  for (const side of sides) {
    const known = next[side];
    const now = seenOf(observed[side]);
    if (known !== null && now !== null) next[side] = { ...known, base: taking(known.base, now.own, fields) };
  }
  const crm = seenOf(observed.crm);
  const mailbox = seenOf(observed.mailbox);
  const agreed: Record<string, string | undefined> = { ...link.agreed };
  for (const field of fields) {
    const values = [crm?.narrow[field] ?? agreed[field], mailbox?.narrow[field] ?? agreed[field]];
    if (values[0] !== undefined && values[0] === values[1]) agreed[field] = values[0];
    else delete agreed[field];
  }
  return { ...link, sides: next, agreed };
}

function write<Item>(
  row: number,
  operation: "create" | "update",
  target: Side,
  fields: readonly FieldOf<Item>[],
  source: Seen<Item>,
  present: Seen<Item> | null,
  link: ItemLink,
  masked: boolean,
  lost: readonly FieldOf<Item>[],
  context: PlanContext<Item>,
): Write<Item> {
  const { kind } = context.rules;
  const item = outward(source.item, present, target, masked, context);
  const bound = fields.includes("recurrenceRule" as FieldOf<Item>) ? boundFor(item, target, context) : null;
  const there = held(kind, item, context.capabilities[target]);
  const expected = printsOf(kind, there, context.hash);
  const base = link.sides[target]?.base ?? {};
  // A new item has of these what its system makes of it.
  const decided = fields.filter(
    (field) => operation === "update" || context.capabilities[target].fields[field] !== "read-only",
  );
  const written = bound?.item ?? item;
  const values = Object.fromEntries(
    // Elements are told by what they differ in from the whole as the target has it.
    fields.map((field) => [
      field,
      kind.isElement?.(field) === true ? (there[field] ?? null) : written[field],
    ]),
  ) as Partial<Item>;
  return {
    row,
    target,
    operation,
    values,
    fields,
    source: only(source.own, fields),
    expected: { ...only(expected, decided), ...marked(bound?.end, context.hash) },
    narrow: only(narrowPrints(kind, item, otherSide(target), context.capabilities, context.hash), fields),
    masked,
    key: link.key,
    counted: lost.length > 0 || (operation === "update" && empties(fields, expected, base, context)),
  };
}

function loss<Item>(
  row: number,
  side: Side,
  fields: readonly FieldOf<Item>[],
  loser: Seen<Item> | null,
): Loss<Item>[] {
  if (fields.length === 0 || loser === null) return [];
  const values = Object.fromEntries(fields.map((field) => [field, loser.item[field]])) as Partial<Item>;
  return [{ side, row, fields, values }];
}
