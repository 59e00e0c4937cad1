import type { ItemLinkId } from "../core/ids.ts";
import { touches } from "../core/items/expand.ts";
import { otherSide, sides, type Observed, type Ref, type Side } from "../core/items/observed.ts";
import { untold, type Told } from "../core/sync/evidence.ts";
import type { FindingCode } from "../core/sync/findings.ts";
import type { ItemLink, LinkSide } from "../core/sync/item-link.ts";
import { sideOf } from "../core/sync/outcome.ts";
import type { Seen } from "../core/sync/prints.ts";
import type { Reading } from "./reading.ts";
import type { Beginning, LinkChange } from "./repository.ts";
import { isOfItem, retryAt, type Run } from "./run.ts";

/** One item with what its sides tell; what the planner will look at. */
export interface Work {
  link: ItemLink;
  /** The link as the repository has it; `null` for a new one. */
  stored: ItemLink | null;
  told: Record<Side, Told>;
  /** A tombstone whose place this link takes. */
  absorbs?: ItemLinkId;
  /** Findings that are settled by the item's being new again. */
  lift?: readonly FindingCode[];
}

export interface Gathered {
  /** Items with a link. */
  known: Map<ItemLinkId, Work>;
  /** Items seen for the first time, or not compared with the other side yet. */
  fresh: Map<ItemLinkId, Work>;
  /** Set aside by a failure of their own, or for lack of time: kept, so that the cursors may go on (I8). */
  parked: Map<ItemLinkId, LinkChange>;
}

/**
 * Finds the links of everything that was told, and reads what is still needed to decide: the other side of items
 * with something unfinished, the proof of every delete, whatever a complete listing did not mention.
 */
export async function gather(
  run: Run,
  start: Beginning,
  readings: Readonly<Record<Side, Reading>>,
  resting: ReadonlyMap<ItemLinkId, number>,
): Promise<Gathered> {
  const gathered: Gathered = { known: new Map(), fresh: new Map(), parked: new Map() };
  const { repository } = run.ports;
  const index = await indexLinks(run, readings);
  const due = start.waiting.due ? await repository.due(run.now(), run.input.budget.writes) : [];
  const stored = start.waiting.unmatched ? await repository.unmatched() : [];
  for (const link of due) enter(gathered, index.current(link));
  for (const link of stored) enter(gathered, link);

  for (const side of sides) await takeIn(run, side, readings[side], index, gathered, resting);
  for (const side of sides) await missed(run, side, readings[side], index, gathered);

  for (const [id, work] of gathered.known) {
    const until = resting.get(id);
    if (until !== undefined) park(gathered, work, { pending: true, notBefore: until });
    else if (run.exhausted()) park(gathered, work, { pending: true });
    else await complete(run, work, gathered);
  }
  return gathered;
}

/** The links of a slice by everything they can be recognized by. */
class Index {
  readonly byRef: Record<Side, Map<Ref, ItemLink>> = { crm: new Map(), mailbox: new Map() };
  readonly byUid: Record<Side, Map<string, ItemLink>> = { crm: new Map(), mailbox: new Map() };
  readonly byKey = new Map<string, ItemLink>();
  readonly #byId = new Map<ItemLinkId, ItemLink>();

  add(link: ItemLink): void {
    this.#byId.set(link.id, link);
    this.byKey.set(link.key, link);
    for (const side of sides) {
      const known = link.sides[side];
      if (known === null) continue;
      this.byRef[side].set(known.ref, link);
      if (known.uid !== null && link.state !== "deleted") this.byUid[side].set(known.uid, link);
    }
  }

  current(link: ItemLink): ItemLink {
    return this.#byId.get(link.id) ?? link;
  }
}

async function indexLinks(run: Run, readings: Readonly<Record<Side, Reading>>): Promise<Index> {
  const index = new Index();
  const told = (side: Side) => [...readings[side].upserts.values()];
  const refs = (side: Side) => [
    ...readings[side].upserts.keys(),
    ...readings[side].gone.keys(),
    ...readings[side].failed.keys(),
  ];
  const lookup = {
    refs: { crm: refs("crm"), mailbox: refs("mailbox") },
    uids: { crm: texts(told("crm"), "uid"), mailbox: texts(told("mailbox"), "uid") },
    keys: [...new Set([...texts(told("crm"), "key"), ...texts(told("mailbox"), "key")])],
  };
  if (lookup.refs.crm.length + lookup.refs.mailbox.length === 0) return index;
  for (const link of await run.ports.repository.find(lookup)) index.add(link);
  return index;
}

function texts(told: readonly Observed[], what: "uid" | "key"): string[] {
  return told.flatMap((observed) => observed[what] ?? []);
}

function enter(gathered: Gathered, link: ItemLink): Work {
  const place = link.state === "new" ? gathered.fresh : gathered.known;
  const known = place.get(link.id);
  if (known !== undefined) return known;
  const work: Work = { link, stored: link, told: { crm: untold, mailbox: untold } };
  place.set(link.id, work);
  return work;
}

async function takeIn(
  run: Run,
  side: Side,
  reading: Reading,
  index: Index,
  gathered: Gathered,
  resting: ReadonlyMap<ItemLinkId, number>,
): Promise<void> {
  for (const observed of reading.upserts.values()) {
    const seen = run.see(side, observed);
    const link = index.byRef[side].get(observed.ref);
    if (link !== undefined && link.state !== "deleted") {
      present(run, enter(gathered, link), side, seen);
    } else if (link !== undefined) {
      await back(run, side, link, seen, gathered);
    } else {
      await arrival(run, side, seen, reading, index, gathered, resting);
    }
  }
  for (const ref of reading.gone.keys()) {
    const link = index.byRef[side].get(ref);
    if (link === undefined || link.state === "deleted") continue;
    const work = enter(gathered, link);
    // A link that has just followed its item to another ref is not gone.
    if (work.link.sides[side]?.ref === ref)
      await prove(run, side, work, reading.gone.get(ref) === "deleted", gathered);
  }
  for (const ref of reading.failed.keys()) {
    const link = index.byRef[side].get(ref) ?? unread(run, side, ref);
    if (link.state === "deleted") continue;
    parkUnread(run, gathered, enter(gathered, link));
  }
}

/** The item is there: note it, and whether it lies in the window. */
function present(run: Run, work: Work, side: Side, seen: Seen): void {
  work.told[side] = { kind: "present", seen };
  const known = work.link.sides[side];
  if (known === null) return;
  const out = !touches(seen.item, run.context.window);
  if (out !== known.out) work.link = withSide(work.link, side, { ...known, out });
}

/** A ref that we hold for deleted is told again: a late echo, or a person brought it back. Only a look can tell. */
async function back(
  run: Run,
  side: Side,
  tombstone: ItemLink,
  told: Seen,
  gathered: Gathered,
): Promise<void> {
  const seen = await run.get(side, told.observed.ref);
  if (seen === undefined) return;
  const work = newWork(run, side, seen);
  gathered.fresh.set(work.link.id, { ...work, absorbs: tombstone.id });
}

/**
 * A ref without a link. It may be a known item under another ref (row 71), or one that we made and whose outcome
 * is not settled yet; else it is new, even with a stamp: people copy items, and the stamp with them.
 */
async function arrival(
  run: Run,
  side: Side,
  seen: Seen,
  reading: Reading,
  index: Index,
  gathered: Gathered,
  resting: ReadonlyMap<ItemLinkId, number>,
): Promise<void> {
  const { key, uid, ref } = seen.observed;
  const link =
    (key === null ? undefined : index.byKey.get(key)) ??
    (uid === null ? undefined : index.byUid[side].get(uid));
  if (link !== undefined && link.state !== "deleted" && link.state !== "new") {
    const work = enter(gathered, link);
    const known = work.link.sides[side];
    if (known === null && key === work.link.key) {
      // Made by us from this link: `recover` adopts it while the outcome is open, the planner otherwise (row 43).
      if (resting.has(link.id)) return;
      const made: LinkSide = { ...sideOf(seen.observed), base: {}, out: false };
      work.link = { ...withSide(work.link, side, made), state: "single", pending: true };
      present(run, work, side, seen);
      return;
    }
    if (known !== null && known.ref !== ref && (await left(run, side, known.ref, reading))) {
      work.link = withSide(work.link, side, { ...known, ...sideOf(seen.observed) });
      present(run, work, side, seen);
      return;
    }
  }
  const work = newWork(run, side, seen);
  gathered.fresh.set(work.link.id, work);
}

async function left(run: Run, side: Side, ref: Ref, reading: Reading): Promise<boolean> {
  if (reading.upserts.has(ref)) return false;
  return (await run.get(side, ref)) === undefined && (await run.trusted(side));
}

function newWork(run: Run, side: Side, seen: Seen): Work {
  const link = newLink(run, side, { ...sideOf(seen.observed), base: {}, out: false });
  const told: Record<Side, Told> = { crm: untold, mailbox: untold };
  told[side] = { kind: "present", seen };
  return { link: { ...link, agreed: seen.narrow }, stored: null, told };
}

function newLink(run: Run, side: Side, known: LinkSide): ItemLink {
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

/** An item that could not be read, and of which nothing is known but its ref. */
function unread(run: Run, side: Side, ref: Ref): ItemLink {
  const known: LinkSide = { ref, version: "", uid: null, stamp: null, base: {}, out: false };
  return { ...newLink(run, side, known), state: "untouched", reason: "unreadable" };
}

/** What a complete listing did not mention: gone, or out of the window, or the listing was not complete at all (I5). */
async function missed(
  run: Run,
  side: Side,
  reading: Reading,
  index: Index,
  gathered: Gathered,
): Promise<void> {
  if (!reading.listed || reading.progress === null) return;
  const absent = (await run.ports.repository.missing(side, reading.progress.listing)).filter(
    ({ ref }) => !reading.upserts.has(ref) && !reading.gone.has(ref) && !reading.failed.has(ref),
  );
  if (absent.length === 0) return;
  const lookup = { refs: { crm: [], mailbox: [], [side]: absent.map(({ ref }) => ref) } };
  const none = { uids: { crm: [], mailbox: [] }, keys: [] };
  for (const link of await run.ports.repository.find({ ...lookup, ...none })) {
    const work = enter(gathered, index.current(link));
    // It may have followed its item to another ref meanwhile.
    if (work.link.sides[side]?.ref !== link.sides[side]?.ref || work.told[side].kind !== "untold") continue;
    const seen = await prove(run, side, work, false, gathered);
    const known = work.link.sides[side];
    if (seen === null || known === null || !touches(seen.item, reading.progress.window)) continue;
    // It should have been told and was not: the listing was cut short, and may hide new items too. It is read once
    // more; whoever is missing then as well is not waited for again.
    work.link = withSide(work.link, side, { ...known, out: true });
    reading.progress = { ...reading.progress, cursor: null };
  }
}

/** Believes that an item is gone only when `get` says so as well; see `evidence.ts`. */
async function prove(
  run: Run,
  side: Side,
  work: Work,
  told: boolean,
  gathered: Gathered,
): Promise<Seen | null> {
  const ref = work.link.sides[side]?.ref;
  if (ref === undefined || work.told[side].kind !== "untold") return null;
  if (run.exhausted()) {
    park(gathered, work, { pending: true });
    return null;
  }
  try {
    const seen = await run.get(side, ref);
    if (seen !== undefined) {
      present(run, work, side, seen);
      return seen;
    }
    if (told || (await run.trusted(side))) work.told[side] = { kind: "gone" };
    else park(gathered, work, { pending: true, notBefore: retryAt(run.now(), 1) });
  } catch (error) {
    if (!isOfItem(error)) throw error;
    parkUnread(run, gathered, work);
  }
  return null;
}

/** Reads the side that was not told, where the decision needs it. */
export async function complete(run: Run, work: Work, gathered: Gathered): Promise<void> {
  for (const side of sides) {
    if (gathered.parked.has(work.link.id)) return;
    if (work.link.sides[side] === null || work.told[side].kind !== "untold") continue;
    const { pending, masked, state, reason, held } = work.link;
    const unfinished = pending || masked || held !== null || state !== "linked" || reason !== null;
    const other = work.link.sides[otherSide(side)];
    if (unfinished || other === null) await prove(run, side, work, false, gathered);
  }
}

/** Leaves an item for another slice. */
export function park(
  gathered: Gathered,
  work: Work,
  until: Pick<ItemLink, "pending"> & Partial<ItemLink>,
  more: Partial<LinkChange> = {},
): void {
  const link = { ...work.link, notBefore: null, ...until };
  gathered.known.delete(work.link.id);
  gathered.fresh.delete(work.link.id);
  gathered.parked.set(link.id, {
    link,
    ...(work.absorbs === undefined ? {} : { absorbs: work.absorbs }),
    ...more,
  });
}

function parkUnread(run: Run, gathered: Gathered, work: Work): void {
  const attempts = work.link.attempts + 1;
  run.counters.parked += 1;
  park(
    gathered,
    work,
    { pending: true, attempts, notBefore: retryAt(run.now(), attempts) },
    { open: [{ code: "unreadable", row: 62, fields: [] }] },
  );
}

function withSide(link: ItemLink, side: Side, known: LinkSide): ItemLink {
  return { ...link, sides: { ...link.sides, [side]: known } };
}
