import type { UserId } from "../core/ids.ts";
import type { Side } from "../core/items/observed.ts";
import type { Tx } from "./client.ts";

/** What people are shown of sync: no content, only kinds, times, rows of the decision table and field names. */

/** What the brake holds for a person's decision. */
export async function heldWrites(
  tx: Tx,
  userId: UserId,
): Promise<
  { target: Side; planHash: string; count: number; since: Date; choice: "apply" | "restore" | null }[]
> {
  return [
    ...(await tx<
      { target: Side; planHash: string; count: number; since: Date; choice: "apply" | "restore" | null }[]
    >`
      select target, plan_hash as "planHash", count, since, case when expires_at > now() then choice end as choice
      from brake_hold where user_id = ${userId} order by target`),
  ];
}

/**
 * A person's decision about held writes. It binds to the plan that the person was shown.
 *
 * @returns false when the plan is another by now: show it again
 */
export async function chooseHeld(
  tx: Tx,
  decision: { userId: UserId; target: Side; planHash: string; choice: "apply" | "restore"; expiresAt: Date },
): Promise<boolean> {
  const { userId, target, planHash, choice, expiresAt } = decision;
  const chosen = await tx`
    update brake_hold set choice = ${choice}, expires_at = ${expiresAt}
    where user_id = ${userId} and target = ${target} and plan_hash = ${planHash}`;
  return chosen.count === 1;
}

const keptMonths = 3;

/** Deletes what is no longer needed to explain or to recognize anything: events, outcomes and tombstones of old. */
export async function forgetOldSync(tx: Tx, now: Date): Promise<number> {
  const before = new Date(now);
  before.setUTCMonth(before.getUTCMonth() - keptMonths);
  const deleted = await Promise.all([
    tx`delete from item_event where at < ${before}`,
    tx`delete from intent where settled_at < ${before}`,
    tx`delete from item_link where state = 'deleted' and updated_at < ${before}`,
    tx`delete from brake_entry where at < ${before}`,
    tx`delete from sync_hour where hour < ${before}`,
  ]);
  return deleted.reduce((sum, { count }) => sum + count, 0);
}
