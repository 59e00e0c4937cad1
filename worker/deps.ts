import type { Client } from "@temporalio/client";
import type { ActivityDependencies } from "../activities/activities.ts";
import { listAssociates } from "../connectors/superoffice/associates.ts";
import { openDatabase, type Database } from "../db/client.ts";
import { openInstallation } from "../db/installation.ts";
import { entraAccounts } from "../db/registrations.ts";
import { vaultRows } from "../db/vault.ts";
import { rehearse } from "../engine/rehearse.ts";
import { planRemoval } from "../engine/removal-plan.ts";
import { removeCopies } from "../engine/removing.ts";
import { runSlice } from "../engine/slice.ts";
import type { Config } from "../platform/config.ts";
import type { ConnectionId, OrganizationId } from "../core/ids.ts";
import { createEntra, type EntraAccounts } from "../platform/entra.ts";
import type { Logger } from "../platform/logger.ts";
import { readRootKeys } from "../platform/root-key.ts";
import { createSecrets } from "../platform/secret.ts";
import { createVault } from "../platform/vault.ts";
import { createConnections, keptMs } from "./connections.ts";
import { keptFor } from "./kept.ts";
import { createOpenUser } from "./open-user.ts";

export interface WorkerDependencies extends ActivityDependencies {
  database: Database;
}

/**
 * Wires everything together: the one place that knows every part.
 *
 * @throws when the database does not answer yet, or was made in another mode or with another root key
 */
export async function wire(config: Config, temporal: Client, log: Logger): Promise<WorkerDependencies> {
  const rootKeys = readRootKeys(config.rootKeyFile, { create: config.mode === "sandbox" });
  const database = openDatabase({ url: config.databaseUrl, max: 20 });
  try {
    const { lookupKey } = await openInstallation(database.sql, config.mode, rootKeys);
    const inOrganization = database.inOrganization.bind(database);
    const vault = createVault({ rootKeys, rows: vaultRows, inOrganization });
    const entra = createEntra({
      vault,
      accounts: oftenAsked(entraAccounts(database, vault)),
      inOrganization,
    });
    const connections = createConnections(database, vault);
    return {
      database,
      vault,
      secrets: createSecrets(lookupKey),
      publicUrl: config.publicUrl,
      intervalMs: config.syncIntervalSeconds * 1000,
      undoMs: config.unlinkUndoSeconds * 1000,
      revoke: (organizationId, userId) => entra.revoke(organizationId, userId),
      open: createOpenUser({ database, vault, entra, connections }),
      runSlice,
      rehearse,
      planRemoval,
      removeCopies,
      log,
      temporal,
      async listAssociates(organizationId, signal) {
        const { superoffice } = await connections.of(organizationId);
        if (!superoffice) return undefined;
        const associates = await listAssociates(superoffice.client, signal);
        return {
          connectionId: superoffice.connectionId,
          associates: associates.map(({ associateId, name, address, retired }) => ({
            associateId,
            name,
            address: address ?? "",
            retired,
          })),
        };
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The application is one for all users of a connection; every token is asked for with it. */
function oftenAsked(accounts: EntraAccounts): EntraAccounts {
  const ofOrganization = keptFor(keptMs, (organizationId: OrganizationId) =>
    Promise.resolve(
      keptFor(keptMs, (connectionId: ConnectionId) => accounts.application(organizationId, connectionId)),
    ),
  );
  return {
    account: (organizationId, userId) => accounts.account(organizationId, userId),
    application: async (organizationId, connectionId) =>
      await (
        await ofOrganization(organizationId)
      )(connectionId),
  };
}
