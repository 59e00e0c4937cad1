import { recordCommand, pendingCommands } from "../db/commands.ts";
import type { Database } from "../db/client.ts";
import { commitTransition, loadState } from "../db/lifecycle.ts";
import { previewPolicy } from "../db/preview.ts";
import type { OrganizationId, UserId } from "../core/ids.ts";
import type { LifecycleActivities } from "./contract.ts";

export interface LifecycleDependencies {
  database: Database;
  intervalMs: number;
  /** So long can an unlink be undone that removes something. */
  undoMs: number;
  /** Destroys the stored permission of a user. */
  revoke(organizationId: OrganizationId, userId: UserId): Promise<void>;
}

/** State and commands of one user: loaded and committed, nothing decided. */
export function createLifecycleActivities({
  database,
  intervalMs,
  undoMs,
  revoke,
}: LifecycleDependencies): LifecycleActivities {
  return {
    loadUser: ({ organizationId, userId }) =>
      database.inOrganization(organizationId, async (tx) => {
        const stored = await loadState(tx, userId);
        if (!stored) return null;
        const commands = await pendingCommands(tx, userId);
        const preview = (await previewPolicy(tx)).required ? "required" : "waived";
        return { state: stored.state, seq: stored.seq, commands, intervalMs, preview, undoMs };
      }),

    commitUser: (input) =>
      database.inOrganization(input.organizationId, async (tx) => {
        const committed = await commitTransition(tx, input);
        return committed ? { seq: committed.seq } : null;
      }),

    recordBareCommand: ({ organizationId, userId, kind, commandId }) =>
      database.inOrganization(organizationId, async (tx) => {
        if (!(await loadState(tx, userId))) return;
        await recordCommand(tx, { organizationId, userId, actor: "operator", kind, commandId });
      }),

    revokePermission: ({ organizationId, userId }) => revoke(organizationId, userId),
  };
}
