import { randomUUID } from "node:crypto";
import type {
  AssociateId,
  ConnectionId,
  InvitationId,
  MailboxId,
  OrganizationId,
  UserId,
} from "../core/ids.ts";
import type { Identity } from "../core/invitation/identity.ts";
import type { EntraAccounts, StoredApplication } from "../platform/entra.ts";
import type { Vault } from "../platform/vault.ts";
import type { Database, Tx } from "./client.ts";
import { connectionById, connectionSecrets } from "./connections.ts";
import { saveDirectoryEntry } from "./directory.ts";

/** A user as SuperOffice names them. */
export async function personOfUser(
  tx: Tx,
  userId: UserId,
): Promise<{ associateId: AssociateId; name: string; address: string } | undefined> {
  const [row] = await tx<{ associateId: AssociateId; name: string; address: string }[]>`
    select u.associate_id as "associateId", coalesce(d.name, '') as name, coalesce(d.address, '') as address
    from users u
    left join directory d on d.organization_id = u.organization_id and d.kind = 'associate'
      and d.ref = u.associate_id::text
    where u.user_id = ${userId}`;
  return row;
}

export interface Attempt {
  id: string;
  invitationId: InvitationId;
  userId: UserId;
  browserHash: Buffer;
  /** Nonce and PKCE verifier. */
  sealed: Buffer;
  expiresAt: Date;
  finishedAt: Date | null;
  outcome: string | null;
}

/** Remembers a sign-in that begins, for as long as somebody may take to come back. */
export async function beginAttempt(
  tx: Tx,
  attempt: {
    organizationId: OrganizationId;
    invitationId: InvitationId;
    userId: UserId;
    stateHash: Buffer;
    browserHash: Buffer;
    sealed: Buffer;
    minutes: number;
  },
): Promise<void> {
  await tx`
    insert into registration_attempt (organization_id, attempt_id, invitation_id, user_id, state_hash, browser_hash,
      sealed, expires_at)
    values (${attempt.organizationId}, ${randomUUID()}, ${attempt.invitationId}, ${attempt.userId},
      ${attempt.stateHash}, ${attempt.browserHash}, ${attempt.sealed},
      now() + ${attempt.minutes} * interval '1 minute')`;
}

export async function attemptOfState(tx: Tx, stateHash: Buffer): Promise<Attempt | undefined> {
  const [row] = await tx<Attempt[]>`
    select attempt_id as id, invitation_id as "invitationId", user_id as "userId", browser_hash as "browserHash",
      sealed, expires_at as "expiresAt", finished_at as "finishedAt", outcome
    from registration_attempt where state_hash = ${stateHash}`;
  return row;
}

/**
 * Takes the one right to redeem this attempt's code.
 *
 * @returns false when it was taken before: the callback is a replay, or a double click
 */
export async function claimAttempt(tx: Tx, attemptId: string): Promise<boolean> {
  const result = await tx`
    update registration_attempt set finished_at = now()
    where attempt_id = ${attemptId} and finished_at is null and expires_at > now()`;
  return result.count === 1;
}

export async function settleAttempt(
  tx: Tx,
  attemptId: string,
  outcome: string,
  signedInAs: Buffer | null = null,
): Promise<void> {
  await tx`
    update registration_attempt set outcome = ${outcome}, signed_in_as = ${signedInAs},
      finished_at = coalesce(finished_at, now()), sealed = ''::bytea
    where attempt_id = ${attemptId}`;
}

/** Attempts that stored nothing, latest first; those never finished are left out. */
export async function attemptsOfUser(
  tx: Tx,
  userId: UserId,
): Promise<{ id: string; at: Date; outcome: string; signedInAs: Buffer | null }[]> {
  return await tx`
    select attempt_id as id, finished_at as at, outcome, signed_in_as as "signedInAs"
    from registration_attempt where user_id = ${userId} and outcome <> 'registered'
    order by finished_at desc limit 20`;
}

export interface RegisteredMailbox extends Identity {
  id: MailboxId;
  userId: UserId;
  connectionId: ConnectionId;
}

export async function mailboxOfUser(tx: Tx, userId: UserId): Promise<RegisteredMailbox | undefined> {
  const [row] = await tx<RegisteredMailbox[]>`
    select mailbox_id as id, user_id as "userId", connection_id as "connectionId", tenant_id as "tenantId",
      object_id as "objectId"
    from mailbox where user_id = ${userId} order by registered_at desc limit 1`;
  return row;
}

/** Whose mailbox this account is already. */
export async function mailboxOfIdentity(tx: Tx, identity: Identity): Promise<RegisteredMailbox | undefined> {
  const [row] = await tx<RegisteredMailbox[]>`
    select mailbox_id as id, user_id as "userId", connection_id as "connectionId", tenant_id as "tenantId",
      object_id as "objectId"
    from mailbox where tenant_id = ${identity.tenantId} and object_id = ${identity.objectId}`;
  return row;
}

/** Who registered a mailbox; `undefined` when nobody did. */
export async function mailboxHolder(tx: Tx, mailboxId: string): Promise<UserId | undefined> {
  const [row] = await tx<{ userId: UserId }[]>`
    select user_id as "userId" from mailbox where mailbox_id = ${mailboxId}`;
  return row?.userId;
}

/** Pins the account to the user, or finds it pinned; its name and address go into the directory. */
export async function saveMailbox(
  tx: Tx,
  mailbox: {
    organizationId: OrganizationId;
    userId: UserId;
    connectionId: ConnectionId;
    identity: Identity;
    backend: "ews" | "graph";
    name: string;
    address: string;
  },
): Promise<MailboxId> {
  const { organizationId, identity } = mailbox;
  const [row] = await tx<{ id: MailboxId }[]>`
    insert into mailbox (organization_id, mailbox_id, user_id, connection_id, tenant_id, object_id, backend)
    values (${organizationId}, ${randomUUID()}, ${mailbox.userId}, ${mailbox.connectionId}, ${identity.tenantId},
      ${identity.objectId}, ${mailbox.backend})
    on conflict (organization_id, tenant_id, object_id) do update set registered_at = now()
    returning mailbox_id as id`;
  if (!row) throw new Error("the mailbox was not stored");
  const { name, address } = mailbox;
  await saveDirectoryEntry(tx, organizationId, { kind: "mailbox", ref: row.id, name, address });
  return row.id;
}

/** The Microsoft application of a connection, with its secrets opened. */
export async function storedApplication(
  tx: Tx,
  vault: Vault,
  organizationId: OrganizationId,
  connectionId: ConnectionId,
): Promise<StoredApplication> {
  const connection = await connectionById(tx, connectionId);
  const secrets = await connectionSecrets(tx, vault, organizationId, connectionId);
  return { connectionId, configuration: connection?.configuration, secrets };
}

/** What `platform/entra.ts` needs to know of users and connections. */
export function entraAccounts(database: Database, vault: Vault): EntraAccounts {
  return {
    account: (organizationId, userId) =>
      database.inOrganization(organizationId, (tx) => mailboxOfUser(tx, userId)),
    application: (organizationId, connectionId) =>
      database.inOrganization(organizationId, (tx) =>
        storedApplication(tx, vault, organizationId, connectionId),
      ),
  };
}
