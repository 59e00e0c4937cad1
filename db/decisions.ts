import type { OrganizationId, UserId } from "../core/ids.ts";
import type { ItemDecision } from "../core/lifecycle/index.ts";
import type { ItemChoice } from "../core/sync/choice.ts";
import type { Tx } from "./client.ts";

/** Row of the decision table under which an item's timeline tells of a person's decision. */
const decidedRow = 90;

/**
 * Notes what a person decided about single items; the next slice carries it out. What does not apply any more (the
 * item is gone, the finding is about other values by now) changes nothing.
 */
export async function decideItems(
  tx: Tx,
  by: { organizationId: OrganizationId; userId: UserId; actor: string },
  decisions: readonly ItemDecision[],
): Promise<void> {
  for (const decision of decisions) {
    if (await note(tx, by.userId, decision)) await tellItem(tx, by, decision);
  }
}

async function note(tx: Tx, userId: UserId, decision: ItemDecision): Promise<boolean> {
  const { itemId } = decision;
  const chosen = async (choice: ItemChoice) =>
    (
      await tx`
        update item_link set choice = ${tx.json(choice)}, pending = true, not_before = null
        where user_id = ${userId} and item_link_id = ${itemId} and state = 'linked'`
    ).count > 0;
  switch (decision.choice) {
    case "take":
      return await chosen({ kind: "take", side: decision.side, state: decision.state });
    case "restore":
      return await chosen({ kind: "restore", archiveId: decision.archiveId });
    case "retry":
      return (
        (
          await tx`
            update item_link set pending = true, not_before = null, rewrites = 0, rewrites_since = null
            where user_id = ${userId} and item_link_id = ${itemId} and state <> 'deleted'`
        ).count > 0
      );
    case "dismiss":
      return (
        (
          await tx`
            update finding set dismissed_at = now()
            where user_id = ${userId} and item_link_id = ${itemId} and code = ${decision.code}
              and state = ${tx.json(decision.state)}`
        ).count > 0
      );
  }
}

async function tellItem(
  tx: Tx,
  { organizationId, userId, actor }: { organizationId: OrganizationId; userId: UserId; actor: string },
  decision: ItemDecision,
): Promise<void> {
  await tx`
    insert into item_event (organization_id, user_id, item_link_id, at, row, action, target, fields, actor)
    values (${organizationId}, ${userId}, ${decision.itemId}, now(), ${decidedRow}, ${decision.choice},
      ${decision.choice === "take" ? decision.side : null}, '{}', ${actor})`;
}
