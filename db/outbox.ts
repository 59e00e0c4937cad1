import { randomUUID } from "node:crypto";
import type { ErrorCode } from "../core/errors/table.ts";
import type { InvitationId, OrganizationId, UserId } from "../core/ids.ts";
import type { MailState } from "../core/invitation/state.ts";
import type { Tx } from "./client.ts";

export type OutboxKind = "invitation" | "reauth" | "recovery";

export interface OutboxMail {
  id: string;
  userId: UserId;
  kind: OutboxKind;
  invitationId: InvitationId | null;
  reason: ErrorCode | null;
  messageId: string;
  state: MailState | "withdrawn";
  problem: ErrorCode | null;
}

/**
 * Puts a mail into the outbox, once per user and dedupe key: asking again gives the mail that is there. Its Message-ID is
 * fixed now, so that a mail that was sent twice after all is recognized as one by mail programs.
 */
export async function putIntoOutbox(
  tx: Tx,
  mail: {
    organizationId: OrganizationId;
    userId: UserId;
    kind: OutboxKind;
    invitationId: InvitationId | null;
    reason: ErrorCode | null;
    dedupeKey: string;
    /** Domain of the sender's address. */
    domain: string;
  },
): Promise<string> {
  const mailId = randomUUID();
  const [row] = await tx<{ id: string }[]>`
    insert into outbox (organization_id, mail_id, user_id, kind, invitation_id, reason, dedupe_key, message_id)
    values (${mail.organizationId}, ${mailId}, ${mail.userId}, ${mail.kind}, ${mail.invitationId}, ${mail.reason},
      ${mail.dedupeKey}, ${`<${mailId}@${mail.domain}>`})
    on conflict (organization_id, user_id, dedupe_key) do update set dedupe_key = excluded.dedupe_key
    returning mail_id as id`;
  return row?.id ?? mailId;
}

export async function outboxMailOfKey(
  tx: Tx,
  userId: UserId,
  dedupeKey: string,
): Promise<string | undefined> {
  const [row] = await tx<{ id: string }[]>`
    select mail_id as id from outbox where user_id = ${userId} and dedupe_key = ${dedupeKey}`;
  return row?.id;
}

export async function readOutboxMail(tx: Tx, mailId: string): Promise<OutboxMail | undefined> {
  const [row] = await tx<OutboxMail[]>`
    select mail_id as id, user_id as "userId", kind, invitation_id as "invitationId", reason,
      message_id as "messageId", state, problem
    from outbox where mail_id = ${mailId}`;
  return row;
}

/**
 * Notes that from now on the mail may have gone out.
 *
 * @returns false when somebody else noted it first, or the mail was withdrawn: then nothing may be sent
 */
export async function beginSending(tx: Tx, mailId: string): Promise<boolean> {
  const result = await tx`
    update outbox set state = 'sending', attempts = attempts + 1, updated_at = now()
    where mail_id = ${mailId} and state = 'queued'`;
  return result.count === 1;
}

/** Notes how a try ended. A late answer of a try that was given up as uncertain still counts. */
export async function settleMail(
  tx: Tx,
  mailId: string,
  state: "queued" | "accepted" | "refused" | "uncertain" | "withdrawn",
  problem: ErrorCode | null,
): Promise<void> {
  await tx`
    update outbox set state = ${state}, problem = ${problem}, updated_at = now()
    where mail_id = ${mailId} and state in ('queued', 'sending', 'uncertain')`;
}
