import { randomUUID } from "node:crypto";
import { Failure } from "../core/errors/failure.ts";
import type { ErrorCode } from "../core/errors/table.ts";
import type { ItemLinkId, OrganizationId, UserId } from "../core/ids.ts";
import type { Kind, Side } from "../core/items/observed.ts";
import type { StayReason } from "../core/sync/removal.ts";
import type { RemovalPlan } from "../engine/removal-plan.ts";
import type { Removal } from "../engine/removing.ts";
import type { Database, Tx } from "./client.ts";

/** What a plan says of one kind, beside the items themselves. */
export type PlannedKind = { kind: Kind } & Pick<RemovalPlan, "stays" | "samples">;

export interface StoredRemoval {
  removalId: string;
  from: Side;
  generation: number;
  madeAt: Date | null;
  problem: ErrorCode | null;
  kinds: PlannedKind[];
}

const keptDays = 1;

/** Begins a plan, or names the one that is being made already; former ones that nobody has decided for are forgotten after a day. */
export async function beginRemoval(
  tx: Tx,
  of: { organizationId: OrganizationId; userId: UserId; from: Side; generation: number },
): Promise<string> {
  await forgetRemovals(tx, new Date(Date.now() - keptDays * 86_400_000), of.userId);
  const [open] = await tx<{ id: string }[]>`
    select removal_id as id from removal where user_id = ${of.userId} and side = ${of.from}
      and generation = ${of.generation} and made_at is null and created_at > now() - interval '30 minutes'`;
  if (open) return open.id;
  const removalId = randomUUID();
  await tx`
    insert into removal (organization_id, removal_id, user_id, side, generation)
    values (${of.organizationId}, ${removalId}, ${of.userId}, ${of.from}, ${of.generation})`;
  return removalId;
}

/** Plans of before, with what became of them; never the one that somebody's link is ending with. */
export async function forgetRemovals(tx: Tx, before: Date, userId: UserId | null = null): Promise<number> {
  const forgotten = await tx`
    delete from removal r where r.created_at < ${before} and (${userId}::uuid is null or r.user_id = ${userId}::uuid)
      and not exists (select from lifecycle l where l.user_id = r.user_id
        and l.holds @> jsonb_build_array(jsonb_build_object('removal', jsonb_build_object('planId', r.removal_id))))`;
  return forgotten.count;
}

/** @returns `undefined` for a plan that does not exist, or is another user's */
export async function removalOf(
  tx: Tx,
  userId: UserId,
  removalId: string,
): Promise<StoredRemoval | undefined> {
  const [row] = await tx<StoredRemoval[]>`
    select removal_id as "removalId", side as "from", generation, made_at as "madeAt", problem, kinds from removal
    where user_id = ${userId} and removal_id = ${removalId}`;
  return row;
}

/** Keeps a plan, or why there is none. One that is made already does not change any more. */
export async function endRemovalPlan(
  tx: Tx,
  of: { organizationId: OrganizationId; userId: UserId; removalId: string },
  made: { problem: ErrorCode } | { plans: readonly { kind: Kind; plan: RemovalPlan }[] },
): Promise<void> {
  const { organizationId, userId, removalId } = of;
  const kinds =
    "plans" in made ? made.plans.map(({ kind, plan: { stays, samples } }) => ({ kind, stays, samples })) : [];
  const ended = await tx`
    update removal set made_at = now(), problem = ${"problem" in made ? made.problem : null},
      kinds = ${tx.json(kinds as never)}
    where user_id = ${userId} and removal_id = ${removalId} and made_at is null`;
  if (ended.count === 0 || !("plans" in made)) return;
  for (const { kind, plan } of made.plans) {
    await tx`
      insert into removal_item (organization_id, removal_id, item_link_id, user_id, kind)
      select ${organizationId}, ${removalId}, id, ${userId}, ${kind} from unnest(${plan.items}::uuid[]) as id`;
  }
}

/** How far it is, by kind: `null` is what has no outcome yet. */
export async function outcomesOf(
  tx: Tx,
  removalId: string,
): Promise<{ kind: Kind; outcome: "removed" | StayReason | null; count: number }[]> {
  return await tx<{ kind: Kind; outcome: "removed" | StayReason | null; count: number }[]>`
    select kind, outcome, count(*)::int as count from removal_item where removal_id = ${removalId}
    group by kind, outcome order by kind, outcome`;
}

/** Kinds of which something has no outcome yet. */
export async function kindsLeft(tx: Tx, removalId: string): Promise<Kind[]> {
  const rows = await tx<{ kind: Kind }[]>`
    select distinct kind from removal_item where removal_id = ${removalId} and outcome is null order by kind`;
  return rows.map(({ kind }) => kind);
}

/** Items of a kind that one of the systems does not offer cannot be looked at: they stay. */
export async function leaveKind(tx: Tx, removalId: string, kind: Kind): Promise<void> {
  const outcome: StayReason = "unavailable";
  await tx`
    update removal_item set outcome = ${outcome}
    where removal_id = ${removalId} and kind = ${kind} and outcome is null`;
}

/** The part of a removal that is about one kind, for a run under that fence. */
export function openRemoval(
  database: Database,
  of: {
    organizationId: OrganizationId;
    userId: UserId;
    fence: number;
    removalId: string;
    kind: Kind;
    from: Side;
  },
): Removal {
  const { organizationId, userId, fence, removalId, kind, from } = of;
  return {
    from,
    left: () =>
      database.inOrganization(organizationId, async (tx) => {
        const rows = await tx<{ id: ItemLinkId }[]>`
          select item_link_id as id from removal_item
          where removal_id = ${removalId} and kind = ${kind} and outcome is null order by item_link_id`;
        return rows.map(({ id }) => id);
      }),
    note: (id, outcome) =>
      database.inOrganization(organizationId, async (tx) => {
        const [row] = await tx`
          select from lifecycle where user_id = ${userId} and fence = ${fence} for share`;
        if (row === undefined) throw new Failure("lifecycle.fenced");
        await tx`
          update removal_item set outcome = ${outcome}
          where removal_id = ${removalId} and item_link_id = ${id} and outcome is null`;
      }),
  };
}

/**
 * `letGo` of `core/sync/removal.ts` for every copy of Everlink's on that side that is still known. What has a write without
 * an outcome stays as it is: only when that is settled is it known what there is to let go of.
 */
export async function letGoCopies(tx: Tx, userId: UserId, from: Side): Promise<void> {
  const rows = await tx<{ id: ItemLinkId }[]>`
    select l.item_link_id as id from item_link l
    join item_side s on s.organization_id = l.organization_id and s.item_link_id = l.item_link_id
      and s.side = ${from} and s.stamp = l.key
    join item_side o on o.organization_id = l.organization_id and o.item_link_id = l.item_link_id
      and o.side <> ${from}
    where l.user_id = ${userId} and l.state <> 'deleted'
      and not exists (select from intent i where i.organization_id = l.organization_id
        and i.item_link_id = l.item_link_id and i.outcome is null)`;
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return;
  await tx`delete from finding where user_id = ${userId} and item_link_id = any(${ids})`;
  await tx`delete from item_side where user_id = ${userId} and item_link_id = any(${ids}) and side = ${from}`;
  await tx`update item_side set base = '{}' where user_id = ${userId} and item_link_id = any(${ids})`;
  await tx`
    update item_link set state = 'new', reason = null, masked = false, pending = false, not_before = null, attempts = 0,
      held = null, choice = null, rewrites = 0, rewrites_since = null, revision = revision + 1
    where user_id = ${userId} and item_link_id = any(${ids})`;
}
