import type { OrganizationId, UserId } from "../core/ids.ts";
import type { Kind, Side } from "../core/items/observed.ts";
import type { Tx } from "./client.ts";

/** Of none of these items is anything certain on that side before it was found again there. */
export async function unverifyItems(
  tx: Tx,
  of: { side: Side; userId?: UserId; kind?: Kind },
): Promise<number> {
  const { side, userId = null, kind = null } = of;
  const marked = await tx`
    update item_side set unverified = true
    where organization_id = current_organization() and side = ${side} and not unverified
      and (${userId}::uuid is null or user_id = ${userId}) and (${kind}::text is null or kind = ${kind})`;
  return marked.count;
}

/**
 * A store came back from a backup, or is another one: of one user, or of the whole organization. Everything is listed from
 * nothing, and each item is found again before anything that this side says of it flows (rows 95–98 of the decision table).
 *
 * Whoever is syncing under the fence of before is refused from now on: a cursor from before the event must not be stored
 * after it. @returns how many items are to be found again, and whose cycle should run now
 */
export async function markUnverified(
  tx: Tx,
  of: {
    organizationId: OrganizationId;
    /** Who says so: an actor as in commands, or the name of the system that told. */
    actor: string;
    side: Side;
    userId?: UserId | undefined;
  },
): Promise<{ items: number; userIds: UserId[] }> {
  const { organizationId, actor, side, userId = null } = of;
  const fenced = await tx<{ userId: UserId }[]>`
    update lifecycle set fence = fence + 1
    where organization_id = ${organizationId} and stage in ('linked', 'syncing')
      and (${userId}::uuid is null or user_id = ${userId})
    returning user_id as "userId"`;
  await tx`
    update sync_cursor set cursor = null, thorough = true
    where organization_id = ${organizationId} and side = ${side}
      and (${userId}::uuid is null or user_id = ${userId})`;
  const items = await unverifyItems(tx, { side, ...(userId === null ? {} : { userId }) });
  await tx`
    insert into audit (organization_id, actor, action, subject, detail)
    values (${organizationId}, ${actor}, 'restored', ${userId === null ? side : `user:${userId}`},
      ${tx.json({ side, items })})`;
  return { items, userIds: fenced.map((row) => row.userId) };
}
