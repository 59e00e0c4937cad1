import type { Appointment } from "../core/items/appointment.ts";
import type { ItemLinkId } from "../core/ids.ts";
import { otherSide, sides, type Observed, type Ref, type Side } from "../core/items/observed.ts";
import { isAnother, letGo, recognized } from "../core/sync/incarnation.ts";
import type { ItemLink, LinkSide } from "../core/sync/item-link.ts";
import { sideOf } from "../core/sync/outcome.ts";
import type { Archive } from "../core/sync/restoring.ts";
import type { Seen } from "../core/sync/prints.ts";
import { LinkIndex } from "./index-links.ts";
import { bringNews } from "./news.ts";
import { complete, confirm, prove, proveAbsent } from "./proving.ts";
import type { Reading } from "./reading.ts";
import { settleLost, type Unsettled } from "./recover.ts";
import { eventOf } from "./events.ts";
import type { Beginning, LinkChange } from "./repository.ts";
import { lookingShare, type Run } from "./run.ts";
import {
  enter,
  newWork,
  park,
  parkUnread,
  present,
  unreadWork,
  withSide,
  type Gathered,
  type Work,
} from "./work.ts";

/** Everything that taking in one side's word needs. */
interface Gathering<Item = Appointment> {
  run: Run<Item>;
  readings: Readonly<Record<Side, Reading<Item>>>;
  index: LinkIndex;
  /** Links with a write whose outcome is open, and until when they rest. */
  resting: ReadonlyMap<ItemLinkId, number>;
  /** There are items that may go without being told. */
  unconfirmed: boolean;
  gathered: Gathered<Item>;
  /** Links that let go of one side, to be stored before anything else takes the refs that they had. */
  released: LinkChange[];
}

/**
 * Finds the links of everything that was told, and reads what is still needed to decide: the other side of items
 * with something unfinished, the proof of every delete, whatever a complete listing did not mention.
 *
 * @param caughtUp both sides were read to their end
 */
export async function gather<Item>(
  run: Run<Item>,
  start: Beginning,
  readings: Readonly<Record<Side, Reading<Item>>>,
  unsettled: Unsettled,
  caughtUp: boolean,
): Promise<Gathered<Item>> {
  const { repository } = run.ports;
  const { resting } = unsettled;
  let index = new LinkIndex(repository);
  const gathered: Gathered<Item> = { known: new Map(), fresh: new Map() };
  const { unconfirmed } = start.waiting;
  await index.load(readings);
  let doubtful = false;
  for (const side of sides) doubtful = (await doubt(run, side, readings[side], index)) || doubtful;
  if (doubtful) {
    index = new LinkIndex(repository);
    await index.load(readings);
  }
  const gathering: Gathering<Item> = { run, readings, index, resting, unconfirmed, gathered, released: [] };
  if (start.waiting.due) {
    for (const link of await repository.due(run.now(), run.input.budget.writes)) enter(gathered, link);
  }

  for (const side of sides) await takeIn(gathering, side);
  if (gathering.released.length > 0) await repository.save(gathering.released, run.now());
  await settleLost(run, unsettled, gathered);
  for (const side of sides) await proveAbsent(run, side, readings[side], index, gathered);
  if (unconfirmed) await confirm(run, readings, gathered);
  let looked = 0;
  for (const [id, work] of gathered.known) {
    const until = resting.get(id);
    if (until === undefined)
      await complete(run, work, looked === 0 ? Number.POSITIVE_INFINITY : lookingShare);
    else park(work, until);
    looked += 1;
  }
  await recognize(gathering);
  for (const work of gathered.known.values()) await openArchive(run, work);
  await giveKeys(run, gathered);
  // One that waits for what could not be read may be the counterpart of what is new now.
  const news = start.waiting.unmatched || gathered.fresh.size > 0;
  if (caughtUp && news) await bringNews(run, gathered);
  return gathered;
}

/** What a person wants back of a conflict's loser. */
async function openArchive<Item>({ ports }: Run<Item>, work: Work<Item>): Promise<void> {
  const { choice, id } = work.link;
  if (choice?.kind !== "restore" || work.parked !== undefined) return;
  const kept = await ports.repository.archived(id, choice.archiveId);
  if (kept === undefined) return;
  const values = JSON.parse(await ports.unseal(kept.sealed)) as Partial<Item>;
  work.archive = { side: kept.side, fields: kept.fields as Archive<Item>["fields"], values };
}

/**
 * A ref may come to stand for another item than the one it once gave its stamp to, or its item come back after it was made
 * anew: then it gives another stamp.
 */
async function giveKeys<Item>(run: Run<Item>, { known, fresh }: Gathered<Item>): Promise<void> {
  const added = [...known.values(), ...fresh.values()].filter((work) => work.stored === null);
  if (added.length === 0) return;
  const keys = added.map((work) => work.link.key);
  const none = { refs: { crm: [], mailbox: [] }, uids: { crm: [], mailbox: [] } };
  const found = await run.ports.repository.find({ ...none, keys, stamps: keys });
  const byKey = new Map(found.map((link) => [link.key, link]));
  // Those of one side may be the counterparts that are looked for.
  const pairs = found.filter((link) => sides.every((side) => link.sides[side] !== null));
  const worn = new Set(pairs.flatMap((link) => sides.map((side) => link.sides[side]?.stamp)));
  for (const work of added) {
    const holder = byKey.get(work.link.key);
    // Nothing was ever made with it.
    const isUnused = holder?.revision === 0 && work.absorbs?.includes(holder.id) === true;
    if ((holder === undefined || isUnused) && !worn.has(work.link.key)) continue;
    const side: Side = work.link.sides.crm === null ? "mailbox" : "crm";
    const key = run.keyFor(side, work.link.sides[side]?.ref ?? "", run.now());
    work.link = { ...work.link, key };
  }
}

async function takeIn<Item>(gathering: Gathering<Item>, side: Side): Promise<void> {
  const { run, index, gathered } = gathering;
  const reading = gathering.readings[side];
  const isStranger = (ref: Ref) => (index.byRef(side, ref)?.reason ?? "unreadable") === "unreadable";
  if (reading.failed.keys().some(isStranger)) run.strangers.add(side);
  await dropMovedOn(gathering, side);
  for (const observed of reading.upserts.values()) {
    const seen = run.see(side, observed);
    const link = index.byRef(side, observed.ref);
    if (link === undefined) await arrive(gathering, side, seen);
    else if (link.state === "deleted") await comeBack(gathering, side, link, seen);
    else await takeKnown(gathering, side, link, seen);
  }
  await findMoved(gathering, side);
  for (const [ref, why] of reading.gone) {
    const link = index.byRef(side, ref);
    if (link === undefined || link.state === "deleted") continue;
    const work = enter(gathered, link);
    // A link that has just followed its item to another ref is not gone.
    if (work.link.sides[side]?.ref !== ref) continue;
    await prove(run, side, work, why === "deleted" ? "deleted" : "missed");
    // It may have gone to another ref, which a later page tells.
    if (reading.more && work.told[side].kind === "gone") work.told[side] = { kind: "gone", by: "nothing" };
  }
  for (const ref of reading.failed.keys()) {
    const link = index.byRef(side, ref);
    const isBack = link?.state === "deleted" && link.sides[side]?.unverified === true;
    // What was deleted and is told again may have been brought back, by a person or with a backup.
    const fresh = link === undefined || (link.state === "deleted" && !isBack);
    const work = fresh ? unreadWork(run, side, ref, link) : enter(gathered, link);
    if (fresh) gathered.known.set(work.link.id, work);
    if (isBack) parkUnread(run, work, []);
    else parkUnread(run, work);
  }
}

/** A slice that reads on and on may be told of one item under two refs: that of before it moved, and that of after. */
async function dropMovedOn<Item>({ run, readings }: Gathering<Item>, side: Side): Promise<void> {
  const { upserts, gone } = readings[side];
  const refs = Map.groupBy(
    [...upserts.values()].filter(({ uid }) => uid !== null),
    ({ uid }) => uid,
  );
  for (const same of refs.values()) {
    if (same.length === 1) continue;
    for (const { ref } of same) {
      if ((await run.get(side, ref)) !== undefined) continue;
      upserts.delete(ref);
      gone.set(ref, "unknown");
    }
  }
}

async function takeKnown<Item>(
  gathering: Gathering<Item>,
  side: Side,
  link: ItemLink,
  seen: Seen<Item>,
): Promise<void> {
  const { run, gathered } = gathering;
  const work = enter(gathered, link);
  const known = work.link.sides[side];
  if (known === null || known.ref !== seen.observed.ref) await arrive(gathering, side, seen);
  else if (known.unverified && isAnother(known, seen)) await giveUpRef(gathering, side, work, seen);
  else present(run, work, side, seen);
}

/** Row 97: the ref was given to another item, which is new; the one that had it is looked for among the new ones. */
async function giveUpRef<Item>(
  gathering: Gathering<Item>,
  side: Side,
  work: Work<Item>,
  seen: Seen<Item>,
): Promise<void> {
  const { gathered, released, run } = gathering;
  if (work.link.state === "new") {
    // Nothing else is known of that one: it never had a counterpart.
    gathered.fresh.delete(work.link.id);
    const arrived = await arrive(gathering, side, seen);
    if (arrived !== undefined) arrived.absorbs = [...(arrived.absorbs ?? []), work.link.id];
    return;
  }
  work.link = { ...letGo(work.link, side), pending: true };
  work.told[side] = { kind: "gone", by: "deleted" };
  released.push({
    link: work.link,
    event: eventOf(run.context.rules.kind.fields, 97, "let-go", side),
  });
  await arrive(gathering, side, seen);
}

/**
 * Signs that a store went back in time without a word: a known item with another identity at its ref, or in an older state
 * than it was known in. All of its items are doubtful then, and it is listed from nothing once more.
 */
async function doubt<Item>(
  run: Run<Item>,
  side: Side,
  reading: Reading<Item>,
  index: LinkIndex,
): Promise<boolean> {
  const { wentBack } = run.context.capabilities[side];
  const isSign = (observed: Observed<Item>) => {
    const link = index.byRef(side, observed.ref);
    const known = link?.sides[side];
    if (!known || known.unverified || known.ref !== observed.ref || link?.state === "deleted") return false;
    return isAnother(known, run.see(side, observed)) || wentBack?.(known.version, observed.version) === true;
  };
  if (reading.progress === null || ![...reading.upserts.values()].some(isSign)) return false;
  run.ports.log("a store went back in time", { side });
  await run.ports.repository.unverify(side);
  reading.progress = { ...reading.progress, cursor: null, thorough: true };
  reading.more = true;
  reading.moved = true;
  return true;
}

/** Strangers that are looked at for each reading in which known items are missing. */
const strangerLimit = 50;

/**
 * A known item may come back under another ref outside of the window, where new items are only mentioned: before it is
 * taken for gone, what was mentioned is looked at.
 */
async function findMoved<Item>(gathering: Gathering<Item>, side: Side): Promise<void> {
  const { run, index, resting, unconfirmed } = gathering;
  const { gone } = gathering.readings[side];
  const known = (ref: Ref) => index.byRef(side, ref);
  const isMissing = (ref: Ref) => known(ref) !== undefined && known(ref)?.state !== "deleted";
  if (!unconfirmed && resting.size === 0 && ![...gone.keys()].some(isMissing)) return;
  const strangers = [...gone].filter(([ref, why]) => why === "left-scope" && known(ref) === undefined);
  for (const [ref] of strangers.slice(0, strangerLimit)) {
    const seen = await run.get(side, ref);
    if (seen === undefined) continue;
    await index.loadFor(side, seen.observed);
    const moved = index.related(side, seen.observed).some((link) => {
      const former = link.sides[side];
      return former !== null && (gone.has(former.ref) || former.unconfirmed || resting.has(link.id));
    });
    if (moved) await arrive(gathering, side, seen);
  }
}

/** A ref that we hold for deleted is told again: a late echo, or a person brought it back. Only a look can tell. */
async function comeBack<Item>(
  gathering: Gathering<Item>,
  side: Side,
  tombstone: ItemLink,
  told: Seen<Item>,
): Promise<void> {
  const { run, gathered } = gathering;
  // What was only left where it is has not gone anywhere.
  const isTombstone = tombstone.reason === null;
  const seen = isTombstone ? await run.get(side, told.observed.ref) : told;
  if (seen === undefined) {
    if (await run.trusted(side)) return;
    // An account that sees nothing is no witness: the look is repeated.
    leaveUnread(gathering, side, told.observed.ref, tombstone);
    return;
  }
  if (isTombstone && broughtBack(side, tombstone, seen)) {
    present(run, enter(gathered, tombstone), side, seen);
    return;
  }
  const arrived = await arrive(gathering, side, seen);
  if (arrived !== undefined) arrived.absorbs = [...(arrived.absorbs ?? []), tombstone.id];
}

/** As one that could not be read: it is recognized when its account answers again. */
function leaveUnread<Item>(
  { run, gathered }: Gathering<Item>,
  side: Side,
  ref: Ref,
  tombstone?: ItemLink,
): void {
  const unread = unreadWork(run, side, ref, tombstone);
  gathered.known.set(unread.link.id, unread);
  parkUnread(run, unread, []);
}

/** Deleted on both sides once, and there again because a backup was restored: nobody has brought it back. */
function broughtBack(side: Side, { sides: known, state }: ItemLink, seen: Seen<unknown>): boolean {
  const here = known[side];
  if (state !== "deleted" || here === null || known[otherSide(side)] === null) return false;
  const wasSynced = Object.keys(here.base).length > 0;
  return here.unverified && wasSynced && recognized(here, seen) === "same";
}

/**
 * A ref without a link. It may be a known item under another ref (row 71), or one that we made and whose outcome
 * is not settled yet; else it is new, even with a stamp: people copy items, and the stamp with them.
 *
 * @returns `undefined` while the item has to wait for the outcome of a write
 */
async function arrive<Item>(
  gathering: Gathering<Item>,
  side: Side,
  seen: Seen<Item>,
): Promise<Work<Item> | undefined> {
  const { run, index, resting, gathered } = gathering;
  const { key, ref } = seen.observed;
  for (const link of index.related(side, seen.observed)) {
    if (link.state === "new") continue;
    const current = gathered.known.get(link.id)?.link ?? link;
    const known = current.sides[side];
    if (known === null && key === current.key) {
      // Made by us from this link: `recover` adopts it while the outcome is open, the planner otherwise (row 43).
      if (resting.has(link.id)) return undefined;
      const made: LinkSide = {
        ...sideOf(seen.observed),
        base: {},
        out: false,
        unconfirmed: true,
        unverified: false,
      };
      const work = enter(gathered, link);
      work.link = { ...withSide(work.link, side, made), state: "single", pending: true };
      present(run, work, side, seen);
      return work;
    }
    if (known === null || known.ref === ref || isCopy(known, seen)) continue;
    const hasLeft = await left(gathering, side, known);
    if (hasLeft === "unknown") {
      leaveUnread(gathering, side, ref);
      return undefined;
    }
    if (hasLeft) {
      // Should the slice die before its cursor is kept, and the item go then, no listing tells of this ref again.
      const moved: LinkSide = { ...known, ...sideOf(seen.observed), unconfirmed: true };
      const work = enter(gathered, link);
      work.link = withSide(work.link, side, moved);
      present(run, work, side, seen);
      return work;
    }
  }
  const work = newWork(run, side, seen);
  gathered.fresh.set(work.link.id, work);
  return work;
}

/** It only has the stamp: a copy that was made of the item, which keeps its UID wherever it goes. */
function isCopy(known: LinkSide, { observed }: Seen<unknown>): boolean {
  return known.uid !== null && observed.uid !== null && known.uid !== observed.uid;
}

async function left<Item>(
  { run, readings }: Gathering<Item>,
  side: Side,
  { ref, ...known }: LinkSide,
): Promise<boolean | "unknown"> {
  const there = readings[side].upserts.get(ref);
  if (there !== undefined) return known.unverified && isAnother({ ref, ...known }, run.see(side, there));
  if ((await run.get(side, ref)) !== undefined) return false;
  return (await run.trusted(side)) || "unknown";
}

/** Items that could not be read when they were told, and now can: only now is it known what they are. */
async function recognize<Item>(gathering: Gathering<Item>): Promise<void> {
  const { run, index, gathered, resting } = gathering;
  for (const [id, work] of gathered.known) {
    const side = work.parked === undefined ? sides.find((each) => isUnknown(work, each)) : undefined;
    const told = side && work.told[side];
    if (!side || told?.kind !== "present") continue;
    gathered.known.delete(id);
    await index.loadFor(side, told.seen.observed);
    const arrived = await arrive(gathering, side, told.seen);
    if (arrived === undefined) {
      gathered.known.set(id, work);
      park(work, run.now() + 60_000);
      continue;
    }
    arrived.absorbs = [...(arrived.absorbs ?? []), id];
    const until = resting.get(arrived.link.id);
    if (until === undefined) await complete(run, arrived);
    else park(arrived, until);
  }
}

/** Of the item nothing was known but its ref, or it stands where another one was deleted. */
function isUnknown<Item>({ link, told }: Work<Item>, side: Side): boolean {
  const there = told[side];
  if (there.kind !== "present") return false;
  if (link.state === "deleted") return !broughtBack(side, link, there.seen);
  return link.reason === "unreadable" && sides.some((each) => link.sides[each] === null);
}
