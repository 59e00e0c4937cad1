import { randomUUID } from "node:crypto";
import type { ConnectionId, OrganizationId } from "../core/ids.ts";
import type { ConnectionEntry, ConnectionKind, ConnectionsFile } from "../platform/connections.ts";
import type { Secret } from "../platform/secret.ts";
import type { Vault } from "../platform/vault.ts";
import type { Database, Tx } from "./client.ts";

export interface ConnectionRow {
  id: ConnectionId;
  kind: ConnectionKind;
  /** As saved; parse it with the schema of its kind. */
  configuration: Record<string, unknown>;
  createdAt: Date;
}

/** Makes the organization when there is none of this slug. @returns its id */
export async function ensureOrganization(
  database: Database,
  { slug, name }: { slug: string; name: string },
): Promise<OrganizationId> {
  const existing = await organizationBySlug(database, slug);
  if (existing) return existing;
  const organizationId = randomUUID() as OrganizationId;
  await database.inOrganization(
    organizationId,
    (tx) => tx`insert into organization ${tx({ organization_id: organizationId, slug, name })}`,
  );
  return organizationId;
}

export async function organizationBySlug(
  database: Database,
  slug: string,
): Promise<OrganizationId | undefined> {
  for (const id of await database.organizationIds()) {
    const organization = await database.inOrganization(id, (tx) => readOrganization(tx));
    if (organization?.slug === slug) return id;
  }
  return undefined;
}

export interface OrganizationRow {
  id: OrganizationId;
  slug: string;
  name: string;
  settings: Record<string, unknown>;
}

/** The organization of this transaction. */
export async function readOrganization(tx: Tx): Promise<OrganizationRow | undefined> {
  const [row] = await tx<OrganizationRow[]>`
    select organization_id as id, slug, name, settings from organization`;
  return row;
}

/**
 * Saves what `everlink connect --file` or the wizard gave: addresses in the table, secrets in the vault. One
 * connection per kind; saving again replaces its configuration and the secrets that are named.
 */
export async function saveConnections(
  database: Database,
  vault: Vault,
  file: ConnectionsFile,
): Promise<{ organizationId: OrganizationId; connections: Record<string, ConnectionId> }> {
  const organizationId = await ensureOrganization(database, file.organization);
  const connections = await database.inOrganization(organizationId, async (tx) => {
    const saved: Record<string, ConnectionId> = {};
    for (const entry of file.connections)
      saved[entry.kind] = await saveConnection(tx, vault, organizationId, entry);
    return saved;
  });
  return { organizationId, connections };
}

async function saveConnection(
  tx: Tx,
  vault: Vault,
  organizationId: OrganizationId,
  { kind, configuration, secrets }: ConnectionEntry,
): Promise<ConnectionId> {
  const existing = await connectionOfKind(tx, kind);
  const connectionId = existing?.id ?? (randomUUID() as ConnectionId);
  await tx`
    insert into connection (organization_id, connection_id, kind, configuration)
    values (${organizationId}, ${connectionId}, ${kind}, ${tx.json(configuration)})
    on conflict (organization_id, connection_id) do update set configuration = excluded.configuration`;
  for (const [name, value] of Object.entries(secrets)) {
    if (value === undefined) continue;
    const place = {
      organizationId,
      userId: null,
      purpose: "connection",
      id: `${connectionId}/${name}`,
    } as const;
    await vault.replace(tx, place, value);
  }
  return connectionId;
}

export async function listConnections(tx: Tx): Promise<ConnectionRow[]> {
  return await tx<ConnectionRow[]>`
    select connection_id as id, kind, configuration, created_at as "createdAt" from connection
    order by created_at, connection_id`;
}

/** The oldest connection of a kind: an organization has one SuperOffice, one mail server and (for now) one Microsoft. */
export async function connectionOfKind(tx: Tx, kind: ConnectionKind): Promise<ConnectionRow | undefined> {
  const [row] = await tx<ConnectionRow[]>`
    select connection_id as id, kind, configuration, created_at as "createdAt" from connection
    where kind = ${kind} order by created_at, connection_id limit 1`;
  return row;
}

export async function connectionById(tx: Tx, connectionId: ConnectionId): Promise<ConnectionRow | undefined> {
  const [row] = await tx<ConnectionRow[]>`
    select connection_id as id, kind, configuration, created_at as "createdAt" from connection
    where connection_id = ${connectionId}`;
  return row;
}

/** The connection's secrets by name, opened. */
export async function connectionSecrets(
  tx: Tx,
  vault: Vault,
  organizationId: OrganizationId,
  connectionId: ConnectionId,
): Promise<Record<string, Secret>> {
  const owner = { organizationId, userId: null };
  const prefix = `${connectionId}/`;
  const secrets: Record<string, Secret> = {};
  for (const id of await vault.entryIds(tx, owner, "connection")) {
    if (!id.startsWith(prefix)) continue;
    const entry = await vault.read(tx, { ...owner, purpose: "connection", id });
    if (entry) secrets[id.slice(prefix.length)] = entry.value;
  }
  return secrets;
}

/** Which secrets the vault holds, by connection; the names only. */
export async function connectionSecretNames(
  tx: Tx,
  vault: Vault,
  organizationId: OrganizationId,
): Promise<Map<ConnectionId, string[]>> {
  const names = new Map<ConnectionId, string[]>();
  for (const id of await vault.entryIds(tx, { organizationId, userId: null }, "connection")) {
    const [connectionId, name] = id.split("/") as [ConnectionId, string];
    names.set(connectionId, [...(names.get(connectionId) ?? []), name]);
  }
  return names;
}
