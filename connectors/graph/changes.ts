import { createHash } from "node:crypto";
import { Failure } from "../../core/errors/failure.ts";
import { errorRow } from "../../core/errors/table.ts";
import type { Changes, Cursor, Observed, Scope, Window } from "../../core/items/observed.ts";
import { UnreadableItem } from "../ews/values.ts";
import { batchSize, type GraphClient, type Request } from "./client.ts";
import { beginning, readCursor, writeCursor, type Pending, type Progress } from "./cursor.ts";
import { malformed } from "./errors.ts";
import type { Found } from "./reading.ts";
import { deltaPage } from "./wire.ts";

/** After so long a call ends with what it has read; the rest of the page stays in the cursor. */
const readingMs = 15_000;

/** What a kind of item tells of itself to be listed by delta. */
export interface DeltaSource<Item, Read> {
  client: GraphClient;
  /** The first page of a new round. */
  start(scope: Scope, signal: AbortSignal): Request | Promise<Request>;
  /** The next page, or the next round: the address that Graph gave. */
  goOn(link: string): Request;
  /** At most 20, in order. */
  read(ids: readonly string[], signal: AbortSignal): Promise<Found<Read>[]>;
  /** @throws UnreadableItem */
  observe(read: Read): Observed<Item>;
  inWindow(read: Read, observed: Observed<Item>, window: Window): boolean;
  /** Of one date of a series: the series to read instead. */
  seriesOf(read: Read): string | null;
  /** Whether its dates are named by the delta too. */
  isSeries(read: Read): boolean;
}

type Result<Item> = Pick<Changes<Item>, "upserts" | "gone" | "failed">;

/**
 * `ItemStore.changes` by a delta, which names items, and `$batch`, which reads them.
 *
 *  - The delta names the dates of a series as well as the series: each stands for its series, read once a round.
 *  - `@removed` is said of what was deleted and of what only left the window or the calendar: the item is asked for,
 *    and only Exchange's own "no such item" makes it `deleted`.
 *  - The first round (cursor `undefined`, or `reset`) is `complete`: with all its pages read, what was neither an
 *    upsert nor in `failed` is not in the window.
 *  - A delta belongs to its window: asked for a window that reaches further, it is answered by a reset.
 */
export async function changes<Item, Read>(
  source: DeltaSource<Item, Read>,
  scope: Scope,
  cursor: Cursor | undefined,
  signal: AbortSignal,
): Promise<Changes<Item>> {
  const begun = performance.now();
  const known = cursor === undefined ? undefined : readCursor(cursor);
  const usable = known && isUsable(known, source.client, scope.window) ? known : undefined;
  let reset = cursor !== undefined && usable === undefined;
  let progress = usable ?? beginning(scope.window);
  const result: Result<Item> = { upserts: [], gone: [], failed: [] };
  const fresh = progress.pending.length === 0;
  if (fresh) {
    try {
      progress = await nextPage(source, scope, progress, signal);
    } catch (error) {
      if (!isForgotten(error) || progress.link === undefined) throw error;
      reset = true;
      progress = await nextPage(source, scope, beginning(scope.window), signal);
    }
  }
  await readPending(source, scope.window, progress, result, { begun, alreadySome: fresh, signal });
  const more = progress.pending.length > 0 || progress.more;
  return {
    ...result,
    listing: progress.initial ? "complete" : "delta",
    reset,
    more,
    next: writeCursor({
      ...progress,
      initial: progress.initial && more,
      told: more ? progress.told : [],
    }),
  };
}

/** Beyond the window that was listed lie events that no delta would ever name again. */
function isUsable({ link, window: listed }: Progress, client: GraphClient, asked: Window): boolean {
  if (link !== undefined && !client.isOwn(link)) return false;
  return Date.parse(listed.from) <= Date.parse(asked.from) && Date.parse(listed.to) >= Date.parse(asked.to);
}

function isForgotten(error: unknown): boolean {
  return error instanceof Failure && error.code === "graph.sync-state-invalid";
}

/** Asks for one page. @returns the progress with the page's events pending */
async function nextPage<Item, Read>(
  source: DeltaSource<Item, Read>,
  scope: Scope,
  progress: Progress,
  signal: AbortSignal,
): Promise<Progress> {
  const { client } = source;
  const request =
    progress.link === undefined ? await source.start(scope, signal) : source.goOn(progress.link);
  const read = deltaPage.safeParse(await client.send(request, signal));
  if (!read.success) throw malformed(request.operation, "no delta page");
  const { value, "@odata.nextLink": next, "@odata.deltaLink": done } = read.data;
  const link = next ?? done;
  // The next call sends our credential there.
  if (link === undefined || !client.isOwn(link)) throw malformed(request.operation, "no delta address");
  const pending = new Map<string, Pending>();
  for (const { id, seriesMasterId, "@removed": removed } of value) {
    if (seriesMasterId) pending.set(seriesMasterId, { id: seriesMasterId, removed: false });
    // Entries come twice, in any order (delta overview, "replays"): a sign of removal is not forgotten.
    else pending.set(id, { id, removed: removed !== undefined || (pending.get(id)?.removed ?? false) });
  }
  const told = new Set(progress.told);
  return {
    ...progress,
    link,
    more: next !== undefined,
    pending: [...pending.values()].filter(({ id, removed }) => removed || !told.has(digest(id))),
  };
}

/**
 * Reads what is pending, in batches, taking it from `progress` as it goes. A failure after some progress ends the
 * call with what there is; without any it is thrown.
 */
async function readPending<Item, Read>(
  source: DeltaSource<Item, Read>,
  window: Window,
  progress: Progress,
  result: Result<Item>,
  limits: { begun: number; alreadySome: boolean; signal: AbortSignal },
): Promise<void> {
  let some = limits.alreadySome;
  while (progress.pending.length > 0) {
    if (some && performance.now() - limits.begun > readingMs) return;
    const batch = progress.pending.slice(0, batchSize);
    let found: Found<Read>[];
    try {
      found = await source.read(
        batch.map(({ id }) => id),
        limits.signal,
      );
    } catch (error) {
      if (!some || !(error instanceof Failure)) throw error;
      return;
    }
    const stuck: Pending[] = [];
    const masters: Pending[] = [];
    let trouble: Failure | undefined;
    for (const [index, one] of found.entries()) {
      const asked = batch[index];
      if (!asked) continue;
      if (one.kind === "failed" && errorRow(one.failure.code).scope !== "item") {
        trouble ??= one.failure;
        stuck.push(asked);
        continue;
      }
      const master = take(source, one, asked, { result, window });
      if (master !== undefined && !isKnown(master, progress)) masters.push({ id: master, removed: false });
      if (one.kind === "read" && source.isSeries(one.item)) progress.told.push(digest(one.ref));
    }
    progress.pending = [...stuck, ...masters, ...progress.pending.slice(batch.length)];
    if (trouble && stuck.length === batch.length && !some) throw trouble;
    if (trouble) return;
    some = true;
  }
}

function isKnown(id: string, { pending, told }: Progress): boolean {
  return pending.some((one) => one.id === id) || told.includes(digest(id));
}

/** @returns the series to read instead, when this is one of its dates */
function take<Item, Read>(
  source: DeltaSource<Item, Read>,
  one: Found<Read>,
  { id: ref, removed }: Pending,
  { result, window }: { result: Result<Item>; window: Window },
): string | undefined {
  // One that was not called removed went away between the listing and this reading; the next page will say so.
  if (one.kind === "missing") result.gone.push({ ref, why: removed ? "deleted" : "unknown" });
  if (one.kind === "failed") result.failed.push({ ref, code: one.failure.code });
  if (one.kind !== "read") return undefined;
  const series = source.seriesOf(one.item);
  if (series !== null) return series;
  let observed: Observed<Item>;
  try {
    observed = source.observe(one.item);
  } catch (error) {
    if (!(error instanceof UnreadableItem)) throw error;
    result.failed.push({ ref, code: "item.malformed" });
    return undefined;
  }
  if (!source.inWindow(one.item, observed, window)) result.gone.push({ ref, why: "left-scope" });
  // Removed, there, and at a time within the window: it went to another calendar, or came back since.
  else if (removed) result.gone.push({ ref, why: "unknown" });
  else result.upserts.push(observed);
  return undefined;
}

/** Enough to tell the series of one mailbox apart; ids are long. */
function digest(id: string): string {
  return createHash("sha256").update(id).digest("base64url").slice(0, 12);
}
