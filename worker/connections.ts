import type { ConnectionId, OrganizationId } from "../core/ids.ts";
import { Failure } from "../core/errors/failure.ts";
import { createSuperOfficeClient, type SuperOfficeClient } from "../connectors/superoffice/client.ts";
import { readLists } from "../connectors/superoffice/lists.ts";
import { createTicketCache } from "../connectors/superoffice/ticket-cache.ts";
import type { Database } from "../db/client.ts";
import { connectionOfKind, connectionSecrets } from "../db/connections.ts";
import {
  microsoftConnection,
  superofficeConnection,
  superofficeSecrets,
  type MicrosoftConnection,
} from "../platform/connections.ts";
import type { Vault } from "../platform/vault.ts";
import { keptFor } from "./kept.ts";

export interface SuperOffice {
  connectionId: ConnectionId;
  client: SuperOfficeClient;
  timeZone: string;
}

export interface OrganizationConnections {
  /** `undefined` while there is none. */
  superoffice: SuperOffice | undefined;
  microsoft: MicrosoftConnection | undefined;
}

const listsMs = 60_000;
/** A changed connection or a new secret is in use after this time at the latest. */
export const keptMs = 30_000;

/**
 * The connections of each organization, opened once for many users: SuperOffice tickets are per tenant, and reading
 * and decrypting the same secrets in every cycle would cost more than an idle cycle.
 */
export function createConnections(database: Database, vault: Vault) {
  const tickets = createTicketCache();
  const opened = keptFor(keptMs, open);
  /** Asked for on behalf of many users: nobody's slice ends the reading. */
  const lists = keptFor(keptMs, async (organizationId: OrganizationId) =>
    readLists((await superofficeOf(organizationId)).client, AbortSignal.timeout(listsMs)),
  );

  async function open(organizationId: OrganizationId): Promise<OrganizationConnections> {
    return await database.inOrganization(organizationId, async (tx) => {
      const microsoft = await connectionOfKind(tx, "microsoft");
      const superoffice = await connectionOfKind(tx, "superoffice");
      return {
        microsoft: microsoft && microsoftConnection.parse(microsoft.configuration),
        superoffice: superoffice && (await openSuperOffice()),
      };

      async function openSuperOffice(): Promise<SuperOffice | undefined> {
        if (!superoffice) return undefined;
        const { tenant, loginUrl, baseUrl, timeZone } = superofficeConnection.parse(
          superoffice.configuration,
        );
        const stored = await connectionSecrets(tx, vault, organizationId, superoffice.id);
        const secrets = superofficeSecrets.parse(
          Object.fromEntries(Object.entries(stored).map(([name, secret]) => [name, secret.reveal()])),
        );
        const client = createSuperOfficeClient({ tenant, loginUrl, baseUrl, secrets, ticketCache: tickets });
        return { connectionId: superoffice.id, client, timeZone };
      }
    });
  }

  async function superofficeOf(organizationId: OrganizationId): Promise<SuperOffice> {
    const { superoffice } = await opened(organizationId);
    if (!superoffice) throw new Failure("superoffice.not-connected");
    return superoffice;
  }

  return {
    of: opened,

    /** @throws Failure `superoffice.not-connected` */
    superoffice: superofficeOf,

    /** The lists of the organization's SuperOffice. @throws Failure `superoffice.not-connected`, and those of reading them */
    lists,

    /** @throws Failure `microsoft.not-connected` */
    async microsoft(organizationId: OrganizationId): Promise<MicrosoftConnection> {
      const { microsoft } = await opened(organizationId);
      if (!microsoft) throw new Failure("microsoft.not-connected");
      return microsoft;
    },
  };
}

export type Connections = ReturnType<typeof createConnections>;
