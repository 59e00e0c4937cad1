import type { Failure } from "../core/errors/failure.ts";
import { otherSide, sides, type Side } from "../core/items/observed.ts";
import { untold, type Word } from "../core/sync/evidence.ts";
import { isAnother } from "../core/sync/incarnation.ts";
import type { LinkSide } from "../core/sync/item-link.ts";
import type { Seen } from "../core/sync/prints.ts";
import type { LinkIndex } from "./index-links.ts";
import type { Reading } from "./reading.ts";
import { isOfItem, lookingShare, retryAt, type Run } from "./run.ts";
import { enter, park, parkUnread, present, withSide, type Gathered, type Work } from "./work.ts";

/** So often is something unreadable that may be a missing item waited for: a quarter of an hour. */
export const patience = 4;

/**
 * Looks whether an item is there. That it is gone is believed only when `get` says so, and, unless the system itself
 * called it deleted, the account answers: see `core/sync/evidence.ts`.
 *
 * @returns the item when it is there after all
 */
export async function prove<Item>(
  run: Run<Item>,
  side: Side,
  work: Work<Item>,
  word: Word,
  share = lookingShare,
): Promise<Seen<Item> | null> {
  const ref = work.link.sides[side]?.ref;
  if (ref === undefined || work.told[side].kind !== "untold" || work.parked !== undefined) return null;
  const told = work.link.sides[side];
  // Should it wait for another slice, its absence still means something then.
  if (word === "deleted" && told?.out === true)
    work.link = withSide(work.link, side, { ...told, out: false });
  if (run.exhausted(share)) {
    park(work);
    return null;
  }
  try {
    const seen = await run.get(side, ref);
    const known = work.link.sides[side];
    const another = seen !== undefined && known?.unverified === true && isAnother(known, seen);
    if (seen !== undefined && !another) {
      present(run, work, side, seen);
      return seen;
    }
    if (another) work.told[side] = { kind: "gone", by: "deleted" };
    // Waited for already: not sooner because something else told of it.
    else if (word !== "deleted" && waits(run, work)) park(work, work.link.notBefore);
    // It may be what could not be read, under another ref: that is looked at a few times before anything is believed.
    else if (run.strangers.has(side) && work.link.attempts < patience) parkUnread(run, work, []);
    else if (word === "deleted" || (await run.trusted(side))) work.told[side] = { kind: "gone", by: word };
    else park(work, retryAt(run.now(), 1));
  } catch (error) {
    if (!isOfItem(error)) throw error;
    if (isAnothers(work.link.sides[side], error)) work.told[side] = { kind: "gone", by: "deleted" };
    else parkUnread(run, work);
    if (work.link.reason === "unreadable") run.strangers.add(side);
  }
  return null;
}

/** Has been looked at before, and is to be looked at again at a later time. */
export function waits<Item>(run: Run<Item>, { link: { attempts, notBefore, pending } }: Work<Item>): boolean {
  return pending && attempts > 0 && notBefore !== null && notBefore > run.now();
}

/** A store that came back from a backup has given the ref to an item of somebody else's. */
function isAnothers(known: LinkSide | null, { code, detail }: Failure): boolean {
  if (known?.unverified !== true || code !== "item.malformed" || detail["reason"] !== "elsewhere")
    return false;
  return known.born !== null && detail["born"] !== undefined && detail["born"] !== known.born;
}

/**
 * Reads the side that was not told, where the decision needs it: something about the item is unfinished.
 *
 * @param share of the slice's time after which the item is left for another slice
 */
export async function complete<Item>(run: Run<Item>, work: Work<Item>, share = lookingShare): Promise<void> {
  for (const side of sides) {
    if (work.link.sides[side] === null || work.told[side].kind !== "untold") continue;
    const { pending, masked, state, reason, held } = work.link;
    const doubtful = work.link.sides[side].unverified;
    const unfinished = pending || masked || held !== null || state !== "linked" || reason !== null;
    if (unfinished || doubtful || work.link.sides[otherSide(side)] === null)
      await prove(run, side, work, "nothing", share);
  }
}

/** Looks after what we made and the side, read to its end since, did not tell: it may be gone without a word. */
export async function confirm<Item>(
  run: Run<Item>,
  readings: Readonly<Record<Side, Reading<Item>>>,
  gathered: Gathered<Item>,
): Promise<void> {
  for (const link of await run.ports.repository.unconfirmed()) {
    const work = enter(gathered, link);
    for (const side of sides) {
      if (work.link.sides[side]?.unconfirmed === true && !readings[side].more)
        await prove(run, side, work, "nothing");
    }
  }
}

/** Looked for in the slice that misses them; when a whole diary is missing, the rest of it is looked for by and by. */
const absentAtOnce = 1_000;

/** What a complete listing did not mention: gone, or out of the window, or the listing was not complete at all (I5). */
export async function proveAbsent<Item>(
  run: Run<Item>,
  side: Side,
  reading: Reading<Item>,
  index: LinkIndex,
  gathered: Gathered<Item>,
): Promise<void> {
  if (!reading.listed || reading.progress === null) return;
  const { window, listing, thorough } = reading.progress;
  const absent = (await run.ports.repository.missing(side, listing, thorough)).filter(
    ({ ref }) => !reading.upserts.has(ref) && !reading.gone.has(ref) && !reading.failed.has(ref),
  );
  if (absent.length === 0) return;
  const now = absent.slice(0, absentAtOnce);
  const later = absent.slice(absentAtOnce).map(({ id }) => id);
  if (later.length > 0) await run.ports.repository.postpone(later, run.now());
  const missed: Work<Item>[] = [];
  let short = false;
  for (const link of await index.loadRefs(
    side,
    now.map(({ ref }) => ref),
  )) {
    const work = enter(gathered, link);
    // It may have followed its item to another ref meanwhile.
    if (work.link.sides[side]?.ref !== link.sides[side]?.ref) continue;
    const seen = await prove(run, side, work, "missed");
    // Looked at for what may have been edited there. Its absence would mean nothing.
    if (seen === null && !thorough && link.sides[side]?.out === true && work.told[side].kind === "gone") {
      work.told[side] = untold;
      continue;
    }
    if (work.told[side].kind === "gone") missed.push(work);
    const known = work.link.sides[side];
    if (seen === null || known === null || !run.context.rules.kind.touches(seen.item, window)) continue;
    // It should have been told and was not: the listing was cut short, and may hide new items too. It is read once
    // more, and looked through to the last item, because what is deleted until then will not be told either; whoever
    // is missing then as well is not waited for again.
    work.link = withSide(work.link, side, { ...known, out: true });
    short = true;
    if (link.sides[side]?.out !== true)
      reading.progress = { ...reading.progress, cursor: null, thorough: true };
  }
  // It may hide the new ref of one that is missing as well.
  if (short) for (const work of missed) work.told[side] = { kind: "gone", by: "nothing" };
}
