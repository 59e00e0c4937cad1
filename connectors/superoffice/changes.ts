import { Failure } from "../../core/errors/failure.ts";
import { errorRow } from "../../core/errors/table.ts";
import type { Changes, Cursor, Observed, Scope } from "../contract.ts";
import {
  digestOf,
  emptyMemory,
  readCursor,
  writeCursor,
  type Layout,
  type Memory,
  type Remembered,
} from "./cursor.ts";
import { refOf, type ItemName } from "./refs.ts";

/** Items of one page: each costs two or three requests, so that a page ends well within a slice. */
const pageItems = 100;
const atOnce = 6;

/** The items that a store holds at the moment, by kind and id. */
export type Listing = { readonly [Kind in ItemName["kind"]]?: ReadonlyMap<number, Listed> };

export interface Listed {
  /** Of everything that the listing tells of the item's rows. */
  digest: number;
  /** Another write would show in the update time. */
  settled: boolean;
  /** The lowest of its row ids, for a series; 0 elsewhere. */
  anchor: number;
}

/** An item as it was looked up. */
export interface Found<Item> {
  observed: Observed<Item>;
  /** It lies in these UTC instants. */
  touches(window: Scope["window"]): boolean;
}

/** What is compared and looked up: one associate's diary, checklist or chosen persons. */
export interface Source<Item> {
  layout: Layout;
  list(): Promise<Listing>;
  /** @param anchor a row that a series had when it was last listed; 0 for none */
  see(name: ItemName, anchor: number): Promise<Found<Item> | "elsewhere" | undefined>;
}

/** An item that needs a look: it vanished from the listing, or it is new or other than remembered. */
type Task = ItemName & { before: Remembered | undefined; now: Listed | undefined };

type Result<Item> =
  | { kind: "upsert" | "same" | "present"; task: Task; seen: Found<Item> }
  | { kind: "gone"; task: Task; why: Changes["gone"][number]["why"] }
  | { kind: "failed"; task: Task; code: string };

/**
 * What changed since the cursor, by one listing of ids and update times and a comparison with what the cursor
 * remembers. An idle cycle is that one request. Each vanished item is looked up before anything is said of it:
 *
 * looked up                       | told
 * 404 while the tenant runs       | gone, `deleted`
 * exists out of window or place   | gone, `left-scope`
 * exists inside of both           | nothing; the listing is `partial` and the item stays remembered
 * cannot be read                  | `failed`; asked again the next time
 */
export async function changesSince<Item>(
  cursor: Cursor | undefined,
  window: Scope["window"],
  source: Source<Item>,
  signal: AbortSignal,
): Promise<Changes<Item>> {
  signal.throwIfAborted();
  const known = cursor === undefined ? undefined : readCursor(cursor, source.layout);
  const memory = known ?? emptyMemory();
  const { due, fresh } = compare(memory, source.layout, await source.list());
  // What is not settled yet is looked at where the last page has room for it, and causes no further page: else it would be
  // read over and over while much is being written.
  const tasks = [...due, ...fresh];
  const results: Result<Item>[] = [];
  await inParallel(tasks.slice(0, pageItems), signal, async (task) => {
    results.push(await settle(task, window, source));
  });
  remember(memory, results);

  const partial = results.some((result) => result.kind === "present");
  const more = due.length > pageItems && !partial;
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
    next: writeCursor(memory, source.layout),
    more,
  };
}

/**
 * What to look at. Missing ones come first: should the listing be wrong, it shows before a hundred items were read for nothing.
 *
 * @returns `due`: missing, new, changed, or settled since; `fresh`: as it was told, but so shortly after that another write
 *   might not show
 */
function compare(memory: Memory, { kinds }: Layout, listing: Listing): { due: Task[]; fresh: Task[] } {
  const missing: Task[] = [];
  const changed: Task[] = [];
  const fresh: Task[] = [];
  for (const kind of kinds) {
    const listed = listing[kind] ?? new Map<number, Listed>();
    for (const [id, before] of memory[kind]) {
      if (!listed.has(id)) missing.push({ kind, id, before, now: undefined });
    }
    for (const [id, now] of listed) {
      const before = memory[kind].get(id);
      const task = { kind, id, before, now };
      if (before?.digest !== now.digest || (before.unsettled !== undefined && now.settled))
        changed.push(task);
      else if (before.unsettled !== undefined) fresh.push(task);
    }
  }
  return { due: [...missing, ...changed], fresh };
}

async function settle<Item>(
  task: Task,
  window: Scope["window"],
  source: Source<Item>,
): Promise<Result<Item>> {
  try {
    const seen = await source.see(task, task.now?.anchor ?? task.before?.anchor ?? 0);
    if (seen === undefined) return { kind: "gone", task, why: "deleted" };
    if (seen === "elsewhere") return { kind: "gone", task, why: "left-scope" };
    if (task.now === undefined) {
      return seen.touches(window)
        ? { kind: "present", task, seen }
        : { kind: "gone", task, why: "left-scope" };
    }
    const told = task.before?.unsettled === versionDigest(seen);
    return { kind: told ? "same" : "upsert", task, seen };
  } catch (error) {
    if (error instanceof Failure && errorRow(error.code).scope === "item") {
      return { kind: "failed", task, code: error.code };
    }
    throw error;
  }
}

function remember(memory: Memory, results: Result<unknown>[]): void {
  for (const result of results) {
    const { kind, id, now } = result.task;
    if (result.kind === "gone") memory[kind].delete(id);
    if (result.kind === "gone" || now === undefined) continue;
    const { anchor, settled } = now;
    // One that cannot be read is not tried again before it changes.
    const unsettled = settled || result.kind === "failed" ? undefined : versionDigest(result.seen);
    memory[kind].set(id, { digest: now.digest, unsettled, anchor });
  }
}

function versionDigest(seen: Found<unknown>): number {
  return digestOf([seen.observed.version]);
}

export async function inParallel<T>(
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
