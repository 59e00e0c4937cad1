import { z } from "zod";
import { Failure } from "../../core/errors/failure.ts";
import type { Observed, Ref } from "../../core/items/observed.ts";
import type { Task } from "../../core/items/task.ts";
import { taskKind } from "../../core/items/task-kind.ts";
import type { Account, ItemStore } from "../contract.ts";
import {
  accepted,
  clientOf,
  deadline,
  itemOf,
  listAll,
  readable,
  serverLimitMs,
  type GraphStoreOptions,
} from "./calls.ts";
import { changes, type DeltaSource } from "./changes.ts";
import { batchSize } from "./client.ts";
import { malformed } from "./errors.ts";
import { readPart } from "./reading.ts";
import { goOnDelta } from "./requests.ts";
import { keyOf, observedTask, readTask, taskBody, taskDeclaration, type GraphTask } from "./task-map.ts";
import {
  createTask,
  deleteTask,
  getLists,
  getTask,
  listTasks,
  startTaskDelta,
  updateTask,
} from "./task-requests.ts";
import { idOnly } from "./wire.ts";

const listShape = z.object({ id: z.string().min(1), wellknownListName: z.string().nullish() });
const linkedShape = z.object({
  id: z.string().min(1),
  linkedResources: z
    .array(z.object({ applicationName: z.string().nullish(), externalId: z.string().nullish() }))
    .nullish(),
});

/**
 * The default list of one mailbox's To Do by Microsoft Graph v1.0. Versions (`@odata.etag`) as in `createGraphStore`. A
 * task that a person moves to another list gets another id, and is gone from here.
 */
export function createGraphTaskStore(options: GraphStoreOptions): ItemStore<Task> & Account {
  const client = clientOf(options);
  const within = deadline(options.timeoutMs);
  let known: string | undefined;

  /** Known by its role; its name is in the owner's language. */
  async function defaultList(signal: AbortSignal): Promise<string> {
    if (known !== undefined) return known;
    const request = getLists();
    for (const one of await listAll(client, request, signal)) {
      const { id, wellknownListName } = accepted(listShape, one, request);
      if (wellknownListName === "defaultList") return (known = id);
    }
    throw malformed(request.operation, "no default list");
  }

  async function readAll(ids: readonly string[], signal: AbortSignal) {
    const list = await defaultList(signal);
    const parts = await client.batch(
      ids.map((id) => getTask(list, id)),
      signal,
    );
    return ids.map((ref, index) => readPart(ref, parts[index], readTask));
  }

  async function readOne(ref: Ref, signal: AbortSignal): Promise<GraphTask | undefined> {
    const [found] = await readAll([ref], signal);
    return itemOf(found);
  }

  async function reread(ref: Ref, signal: AbortSignal): Promise<Observed<Task>> {
    const read = await readOne(ref, signal);
    if (!read) throw new Failure("item.not-found", { detail: { operation: "GET task" } });
    return readable(() => observedTask(read));
  }

  async function readAt(ref: Ref, version: string, signal: AbortSignal): Promise<GraphTask | undefined> {
    const read = await readOne(ref, signal);
    if (read && read["@odata.etag"] !== version)
      throw new Failure("item.version-conflict", { detail: { local: true } });
    return read;
  }

  const source: DeltaSource<Task, GraphTask> = {
    client,
    start: async (_, signal) => startTaskDelta(await defaultList(signal)),
    incarnation: (_, signal) => defaultList(signal),
    goOn: goOnDelta,
    read: readAll,
    observe: observedTask,
    inWindow: (_, { item }, window) => taskKind.touches(item, window),
    seriesOf: () => null,
    isSeries: () => false,
  };

  return {
    ...(options.identity === undefined ? {} : { identity: options.identity }),
    capabilities: {
      ...taskDeclaration,
      compareAndSet: "exact",
      createKey: "stamp",
      longestRequestMs: serverLimitMs,
    },

    changes: (scope, cursor, signal) => within(signal, (limited) => changes(source, scope, cursor, limited)),

    get: (ref, signal) =>
      within(signal, async (limited) => {
        const read = await readOne(ref, limited);
        return read && readable(() => observedTask(read));
      }),

    create: (_, item, key, signal) =>
      within(signal, async (limited) => {
        const body = taskBody(taskDeclaration.project(item));
        const request = createTask(await defaultList(limited), body, key);
        const { id } = accepted(idOnly, await client.send(request, limited), request);
        return await reread(id, limited);
      }),

    findByKey: (_, key, signal) =>
      within(signal, async (limited) => {
        const request = listTasks(await defaultList(limited));
        const ids = (await listAll(client, request, limited))
          .map((one) => accepted(linkedShape, one, request))
          .filter((one) => keyOf(one) === key)
          .map(({ id }) => id);
        const found: Observed<Task>[] = [];
        for (let at = 0; at < ids.length; at += batchSize) {
          for (const one of await readAll(ids.slice(at, at + batchSize), limited)) {
            const read = itemOf(one);
            if (read) found.push(readable(() => observedTask(read)));
          }
        }
        return found;
      }),

    update: (ref, patch, version, signal) =>
      within(signal, async (limited) => {
        const current = await readAt(ref, version, limited);
        if (!current) throw new Failure("item.not-found", { detail: { operation: "GET task" } });
        const body = taskBody(patch, current);
        if (Object.keys(body).length === 0) return readable(() => observedTask(current));
        await client.send(updateTask(await defaultList(limited), ref, version, body), limited);
        return await reread(ref, limited);
      }),

    remove: (ref, version, signal) =>
      within(signal, async (limited) => {
        if (!(await readAt(ref, version, limited))) return;
        try {
          await client.send(deleteTask(await defaultList(limited), ref, version), limited);
        } catch (error) {
          if (!(error instanceof Failure) || error.code !== "item.not-found") throw error;
        }
      }),

    async probe(signal) {
      try {
        await within(signal, defaultList);
        return { ok: true };
      } catch (error) {
        if (error instanceof Failure) return { ok: false, code: error.code };
        throw error;
      }
    },
  };
}
