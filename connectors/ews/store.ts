import { Failure } from "../../core/errors/failure.ts";
import type { ErrorCode } from "../../core/errors/table.ts";
import type { Appointment, AppointmentPatch } from "../../core/items/appointment.ts";
import type { Observed, Ref } from "../../core/items/observed.ts";
import { datesNamed, overridesOf, withoutOverrides } from "../../core/items/overrides.ts";
import type { Account, ItemStore } from "../contract.ts";
import type { Message } from "./answer.ts";
import { changes, readItems, type Found } from "./changes.ts";
import { createEwsClient, type EwsClient, type Request } from "./client.ts";
import { refusedItem, saysGone } from "./errors.ts";
import {
  fieldsOfNew,
  fieldsOfPatch,
  project,
  toObserved,
  touchesTime,
  UnwritableItem,
  type EwsFields,
} from "./map.ts";
import { toRestore, writeOccurrences } from "./occurrences.ts";
import { readId, UnreadableItem, type EwsItem } from "./reading.ts";
import { createItem, deleteItem, findByStamp, getFolder, readBatch, updateItem } from "./requests.ts";
import type { TokenProvider } from "./transport.ts";
import { child, children, text, type Xml } from "./xml.ts";

export interface EwsStoreOptions {
  /** `https://outlook.office365.com/EWS/Exchange.asmx` */
  url: string;
  mailboxAddress: string;
  /** Delegated access: asked before every request; with `force` once more after a 401. */
  token?: TokenProvider;
  /** On-premises service account, over TLS; `impersonate` acts as the mailbox within its management scope. */
  basic?: { user: string; password: string; impersonate?: boolean };
  userAgent: string;
  /** Name of the account for ever, `entra/<tid>/<oid>` (see `ItemStore.identity`); the caller knows it. */
  identity?: string;
  /** For one call of the store as a whole, at most 60,000 (default 45,000). */
  timeoutMs?: number;
  /** The mailbox's own IANA zone: where all-day appointments have their midnight (default UTC). */
  timeZone?: string;
  /** Sees every message in both directions. For tests: messages hold content. */
  onExchange?(direction: "request" | "response", xml: string): void;
}

/** EWS stops what it does after a minute ("EWS throttling in Exchange"); until then a request may still land. */
const serverLimitMs = 60_000;

/**
 * One mailbox's calendar by Exchange Web Services.
 *
 * A delete reads the change key, compares, then deletes: `DeleteItem` itself does not look at change keys. An edit
 * within that one round trip is found again in Deleted Items, where deleted items go.
 */
export function createEwsStore(options: EwsStoreOptions): ItemStore & Account {
  const { mailboxAddress, timeZone: defaultZone = "Etc/UTC", timeoutMs = 45_000 } = options;
  const client = clientOf(options);
  const within = deadline(Math.min(timeoutMs, 60_000));

  async function readOne(ref: Ref, signal: AbortSignal): Promise<Whole | undefined> {
    const [found] = await readItems(client, [ref], signal);
    return wholeOf(found);
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

    changes: (scope, cursor, signal) =>
      within(signal, (limited) => changes({ client, mailboxAddress }, scope, cursor, limited)),

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
          for (const one of await readItems(client, ids.slice(at, at + readBatch), limited)) {
            const whole = wholeOf(one);
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
        const [message] = await client.call(deleteItem(ref), limited);
        if (message && (message.success || saysGone(message.code))) return;
        throw refusedItem(message?.code ?? "", { operation: "DeleteItem" }, "ews.request-invalid");
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

function clientOf(options: EwsStoreOptions): EwsClient {
  const { url, mailboxAddress, userAgent, token, basic } = options;
  if ((token === undefined) === (basic === undefined)) throw new Error("an EWS store needs token or basic");
  const { protocol, hostname } = new URL(url);
  if (protocol !== "https:" && hostname !== "127.0.0.1")
    throw new Error("credentials travel over https only");
  return createEwsClient({
    url,
    mailboxAddress,
    userAgent,
    credential: token
      ? { kind: "bearer", token }
      : { kind: "basic", user: basic?.user ?? "", password: basic?.password ?? "" },
    impersonate: basic?.impersonate ?? false,
    onExchange: options.onExchange?.bind(options),
  });
}

/** Runs a call under the caller's signal and the store's own time limit. */
function deadline(timeoutMs: number) {
  return async <Result>(
    signal: AbortSignal,
    work: (limited: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await work(AbortSignal.any([signal, timeout]));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (timeout.aborted && !(error instanceof Failure)) {
        throw new Failure("network.timeout", { detail: { afterMs: timeoutMs }, cause: error });
      }
      throw error;
    }
  };
}

/** One write of one item. @returns the item element of the answer */
async function write(client: EwsClient, request: Request, signal: AbortSignal): Promise<Xml> {
  const [message] = await client.call(request, signal);
  const items = accepted(message, request.operation);
  const element = child(items, "Items");
  const item = element && children(element)[0];
  if (!item)
    throw new Failure("remote.malformed", { detail: { operation: request.operation, reason: "no item" } });
  return item;
}

async function find(client: EwsClient, request: Request, signal: AbortSignal): Promise<string[]> {
  const [message] = await client.call(request, signal);
  const folder = child(accepted(message, request.operation), "RootFolder");
  const items = folder && child(folder, "Items");
  if (!items)
    throw new Failure("remote.malformed", { detail: { operation: request.operation, reason: "no list" } });
  return children(items, "CalendarItem").map((item) => readable(() => readId(item)).id);
}

async function mayWork(
  client: EwsClient,
  signal: AbortSignal,
): Promise<{ ok: true } | { ok: false; code: ErrorCode }> {
  const request = getFolder("calendar");
  const [message] = await client.call(request, signal);
  const folders = child(accepted(message, request.operation), "Folders");
  const folder = folders && children(folders)[0];
  const rights = folder && child(folder, "EffectiveRights");
  const has = (name: string): boolean => {
    const right = rights && child(rights, name);
    return right !== undefined && text(right).trim() === "true";
  };
  return ["CreateContents", "Read"].every(has) ? { ok: true } : { ok: false, code: "ews.access-denied" };
}

function accepted(message: Message | undefined, operation: string): Xml {
  if (message?.success) return message.element;
  throw refusedItem(message?.code ?? "", { operation }, "ews.request-invalid");
}

/** An item as read, with its changed occurrences. */
type Whole = Pick<Extract<Found, { kind: "read" }>, "item" | "changed">;

/** @returns `undefined` when Exchange says that there is no such item */
function wholeOf(found: Found | undefined): Whole | undefined {
  if (found?.kind === "read") return found;
  if (found?.kind === "missing") return undefined;
  throw new Failure((found?.code as ErrorCode | undefined) ?? "remote.malformed", {
    detail: { operation: "GetItem" },
  });
}

function mustBeAt(item: EwsItem | undefined, version: string): void {
  if (!item) throw new Failure("item.not-found", { detail: { operation: "GetItem" } });
  if (item.changeKey !== version) throw conflict();
}

/** Another length, which nobody sees for long, and which does no harm should it stay. */
function lengthened({ start, end, allDay }: EwsItem): EwsFields {
  const more = allDay ? 86_400_000 : 60_000;
  return { start, end: `${new Date(Date.parse(end) + more).toISOString().slice(0, 19)}Z` };
}

function conflict(): Failure {
  return new Failure("item.version-conflict", { detail: { operation: "GetItem" } });
}

function readable<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UnreadableItem)) throw error;
    throw new Failure("item.malformed", { detail: { reason: error.message } });
  }
}

function writable<Result>(make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    throw unwritable(error);
  }
}

function unwritable(error: unknown): unknown {
  return error instanceof UnwritableItem
    ? new Failure("ews.request-invalid", { detail: { reason: error.message } })
    : error;
}
