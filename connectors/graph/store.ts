import { createHash } from "node:crypto";
import { Failure } from "../../core/errors/failure.ts";
import type { ErrorCode } from "../../core/errors/table.ts";
import type { Appointment, AppointmentPatch } from "../../core/items/appointment.ts";
import { datesNamed, overridesOf, withoutOverrides } from "../../core/items/overrides.ts";
import type { Observed, Ref, Version } from "../../core/items/observed.ts";
import type { Account, ItemStore } from "../contract.ts";
import { fieldsOfNew, fieldsOfPatch, inWindow, toObserved, touchesTime } from "../ews/map.ts";
import { lengthened, toRestore } from "../ews/restoring.ts";
import {
  accepted,
  clientOf,
  deadline,
  itemOf,
  listIds,
  readable,
  serverLimitMs,
  unwritable,
  writable,
  type GraphStoreOptions,
} from "./calls.ts";
import { changes, type DeltaSource } from "./changes.ts";
import { batchSize, type GraphClient } from "./client.ts";
import { duplicateTransaction } from "./errors.ts";
import { eventBody, project, type GraphItem } from "./map.ts";
import { writeOccurrences } from "./occurrences.ts";
import { readItems } from "./reading.ts";
import {
  createEvent,
  deleteEvent,
  findByStamp,
  getCalendar,
  goOnDelta,
  startDelta,
  updateEvent,
} from "./requests.ts";
import { calendar, idOnly, versionOnly } from "./wire.ts";

/**
 * One mailbox's calendar by Microsoft Graph v1.0.
 *
 * Every write names the version that it is for (`If-Match`), and reads and compares before: no document of the
 * Outlook resources promises that `If-Match` is looked at.
 */
export function createGraphStore(options: GraphStoreOptions): ItemStore & Account {
  const { mailboxAddress, timeZone: defaultZone = "Etc/UTC" } = options;
  const client = clientOf(options);
  const within = deadline(options.timeoutMs);

  const source: DeltaSource<Appointment, GraphItem> = {
    client,
    start: ({ container, window }) => startDelta(container, window),
    goOn: goOnDelta,
    read: (ids, signal) => readItems(client, ids, signal),
    observe: (item) => toObserved(item, mailboxAddress, item.changed),
    inWindow,
    seriesOf: (item) => item.seriesMasterId,
    isSeries: (item) => item.type === "RecurringMaster",
  };

  const observed = (item: GraphItem): Observed =>
    readable(() => toObserved(item, mailboxAddress, item.changed));

  async function readOne(ref: Ref, signal: AbortSignal): Promise<GraphItem | undefined> {
    const [found] = await readItems(client, [ref], signal);
    return itemOf(found);
  }

  async function reread(ref: Ref, signal: AbortSignal): Promise<Observed> {
    const item = await readOne(ref, signal);
    if (!item) throw new Failure("item.not-found", { detail: { operation: "GET event" } });
    return observed(item);
  }

  /** The item at the version that a write is for, if it may be written without a mail to anybody. */
  async function writableAt(ref: Ref, version: Version, signal: AbortSignal): Promise<GraphItem | undefined> {
    const item = await readOne(ref, signal);
    if (!item) return undefined;
    if (item.changeKey !== version) throw new Failure("item.version-conflict", { detail: { local: true } });
    const { participants, invited } = observed(item).traits;
    // Graph has no "send to none": a change of a meeting goes out to everybody on it.
    if (participants > 0 || invited) throw new Failure("graph.would-notify");
    return item;
  }

  /** Gives a series, just written, the single dates that it is to have. */
  async function giveOccurrences(ref: Ref, wanted: Appointment, signal: AbortSignal): Promise<void> {
    const read = await readOne(ref, signal);
    if (!read) throw new Failure("item.not-found", { detail: { operation: "GET event" } });
    const { item } = observed(read);
    try {
      await writeOccurrences(client, { read, item }, wanted, defaultZone, signal);
    } catch (error) {
      throw unwritable(error);
    }
  }

  /**
   * Writes a series of which single dates differ, or are to. It is Exchange's, with Exchange's ways: dates are forgotten
   * when rule, start or length change, so that what is missing afterwards is written again; and a cancelled one comes
   * back only when the series is made longer, and as long as it was.
   */
  async function updateSeries(
    ref: Ref,
    patch: AppointmentPatch,
    current: GraphItem,
    signal: AbortSignal,
  ): Promise<void> {
    const { item } = observed(current);
    const wanted = project({ ...item, ...patch }, defaultZone);
    const fields = writable(() => fieldsOfPatch(withoutOverrides(patch), current, defaultZone));
    let { changeKey } = current;
    if (toRestore(item, wanted).length > 0) {
      const body = writable(() => eventBody(lengthened(current), current));
      const longer = updateEvent(ref, changeKey, body);
      ({ changeKey } = accepted(versionOnly, await client.send(longer, signal), longer));
      fields.start ??= current.start;
      fields.end ??= current.end;
    }
    const body = writable(() => eventBody(fields, current));
    if (Object.keys(body).length > 0) await client.send(updateEvent(ref, changeKey, body), signal);
    await giveOccurrences(ref, wanted, signal);
  }

  async function find(container: string, key: string, signal: AbortSignal): Promise<Observed[]> {
    const ids = await listIds(client, findByStamp(container, key), signal);
    const found: Observed[] = [];
    for (let at = 0; at < ids.length; at += batchSize) {
      for (const one of await readItems(client, ids.slice(at, at + batchSize), signal)) {
        const item = itemOf(one);
        if (item) found.push(observed(item));
      }
    }
    return found.filter((one) => one.key === key);
  }

  return {
    ...(options.identity === undefined ? {} : { identity: options.identity }),
    capabilities: {
      fields: {
        title: "lossy",
        description: "lossy",
        location: "lossy",
        time: "full",
        timeZone: "lossy",
        freeBusyStatus: "full",
        privacy: "full",
        alertMinutes: "full",
        recurrenceRule: "lossy",
      },
      project: (item) => project(item, defaultZone),
      compareAndSet: "exact",
      createKey: "stamp",
      recurrence: { endless: true, exceptions: true },
      longestRequestMs: serverLimitMs,
    },

    changes: (scope, cursor, signal) => within(signal, (limited) => changes(source, scope, cursor, limited)),

    get: (ref, signal) =>
      within(signal, async (limited) => {
        const item = await readOne(ref, limited);
        return item && observed(item);
      }),

    create: ({ container }, item, key, signal) =>
      within(signal, async (limited) => {
        const body = writable(() => eventBody(fieldsOfNew(item, defaultZone)));
        const post = async (transactionId: string | undefined): Promise<Observed | undefined> => {
          const request = createEvent(container, body, key, transactionId);
          const { id } = accepted(idOnly, await client.send(request, limited), request);
          const made = await readOne(id, limited);
          if (!made || overridesOf(item).length === 0) return made && observed(made);
          await giveOccurrences(id, project(item, defaultZone), limited);
          return await reread(id, limited);
        };
        const first = await post(transactionOf(key)).catch(async (error: unknown) => {
          if (!isDuplicate(error)) throw error;
          return (await find(container, key, limited))[0];
        });
        if (first !== undefined) return first;
        // That create happened before, and what it made is gone: this is a wish for another one.
        const second = await post(undefined);
        if (second === undefined)
          throw new Failure("item.not-found", { detail: { operation: "POST event" } });
        return second;
      }),

    findByKey: ({ container }, key, signal) => within(signal, (limited) => find(container, key, limited)),

    update: (ref, patch, version, signal) =>
      within(signal, async (limited) => {
        const current = await writableAt(ref, version, limited);
        if (!current) throw new Failure("item.not-found", { detail: { operation: "GET event" } });
        if (datesNamed(patch).length > 0 || (touchesTime(patch) && hasDates(current))) {
          await updateSeries(ref, patch, current, limited);
          return await reread(ref, limited);
        }
        const body = writable(() => eventBody(fieldsOfPatch(patch, current, defaultZone), current));
        if (Object.keys(body).length === 0) return observed(current);
        await client.send(updateEvent(ref, version, body), limited);
        return await reread(ref, limited);
      }),

    remove: (ref, version, signal) =>
      within(signal, async (limited) => {
        if (!(await writableAt(ref, version, limited))) return;
        try {
          await client.send(deleteEvent(ref, version), limited);
        } catch (error) {
          if (!(error instanceof Failure) || error.code !== "item.not-found") throw error;
        }
      }),

    async probe(signal) {
      try {
        return await within(signal, (limited) => mayWork(client, limited));
      } catch (error) {
        if (error instanceof Failure) return { ok: false, code: error.code };
        throw error;
      }
    },
  };
}

/** The same for the same key: Graph then makes one event of two equal requests. In the form of a GUID. */
function transactionOf(key: string): string {
  const hex = createHash("sha256").update(key).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

function hasDates({ changed, deletedOccurrences }: GraphItem): boolean {
  return changed.length > 0 || deletedOccurrences.length > 0;
}

function isDuplicate(error: unknown): boolean {
  return error instanceof Failure && error.detail["response"] === duplicateTransaction;
}

async function mayWork(
  client: GraphClient,
  signal: AbortSignal,
): Promise<{ ok: true } | { ok: false; code: ErrorCode }> {
  const request = getCalendar("calendar");
  const { canEdit } = accepted(calendar, await client.send(request, signal), request);
  return canEdit === false ? { ok: false, code: "graph.access-denied" } : { ok: true };
}
