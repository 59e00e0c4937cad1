import { randomUUID } from "node:crypto";
import type { AssociateId, InvitationId, OrganizationId, UserId } from "../core/ids.ts";
import type { InvitationFacts } from "../core/invitation/state.ts";
import type { Secrets } from "../platform/secret.ts";
import type { Vault } from "../platform/vault.ts";
import type { Tx } from "./client.ts";

export type InvitationPurpose = "invitation" | "reauth";

/** The administrator's own words; sealed with the invited user's key. */
export interface InvitationTexts {
  subject?: string | undefined;
  message?: string | undefined;
  senderName?: string | undefined;
  replyTo?: string | undefined;
}

export interface Invitation extends InvitationFacts {
  id: InvitationId;
  userId: UserId;
  associateId: AssociateId;
  purpose: InvitationPurpose;
  actor: string;
  createdAt: Date;
  /** When the mail server took the latest mail. */
  sentAt: Date | null;
  /** The person as SuperOffice has it. */
  name: string;
  address: string;
}

const textsLabel = "invitation.texts";

export async function createInvitation(
  tx: Tx,
  vault: Vault,
  invitation: {
    organizationId: OrganizationId;
    userId: UserId;
    actor: string;
    purpose: InvitationPurpose;
    texts: InvitationTexts | null;
    days: number;
  },
): Promise<InvitationId> {
  const { organizationId, userId, actor, purpose, texts, days } = invitation;
  const invitationId = randomUUID() as InvitationId;
  const sealed =
    texts && (await vault.seal(tx, { organizationId, userId }, textsLabel, JSON.stringify(texts)));
  await tx`
    insert into invitation (organization_id, invitation_id, user_id, purpose, actor, texts, expires_at)
    values (${organizationId}, ${invitationId}, ${userId}, ${purpose}, ${actor}, ${sealed},
      now() + ${days} * interval '1 day')`;
  return invitationId;
}

function select(tx: Tx) {
  return tx`
    select i.invitation_id as id, i.user_id as "userId", u.associate_id as "associateId", i.purpose, i.actor,
      i.created_at as "createdAt", i.expires_at as "expiresAt", i.started_at as "startedAt",
      i.registered_at as "registeredAt", i.revoked_at as "revokedAt",
      m.state as mail, m.sent_at as "sentAt", coalesce(d.name, '') as name, coalesce(d.address, '') as address
    from invitation i
    join users u on u.organization_id = i.organization_id and u.user_id = i.user_id
    left join directory d on d.organization_id = i.organization_id and d.kind = 'associate'
      and d.ref = u.associate_id::text
    left join lateral (
      select o.state, case when o.state = 'accepted' then o.updated_at end as sent_at from outbox o
      where o.organization_id = i.organization_id and o.invitation_id = i.invitation_id and o.state <> 'withdrawn'
      order by o.created_at desc limit 1) m on true`;
}

export async function readInvitation(tx: Tx, invitationId: InvitationId): Promise<Invitation | undefined> {
  const [row] = await tx<Invitation[]>`${select(tx)} where i.invitation_id = ${invitationId}`;
  return row;
}

/** The invitation behind a link or code; row-locked so that two sign-ins take turns. */
export async function invitationOfSecret(tx: Tx, hash: Buffer): Promise<Invitation | undefined> {
  const [row] = await tx<Invitation[]>`
    ${select(tx)}
    where i.invitation_id = (select s.invitation_id from invitation_secret s where s.hash = ${hash})`;
  return row;
}

export async function invitationsOfUser(tx: Tx, userId: UserId): Promise<Invitation[]> {
  return await tx<Invitation[]>`${select(tx)} where i.user_id = ${userId} order by i.created_at desc`;
}

/** The user's latest invitation of a purpose that is neither used, revoked nor over. */
export async function openInvitation(
  tx: Tx,
  userId: UserId,
  purpose: InvitationPurpose,
): Promise<Invitation | undefined> {
  const [row] = await tx<Invitation[]>`
    ${select(tx)}
    where i.user_id = ${userId} and i.purpose = ${purpose}
      and i.registered_at is null and i.revoked_at is null and i.expires_at > now()
    order by i.created_at desc limit 1`;
  return row;
}

export async function invitationTexts(
  tx: Tx,
  vault: Vault,
  organizationId: OrganizationId,
  invitation: Pick<Invitation, "id" | "userId">,
): Promise<InvitationTexts> {
  const [row] = await tx<{ texts: Buffer | null }[]>`
    select texts from invitation where invitation_id = ${invitation.id}`;
  if (!row?.texts) return {};
  const owner = { organizationId, userId: invitation.userId };
  return JSON.parse(await vault.open(tx, owner, textsLabel, row.texts)) as InvitationTexts;
}

/** Keeps an invitation open for at least `days` from now; it never becomes shorter. */
export async function prolongInvitation(tx: Tx, invitationId: InvitationId, days: number): Promise<void> {
  await tx`
    update invitation set expires_at = greatest(expires_at, now() + ${days} * interval '1 day')
    where invitation_id = ${invitationId}`;
}

/** How long an invitation was meant to be open. */
export function daysOf(invitation: Pick<Invitation, "createdAt" | "expiresAt">): number {
  const days = Math.round((invitation.expiresAt.getTime() - invitation.createdAt.getTime()) / 86_400_000);
  return Math.min(Math.max(days, 1), 90);
}

/**
 * Makes another link and code of an invitation; only their hashes are kept.
 *
 * @param mailId the mail that will carry them; `null` when an administrator hands them over
 */
export async function mintInvitationSecrets(
  tx: Tx,
  secrets: Secrets,
  organizationId: OrganizationId,
  invitationId: InvitationId,
  mailId: string | null,
): Promise<{ link: string; code: string; hashes: Buffer[] }> {
  const link = secrets.mint("link").reveal();
  const code = secrets.mintCode().reveal();
  const hashes = { link: secrets.hash("link", link), code: secrets.hash("code", code) };
  for (const kind of ["link", "code"] as const) {
    await tx`
      insert into invitation_secret (organization_id, hash, invitation_id, kind, mail_id)
      values (${organizationId}, ${hashes[kind]}, ${invitationId}, ${kind}, ${mailId})`;
  }
  return { link, code, hashes: [hashes.link, hashes.code] };
}

/** A mail went out (perhaps): what earlier tries of it made was never seen by anybody. */
export async function keepSecretsOfMail(tx: Tx, mailId: string, hashes: readonly Buffer[]): Promise<void> {
  await tx`delete from invitation_secret where mail_id = ${mailId} and hash not in ${tx([...hashes])}`;
}

/** A try did not go out: nobody has seen what was made for it. */
export async function dropSecrets(tx: Tx, hashes: readonly Buffer[]): Promise<void> {
  await tx`delete from invitation_secret where hash in ${tx([...hashes])}`;
}

export async function markStarted(tx: Tx, invitationId: InvitationId): Promise<void> {
  await tx`update invitation set started_at = coalesce(started_at, now()) where invitation_id = ${invitationId}`;
}

/** The person registered: every open request to this user is answered, and its links and codes are gone. */
export async function settleInvitations(tx: Tx, userId: UserId): Promise<void> {
  await tx`
    update invitation set registered_at = now()
    where user_id = ${userId} and registered_at is null and revoked_at is null`;
}

export async function revokeInvitation(tx: Tx, invitationId: InvitationId): Promise<void> {
  await tx`
    update invitation set revoked_at = now()
    where invitation_id = ${invitationId} and revoked_at is null and registered_at is null`;
  await tx`
    update outbox set state = 'withdrawn', updated_at = now()
    where invitation_id = ${invitationId} and state = 'queued'`;
}

/** For lists: the latest invitation (not re-authentication) of each user. */
export async function latestInvitations(
  tx: Tx,
  userIds: readonly UserId[],
): Promise<Map<UserId, Invitation>> {
  if (userIds.length === 0) return new Map();
  const rows = await tx<Invitation[]>`
    select distinct on (x."userId") x.* from (${select(tx)}
      where i.user_id in ${tx(userIds)} and i.purpose = 'invitation') x
    order by x."userId", x."createdAt" desc`;
  return new Map(rows.map((row) => [row.userId, row]));
}
