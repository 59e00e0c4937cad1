import { Failure } from "../core/errors/failure.ts";
import type { ErrorCode } from "../core/errors/table.ts";
import type { Side } from "../core/items/observed.ts";
import type { ItemLink, WriteKind } from "../core/sync/item-link.ts";
import { MemoryRepository } from "./memory-repository.ts";
import type { Planned } from "./planning.ts";
import type { SliceInput, SlicePorts } from "./ports.ts";
import { Run } from "./run.ts";
import { accountsOf, decideAll } from "./slice.ts";

/** What a sync would do now; counts, and a few samples without content. */
export interface Rehearsal {
  /** Items read, per side. */
  read: Record<Side, number>;
  /** Writes, per side that they would go to. */
  writes: Record<Side, Record<WriteKind, number>>;
  /** Found on both sides and linked without a create. */
  adopted: number;
  /** Fields changed on both sides: decided by policy, or asked about. */
  conflicts: number;
  /** Left where they are, by reason. */
  left: Record<string, number>;
  /** Writes that the brake would hold. */
  held: number;
  samples: Sample[];
  /** Both sides were read to their end: otherwise there is more than this. */
  complete: boolean;
}

export interface Sample {
  row: number;
  operation: WriteKind | "adopt";
  target: Side | null;
  /** When the item is, as its system says it; `null` for what has no time. */
  when: string | null;
}

export type RehearsalResult =
  { rehearsal: Rehearsal } | { problem: ErrorCode; retryAfterMs?: number | undefined };

const samplesPerRow = 3;

/**
 * Plans a whole sync and writes nothing, anywhere: the very code of a slice, up to the point where it would begin to
 * write, over a repository in memory that starts with what is remembered. The systems are given without the calls that
 * change something.
 *
 * @param known the user's item links; those of a first sync are none
 * @throws the signal's reason when aborted; every failure of a system comes back as `problem`
 */
export async function rehearse<Item>(
  ports: Omit<SlicePorts<Item>, "repository">,
  input: SliceInput<Item>,
  known: readonly ItemLink[],
  signal: AbortSignal,
): Promise<RehearsalResult> {
  const repository = new MemoryRepository();
  for (const link of known) repository.links.set(link.id, link);
  const harmless = { ...ports, repository, crm: readOnly(ports.crm), mailbox: readOnly(ports.mailbox) };
  const start = await repository.begin(ports.clock.now(), accountsOf(ports));
  const run = new Run(harmless, input, signal, new Set());
  try {
    const { planned, caughtUp } = await decideAll(run, start, { resting: new Map(), lost: [] });
    signal.throwIfAborted();
    const { read, adopted, skipped, held } = run.counters;
    const rehearsal: Rehearsal = {
      read,
      writes: { crm: none(), mailbox: none() },
      adopted,
      conflicts: 0,
      left: { ...skipped },
      held,
      samples: [],
      complete: caughtUp,
    };
    for (const one of planned.writing) count(run, rehearsal, one);
    for (const { open = [] } of planned.quiet) rehearsal.conflicts += Number(open.some(isConflict));
    return { rehearsal };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    return { problem: error.code, retryAfterMs: error.retryAfterMs };
  }
}

function none(): Record<WriteKind, number> {
  return { create: 0, update: 0, delete: 0 };
}

function isConflict({ code }: { code: string }): boolean {
  return code === "conflict";
}

function count<Item>(run: Run<Item>, rehearsal: Rehearsal, { work, decision }: Planned<Item>): void {
  rehearsal.conflicts += Number(decision.losses.length > 0 || decision.open.some(isConflict));
  for (const { target, operation, row } of decision.writes) {
    rehearsal.writes[target][operation] += 1;
    const sampled = rehearsal.samples.filter((each) => each.row === row).length;
    const seen = [work.told.crm, work.told.mailbox].find((told) => told.kind === "present")?.seen;
    // Of private items nothing is told, not even a time.
    if (sampled >= samplesPerRow || seen === undefined || run.context.rules.isPrivate(seen.item)) continue;
    rehearsal.samples.push({ row, operation, target, when: whenOf(seen.item) });
  }
}

/** Appointments have a time, tasks may have a day. */
export function whenOf(item: unknown): string | null {
  const { time, due } = item as { time?: { start: string }; due?: string | null };
  return time?.start ?? due ?? null;
}

/** A store that cannot change anything, whoever asks. */
export function readOnly<Store extends object>(store: Store): Store {
  const refused = () => Promise.reject(new Error("a rehearsal writes nothing"));
  return new Proxy(store, {
    get: (target, name) => {
      if (name === "create" || name === "update" || name === "remove") return refused;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value as (...inputs: never[]) => unknown).bind(target) : value;
    },
  });
}
