import { Failure } from "../../core/errors/failure.ts";
import type { Appointment } from "../../core/items/appointment.ts";
import type { Account, Changes, Cursor, ItemStore, Observed, Ref, Scope, Version } from "../contract.ts";
import { fair, type Call, type Fault, type Weather } from "./faults.ts";
import type { MemorySystem } from "./system.ts";

export interface MemoryStoreOptions<Item = Appointment> {
  system: MemorySystem<Item>;
  /** Decides which call meets which fault. */
  weather?: Weather;
  pageSize?: number;
  /** For late commits only. */
  now?: () => number;
  /** Told about every change that a call made, with what was there before: what the ledger is compared with. */
  onWrite?: (call: Call, subject: string, before: Observed<Item> | undefined) => void;
  /** The person of the fault `overtaken`. */
  overtake?: (ref: Ref) => void;
}

/** The memory system as Everlink reaches it: with pages, cursors, versions and faults. */
export function createMemoryStore<Item = Appointment>(
  options: MemoryStoreOptions<Item>,
): ItemStore<Item> & Account {
  const {
    system,
    weather = fair,
    pageSize = 512,
    now = () => 0,
    onWrite = () => {},
    overtake = () => {},
  } = options;

  /** Every call is an await, and ends at once when aborted. */
  async function enter(call: Call, subject: string, signal: AbortSignal): Promise<Fault | undefined> {
    await Promise.resolve();
    signal.throwIfAborted();
    system.arrive(now());
    const fault = weather(call, subject);
    if (fault === "unavailable") throw new Failure("network.unreachable");
    if (fault === "throttled") throw new Failure("ews.throttled", { retryAfterMs: 5_000 });
    if (fault === "unauthorized") throw new Failure("ews.unauthorized");
    if (fault === "poison") throw new Failure("ews.request-invalid");
    if (fault === "conflict") throw new Failure("item.version-conflict");
    return fault;
  }

  function told<Result>(call: Call, subject: string, work: () => Result): Result {
    const before = system.get(subject);
    const written = system.journal.length;
    const result = work();
    if (system.journal.length > written) onWrite(call, subject, before);
    return result;
  }

  /** A write that may be done late, or be done without an answer. */
  function commit<Result>(call: Call, subject: string, fault: Fault | undefined, work: () => Result): Result {
    if (fault === "late-commit") {
      system.later(now() + system.capabilities.longestRequestMs - 1, () => {
        try {
          told(call, subject, work);
        } catch {
          // Refused when it arrived: as if it never had.
        }
      });
      throw new Failure("network.timeout");
    }
    const result = told(call, subject, work);
    if (fault === "lost-response") throw new Failure("network.timeout");
    return result;
  }

  /** What a write answers: the item as it is by then. */
  function answer(ref: Ref, fault: Fault | undefined): Observed<Item> {
    if (fault === "overtaken") overtake(ref);
    return present(system, ref);
  }

  function atVersion(ref: Ref, version: Version): Observed<Item> {
    const present = system.get(ref);
    if (present === undefined) throw new Failure("item.not-found");
    if (present.version !== version) throw new Failure("item.version-conflict");
    return present;
  }

  return {
    capabilities: system.capabilities,
    identity: `memory/${system.name}`,

    async changes(scope, cursor, signal) {
      const fault = await enter("changes", scope.container, signal);
      const place = fault === "cursor-invalid" ? undefined : parse(cursor, system.epoch);
      const page =
        place === undefined || place.kind === "list"
          ? listing(system, scope, place?.kind === "list" ? place : undefined, pageSize)
          : delta(system, scope, place.after, pageSize, fault);
      page.reset = cursor !== undefined && place === undefined;
      const [first] = page.upserts;
      if (fault === "overtaken" && first !== undefined) overtake(first.ref);
      return spoil(page, fault);
    },

    async get(ref, signal) {
      const fault = await enter("get", ref, signal);
      const present = system.get(ref);
      if (fault === "overtaken" && present !== undefined) overtake(ref);
      return present;
    },

    async create(scope, item, key, signal) {
      const fault = await enter("create", scope.container, signal);
      return commit("create", key, fault, () => {
        refuseUnholdable(system, item);
        const [made] = system.withKey(key);
        if (system.capabilities.createKey === "enforced" && made !== undefined) return made;
        return answer(system.put({ ...item, ...system.given }, { key }), fault);
      });
    },

    async findByKey(scope, key, signal) {
      await enter("findByKey", scope.container, signal);
      return system.withKey(key);
    },

    async update(ref, patch: Partial<Item>, version, signal) {
      const fault = await enter("update", ref, signal);
      return commit("update", ref, fault, () => {
        refuseUnholdable(system, { ...atVersion(ref, version).item, ...patch }, patch);
        system.change(ref, patch);
        return answer(ref, fault);
      });
    },

    async remove(ref, version, signal) {
      const fault = await enter("remove", ref, signal);
      commit("remove", ref, fault, () => {
        if (system.get(ref) === undefined) return;
        atVersion(ref, version);
        system.remove(ref);
      });
    },

    async probe(signal) {
      await enter("probe", system.name, signal);
      return { ok: true };
    },
  };
}

/** What this system says it cannot hold, it does not take: of the named fields, those of an item. */
function refuseUnholdable<Item>(
  { capabilities }: MemorySystem<Item>,
  item: Item,
  named: Partial<Item> = item,
): void {
  const { requires = [], recurrence } = capabilities;
  const empty = (value: unknown) => value === null || value === "";
  const { recurrenceRule: rule } = named as { recurrenceRule?: Appointment["recurrenceRule"] };
  const lacks = requires.some((field) => field in (named as object) && empty(item[field]));
  const unknown =
    rule &&
    recurrence &&
    ((rule.end.kind === "endless" && !recurrence.endless) || recurrence.holds?.(item) === false);
  if (lacks || unknown) throw new Failure("ews.request-invalid");
}

function present<Item>(system: MemorySystem<Item>, ref: Ref): Observed<Item> {
  const item = system.get(ref);
  if (item === undefined) throw new Failure("item.not-found");
  return item;
}

type Place = { kind: "list"; snapshot: number; last: Ref } | { kind: "delta"; after: number };

/** `<epoch>/delta/<seq>` or `<epoch>/list/<seq at start>/<last ref>`; anything else was forgotten. */
function parse(cursor: Cursor | undefined, epoch: number): Place | undefined {
  const [told, kind, seq, last] = cursor?.split("/") ?? [];
  if (Number(told) !== epoch || seq === undefined) return undefined;
  if (kind === "delta") return { kind, after: Number(seq) };
  return kind === "list" && last !== undefined ? { kind, snapshot: Number(seq), last } : undefined;
}

/** Everything in the window, by ref; changes made meanwhile come with the first delta. */
function listing<Item>(
  system: MemorySystem<Item>,
  scope: Scope,
  place: { snapshot: number; last: Ref } | undefined,
  pageSize: number,
): Changes<Item> {
  const snapshot = place?.snapshot ?? system.journal.length;
  const items = system.all();
  const upserts: Observed<Item>[] = [];
  let more = false;
  for (let at = firstAfter(items, place?.last ?? ""); at < items.length && !more; at += 1) {
    const one = items[at];
    if (one === undefined || !system.kind.touches(one.item, scope.window)) continue;
    if (upserts.length < pageSize) {
      upserts.push(one);
      if (system.cameAt(one.ref) >= snapshot) system.listed.add(one.ref);
    } else more = true;
  }
  const next = more ? `list/${snapshot}/${upserts.at(-1)?.ref ?? ""}` : `delta/${snapshot}`;
  return {
    upserts,
    gone: [],
    failed: [],
    listing: "complete",
    reset: false,
    ...(place === undefined ? { incarnation: String(system.incarnation) } : {}),
    next: `${system.epoch}/${next}`,
    more,
  };
}

/** Where the refs after this one begin. */
function firstAfter(items: readonly Observed<unknown>[], ref: Ref): number {
  let [from, to] = [0, items.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((items[middle]?.ref ?? "") > ref) to = middle;
    else from = middle + 1;
  }
  return from;
}

function delta<Item>(
  system: MemorySystem<Item>,
  scope: Scope,
  after: number,
  pageSize: number,
  fault: Fault | undefined,
): Changes<Item> {
  // A replay tells again what was told before; who has come meanwhile is still known by then.
  const from = fault === "replay" ? Math.max(0, after - pageSize) : after;
  // A stale answer does not know the newest change yet, and its cursor says so.
  const entries = system.journal.slice(from);
  if (fault === "stale" && entries.pop()?.joined === true) entries.pop();
  const told = entries.slice(0, entries[pageSize]?.joined === true ? pageSize + 1 : pageSize);
  const page: Changes<Item> = {
    upserts: [],
    gone: [],
    failed: [],
    listing: "delta",
    reset: false,
    next: `${system.epoch}/delta/${from + told.length}`,
    more: entries.length > told.length,
  };
  const later = new Set(system.journal.slice(from + told.length).map((entry) => entry.ref));
  for (const ref of new Set(told.map((entry) => entry.ref))) {
    const item = system.get(ref);
    // Its going comes with a later page.
    if (item === undefined && later.has(ref)) continue;
    // Real systems have no word for an item that came and went between two readings; what a page of a listing told, they
    // know to have told ([MS-OXCFXICS] 2.2.1.1, MetaTagIdsetGiven).
    const cameSince = system.cameAt(ref) >= after && !system.listed.has(ref);
    if (item === undefined) {
      if (!cameSince) page.gone.push({ ref, why: "deleted" });
    } else if (system.kind.touches(item.item, scope.window)) page.upserts.push(item);
    else page.gone.push({ ref, why: "left-scope" });
  }
  return page;
}

function spoil<Item>(page: Changes<Item>, fault: Fault | undefined): Changes<Item> {
  if (fault === "empty" && page.listing === "complete") return { ...page, upserts: [] };
  if (fault === "truncated" && page.listing === "complete") {
    return { ...page, upserts: page.upserts.slice(0, page.upserts.length >> 1) };
  }
  if (fault === "partial") {
    const failed = page.upserts.filter((_, index) => index % 3 === 0);
    return {
      ...page,
      upserts: page.upserts.filter((item) => !failed.includes(item)),
      failed: failed.map(({ ref }) => ({ ref, code: "item.malformed" })),
    };
  }
  return page;
}
