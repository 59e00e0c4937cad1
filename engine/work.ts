import type { Appointment } from "../core/items/appointment.ts";
import type { ItemLinkId } from "../core/ids.ts";
import { otherSide, sides, type Ref, type Side } from "../core/items/observed.ts";
import { untold, type Told } from "../core/sync/evidence.ts";
import type { FindingCode } from "../core/sync/findings.ts";
import { stateOf, type SideState } from "../core/sync/choice.ts";
import type { ItemLink, LinkSide } from "../core/sync/item-link.ts";
import { sideOf } from "../core/sync/outcome.ts";
import type { Seen } from "../core/sync/prints.ts";
import type { Archive } from "../core/sync/restoring.ts";
import type { LinkChange, OpenFinding } from "./repository.ts";
import { retryAt, type Run } from "./run.ts";

/** One item with what its sides tell: what the planner looks at. It grows while a slice gathers. */
export interface Work<Item = Appointment> {
  link: ItemLink;
  /** The link as the repository has it; `null` for a new one. */
  readonly stored: ItemLink | null;
  told: Record<Side, Told<Item>>;
  /** Other links whose place this one takes. */
  absorbs?: readonly ItemLinkId[];
  /** Findings that are settled by the item's being new again. */
  lift?: readonly FindingCode[];
  /** What a person wants back of it, opened. */
  archive?: Archive<Item>;
  /** Left for another slice; see `park`. */
  parked?: { notBefore: number | null; attempts: number; open: readonly OpenFinding[] };
}

export interface Gathered<Item = Appointment> {
  /** Items with a link. */
  known: Map<ItemLinkId, Work<Item>>;
  /** Items seen for the first time, or not compared with the other side yet. */
  fresh: Map<ItemLinkId, Work<Item>>;
}

/** The work on a link; one per slice, however often the item is told. */
export function enter<Item>(gathered: Gathered<Item>, link: ItemLink): Work<Item> {
  const present = gathered.known.get(link.id) ?? gathered.fresh.get(link.id);
  if (present !== undefined) return present;
  const work: Work<Item> = { link, stored: link, told: { crm: untold, mailbox: untold } };
  (link.state === "new" ? gathered.fresh : gathered.known).set(link.id, work);
  return work;
}

/** The work on an item that has no link yet. */
export function newWork<Item>(run: Run<Item>, side: Side, seen: Seen<Item>): Work<Item> {
  const link = newLink(run, side, {
    ...sideOf(seen.observed),
    base: {},
    out: false,
    unconfirmed: true,
    unverified: false,
  });
  const told: Record<Side, Told<Item>> = { crm: untold, mailbox: untold };
  told[side] = { kind: "present", seen };
  return { link: { ...link, agreed: seen.narrow }, stored: null, told };
}

/**
 * The work on an item that could not be read, and of which nothing is known but its ref.
 *
 * @param tombstone what the ref stood for before
 */
export function unreadWork<Item>(run: Run<Item>, side: Side, ref: Ref, tombstone?: ItemLink): Work<Item> {
  const known: LinkSide = {
    ref,
    version: "",
    uid: null,
    stamp: null,
    base: {},
    out: false,
    unconfirmed: true,
    born: null,
    unverified: false,
  };
  const link: ItemLink = { ...newLink(run, side, known), state: "untouched", reason: "unreadable" };
  const work: Work<Item> = { link, stored: null, told: { crm: untold, mailbox: untold } };
  return tombstone === undefined ? work : { ...work, absorbs: [tombstone.id] };
}

function newLink<Item>(run: Run<Item>, side: Side, known: LinkSide): ItemLink {
  const none: Record<Side, LinkSide | null> = { crm: null, mailbox: null };
  return {
    id: run.newLinkId(),
    key: run.keyFor(side, known.ref),
    revision: 0,
    state: "new",
    reason: null,
    masked: false,
    sides: { ...none, [side]: known },
    agreed: {},
    pending: false,
    notBefore: null,
    attempts: 0,
    held: null,
    rewrites: 0,
    rewritesSince: null,
  };
}

/** The item is there: note it, and whether it lies in the window. */
export function present<Item>(run: Run<Item>, work: Work<Item>, side: Side, seen: Seen<Item>): void {
  work.told[side] = { kind: "present", seen };
  const known = work.link.sides[side];
  if (known === null) return;
  const out = !run.context.rules.kind.touches(seen.item, run.context.window);
  if (out === known.out) return;
  work.link = withSide(work.link, side, { ...known, out });
  // What became of its counterpart, which no listing tells of, matters from now on.
  const cameAlone = !out && work.link.sides[otherSide(side)]?.out === true;
  if (cameAlone) work.link = { ...work.link, pending: true, notBefore: null };
}

/**
 * Leaves an item for another slice. It is stored before the cursors, so that they may pass what it told (I8); its
 * sides are read again then.
 */
export function park<Item>(work: Work<Item>, notBefore: number | null = null): void {
  work.parked ??= { notBefore, attempts: work.link.attempts, open: [] };
}

/** Leaves an item that was missed for a slice that has heard what its systems tell meanwhile. */
export function lookAgain<Item>(run: Run<Item>, work: Work<Item>): void {
  for (const side of sides) {
    const known = work.link.sides[side];
    if (known !== null && work.told[side].kind === "gone")
      work.link = withSide(work.link, side, { ...known, unconfirmed: true });
  }
  const attempts = work.link.attempts + 1;
  work.parked = { notBefore: retryAt(run.now(), attempts), attempts, open: [] };
}

const unreadable: readonly OpenFinding[] = [{ code: "unreadable", row: 62, fields: [] }];

/** Leaves an item that cannot be read. People are told; the others go on. */
export function parkUnread<Item>(run: Run<Item>, work: Work<Item>, open = unreadable): void {
  const attempts = work.link.attempts + 1;
  run.counters.parked += 1;
  work.parked = {
    notBefore: retryAt(run.now(), attempts),
    attempts,
    open,
  };
}

/** What is stored of parked work. */
export function parkedChange<Item>(work: Work<Item>): LinkChange {
  const { notBefore = null, attempts = work.link.attempts, open = [] } = work.parked ?? {};
  return {
    link: { ...work.link, pending: true, notBefore, attempts },
    open,
    ...(work.absorbs === undefined ? {} : { absorbs: work.absorbs }),
    ...(work.lift === undefined ? {} : { lift: work.lift }),
  };
}

/** What both sides were seen to hold. */
export function seenState<Item>(run: Run<Item>, { told }: Work<Item>): SideState {
  const seen = (side: Side) => (told[side].kind === "present" ? told[side].seen : null);
  return stateOf({ crm: seen("crm"), mailbox: seen("mailbox") }, run.ports.fingerprint);
}

export function withSide(link: ItemLink, side: Side, known: LinkSide): ItemLink {
  return { ...link, sides: { ...link.sides, [side]: known } };
}
