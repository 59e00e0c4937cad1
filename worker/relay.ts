import { markDelivered, undelivered } from "../db/commands.ts";
import type { Database } from "../db/client.ts";
import type { Logger } from "../platform/logger.ts";
import { deliver, type SignalSender } from "../workflows/deliver.ts";

export interface RelayDependencies {
  database: Database;
  temporal: SignalSender;
  log: Logger;
  /** Leaves the API's own delivery the first try; 2 s unless given. */
  olderThanMs?: number;
}

/**
 * Hands every recorded command that nobody has delivered to its workflow, once around. Stops at the first that
 * Temporal does not take: the rest would fail as well, and the next round begins with it.
 *
 * @returns how many were delivered
 */
export async function relayOnce({
  database,
  temporal,
  log,
  olderThanMs = 2_000,
}: RelayDependencies): Promise<number> {
  let count = 0;
  for (const organizationId of await database.organizationIds()) {
    const commands = await database.inOrganization(organizationId, (tx) => undelivered(tx, olderThanMs));
    for (const { userId, commandId, kind } of commands) {
      if (!(await deliver(temporal, { organizationId, userId, commandId, kind }))) {
        log.warn({ waiting: commands.length }, "Temporal does not take commands just now");
        return count;
      }
      await database.inOrganization(organizationId, (tx) => markDelivered(tx, [commandId]));
      count += 1;
    }
  }
  if (count > 0) log.info({ count }, "commands relayed");
  return count;
}
