import { Failure } from "../../core/errors/failure.ts";
import type { Contact } from "../../core/items/contact.ts";
import type { Observed, Ref } from "../../core/items/observed.ts";
import type { Account, ItemStore } from "../contract.ts";
import {
  accepted,
  clientOf,
  deadline,
  itemOf,
  listIds,
  readable,
  serverLimitMs,
  type GraphStoreOptions,
} from "./calls.ts";
import { changes, type DeltaSource } from "./changes.ts";
import { batchSize } from "./client.ts";
import {
  contactBody,
  contactDeclaration,
  observedContact,
  readContact,
  type GraphContact,
} from "./contact-map.ts";
import {
  anyContact,
  createContact,
  deleteContact,
  findContacts,
  getContact,
  startContactDelta,
  updateContact,
} from "./contact-requests.ts";
import { readPart } from "./reading.ts";
import { goOnDelta } from "./requests.ts";
import { idOnly, page } from "./wire.ts";

/** One mailbox's contacts by Microsoft Graph v1.0. Versions as in `createGraphStore`. */
export function createGraphContactStore(options: GraphStoreOptions): ItemStore<Contact> & Account {
  const client = clientOf(options);
  const within = deadline(options.timeoutMs);

  async function readAll(ids: readonly string[], signal: AbortSignal) {
    const parts = await client.batch(ids.map(getContact), signal);
    return ids.map((ref, index) => readPart(ref, parts[index], readContact));
  }

  async function readOne(ref: Ref, signal: AbortSignal): Promise<GraphContact | undefined> {
    const [found] = await readAll([ref], signal);
    return itemOf(found);
  }

  async function reread(ref: Ref, signal: AbortSignal): Promise<Observed<Contact>> {
    const read = await readOne(ref, signal);
    if (!read) throw new Failure("item.not-found", { detail: { operation: "GET contact" } });
    return readable(() => observedContact(read));
  }

  async function readAt(ref: Ref, version: string, signal: AbortSignal): Promise<GraphContact | undefined> {
    const read = await readOne(ref, signal);
    if (read && read.changeKey !== version)
      throw new Failure("item.version-conflict", { detail: { local: true } });
    return read;
  }

  const source: DeltaSource<Contact, GraphContact> = {
    client,
    start: ({ container }) => startContactDelta(container),
    goOn: goOnDelta,
    read: readAll,
    observe: observedContact,
    inWindow: () => true,
    seriesOf: () => null,
    isSeries: () => false,
  };

  return {
    ...(options.identity === undefined ? {} : { identity: options.identity }),
    capabilities: {
      ...contactDeclaration,
      compareAndSet: "exact",
      createKey: "stamp",
      longestRequestMs: serverLimitMs,
    },

    changes: (scope, cursor, signal) => within(signal, (limited) => changes(source, scope, cursor, limited)),

    get: (ref, signal) =>
      within(signal, async (limited) => {
        const read = await readOne(ref, limited);
        return read && readable(() => observedContact(read));
      }),

    create: ({ container }, item, key, signal) =>
      within(signal, async (limited) => {
        const request = createContact(container, contactBody(contactDeclaration.project(item)), key);
        const { id } = accepted(idOnly, await client.send(request, limited), request);
        return await reread(id, limited);
      }),

    findByKey: ({ container }, key, signal) =>
      within(signal, async (limited) => {
        const ids = await listIds(client, findContacts(container, key), limited);
        const found: Observed<Contact>[] = [];
        for (let at = 0; at < ids.length; at += batchSize) {
          for (const one of await readAll(ids.slice(at, at + batchSize), limited)) {
            const read = itemOf(one);
            if (read) found.push(readable(() => observedContact(read)));
          }
        }
        return found.filter((one) => one.key === key);
      }),

    update: (ref, patch, version, signal) =>
      within(signal, async (limited) => {
        const current = await readAt(ref, version, limited);
        if (!current) throw new Failure("item.not-found", { detail: { operation: "GET contact" } });
        const body = readable(() => contactBody(patch, current));
        if (Object.keys(body).length === 0) return readable(() => observedContact(current));
        await client.send(updateContact(ref, version, body), limited);
        return await reread(ref, limited);
      }),

    remove: (ref, version, signal) =>
      within(signal, async (limited) => {
        if (!(await readAt(ref, version, limited))) return;
        try {
          await client.send(deleteContact(ref, version), limited);
        } catch (error) {
          if (!(error instanceof Failure) || error.code !== "item.not-found") throw error;
        }
      }),

    async probe(signal) {
      try {
        return await within(signal, async (limited) => {
          const request = anyContact();
          accepted(page, await client.send(request, limited), request);
          return { ok: true as const };
        });
      } catch (error) {
        if (error instanceof Failure) return { ok: false, code: error.code };
        throw error;
      }
    },
  };
}
