import { Failure } from "../../core/errors/failure.ts";
import type { Changes, Cursor, Observed, Scope, Window } from "../../core/items/observed.ts";
import { attribute, child, children, text, type Xml } from "./xml.ts";
import type { EwsClient } from "./client.ts";
import { beginning, readCursor, writeCursor, type Progress } from "./cursor.ts";
import { malformed, notProcessed, refusedItem, saysGone } from "./errors.ts";
import { inWindow, tellsOccurrences, toObserved } from "./map.ts";
import { readId, readItem, UnreadableItem, type EwsItem } from "./reading.ts";
import { getFolder, getItemIds, getItems, readBatch, syncFolderItems } from "./requests.ts";

/** After so long a call ends with what it has read; the rest of the page stays in the cursor. */
const readingMs = 15_000;
/** Ids of deleted items per existence check; nothing is loaded for them. */
const checkBatch = 50;

export interface Reader {
  client: EwsClient;
  mailboxAddress: string;
}

type Result = Pick<Changes, "upserts" | "gone" | "failed">;

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
export async function changes(
  reader: Reader,
  scope: Scope,
  cursor: Cursor | undefined,
  signal: AbortSignal,
): Promise<Changes> {
  const begun = performance.now();
  const known = cursor === undefined ? undefined : readCursor(cursor);
  // Beyond the window that was listed lie items that no sync state would ever name again.
  const usable = known && covers(known.window, scope.window) ? known : undefined;
  let reset = cursor !== undefined && usable === undefined;
  let progress = usable ?? beginning(scope.window);
  const result: Result = { upserts: [], gone: [], failed: [] };
  let incarnation: string | undefined;
  const begin = async (): Promise<void> => {
    progress = beginning(scope.window);
    progress = await nextPage(reader, scope, progress, result, signal);
    incarnation = await folderId(reader.client, scope.container, signal);
  };
  if (progress.pending.length === 0) {
    try {
      if (progress.syncState === undefined) await begin();
      else progress = await nextPage(reader, scope, progress, result, signal);
    } catch (error) {
      if (!isForgotten(error) || progress.syncState === undefined) throw error;
      reset = true;
      await begin();
    }
    await readPending(reader, scope.window, progress, result, { begun, alreadySome: true, signal });
  } else {
    await readPending(reader, scope.window, progress, result, { begun, alreadySome: false, signal });
  }
  const more = progress.pending.length > 0 || progress.more;
  const listing = progress.initial ? "complete" : "delta";
  return {
    ...result,
    listing,
    reset,
    ...(incarnation === undefined ? {} : { incarnation }),
    more,
    next: writeCursor({ ...progress, initial: progress.initial && more }),
  };
}

/** A mailbox made anew has another calendar, whose id tells. */
async function folderId(client: EwsClient, container: string, signal: AbortSignal): Promise<string> {
  const request = getFolder(container);
  const [message] = await client.call(request, signal);
  if (!message?.success)
    throw refusedItem(message?.code ?? "", { operation: request.operation }, "ews.unavailable");
  const [folder] = children(child(message.element, "Folders") ?? message.element);
  const id = folder && child(folder, "FolderId");
  const value = id && attribute(id, "Id");
  if (!value) throw malformed(request.operation, "no folder id");
  return value;
}

function isForgotten(error: unknown): boolean {
  return error instanceof Failure && error.code === "ews.sync-state-invalid";
}

/** Asks for one page. @returns the progress with the page's items pending; deletes and far items are in `result` */
async function nextPage(
  { client }: Reader,
  scope: Scope,
  progress: Progress,
  result: Result,
  signal: AbortSignal,
): Promise<Progress> {
  const page = await syncPage(client, scope.container, progress.syncState, signal);
  const pending = new Set<string>();
  const far: string[] = [];
  for (const change of page.changed) {
    if (isFar(change, scope.window)) far.push(change.id);
    else pending.add(change.id);
  }
  for (const id of page.deleted) pending.delete(id);
  const gone = await whyGone(client, page.deleted, signal);
  result.gone.push(...gone, ...far.map((ref) => ({ ref, why: "left-scope" as const })));
  return { ...progress, syncState: page.syncState, more: page.more, pending: [...pending] };
}

function covers(listed: Window, asked: Window): boolean {
  return Date.parse(listed.from) <= Date.parse(asked.from) && Date.parse(listed.to) >= Date.parse(asked.to);
}

/** Whether a single item lies outside of the window by what the listing tells; in doubt it is read. */
function isFar({ type, start, end }: Page["changed"][number], window: Window): boolean {
  if (type !== "Single" || start === undefined || end === undefined) return false;
  return (
    Date.parse(start) >= Date.parse(window.to) + slackMs ||
    Date.parse(end) <= Date.parse(window.from) - slackMs
  );
}

/** All-day items belong to the window by their date, which is another instant in every zone. */
const slackMs = 15 * 3_600_000;

interface Page {
  syncState: string;
  more: boolean;
  changed: { id: string; type: string | undefined; start: string | undefined; end: string | undefined }[];
  deleted: string[];
}

async function syncPage(
  client: EwsClient,
  container: string,
  syncState: string | undefined,
  signal: AbortSignal,
): Promise<Page> {
  const operation = "SyncFolderItems";
  const [message] = await client.call(syncFolderItems(container, syncState), signal);
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
    // Meeting requests and notes can lie in a calendar folder; they are no appointments.
    if (item?.localName !== "CalendarItem") continue;
    page.changed.push({
      id: idOf(item, operation),
      type: textOf(item, "CalendarItemType"),
      start: textOf(item, "Start"),
      end: textOf(item, "End"),
    });
  }
  return page;
}

function textOf(item: Xml, name: string): string | undefined {
  const element = child(item, name);
  return element && text(element).trim();
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
async function readPending(
  { client, mailboxAddress }: Reader,
  window: Window,
  progress: Progress,
  result: Result,
  limits: { begun: number; alreadySome: boolean; signal: AbortSignal },
): Promise<void> {
  let some = limits.alreadySome;
  while (progress.pending.length > 0) {
    if (some && performance.now() - limits.begun > readingMs) return;
    const batch = progress.pending.slice(0, readBatch);
    let found: Found[];
    try {
      found = await readItems(client, batch, limits.signal);
    } catch (error) {
      if (!some || !(error instanceof Failure)) throw error;
      return;
    }
    if (found.length === 0) throw malformed("GetItem", "nothing processed");
    for (const one of found) take(one, result, window, mailboxAddress);
    progress.pending = progress.pending.slice(found.length);
    some = true;
  }
}

function take(one: Found, result: Result, window: Window, mailboxAddress: string): void {
  const { ref } = one;
  // It went away between the listing and this reading; the next page says whether it was deleted.
  if (one.kind === "missing") result.gone.push({ ref, why: "unknown" });
  if (one.kind === "failed") result.failed.push({ ref, code: one.code });
  if (one.kind !== "read") return;
  let observed: Observed;
  try {
    observed = toObserved(one.item, mailboxAddress, one.changed);
  } catch (error) {
    if (!(error instanceof UnreadableItem)) throw error;
    result.failed.push({ ref, code: "item.malformed" });
    return;
  }
  if (inWindow(one.item, observed, window)) result.upserts.push(observed);
  else result.gone.push({ ref, why: "left-scope" });
}

export type Found =
  | { ref: string; kind: "read"; item: EwsItem; changed: EwsItem[] }
  | { ref: string; kind: "missing" }
  | { ref: string; kind: "failed"; code: string };

/**
 * Reads items by id, at most `readBatch`, in order, series with their changed occurrences. Shorter than asked for when
 * the server stopped in between.
 *
 * @throws Failure of what concerns all of them
 */
export async function readItems(
  client: EwsClient,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Found[]> {
  const found = await readBatchOf(client, ids, signal);
  const whole: Found[] = [];
  for (const one of found) {
    whole.push(
      one.kind === "read" && tellsOccurrences(one.item) ? await withChanged(client, one, signal) : one,
    );
  }
  return whole;
}

/** A changed occurrence that cannot be read makes its series one that cannot: half of it would read as a change. */
async function withChanged(
  client: EwsClient,
  series: Extract<Found, { kind: "read" }>,
  signal: AbortSignal,
): Promise<Found> {
  const { ref, item } = series;
  const ids = item.modifiedOccurrences.map(({ id }) => id);
  const changed: EwsItem[] = [];
  while (changed.length < ids.length) {
    const found = await readBatchOf(client, ids.slice(changed.length, changed.length + readBatch), signal);
    if (found.length === 0) throw malformed("GetItem", "nothing processed");
    for (const one of found) {
      if (one.kind === "failed") return { ...one, ref };
      if (one.kind === "missing") return { ref, kind: "failed", code: "item.malformed" };
      changed.push(one.item);
    }
  }
  return { ref, kind: "read", item, changed };
}

async function readBatchOf(client: EwsClient, ids: readonly string[], signal: AbortSignal): Promise<Found[]> {
  const messages = await client.call(getItems(ids), signal);
  const found: Found[] = [];
  for (const [index, ref] of ids.entries()) {
    const message = messages[index];
    if (!message || message.code === notProcessed) break;
    if (!message.success) {
      const { code } = refusedItem(message.code, { operation: "GetItem" }, "item.malformed");
      found.push(saysGone(message.code) ? { ref, kind: "missing" } : { ref, kind: "failed", code });
      continue;
    }
    found.push(readOne(ref, message.element));
  }
  return found;
}

function readOne(ref: string, message: Xml): Found {
  const items = child(message, "Items");
  const element = items && children(items)[0];
  try {
    if (!element) throw new UnreadableItem("no item");
    if (readId(element).id !== ref) throw new UnreadableItem("another item");
    return { ref, kind: "read", item: readItem(element), changed: [] };
  } catch (error) {
    if (!(error instanceof UnreadableItem)) throw error;
    return { ref, kind: "failed", code: "item.malformed" };
  }
}
