import { Context } from "@temporalio/activity";
import { Failure } from "../core/errors/failure.ts";
import { errorRow, type ErrorCode } from "../core/errors/table.ts";
import type { MailboxId } from "../core/ids.ts";
import { nextCycle } from "../core/lifecycle/index.ts";
import type { ItemOf } from "../core/items/kinds.ts";
import type { Kind } from "../core/items/observed.ts";
import { appointmentRules } from "../core/sync/kinds/appointment.ts";
import type { SyncSettings } from "../core/sync/settings.ts";
import type { Database } from "../db/client.ts";
import { recordCycle, takeFence } from "../db/lifecycle.ts";
import { linkOfUser } from "../db/links.ts";
import { tellTimeline } from "../db/timeline.ts";
import type { Counters } from "../engine/counters.ts";
import type { SliceInput, SlicePorts, SliceResult } from "../engine/ports.ts";
import type { SyncRepository } from "../engine/repository.ts";
import type { Logger } from "../platform/logger.ts";
import type { CycleTotals, SyncActivities, UserRef } from "./contract.ts";

/** What one slice works with: both sides and what is remembered of them, under one fence. */
export interface OpenedUser extends Pick<SlicePorts, "clock" | "random" | "fingerprint" | "seal"> {
  /** A kind that one of the sides does not know is absent. */
  stores: { [K in Kind]?: Pick<SlicePorts<ItemOf<K>>, "crm" | "mailbox"> };
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
    link: { mailboxId: MailboxId; associateId: number; fence: number },
    signal: AbortSignal,
  ): Promise<OpenedUser>;
  runSlice(ports: SlicePorts, input: SliceInput, signal: AbortSignal): Promise<SliceResult>;
  intervalMs: number;
  log: Logger;
}

const budget = { ms: 25_000, writes: 100 };
/** Remote calls may take 60 s; a heartbeat timeout of 15 s needs signs of life in between. */
const heartbeatEveryMs = 4_000;

/** The sync of one user as an activity: fence, slice, what is left for the console. No rule lives here. */
export function createSyncActivities(dependencies: SyncDependencies): SyncActivities {
  const { database, open, runSlice, intervalMs, log } = dependencies;

  async function slice(user: UserRef, signal: AbortSignal): Promise<SliceResult | "not-syncing"> {
    const started = await database.inOrganization(user.organizationId, async (tx) => {
      const taken = await takeFence(tx, user.userId, ["syncing"]);
      const link = taken && (await linkOfUser(tx, user.userId));
      return link ? { fence: taken.fence, link } : undefined;
    });
    if (!started) return "not-syncing";
    const { fence, link } = started;
    const opened = await open(user, { ...link, fence }, signal);
    const stores = opened.stores.appointment;
    if (!stores) return "not-syncing";
    const ports: SlicePorts = {
      ...opened,
      ...stores,
      repository: opened.repository("appointment"),
      heartbeat: () => Context.current().heartbeat(),
      log: (message, detail) => log.debug({ ...detail, user: user.userId }, message),
    };
    const settings: SyncSettings = link.settings;
    return await runSlice(ports, { ...user, fence, rules: appointmentRules, settings, budget }, signal);
  }

  return {
    async syncSlice(request) {
      const { organizationId, userId } = request;
      const user = { organizationId, userId };
      const { cancellationSignal: signal, heartbeat } = Context.current();
      const alive = setInterval(() => heartbeat.call(Context.current()), heartbeatEveryMs);
      try {
        const answer = await asAnswer(() => slice(user, signal), signal);
        const totals = add(request.totals, answer.counters);
        if (answer.more) return { ...answer, totals, nextDue: null };
        const wait = answer.dueAgainMs;
        const now = new Date();
        const nextDue =
          wait === undefined
            ? nextCycle({ now: now.toISOString(), intervalMs, phase: request.phase, chance: request.chance })
            : new Date(now.getTime() + Math.min(wait, intervalMs)).toISOString();
        await database.inOrganization(organizationId, async (tx) => {
          const problem = isItemProblem(answer.problem) ? null : answer.problem;
          await recordCycle(tx, { ...user, startedAt: request.startedAt, problem, nextDue });
          if (Object.values(totals).some((count) => count > 0)) {
            await tellTimeline(tx, { ...user, kind: "synced", detail: { ...totals } });
          }
        });
        const { problem, retryAfterMs, held } = answer;
        return { more: false, problem, retryAfterMs, held, nextDue, totals };
      } finally {
        clearInterval(alive);
      }
    },
  };

  /** A failure of the error table is an answer; a cancelled slice and a lost database are errors for Temporal. */
  async function asAnswer(
    work: () => Promise<SliceResult | "not-syncing">,
    signal: AbortSignal,
  ): Promise<Omit<SliceResult, "counters"> & { counters: Counters | null }> {
    const nothing = { more: false, counters: null, held: null } as const;
    try {
      const result = await work();
      return result === "not-syncing" ? { ...nothing, problem: "lifecycle.fenced" } : result;
    } catch (error) {
      if (signal.aborted) throw signal.reason instanceof Error ? signal.reason : error;
      if (error instanceof Failure) {
        const { code, retryAfterMs, detail } = error;
        log.info({ problem: code, ...detail }, "slice failed");
        return { ...nothing, problem: code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
      }
      if (isDatabaseError(error)) throw error;
      log.error({ err: error }, "slice failed unexpectedly");
      return { ...nothing, problem: "everlink.unexpected" };
    }
  }
}

function isItemProblem(problem: ErrorCode | null): boolean {
  return problem !== null && errorRow(problem).scope === "item";
}

/** postgres.js: `PostgresError` with an SQLSTATE, or an error of the connection with a name for a code. */
function isDatabaseError(error: unknown): boolean {
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (name === "PostgresError") return true;
  return (
    typeof code === "string" && /^(CONNECTION_|CONNECT_TIMEOUT|ECONNREFUSED|ECONNRESET|EPIPE)/.test(code)
  );
}

function add(totals: CycleTotals, counters: Counters | null): CycleTotals {
  if (!counters) return totals;
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
