import { randomUUID } from "node:crypto";
import type { OrganizationId } from "../core/ids.ts";
import type { Secret, SecretKind, Secrets } from "../platform/secret.ts";
import type { Database, Tx } from "./client.ts";

export type Role = "owner" | "administrator" | "helpdesk" | "auditor";

/** One-time console links live 15 minutes (design §4). */
const consoleLinkMinutes = 15;
/** A session ends after this many hours in any case … */
const sessionHours = 12;
/** … and after this many minutes without a request. */
const sessionIdleMinutes = 60;

/** Finds the organization that a secret from outside belongs to; nothing else about it. */
export async function organizationOfSecret(
  database: Database,
  kind: SecretKind,
  hash: Buffer,
): Promise<OrganizationId | undefined> {
  const [row] = await database.sql<{ id: OrganizationId | null }[]>`
    select organization_of_secret(${kind}, ${hash}) as id`;
  return row?.id ?? undefined;
}

/**
 * Makes a one-time link that signs in to the console. The token stands in the fragment, so it reaches no log and
 * no mail scanner.
 */
export async function createConsoleLink(
  database: Database,
  secrets: Secrets,
  options: { organizationId: OrganizationId; publicUrl: string; role?: Role },
): Promise<{ url: string; expiresAt: Date }> {
  const token = secrets.mint("console-link");
  const { organizationId } = options;
  const expiresAt = await database.inOrganization(organizationId, async (tx) => {
    await tx`delete from console_link where expires_at < now()`;
    const [row] = await tx<{ at: Date }[]>`
      insert into console_link (organization_id, hash, role, administrator_id, expires_at)
      values (${organizationId}, ${secrets.hash("console-link", token.reveal())}, ${options.role ?? "owner"},
        ${randomUUID()}, now() + ${consoleLinkMinutes} * interval '1 minute')
      returning expires_at as at`;
    await writeAudit(tx, organizationId, "operator", "console-link.create", "organization", {
      role: options.role ?? "owner",
    });
    return row?.at ?? new Date();
  });
  return { url: `${options.publicUrl}/#sign-in=${token.reveal()}`, expiresAt };
}

/** What a caller is, once its session or token was found in force. */
export interface Caller {
  organizationId: OrganizationId;
  role: Role;
  /** `administrator:<uuid>` or `token:<uuid>`: what audit rows and commands name. */
  actor: string;
  via: "session" | "token";
  expiresAt: Date | null;
}

/**
 * Spends a console link and begins a session under a new, unguessable name.
 *
 * @returns `undefined` when the link is unknown, spent or expired
 */
export async function exchangeConsoleLink(
  database: Database,
  secrets: Secrets,
  token: string,
): Promise<{ session: Secret; caller: Caller } | undefined> {
  const hash = secrets.hash("console-link", token);
  const organizationId = await organizationOfSecret(database, "console-link", hash);
  if (!organizationId) return undefined;
  return await database.inOrganization(organizationId, async (tx) => {
    const [link] = await tx<{ role: Role; administratorId: string }[]>`
      update console_link set used_at = now()
      where hash = ${hash} and used_at is null and expires_at > now()
      returning role, administrator_id as "administratorId"`;
    if (!link) return undefined;
    const session = secrets.mint("session");
    const actor = `administrator:${link.administratorId}`;
    await tx`delete from session where expires_at < now()`;
    const [row] = await tx<{ at: Date }[]>`
      insert into session (organization_id, hash, role, administrator_id, expires_at)
      values (${organizationId}, ${secrets.hash("session", session.reveal())}, ${link.role},
        ${link.administratorId}, now() + ${sessionHours} * interval '1 hour')
      returning expires_at as at`;
    await writeAudit(tx, organizationId, actor, "session.begin", "session", {});
    return {
      session,
      caller: { organizationId, role: link.role, actor, via: "session" as const, expiresAt: row?.at ?? null },
    };
  });
}

/** @returns `undefined` when the session is unknown, over or was idle too long */
export async function callerOfSession(
  database: Database,
  secrets: Secrets,
  token: string,
): Promise<Caller | undefined> {
  const hash = secrets.hash("session", token);
  const organizationId = await organizationOfSecret(database, "session", hash);
  if (!organizationId) return undefined;
  return await database.inOrganization(organizationId, async (tx) => {
    const [row] = await tx<{ role: Role; administratorId: string; expiresAt: Date; stale: boolean }[]>`
      select role, administrator_id as "administratorId", expires_at as "expiresAt",
        seen_at < now() - interval '1 minute' as stale
      from session where hash = ${hash} and expires_at > now()
        and seen_at > now() - ${sessionIdleMinutes} * interval '1 minute'`;
    if (!row) return undefined;
    if (row.stale) await tx`update session set seen_at = now() where hash = ${hash}`;
    return {
      organizationId,
      role: row.role,
      actor: `administrator:${row.administratorId}`,
      via: "session" as const,
      expiresAt: row.expiresAt,
    };
  });
}

export async function endSession(
  database: Database,
  secrets: Secrets,
  organizationId: OrganizationId,
  token: string,
): Promise<void> {
  await database.inOrganization(
    organizationId,
    (tx) => tx`delete from session where hash = ${secrets.hash("session", token)}`,
  );
}

export interface ApiTokenRow {
  id: string;
  name: string;
  role: Role;
  createdBy: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  expiresAt: Date | null;
}

/** Makes an API token; it can be shown this once only. */
export async function createApiToken(
  database: Database,
  secrets: Secrets,
  options: {
    organizationId: OrganizationId;
    name: string;
    role: Role;
    createdBy: string;
    expiresInDays?: number | undefined;
  },
): Promise<ApiTokenRow & { token: Secret }> {
  const token = secrets.mint("token");
  const { organizationId, name, role, createdBy } = options;
  const row = await database.inOrganization(organizationId, async (tx) => {
    const [made] = await tx<ApiTokenRow[]>`
      insert into api_token (organization_id, token_id, hash, name, role, created_by, expires_at)
      values (${organizationId}, ${randomUUID()}, ${secrets.hash("token", token.reveal())}, ${name}, ${role},
        ${createdBy}, now() + ${options.expiresInDays ?? null}::integer * interval '1 day')
      returning ${tokenColumns(tx)}`;
    if (!made) throw new Error("the token was not stored");
    await writeAudit(tx, organizationId, createdBy, "token.create", `token:${made.id}`, { role });
    return made;
  });
  return { ...row, token };
}

export async function callerOfToken(
  database: Database,
  secrets: Secrets,
  token: string,
): Promise<Caller | undefined> {
  const hash = secrets.hash("token", token);
  const organizationId = await organizationOfSecret(database, "token", hash);
  if (!organizationId) return undefined;
  return await database.inOrganization(organizationId, async (tx) => {
    const [row] = await tx<{ id: string; role: Role; expiresAt: Date | null; stale: boolean }[]>`
      select token_id as id, role, expires_at as "expiresAt",
        last_used_at is null or last_used_at < now() - interval '1 minute' as stale
      from api_token
      where hash = ${hash} and revoked_at is null and (expires_at is null or expires_at > now())`;
    if (!row) return undefined;
    if (row.stale) await tx`update api_token set last_used_at = now() where hash = ${hash}`;
    return {
      organizationId,
      role: row.role,
      actor: `token:${row.id}`,
      via: "token" as const,
      expiresAt: row.expiresAt,
    };
  });
}

export async function listApiTokens(tx: Tx): Promise<ApiTokenRow[]> {
  return await tx<ApiTokenRow[]>`
    select ${tokenColumns(tx)} from api_token
    where revoked_at is null and (expires_at is null or expires_at > now())
    order by created_at desc, token_id`;
}

/** @returns false when there is no such token in force */
export async function revokeApiToken(
  tx: Tx,
  organizationId: OrganizationId,
  tokenId: string,
  actor: string,
): Promise<boolean> {
  const result = await tx`
    update api_token set revoked_at = now() where token_id = ${tokenId} and revoked_at is null`;
  if (result.count === 0) return false;
  await writeAudit(tx, organizationId, actor, "token.revoke", `token:${tokenId}`, {});
  return true;
}

/** Who did what: ids and codes only. */
export async function writeAudit(
  tx: Tx,
  organizationId: OrganizationId,
  actor: string,
  action: string,
  subject: string,
  detail: Record<string, string | number | boolean>,
): Promise<void> {
  await tx`
    insert into audit (organization_id, actor, action, subject, detail)
    values (${organizationId}, ${actor}, ${action}, ${subject}, ${tx.json(detail)})`;
}

function tokenColumns(tx: Tx) {
  return tx`token_id as id, name, role, created_by as "createdBy", created_at as "createdAt",
    last_used_at as "lastUsedAt", expires_at as "expiresAt"`;
}
