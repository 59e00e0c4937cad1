import type { OrganizationId, UserId } from "../core/ids.ts";
import type { Tx } from "./client.ts";

/** Adds one entry to a user's timeline. Codes and counters only. */
export async function tellTimeline(
  tx: Tx,
  entry: {
    organizationId: OrganizationId;
    userId: UserId;
    kind: string;
    detail: Record<string, string | number | boolean>;
  },
): Promise<void> {
  await tx`
    insert into timeline (organization_id, user_id, kind, detail)
    values (${entry.organizationId}, ${entry.userId}, ${entry.kind}, ${tx.json(entry.detail)})`;
}
