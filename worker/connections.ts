import type { ConnectionId, OrganizationId } from "../core/ids.ts";
import { Failure } from "../core/errors/failure.ts";
import { createSuperOfficeClient, type SuperOfficeClient } from "../connectors/superoffice/client.ts";
import { readLists, type Lists } from "../connectors/superoffice/lists.ts";
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

export interface SuperOffice {
  connectionId: ConnectionId;
  client: SuperOfficeClient;
  timeZone: string;
  /** The tenant's lists, as they were some minutes ago at most. */
  lists(signal: AbortSignal): Promise<Lists>;
}

export interface OrganizationConnections {
  /** `undefined` while there is none. */
  superoffice: SuperOffice | undefined;
  microsoft: MicrosoftConnection | undefined;
}

/** The tenant's administrators edit its lists a few times a year. */
const listsKeptMs = 600_000;
/** A changed connection or a new secret is in use after this time at the latest. */
const keptMs = 30_000;

/**
 * The connections of each organization, opened once for many users: SuperOffice tickets are per tenant, and reading
 * and decrypting the same secrets in every cycle would cost more than an idle cycle.
 */
export function createConnections(database: Database, vault: Vault) {
  const tickets = createTicketCache();
  const keptLists = new Map<ConnectionId, { until: number; lists: Lists }>();
  const kept = new Map<OrganizationId, { until: number; opened: Promise<OrganizationConnections> }>();

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
        const lists = (signal: AbortSignal) => listsOf(superoffice.id, client, signal);
        return { connectionId: superoffice.id, client, timeZone, lists };
      }
    });
  }

  async function listsOf(id: ConnectionId, client: SuperOfficeClient, signal: AbortSignal): Promise<Lists> {
    const present = keptLists.get(id);
    if (present && present.until > Date.now()) return present.lists;
    const lists = await readLists(client, signal);
    keptLists.set(id, { until: Date.now() + listsKeptMs, lists });
    return lists;
  }

  return {
    async of(organizationId: OrganizationId): Promise<OrganizationConnections> {
      const present = kept.get(organizationId);
      if (present && present.until > Date.now()) return await present.opened;
      const opened = open(organizationId);
      kept.set(organizationId, { until: Date.now() + keptMs, opened });
      opened.catch(() => kept.delete(organizationId));
      return await opened;
    },

    /** @throws Failure `superoffice.not-connected` */
    async superoffice(organizationId: OrganizationId): Promise<SuperOffice> {
      const { superoffice } = await this.of(organizationId);
      if (!superoffice) throw new Failure("superoffice.not-connected");
      return superoffice;
    },

    /** @throws Failure `microsoft.not-connected` */
    async microsoft(organizationId: OrganizationId): Promise<MicrosoftConnection> {
      const { microsoft } = await this.of(organizationId);
      if (!microsoft) throw new Failure("microsoft.not-connected");
      return microsoft;
    },
  };
}

export type Connections = ReturnType<typeof createConnections>;
