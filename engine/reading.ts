import type { Appointment } from "../core/items/appointment.ts";
import { sides, type Observed, type Ref, type Side, type Gone } from "../core/items/observed.ts";
import type { Progress } from "./repository.ts";
import { readingShare, type Run } from "./run.ts";

/** What one side told in this slice. The newest word about an item stands. */
export interface Reading<Item = Appointment> {
  upserts: Map<Ref, Observed<Item>>;
  gone: Map<Ref, Gone["why"]>;
  failed: Map<Ref, string>;
  /** As it will be stored once everything above is handled or parked. */
  progress: Progress | null;
  /** There are pages left. */
  more: boolean;
  /** A complete listing came to its end in this slice: absence from it is worth a look. */
  listed: boolean;
  /** The stored progress differs. */
  moved: boolean;
}

/** What a slice keeps of both sides together; the last page may go beyond. The rest is for other slices. */
const readingItems = 2_000;

/**
 * Reads both sides, page by page in turn, until both have told everything, or the time or the room for it is used up.
 */
export async function readChanges<Item>(
  run: Run<Item>,
  cursors: Readonly<Record<Side, Progress | null>>,
): Promise<Record<Side, Reading<Item>>> {
  const readings = { crm: begin<Item>(cursors.crm), mailbox: begin<Item>(cursors.mailbox) };
  for (const side of sides) await readPage(run, side, readings[side]);
  const held = () =>
    sides.reduce((sum, side) => sum + readings[side].upserts.size + readings[side].gone.size, 0);
  while (sides.some((side) => readings[side].more) && held() < readingItems && !run.exhausted(readingShare)) {
    for (const side of sides) if (readings[side].more) await readPage(run, side, readings[side]);
  }
  return readings;
}

function begin<Item>(progress: Progress | null): Reading<Item> {
  return {
    upserts: new Map(),
    gone: new Map(),
    failed: new Map(),
    progress,
    more: true,
    listed: false,
    moved: false,
  };
}

async function readPage<Item>(run: Run<Item>, side: Side, reading: Reading<Item>): Promise<void> {
  const { progress } = reading;
  const fresh = progress === null || progress.cursor === null;
  const window = fresh ? run.window() : progress.window;
  const cursor = fresh ? undefined : (progress.cursor ?? undefined);
  const page = await run.call(side, (store, signal) =>
    store.changes(run.scope(side, window), cursor, signal),
  );

  // A listing begins without a cursor, with a cursor that was forgotten, or where a system always lists everything.
  const begins = fresh || page.reset || (page.listing === "complete" && !progress.open);
  const number = (progress?.listing ?? 0) + (begins ? 1 : 0);
  // Another store answers under the same account: what was known of its items is to be found again.
  const told = page.incarnation ?? progress?.incarnation;
  const another = progress?.incarnation !== undefined && progress.incarnation !== told;
  if (another) await run.ports.repository.unverify(side);

  const listing = begins || (progress?.open ?? false);
  // Nothing told of deletes while there was no cursor: links that outlived theirs are looked through to the last.
  const thorough = page.reset || another || (listing && (progress?.thorough ?? true));

  if (begins) {
    // Told once more if it is still there: what an earlier page told is no sign that it is.
    reading.upserts.clear();
    reading.failed.clear();
  }
  for (const observed of page.upserts) {
    reading.gone.delete(observed.ref);
    reading.failed.delete(observed.ref);
    reading.upserts.set(observed.ref, observed);
  }
  for (const { ref, why } of page.gone) {
    reading.upserts.delete(ref);
    reading.failed.delete(ref);
    reading.gone.set(ref, why);
  }
  for (const { ref, code } of page.failed) {
    reading.upserts.delete(ref);
    reading.failed.set(ref, code);
  }
  run.counters.read[side] += page.upserts.length + page.gone.length;
  reading.more = page.more;
  reading.listed = listing && !page.more && page.listing === "complete";
  reading.moved ||= page.next !== progress?.cursor || begins;
  const settings = fresh ? run.planning : (progress.settings ?? run.planning);
  reading.progress = {
    cursor: page.next,
    listing: number,
    open: listing && page.more,
    thorough,
    window,
    settings,
    ...(told === undefined ? {} : { incarnation: told }),
  };
  // Read to the end, and window or settings have moved on: from here a new listing.
  if (!page.more && outgrown(run, reading.progress)) {
    reading.progress = { ...reading.progress, cursor: null };
    reading.more = true;
  }
}

/**
 * The days went on, or the settings changed: the listing no longer covers what is promised, or what was told before
 * would be decided otherwise now.
 */
function outgrown<Item>(run: Run<Item>, progress: Progress): boolean {
  if (progress.settings !== run.planning) return true;
  const promised = run.window(0);
  return progress.window.from > promised.from || progress.window.to < promised.to;
}
