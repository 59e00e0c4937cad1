import { Failure } from "../../core/errors/failure.ts";
import type { Capabilities, Observed, Ref, Window } from "../../core/items/observed.ts";
import type { Account, ItemStore } from "../contract.ts";
import { readBatchOf } from "./batch.ts";
import {
  clientOf,
  conflict,
  deadline,
  erase,
  find,
  itemOf,
  mustBeAt,
  probe,
  readable,
  serverLimitMs,
  writable,
  write,
  type EwsStoreOptions,
} from "./calls.ts";
import { changes, type SyncSource } from "./changes.ts";
import type { Request } from "./client.ts";
import { findByStamp, readBatch, syncFolderItems } from "./requests.ts";
import { readId } from "./values.ts";
import type { Xml } from "./xml.ts";

/** A kind of items that stand alone in a folder: tasks, contacts. */
export interface FolderKind<Item, Read extends { id: string; changeKey: string }, Fields extends object> {
  /** The name of its element. */
  element: string;
  /** The mailbox's own folder of them. */
  container: string;
  declaration: Pick<Capabilities<Item>, "fields" | "project">;
  /** @throws UnreadableItem */
  read(element: Xml): Read;
  /** @throws UnreadableItem */
  observe(read: Read): Observed<Item>;
  inWindow(item: Item, window: Window): boolean;
  /** Whether the fields of this patch hang on what is there. */
  needsPresent(patch: Partial<Item>): boolean;
  /** @throws UnwritableItem */
  fields(patch: Partial<Item>, present?: Read): Fields;
  get(ids: readonly string[]): Request;
  create(container: string, fields: Fields, key: string): Request;
  update(id: string, changeKey: string, fields: Fields): Request;
  remove(id: string): Request;
}

/** One folder of a mailbox by Exchange Web Services. Deletes as in `createEwsStore`. */
export function createFolderStore<
  Item,
  Read extends { id: string; changeKey: string },
  Fields extends object,
>(kind: FolderKind<Item, Read, Fields>, options: EwsStoreOptions): ItemStore<Item> & Account {
  const client = clientOf(options);
  const within = deadline(options.timeoutMs);

  const source: SyncSource<Item, Read> = {
    client,
    element: kind.element,
    page: syncFolderItems,
    isFar: () => false,
    read: (ids, signal) => readBatchOf(client, ids, kind.get(ids), kind.read, signal),
    observe: kind.observe,
    inWindow: (_, { item }, window) => kind.inWindow(item, window),
  };

  async function readOne(ref: Ref, signal: AbortSignal): Promise<Read | undefined> {
    const [found] = await source.read([ref], signal);
    return itemOf(found);
  }

  async function reread(ref: Ref, signal: AbortSignal): Promise<Observed<Item>> {
    const read = await readOne(ref, signal);
    if (!read) throw new Failure("item.not-found", { detail: { operation: "GetItem" } });
    return readable(() => kind.observe(read));
  }

  return {
    ...(options.identity === undefined ? {} : { identity: options.identity }),
    capabilities: {
      ...kind.declaration,
      compareAndSet: "exact",
      createKey: "stamp",
      longestRequestMs: serverLimitMs,
    },

    changes: (scope, cursor, signal) => within(signal, (limited) => changes(source, scope, cursor, limited)),

    get: (ref, signal) =>
      within(signal, async (limited) => {
        const read = await readOne(ref, limited);
        return read && readable(() => kind.observe(read));
      }),

    create: ({ container }, item, key, signal) =>
      within(signal, async (limited) => {
        const fields = writable(() => kind.fields(kind.declaration.project(item)));
        const element = await write(client, kind.create(container, fields, key), limited);
        return reread(readable(() => readId(element)).id, limited);
      }),

    findByKey: ({ container }, key, signal) =>
      within(signal, async (limited) => {
        const ids = await find(client, findByStamp(container, key), limited);
        const found: Observed<Item>[] = [];
        for (let at = 0; at < ids.length; at += readBatch) {
          for (const one of await source.read(ids.slice(at, at + readBatch), limited)) {
            const read = itemOf(one);
            if (read) found.push(readable(() => kind.observe(read)));
          }
        }
        return found.filter((one) => one.key === key);
      }),

    update: (ref, patch, version, signal) =>
      within(signal, async (limited) => {
        const present = kind.needsPresent(patch) ? await readOne(ref, limited) : undefined;
        if (kind.needsPresent(patch)) mustBeAt(present, version);
        const fields = writable(() => kind.fields(patch, present));
        const nothing = Object.keys(fields).length === 0;
        if (!nothing) await write(client, kind.update(ref, version, fields), limited);
        const observed = await reread(ref, limited);
        if (nothing && observed.version !== version) throw conflict();
        return observed;
      }),

    remove: (ref, version, signal) =>
      within(signal, async (limited) => {
        const present = await readOne(ref, limited);
        if (!present) return;
        mustBeAt(present, version);
        await erase(client, kind.remove(ref), limited);
      }),

    async probe(signal) {
      try {
        return await within(signal, (limited) => probe(client, kind.container, limited));
      } catch (error) {
        if (error instanceof Failure) return { ok: false, code: error.code };
        throw error;
      }
    },
  };
}
