import { Context } from "@temporalio/activity";
import type { ConnectionId, OrganizationId } from "../core/ids.ts";
import type { Database } from "../db/client.ts";
import { saveAssociates, type DirectoryAssociate } from "../db/directory.ts";
import type { OrganizationActivities } from "./contract.ts";

export interface AssociateDependencies {
  database: Database;
  /**
   * Lists the associates of the organization's SuperOffice.
   *
   * @returns `undefined` while the organization has no SuperOffice connection
   */
  listAssociates(
    organizationId: OrganizationId,
    signal: AbortSignal,
  ): Promise<{ connectionId: ConnectionId; associates: DirectoryAssociate[] } | undefined>;
}

/** What SuperOffice says about its users, taken into the directory. */
export function createOrganizationActivities({
  database,
  listAssociates,
}: AssociateDependencies): OrganizationActivities {
  return {
    async refreshAssociates({ organizationId }) {
      const context = Context.current();
      const alive = setInterval(() => context.heartbeat(), 4_000);
      try {
        const listed = await listAssociates(organizationId, context.cancellationSignal);
        if (!listed) return null;
        return await database.inOrganization(organizationId, (tx) =>
          saveAssociates(tx, organizationId, listed.connectionId, listed.associates),
        );
      } finally {
        clearInterval(alive);
      }
    },
  };
}
