import type { UserId } from "../core/ids.ts";
import type { Kind, Side } from "../core/items/observed.ts";
import type { Tx } from "./client.ts";
import { forgetRemovals } from "./removal.ts";

/** What people are shown of sync: no content, only kinds, times, rows of the decision table and field names. */

/** Destructive writes of one kind to one side that wait for a person. */
export interface HeldWrites {
  kind: Kind;
  target: Side;
  /** Names the held links: a decision binds to it. */
  planHash: string;
  count: number;
  /** How many of them delete an item; the others discard or empty something. */
  deletes: number;
  /** Items of the kind on both sides. */
  linked: number;
  since: Date;
  choice: "apply" | "restore" | null;
  expiresAt: Date | null;
}

/** What the brake holds for a person's decision. */
export async function heldWrites(tx: Tx, userId: UserId): Promise<HeldWrites[]> {
  return await tx<HeldWrites[]>`
    select h.kind, h.target, h.plan_hash as "planHash", h.count, h.since,
      case when h.expires_at > now() then h.choice end as choice,
      case when h.expires_at > now() then h.expires_at end as "expiresAt",
      (select count(*)::int from item_link l
        where l.user_id = h.user_id and l.kind = h.kind and l.state in ('linked', 'single')) as linked,
      (select count(*)::int from item_link l
        where l.user_id = h.user_id and l.kind = h.kind and l.held = h.target
          and (select e.row from item_event e
            where e.organization_id = l.organization_id and e.item_link_id = l.item_link_id and e.action = 'held'
            order by e.event_id desc limit 1) in (13, 31, 83)) as deletes
    from brake_hold h where h.user_id = ${userId} order by h.kind, h.target`;
}

/**
 * A person's decision about held writes. It binds to the plan that the person was shown.
 *
 * @returns false when the plan is another by now: show it again
 */
export async function chooseHeld(
  tx: Tx,
  decision: {
    userId: UserId;
    kind: Kind;
    target: Side;
    planHash: string;
    choice: "apply" | "restore";
    expiresAt: Date;
  },
): Promise<boolean> {
  const { userId, kind, target, planHash, choice, expiresAt } = decision;
  const chosen = await tx`
    update brake_hold set choice = ${choice}, expires_at = ${expiresAt}
    where user_id = ${userId} and kind = ${kind} and target = ${target} and plan_hash = ${planHash}`;
  return chosen.count === 1;
}

const keptMonths = 3;
/** What a conflict discarded is somebody's own words: it can be had back for a year. */
const archivedMonths = 12;

/** Deletes what is no longer needed to explain, to recognize or to give anything back. */
export async function forgetOldSync(tx: Tx, now: Date): Promise<number> {
  const before = monthsAgo(now, keptMonths);
  const deleted = await Promise.all([
    tx`delete from item_event where at < ${before}`,
    tx`delete from conflict_archive where at < ${monthsAgo(now, archivedMonths)}`,
    tx`delete from command where actor = 'policy' and kind = 'syncNow' and settled_at < ${before}`,
    tx`delete from intent where settled_at < ${before}`,
    tx`delete from item_link where state = 'deleted' and updated_at < ${before}`,
    tx`delete from brake_entry where at < ${before}`,
    tx`delete from sync_hour where hour < ${before}`,
    tx`delete from item_look where made_at < now() - interval '2 minutes'`,
  ]);
  const removals = await forgetRemovals(tx, before);
  return deleted.reduce((sum, { count }) => sum + count, removals);
}

function monthsAgo(now: Date, months: number): Date {
  const then = new Date(now);
  then.setUTCMonth(then.getUTCMonth() - months);
  return then;
}
