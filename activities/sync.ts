import { Context } from "@temporalio/activity";
import { Failure } from "../core/errors/failure.ts";
import type { MailboxId } from "../core/ids.ts";
import { kinds, type ItemOf } from "../core/items/kinds.ts";
import type { Kind } from "../core/items/observed.ts";
import { concernsUser, nextCycle, together, type KindEnd } from "../core/lifecycle/index.ts";
import { rulesOf } from "../core/sync/kinds/index.ts";
import type { KindSettings } from "../core/sync/settings.ts";
import type { Database } from "../db/client.ts";
import { recordCycle, takeFence } from "../db/lifecycle.ts";
import { linkOfUser } from "../db/links.ts";
import { tellTimeline } from "../db/timeline.ts";
import type { Counters } from "../engine/counters.ts";
import type { SliceInput, SlicePorts, SliceResult } from "../engine/ports.ts";
import type { SyncRepository } from "../engine/repository.ts";
import type { Logger } from "../platform/logger.ts";
import type { CycleProgress, CycleTotals, SyncActivities, UserRef } from "./contract.ts";
import { sliceOfKinds, type Budget } from "./kinds.ts";

/** What one slice works with: both sides and what is remembered of them, under one fence. */
export interface OpenedUser extends Pick<SlicePorts, "clock" | "random" | "fingerprint" | "seal" | "unseal"> {
  /** A kind that one of the sides does not know is absent. */
  stores: { readonly [K in Kind]?: Pick<SlicePorts<ItemOf<K>>, "crm" | "mailbox"> };
  repository(kind: Kind): SyncRepository;
}

export interface SyncDependencies {
  database: Database;
  /**
   * Opens both sides for one user.
   *
   * @throws Failure by what stands in the way: a missing permission, a system that does not answer
   */
  open(
    user: UserRef,
    link: { mailboxId: MailboxId; associateId: number; fence: number; settings: KindSettings },
    signal: AbortSignal,
  ): Promise<OpenedUser>;
  runSlice<Item>(ports: SlicePorts<Item>, input: SliceInput<Item>, signal: AbortSignal): Promise<SliceResult>;
  intervalMs: number;
  log: Logger;
}

const budget: Budget = { ms: 25_000, writes: 100 };
/** Remote calls may take 60 s; a heartbeat timeout of 15 s needs signs of life in between. */
const heartbeatEveryMs = 4_000;

/** The sync of one user as an activity: fence, slices, what is left for the console. No rule lives here. */
export function createSyncActivities(dependencies: SyncDependencies): SyncActivities {
  const { database, open, runSlice, intervalMs, log } = dependencies;

  /** @returns `undefined` when the user is not syncing (any more) */
  async function slice(user: UserRef, before: CycleProgress | undefined, signal: AbortSignal) {
    const started = await database.inOrganization(user.organizationId, async (tx) => {
      const taken = await takeFence(tx, user.userId, ["syncing"]);
      const link = taken && (await linkOfUser(tx, user.userId));
      return link ? { fence: taken.fence, link } : undefined;
    });
    if (!started) return undefined;
    const { fence, link } = started;
    const on = kinds.filter((kind) => link.settings[kind].direction !== "off");
    const failed = (error: unknown, kind?: Kind) => failure(error, signal, kind);
    let opened: OpenedUser;
    try {
      opened = await open(user, { ...link, fence }, signal);
    } catch (error) {
      const end = failed(error);
      return { progress: { left: [], ended: endedWith(on, before, end) }, counters: [] };
    }
    // A kind that one of the systems does not know is not available: the console says so, nothing fails.
    const progress = before ?? { left: on.filter((kind) => opened.stores[kind]), ended: {} };
    const ofKind = async <K extends Kind>(kind: K, share: Budget): Promise<SliceResult> => {
      const stores = opened.stores[kind];
      if (!stores) throw new Failure("everlink.unexpected", { detail: { reason: "no-store", kind } });
      const ports: SlicePorts<ItemOf<K>> = {
        ...opened,
        ...stores,
        repository: opened.repository(kind),
        heartbeat: () => Context.current().heartbeat(),
        log: (message, detail) => log.debug({ ...detail, user: user.userId, kind }, message),
      };
      const settings = link.settings[kind];
      return await runSlice(ports, { ...user, fence, rules: rulesOf[kind], settings, budget: share }, signal);
    };
    return await sliceOfKinds(progress, budget, opened.clock, ofKind, failed);
  }

  return {
    async syncSlice(request) {
      const { organizationId, userId } = request;
      const user = { organizationId, userId };
      const { cancellationSignal: signal, heartbeat } = Context.current();
      const alive = setInterval(() => heartbeat.call(Context.current()), heartbeatEveryMs);
      try {
        const done = await unlessFenced(() => slice(user, request.progress, signal), signal);
        const totals = (done?.counters ?? []).reduce(add, request.totals);
        if (!done) {
          return { more: false, problem: "lifecycle.fenced", held: null, nextDue: null, totals };
        }
        const { progress } = done;
        if (progress.left.length > 0) {
          return { more: true, problem: null, held: null, nextDue: null, totals, progress };
        }
        const { dueAgainMs: wait, ...answer } = together(Object.values(progress.ended));
        const now = new Date();
        const nextDue =
          wait === undefined
            ? nextCycle({ now: now.toISOString(), intervalMs, phase: request.phase, chance: request.chance })
            : new Date(now.getTime() + Math.min(wait, intervalMs)).toISOString();
        await database.inOrganization(organizationId, async (tx) => {
          const { problem, partial } = answer;
          const problems = problemsOf(progress);
          await recordCycle(tx, {
            ...user,
            startedAt: request.startedAt,
            problem,
            partial,
            problems,
            nextDue,
          });
          if (Object.values(totals).some((count) => count > 0)) {
            await tellTimeline(tx, { ...user, kind: "synced", detail: { ...totals } });
          }
        });
        return { more: false, ...answer, nextDue, totals };
      } finally {
        clearInterval(alive);
      }
    },
  };

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

function problemsOf({ ended }: CycleProgress): { [K in Kind]?: string } {
  const failed = kinds.flatMap((kind) => {
    const problem = ended[kind]?.problem ?? null;
    return concernsUser(problem) ? [[kind, problem]] : [];
  });
  return Object.fromEntries(failed);
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

function add(totals: CycleTotals, counters: Counters): CycleTotals {
  const both = (pair: { crm: number; mailbox: number }) => pair.crm + pair.mailbox;
  return {
    created: totals.created + both(counters.created),
    updated: totals.updated + both(counters.updated),
    deleted: totals.deleted + both(counters.deleted),
    adopted: totals.adopted + counters.adopted,
    conflicts: totals.conflicts + counters.conflicts,
    findings: totals.findings + counters.findings,
  };
}
