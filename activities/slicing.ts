import { Context } from "@temporalio/activity";
import { Failure } from "../core/errors/failure.ts";
import type { ItemOf } from "../core/items/kinds.ts";
import type { Kind } from "../core/items/observed.ts";
import type { KindEnd, Stage } from "../core/lifecycle/index.ts";
import { rulesOf } from "../core/sync/kinds/index.ts";
import type { Tx } from "../db/client.ts";
import { takeFence } from "../db/lifecycle.ts";
import { linkOfUser, type Link } from "../db/links.ts";
import type { Counters } from "../engine/counters.ts";
import type { SliceInput, SlicePorts, SliceResult } from "../engine/ports.ts";
import type { CycleProgress, UserRef } from "./contract.ts";
import { sliceOfKinds, type Budget } from "./kinds.ts";
import type { OpenedUser, SyncDependencies } from "./sync.ts";

/** What one slice of a user's kinds is to do. */
export interface SliceWork {
  stages: readonly Stage[];
  /** The kinds that it is about, where no slice before has said which are left. */
  kindsOf(tx: Tx, link: Link): Promise<readonly Kind[]> | readonly Kind[];
  run<Item>(kind: Kind, ports: SlicePorts<Item>, input: SliceInput<Item>): Promise<SliceResult>;
}

const budget: Budget = { ms: 25_000, writes: 100 };
/** Remote calls may take 60 s; a heartbeat timeout of 15 s needs signs of life in between. */
const heartbeatEveryMs = 4_000;

/** Slices of one user under a fence of their own: opened, shared out among the kinds, failures made answers of. */
export function createSlicing({ database, open, log }: Pick<SyncDependencies, "database" | "open" | "log">) {
  /** @returns `undefined` when the user is not in one of these stages, or a newer run has taken over */
  return async function slice(
    user: UserRef,
    before: CycleProgress | undefined,
    work: SliceWork,
  ): Promise<{ progress: CycleProgress; counters: Counters[] } | undefined> {
    const { cancellationSignal: signal, heartbeat } = Context.current();
    const alive = setInterval(() => heartbeat.call(Context.current()), heartbeatEveryMs);
    try {
      return await unlessFenced(() => opened(user, before, work, signal), signal);
    } finally {
      clearInterval(alive);
    }
  };

  async function opened(
    user: UserRef,
    before: CycleProgress | undefined,
    work: SliceWork,
    signal: AbortSignal,
  ) {
    const started = await database.inOrganization(user.organizationId, async (tx) => {
      const taken = await takeFence(tx, user.userId, work.stages);
      const link = taken && (await linkOfUser(tx, user.userId));
      return link ? { fence: taken.fence, link, on: await work.kindsOf(tx, link) } : undefined;
    });
    if (!started) return undefined;
    const { fence, link, on } = started;
    const failed = (error: unknown, kind?: Kind) => failure(error, signal, kind);
    let both: OpenedUser;
    try {
      both = await open(user, { ...link, fence }, signal);
    } catch (error) {
      const end = failed(error);
      return { progress: { left: [], ended: endedWith(on, before, end) }, counters: [] };
    }
    // A kind that one of the systems does not know is not available: the console says so, nothing fails.
    const progress = before ?? { left: on.filter((kind) => both.stores[kind]), ended: {} };
    const ofKind = async <K extends Kind>(kind: K, share: Budget): Promise<SliceResult> => {
      const stores = both.stores[kind];
      if (!stores) throw new Failure("everlink.unexpected", { detail: { reason: "no-store", kind } });
      const ports: SlicePorts<ItemOf<K>> = {
        ...both,
        ...stores,
        repository: both.repository(kind),
        heartbeat: () => Context.current().heartbeat(),
        log: (message, detail) => log.debug({ ...detail, user: user.userId, kind }, message),
      };
      const settings = link.settings[kind];
      return await work.run(kind, ports, { ...user, fence, rules: rulesOf[kind], settings, budget: share });
    };
    return await sliceOfKinds(progress, budget, both.clock, ofKind, failed);
  }

  /** A failure of the error table is an answer; a cancelled slice and a lost database are errors for Temporal. */
  function failure(error: unknown, signal: AbortSignal, kind?: Kind): KindEnd {
    if (signal.aborted) throw signal.reason instanceof Error ? signal.reason : error;
    const of = kind === undefined ? {} : { kind };
    if (error instanceof Failure) {
      const { code, retryAfterMs, detail } = error;
      log.info({ problem: code, ...of, ...detail }, "slice failed");
      return { problem: code, held: null, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    }
    if (isDatabaseError(error)) throw error;
    log.error({ err: error, ...of }, "slice failed unexpectedly");
    return { problem: "everlink.unexpected", held: null };
  }
}

/** What stands in the way of all kinds ends each of them, whatever it came to before. */
function endedWith(
  on: readonly Kind[],
  before: CycleProgress | undefined,
  end: KindEnd,
): CycleProgress["ended"] {
  const all = [...on, ...Object.keys(before?.ended ?? {})];
  return Object.fromEntries(all.map((kind) => [kind, end]));
}

/** @returns `undefined` when a newer run has taken over */
async function unlessFenced<Result>(work: () => Promise<Result>, signal: AbortSignal) {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) throw signal.reason instanceof Error ? signal.reason : error;
    if (error instanceof Failure && error.code === "lifecycle.fenced") return undefined;
    throw error;
  }
}

/** postgres.js: `PostgresError` with an SQLSTATE, or an error of the connection with a name for a code. */
function isDatabaseError(error: unknown): boolean {
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (name === "PostgresError") return true;
  return (
    typeof code === "string" && /^(CONNECTION_|CONNECT_TIMEOUT|ECONNREFUSED|ECONNRESET|EPIPE)/.test(code)
  );
}
