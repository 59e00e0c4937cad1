import { Failure } from "../../core/errors/failure.ts";
import type { Appointment, AppointmentPatch } from "../../core/items/appointment.ts";
import type { Observed, Ref } from "../../core/items/observed.ts";
import { datesNamed, overridesOf, withoutOverrides } from "../../core/items/overrides.ts";
import type { Account, ItemStore } from "../contract.ts";
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
  unwritable,
  writable,
  write,
  type EwsStoreOptions,
} from "./calls.ts";
import { changes } from "./changes.ts";
import { fieldsOfNew, fieldsOfPatch, project, toObserved, touchesTime } from "./map.ts";
import { writeOccurrences } from "./occurrences.ts";
import { createItem, deleteItem, findByStamp, readBatch, updateItem } from "./requests.ts";
import { lengthened, toRestore } from "./restoring.ts";
import { readId } from "./values.ts";
import { calendarSource, readWhole, type Whole } from "./whole.ts";

/**
 * One mailbox's calendar by Exchange Web Services.
 *
 * A delete reads the change key, compares, then deletes: `DeleteItem` itself does not look at change keys. An edit
 * within that one round trip is found again in Deleted Items, where deleted items go.
 */
export function createEwsStore(options: EwsStoreOptions): ItemStore & Account {
  const { mailboxAddress, timeZone: defaultZone = "Etc/UTC" } = options;
  const client = clientOf(options);
  const within = deadline(options.timeoutMs);
  const source = calendarSource(client, mailboxAddress);

  async function readOne(ref: Ref, signal: AbortSignal): Promise<Whole | undefined> {
    const [found] = await readWhole(client, [ref], signal);
    return itemOf(found);
  }

  function told({ item, changed }: Whole): Observed {
    return readable(() => toObserved(item, mailboxAddress, changed));
  }

  async function observe(ref: Ref, signal: AbortSignal): Promise<Observed | undefined> {
    const whole = await readOne(ref, signal);
    return whole && told(whole);
  }

  /** What was just written, as it reads: the version that later calls compare with, and what Exchange made of it. */
  async function reread(ref: Ref, signal: AbortSignal): Promise<Observed> {
    const observed = await observe(ref, signal);
    if (!observed) throw new Failure("item.not-found", { detail: { operation: "GetItem" } });
    return observed;
  }

  /** Gives a series, just written, the occurrences that it is to have. */
  async function giveOccurrences(ref: Ref, wanted: Appointment, signal: AbortSignal): Promise<void> {
    const whole = await readOne(ref, signal);
    if (!whole) throw new Failure("item.not-found", { detail: { operation: "GetItem" } });
    const { item } = told(whole);
    try {
      await writeOccurrences(client, { read: whole.item, item }, wanted, defaultZone, signal);
    } catch (error) {
      throw unwritable(error);
    }
  }

  /**
   * Writes a series of which occurrences differ, or are to. Exchange forgets all of them when rule, start or length
   * change, so that what is missing afterwards is written again. It is also the only way to bring a cancelled one
   * back: the series is made longer, and as long as it was.
   */
  async function updateSeries(
    ref: Ref,
    patch: AppointmentPatch,
    current: Whole,
    signal: AbortSignal,
  ): Promise<void> {
    const { item } = told(current);
    const wanted = project({ ...item, ...patch }, defaultZone);
    const fields = writable(() => fieldsOfPatch(withoutOverrides(patch), current.item, defaultZone));
    let { changeKey } = current.item;
    if (toRestore(item, wanted).length > 0) {
      const longer = await write(client, updateItem(ref, changeKey, lengthened(current.item)), signal);
      changeKey = readable(() => readId(longer)).changeKey;
      fields.start ??= current.item.start;
      fields.end ??= current.item.end;
    }
    if (Object.keys(fields).length > 0) await write(client, updateItem(ref, changeKey, fields), signal);
    await giveOccurrences(ref, wanted, signal);
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

    get: (ref, signal) => within(signal, (limited) => observe(ref, limited)),

    create: (scope, item, key, signal) =>
      within(signal, async (limited) => {
        const fields = writable(() => fieldsOfNew(item, defaultZone));
        const element = await write(client, createItem(scope.container, fields, key), limited);
        const { id } = readable(() => readId(element));
        if (overridesOf(item).length > 0) await giveOccurrences(id, project(item, defaultZone), limited);
        return reread(id, limited);
      }),

    findByKey: (scope, key, signal) =>
      within(signal, async (limited) => {
        const ids = await find(client, findByStamp(scope.container, key), limited);
        const found: Observed[] = [];
        for (let at = 0; at < ids.length; at += readBatch) {
          for (const one of await readWhole(client, ids.slice(at, at + readBatch), limited)) {
            const whole = itemOf(one);
            if (whole) found.push(told(whole));
          }
        }
        return found.filter((one) => one.key === key);
      }),

    update: (ref, patch, version, signal) =>
      within(signal, async (limited) => {
        const occurrences = datesNamed(patch).length > 0;
        const needsCurrent = occurrences || touchesTime(patch);
        const current = needsCurrent ? await readOne(ref, limited) : undefined;
        if (needsCurrent) mustBeAt(current?.item, version);
        if (current && (occurrences || overridesOf(told(current).item).length > 0)) {
          await updateSeries(ref, patch, current, limited);
          return reread(ref, limited);
        }
        const fields = writable(() => fieldsOfPatch(patch, current?.item, defaultZone));
        if (Object.keys(fields).length > 0) await write(client, updateItem(ref, version, fields), limited);
        const observed = await reread(ref, limited);
        if (Object.keys(fields).length === 0 && observed.version !== version) throw conflict();
        return observed;
      }),

    remove: (ref, version, signal) =>
      within(signal, async (limited) => {
        const current = await readOne(ref, limited);
        if (!current) return;
        mustBeAt(current.item, version);
        await erase(client, deleteItem(ref), limited);
      }),

    async probe(signal) {
      try {
        return await within(signal, (limited) => probe(client, "calendar", limited));
      } catch (error) {
        if (error instanceof Failure) return { ok: false, code: error.code };
        throw error;
      }
    },
  };
}
