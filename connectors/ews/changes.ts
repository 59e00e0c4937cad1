import { Failure } from "../../core/errors/failure.ts";
import type { Changes, Cursor, Observed, Scope, Window } from "../../core/items/observed.ts";
import type { Found } from "./batch.ts";
import type { EwsClient, Request } from "./client.ts";
import { beginning, readCursor, writeCursor, type Progress } from "./cursor.ts";
import { malformed, refusedItem, saysGone } from "./errors.ts";
import { getItemIds, readBatch } from "./requests.ts";
import { UnreadableItem } from "./values.ts";
import { attribute, child, children, text, type Xml } from "./xml.ts";

/** After so long a call ends with what it has read; the rest of the page stays in the cursor. */
const readingMs = 15_000;
/** Ids of deleted items per existence check; nothing is loaded for them. */
const checkBatch = 50;

/** What a kind of item tells of itself to be listed by `SyncFolderItems`. */
export interface SyncSource<Item, Read> {
  client: EwsClient;
  /** `CalendarItem`. Whatever else lies in the folder is left alone. */
  element: string;
  /** A page of what changed, with as much as `isFar` looks at. */
  page(container: string, syncState: string | undefined): Request;
  /** Whether the item lies outside of the window by what the listing tells; in doubt it is read. */
  isFar(named: Xml, window: Window): boolean;
  /** At most `readBatch`, in order; shorter than asked for when the server stopped in between. */
  read(ids: readonly string[], signal: AbortSignal): Promise<Found<Read>[]>;
  /** @throws UnreadableItem */
  observe(read: Read): Observed<Item>;
  inWindow(read: Read, observed: Observed<Item>, window: Window): boolean;
}

type Result<Item> = Pick<Changes<Item>, "upserts" | "gone" | "failed">;

/**
 * `ItemStore.changes` by `SyncFolderItems` (ids only) and `GetItem`.
 *
 *  - The first listing (cursor `undefined`, or `reset`) is `complete`: with all its pages read, what was neither
 *    an upsert nor in `failed` is not in the window. What lies outside of it is told as `left-scope`.
 *  - A delete is reported when the sync names it and the id is positively gone. Exchange reports a move to
 *    another folder the same way and gives the item another id, so the two cannot be told apart.
 *  - A cursor belongs to its window: asked for a window that reaches further, it is answered by a reset.
 *  - Changes of the read flag are not changes.
 */
export async function changes<Item, Read>(
  source: SyncSource<Item, Read>,
  scope: Scope,
  cursor: Cursor | undefined,
  signal: AbortSignal,
): Promise<Changes<Item>> {
  const begun = performance.now();
  const known = cursor === undefined ? undefined : readCursor(cursor);
  // Beyond the window that was listed lie items that no sync state would ever name again.
  const usable = known && covers(known.window, scope.window) ? known : undefined;
  let reset = cursor !== undefined && usable === undefined;
  let progress = usable ?? beginning(scope.window);
  const result: Result<Item> = { upserts: [], gone: [], failed: [] };
  if (progress.pending.length === 0) {
    try {
      progress = await nextPage(source, scope, progress, result, signal);
    } catch (error) {
      if (!isForgotten(error) || progress.syncState === undefined) throw error;
      reset = true;
      progress = await nextPage(source, scope, beginning(scope.window), result, signal);
    }
    await readPending(source, scope.window, progress, result, { begun, alreadySome: true, signal });
  } else {
    await readPending(source, scope.window, progress, result, { begun, alreadySome: false, signal });
  }
  const more = progress.pending.length > 0 || progress.more;
  const listing = progress.initial ? "complete" : "delta";
  return {
    ...result,
    listing,
    reset,
    more,
    next: writeCursor({ ...progress, initial: progress.initial && more }),
  };
}

function isForgotten(error: unknown): boolean {
  return error instanceof Failure && error.code === "ews.sync-state-invalid";
}

/** Asks for one page. @returns the progress with the page's items pending; deletes and far items are in `result` */
async function nextPage<Item, Read>(
  source: SyncSource<Item, Read>,
  scope: Scope,
  progress: Progress,
  result: Result<Item>,
  signal: AbortSignal,
): Promise<Progress> {
  const page = await syncPage(source, scope, progress.syncState, signal);
  const pending = new Set<string>();
  const far: string[] = [];
  for (const { id, isFar } of page.changed) {
    if (isFar) far.push(id);
    else pending.add(id);
  }
  for (const id of page.deleted) pending.delete(id);
  const gone = await whyGone(source.client, page.deleted, signal);
  result.gone.push(...gone, ...far.map((ref) => ({ ref, why: "left-scope" as const })));
  return { ...progress, syncState: page.syncState, more: page.more, pending: [...pending] };
}

function covers(listed: Window, asked: Window): boolean {
  return Date.parse(listed.from) <= Date.parse(asked.from) && Date.parse(listed.to) >= Date.parse(asked.to);
}

interface Page {
  syncState: string;
  more: boolean;
  changed: { id: string; isFar: boolean }[];
  deleted: string[];
}

async function syncPage<Item, Read>(
  source: SyncSource<Item, Read>,
  { container, window }: Scope,
  syncState: string | undefined,
  signal: AbortSignal,
): Promise<Page> {
  const operation = "SyncFolderItems";
  const [message] = await source.client.call(source.page(container, syncState), signal);
  if (!message?.success) throw refusedItem(message?.code ?? "", { operation }, "ews.unavailable");
  const state = child(message.element, "SyncState");
  const last = child(message.element, "IncludesLastItemInRange");
  const list = child(message.element, "Changes");
  if (!state || text(state) === "" || !last || !list) throw malformed(operation, "no sync state");
  const page: Page = { syncState: text(state), more: text(last).trim() !== "true", changed: [], deleted: [] };
  for (const change of children(list)) {
    if (change.localName === "Delete") page.deleted.push(idOf(change, operation));
    if (change.localName !== "Create" && change.localName !== "Update") continue;
    const item = children(change)[0];
    // Meeting requests, notes and distribution lists can lie in these folders; they are none of ours.
    if (item?.localName !== source.element) continue;
    page.changed.push({ id: idOf(item, operation), isFar: source.isFar(item, window) });
  }
  return page;
}

function idOf(parent: Xml, operation: string): string {
  const element = child(parent, "ItemId");
  const id = element && attribute(element, "Id");
  if (!id) throw malformed(operation, "an item without an id");
  return id;
}

/** A reported delete counts as one when the id is positively gone; an id that still answers proves nothing. */
async function whyGone(client: EwsClient, ids: string[], signal: AbortSignal): Promise<Changes["gone"]> {
  const gone: Changes["gone"] = [];
  for (let at = 0; at < ids.length; at += checkBatch) {
    const batch = ids.slice(at, at + checkBatch);
    const messages = await client.call(getItemIds(batch), signal);
    for (const [index, ref] of batch.entries()) {
      gone.push({ ref, why: saysGone(messages[index]?.code ?? "") ? "deleted" : "unknown" });
    }
  }
  return gone;
}

/**
 * Reads what is pending, in batches, taking it from `progress` as it goes. A failure after some progress ends the
 * call with what there is; without any it is thrown.
 */
async function readPending<Item, Read>(
  source: SyncSource<Item, Read>,
  window: Window,
  progress: Progress,
  result: Result<Item>,
  limits: { begun: number; alreadySome: boolean; signal: AbortSignal },
): Promise<void> {
  let some = limits.alreadySome;
  while (progress.pending.length > 0) {
    if (some && performance.now() - limits.begun > readingMs) return;
    let found: Found<Read>[];
    try {
      found = await source.read(progress.pending.slice(0, readBatch), limits.signal);
    } catch (error) {
      if (!some || !(error instanceof Failure)) throw error;
      return;
    }
    if (found.length === 0) throw malformed("GetItem", "nothing processed");
    for (const one of found) take(source, one, result, window);
    progress.pending = progress.pending.slice(found.length);
    some = true;
  }
}

function take<Item, Read>(
  source: SyncSource<Item, Read>,
  one: Found<Read>,
  result: Result<Item>,
  window: Window,
): void {
  const { ref } = one;
  // It went away between the listing and this reading; the next page says whether it was deleted.
  if (one.kind === "missing") result.gone.push({ ref, why: "unknown" });
  if (one.kind === "failed") result.failed.push({ ref, code: one.code });
  if (one.kind !== "read") return;
  let observed: Observed<Item>;
  try {
    observed = source.observe(one.item);
  } catch (error) {
    if (!(error instanceof UnreadableItem)) throw error;
    result.failed.push({ ref, code: "item.malformed" });
    return;
  }
  if (source.inWindow(one.item, observed, window)) result.upserts.push(observed);
  else result.gone.push({ ref, why: "left-scope" });
}
