import { Failure } from "../../core/errors/failure.ts";
import { errorRow } from "../../core/errors/table.ts";
import type { Changes, Cursor, Scope } from "../contract.ts";
import { digestOf, emptyMemory, readCursor, writeCursor, type Memory, type Remembered } from "./cursor.ts";
import type { Listed, Listing } from "./listing.ts";
import type { Seen } from "./observe.ts";
import { refOf, type ItemName } from "./refs.ts";

/** Items of one page: each costs two or three requests, so that a page ends well within a slice. */
const pageItems = 100;
const atOnce = 6;

/** What is compared and looked up; the diary of one associate. */
export interface Diary {
  list(): Promise<Listing>;
  /** @param anchor a row that a series had when it was last listed; 0 for none */
  see(name: ItemName, anchor: number): Promise<Seen | "elsewhere" | undefined>;
}

/** An item that needs a look: it vanished from the listing, or it is new or other than remembered. */
type Task = ItemName & { before: Remembered | undefined; now: Listed | undefined };

type Result =
  | { kind: "upsert" | "same" | "present"; task: Task; seen: Seen }
  | { kind: "gone"; task: Task; why: Changes["gone"][number]["why"] }
  | { kind: "failed"; task: Task; code: string };

/**
 * What changed since the cursor, by one listing of ids and update times and a comparison with what the cursor
 * remembers. An idle cycle is that one request. Each vanished item is looked up before anything is said of it:
 *
 * looked up                       | told
 * 404 while the tenant runs       | gone, `deleted`
 * exists outside of window, diary | gone, `left-scope`
 * exists inside of both           | nothing; the listing is `partial` and the item stays remembered
 * cannot be read                  | `failed`; asked again the next time
 */
export async function changesSince(
  cursor: Cursor | undefined,
  window: Scope["window"],
  diary: Diary,
  signal: AbortSignal,
): Promise<Changes> {
  signal.throwIfAborted();
  const known = cursor === undefined ? undefined : readCursor(cursor);
  const memory = known ?? emptyMemory();
  const tasks = compare(memory, await diary.list());
  const results: Result[] = [];
  await inParallel(tasks.slice(0, pageItems), signal, async (task) => {
    results.push(await settle(task, window, diary));
  });
  remember(memory, results);

  const partial = results.some((result) => result.kind === "present");
  const more = tasks.length > pageItems && !partial;
  const listing = partial ? "partial" : memory.firstListing ? "complete" : "delta";
  if (!more && !partial) memory.firstListing = false;
  return {
    upserts: results.flatMap((result) => (result.kind === "upsert" ? [result.seen.observed] : [])),
    gone: results.flatMap((result) =>
      result.kind === "gone" ? [{ ref: refOf(result.task), why: result.why }] : [],
    ),
    failed: results.flatMap((result) =>
      result.kind === "failed" ? [{ ref: refOf(result.task), code: result.code }] : [],
    ),
    listing,
    reset: cursor !== undefined && known === undefined,
    next: writeCursor(memory),
    more,
  };
}

/** Missing ones first: should the listing be wrong, it shows before a hundred items were read for nothing. */
function compare(memory: Memory, listing: Listing): Task[] {
  const missing: Task[] = [];
  const changed: Task[] = [];
  for (const kind of ["appointment", "series"] as const) {
    for (const [id, before] of memory[kind]) {
      if (!listing[kind].has(id)) missing.push({ kind, id, before, now: undefined });
    }
    for (const [id, now] of listing[kind]) {
      const before = memory[kind].get(id);
      if (!before || before.unsettled || before.digest !== now.digest)
        changed.push({ kind, id, before, now });
    }
  }
  return [...missing, ...changed];
}

async function settle(task: Task, window: Scope["window"], diary: Diary): Promise<Result> {
  try {
    const seen = await diary.see(task, task.now?.anchor ?? task.before?.anchor ?? 0);
    if (seen === undefined) return { kind: "gone", task, why: "deleted" };
    if (seen === "elsewhere") return { kind: "gone", task, why: "left-scope" };
    if (task.now === undefined) {
      return seen.touches(window)
        ? { kind: "present", task, seen }
        : { kind: "gone", task, why: "left-scope" };
    }
    const told = task.before?.unsettled === true && task.before.digest === versionDigest(seen);
    return { kind: told ? "same" : "upsert", task, seen };
  } catch (error) {
    if (error instanceof Failure && errorRow(error.code).scope === "item") {
      return { kind: "failed", task, code: error.code };
    }
    throw error;
  }
}

function remember(memory: Memory, results: Result[]): void {
  for (const result of results) {
    const { kind, id, now } = result.task;
    if (result.kind === "gone") memory[kind].delete(id);
    if (result.kind === "gone" || now === undefined) continue;
    const { anchor, settled } = now;
    // One that cannot be read is not tried again before it changes.
    const known = settled || result.kind === "failed";
    if (known) memory[kind].set(id, { digest: now.digest, unsettled: false, anchor });
    else if (result.kind === "upsert" || result.kind === "same") {
      memory[kind].set(id, { digest: versionDigest(result.seen), unsettled: true, anchor });
    }
  }
}

function versionDigest(seen: Seen): number {
  return digestOf([seen.observed.version]);
}

async function inParallel<T>(
  items: T[],
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      signal.throwIfAborted();
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
