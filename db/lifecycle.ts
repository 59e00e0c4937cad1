import type { OrganizationId, UserId } from "../core/ids.ts";
import {
  initialState,
  type Hold,
  type Instant,
  type Instruction,
  type Outcome,
  type Stage,
  type UserState,
} from "../core/lifecycle/index.ts";
import type { CommandId } from "../core/ids.ts";
import type { Kind } from "../core/items/observed.ts";
import { settleCommand } from "./commands.ts";
import type { Tx } from "./client.ts";
import { wantBackend } from "./backend-switch.ts";
import { decideItems } from "./decisions.ts";
import { changeLinkSettings } from "./links.ts";
import { letGoCopies } from "./removal.ts";
import { chooseHeld, heldWrites } from "./sync-reading.ts";
import { tellTimeline } from "./timeline.ts";

/** A user's state as it is stored, with what guards it. */
export interface StoredState {
  state: UserState;
  /** Raised by every committed transition: the compare-and-set of the workflow. */
  seq: number;
  /** Raised whenever someone takes over: writes under an older fence are refused. */
  fence: number;
}

/** A decision about held deletions is good for a day: what waits longer is to be looked at again. */
const approvalMs = 24 * 3_600_000;

interface LifecycleRow {
  user_id: UserId;
  stage: Stage;
  holds: Hold[];
  seq: string;
  fence: string;
  link_generation: number;
  next_due: Date | null;
  course: Partial<Pick<UserState, "mailboxId" | "invitation" | "duties" | "trouble">>;
}

function stored(row: LifecycleRow): StoredState {
  return {
    state: {
      ...initialState,
      ...row.course,
      stage: row.stage,
      holds: row.holds,
      linkGeneration: row.link_generation,
      cycleAt: row.next_due?.toISOString() ?? null,
    },
    seq: Number(row.seq),
    fence: Number(row.fence),
  };
}

/** Puts a user's life down at its very beginning, before the first `invite` command. Harmless when it exists. */
export async function beginLife(tx: Tx, organizationId: OrganizationId, userId: UserId): Promise<void> {
  await tx`
    insert into lifecycle (organization_id, user_id, stage) values (${organizationId}, ${userId}, 'invited')
    on conflict do nothing`;
}

/** @returns `undefined` for a user who does not exist, or was erased */
export async function loadState(tx: Tx, userId: UserId): Promise<StoredState | undefined> {
  const [row] = await tx<LifecycleRow[]>`
    select user_id, stage, holds, seq, fence, link_generation, next_due, course from lifecycle
    where user_id = ${userId}`;
  return row && stored(row);
}

/** States of many users at once, for lists and bulk previews. */
export async function loadStates(tx: Tx, userIds: readonly UserId[]): Promise<Map<UserId, StoredState>> {
  if (userIds.length === 0) return new Map();
  const rows = await tx<LifecycleRow[]>`
    select user_id, stage, holds, seq, fence, link_generation, next_due, course from lifecycle
    where user_id in ${tx(userIds)}`;
  return new Map(rows.map((row) => [row.user_id, stored(row)]));
}

export interface Commit {
  organizationId: OrganizationId;
  userId: UserId;
  /** The transition was decided on the state with this number. */
  expectedSeq: number;
  state: UserState;
  commands: readonly Instruction[];
  settled: readonly { commandId: CommandId; outcome: Outcome }[];
}

/**
 * Commits one transition, the outcomes of the commands behind it and all that belongs to it, or nothing.
 *
 * @returns `undefined` when somebody else committed first: load again and decide anew
 */
export async function commitTransition(
  tx: Tx,
  commit: Commit,
): Promise<{ seq: number; fence: number } | undefined> {
  const { organizationId, userId, state } = commit;
  const bump = commit.commands.some((command) => command.type === "bumpFence") ? 1 : 0;
  const { mailboxId, invitation, duties, trouble } = state;
  const [row] = await tx<{ seq: string; fence: string }[]>`
    update lifecycle set
      stage = ${state.stage}, holds = ${tx.json(state.holds as never)}, seq = seq + 1, fence = fence + ${bump},
      link_generation = ${state.linkGeneration}, next_due = ${state.cycleAt},
      course = ${tx.json({ mailboxId, invitation, duties, trouble } as never)}, updated_at = now()
    where user_id = ${userId} and seq = ${commit.expectedSeq}
    returning seq, fence`;
  if (!row) return undefined;
  for (const command of commit.commands) await apply(tx, organizationId, userId, command);
  for (const { commandId, outcome } of commit.settled) await settleCommand(tx, commandId, outcome);
  return { seq: Number(row.seq), fence: Number(row.fence) };
}

async function apply(
  tx: Tx,
  organizationId: OrganizationId,
  userId: UserId,
  command: Instruction,
): Promise<void> {
  switch (command.type) {
    case "bumpFence":
      return; // part of the row's own update
    case "saveLink":
      await tx`
        insert into link (organization_id, user_id, mailbox_id, generation, settings)
        values (${organizationId}, ${userId}, ${command.mailboxId}, ${command.generation},
          ${tx.json((command.settings ?? {}) as never)})
        on conflict (organization_id, user_id) do update set
          mailbox_id = excluded.mailbox_id, generation = excluded.generation,
          settings = case when ${command.settings === null} then link.settings else excluded.settings end`;
      return;
    case "changeSettings":
      return await changeLinkSettings(tx, userId, command.change);
    case "letGo":
      return await letGoCopies(tx, userId, command.from);
    case "dropLink":
      await tx`delete from link where user_id = ${userId}`;
      return;
    case "wantBackend":
      return await wantBackend(tx, userId, command.backend);
    case "tombstone":
      await tx`
        insert into erasure (organization_id, user_id) values (${organizationId}, ${userId})
        on conflict do nothing`;
      return;
    case "tell":
      await tellTimeline(tx, { organizationId, userId, kind: command.kind, detail: command.detail });
      return;
    case "decideBrake":
      for (const plan of command.plans ?? (await heldWrites(tx, userId))) {
        const expiresAt = new Date(Date.now() + approvalMs);
        await chooseHeld(tx, { userId, ...plan, choice: command.choice, expiresAt });
      }
      return;
    case "decideItems":
      return await decideItems(tx, { organizationId, userId, actor: command.actor }, command.decisions);
  }
}

/**
 * Takes the user over: whoever still works under the fence before is refused from now on.
 *
 * @returns `undefined` when the user is not in one of these stages (any more)
 */
export async function takeFence(
  tx: Tx,
  userId: UserId,
  stages: readonly Stage[],
): Promise<{ fence: number; linkGeneration: number } | undefined> {
  const [row] = await tx<{ fence: string; link_generation: number }[]>`
    update lifecycle set fence = fence + 1 where user_id = ${userId} and stage in ${tx(stages)}
    returning fence, link_generation`;
  return row && { fence: Number(row.fence), linkGeneration: row.link_generation };
}

export interface CycleRecord {
  organizationId: OrganizationId;
  userId: UserId;
  startedAt: Instant;
  problem: string | null;
  /** The problem is one kind's; another kind of this user is well. */
  partial?: boolean | undefined;
  /** The kinds that did not come to a good end, each with its own problem. */
  problems?: { readonly [K in Kind]?: string };
  /** When the workflow means to start the next cycle if nothing comes between. */
  nextDue: Instant | null;
}

/** What a finished cycle leaves for the console, and the timer for a workflow that must be rebuilt. */
export async function recordCycle(tx: Tx, cycle: CycleRecord): Promise<void> {
  const { problem, partial = false, problems = {} } = cycle;
  const succeeded = problem === null || partial;
  const now = new Date();
  const byKind = Object.fromEntries(
    Object.entries(problems).map(([kind, each]) => [kind, { problem: each, since: now.toISOString() }]),
  );
  await tx`
    insert into sync_status as s (organization_id, user_id, last_started_at, last_succeeded_at, last_problem,
      problem_since, problems, cycles)
    values (${cycle.organizationId}, ${cycle.userId}, ${cycle.startedAt}, ${succeeded ? now : null},
      ${problem}, ${problem === null ? null : now}, ${tx.json(byKind)}, 1)
    on conflict (organization_id, user_id) do update set
      last_started_at = excluded.last_started_at,
      last_succeeded_at = coalesce(excluded.last_succeeded_at, s.last_succeeded_at),
      last_problem = excluded.last_problem,
      problem_since = case when excluded.last_problem is null then null
        else coalesce(s.problem_since, excluded.problem_since) end,
      problems = (
        select coalesce(jsonb_object_agg(kind, now || jsonb_build_object('since',
          coalesce(s.problems -> kind ->> 'since', now ->> 'since'))), '{}')
        from jsonb_each(excluded.problems) as failed (kind, now)),
      cycles = s.cycles + 1`;
  if (succeeded && cycle.nextDue) {
    await tx`update lifecycle set next_due = ${cycle.nextDue} where user_id = ${cycle.userId}`;
  }
}

/** The stages in which a user's workflow must be running. */
export const livingStages = [
  "invited",
  "registered",
  "linked",
  "syncing",
  "disconnected",
] as const satisfies Stage[];

/** Users whose workflow must be running, those with a command to carry out included, a page at a time in the order of their ids. */
export async function livingUsers(tx: Tx, after: UserId | null, limit: number): Promise<UserId[]> {
  const rows = await tx<{ user_id: UserId }[]>`
    select user_id from lifecycle l
    where (stage in ${tx(livingStages)} or exists (
        select from command c
        where c.organization_id = l.organization_id and c.user_id = l.user_id and c.settled_at is null))
      and stage not in ('erasing', 'erased') and (${after}::uuid is null or user_id > ${after}::uuid)
    order by user_id limit ${limit}`;
  return rows.map((row) => row.user_id);
}
