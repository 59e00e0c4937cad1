import { Context } from "@temporalio/activity";
import type { MailboxId } from "../core/ids.ts";
import { kinds, type ItemOf } from "../core/items/kinds.ts";
import type { Kind } from "../core/items/observed.ts";
import { concernsUser, nextCycle, together } from "../core/lifecycle/index.ts";
import type { KindSettings } from "../core/sync/settings.ts";
import type { Database } from "../db/client.ts";
import { recordCycle } from "../db/lifecycle.ts";
import { tellTimeline } from "../db/timeline.ts";
import type { Counters } from "../engine/counters.ts";
import type { SliceInput, SlicePorts, SliceResult } from "../engine/ports.ts";
import type { SyncRepository } from "../engine/repository.ts";
import type { Logger } from "../platform/logger.ts";
import type { CycleProgress, CycleTotals, SyncActivities, UserRef } from "./contract.ts";
import { createSlicing } from "./slicing.ts";

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

/** The sync of one user as an activity: fence, slices, what is left for the console. No rule lives here. */
export function createSyncActivities(dependencies: SyncDependencies): SyncActivities {
  const { database, runSlice, intervalMs } = dependencies;
  const slice = createSlicing(dependencies);

  return {
    async syncSlice(request) {
      const { organizationId, userId } = request;
      const user = { organizationId, userId };
      const { cancellationSignal: signal } = Context.current();
      const done = await slice(user, request.progress, {
        stages: ["syncing"],
        kindsOf: (_tx, { settings }) => kinds.filter((kind) => settings[kind].direction !== "off"),
        run: (_kind, ports, input) => runSlice(ports, input, signal),
      });
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
    },
  };
}

function problemsOf({ ended }: CycleProgress): { [K in Kind]?: string } {
  const failed = kinds.flatMap((kind) => {
    const problem = ended[kind]?.problem ?? null;
    return concernsUser(problem) ? [[kind, problem]] : [];
  });
  return Object.fromEntries(failed);
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
