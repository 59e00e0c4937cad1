import { errorRow } from "../core/errors/table.ts";
import type { InvitationId, OrganizationId } from "../core/ids.ts";
import { isAddress } from "../core/invitation/address.ts";
import { shownCode } from "../core/invitation/code.ts";
import { isOpen, REAUTH_DAYS } from "../core/invitation/state.ts";
import type { Database, Tx } from "../db/client.ts";
import { connectionOfKind, connectionSecrets, readOrganization } from "../db/connections.ts";
import {
  createInvitation,
  dropSecrets,
  invitationTexts,
  keepSecretsOfMail,
  mintInvitationSecrets,
  openInvitation,
  prolongInvitation,
  readInvitation,
} from "../db/invitations.ts";
import {
  beginSending,
  outboxMailOfKey,
  putIntoOutbox,
  readOutboxMail,
  settleMail,
  type OutboxMail,
} from "../db/outbox.ts";
import { personOfUser } from "../db/registrations.ts";
import {
  mailConnection,
  superofficeConnection,
  type MailConnection,
  type MailSecrets,
} from "../platform/connections.ts";
import { compose, deliverMail } from "../platform/mailer.ts";
import type { Secrets } from "../platform/secret.ts";
import type { Vault } from "../platform/vault.ts";
import type { MailContent } from "../ui/email/index.ts";
import type { MailActivities, MailRequest, MailResult } from "./contract.ts";

export interface MailDependencies {
  database: Database;
  vault: Vault;
  secrets: Secrets;
  /** Without a trailing slash. */
  publicUrl: string;
}

/** Mails as activities: both may be repeated at will, and each key gives one mail. */
export function createMailActivities({
  database,
  vault,
  secrets,
  publicUrl,
}: MailDependencies): MailActivities {
  return {
    /**
     * Puts a mail into the outbox, once per user and key. A mail to sign in again gets a link of its own that is open for seven days.
     *
     * @returns the mail's id; `null` when there is nobody or nothing to mail
     */
    async queueMail(request): Promise<string | null> {
      const { organizationId, userId, kind } = request;
      return await database.inOrganization(organizationId, async (tx) => {
        const queued = await outboxMailOfKey(tx, userId, request.dedupeKey);
        if (queued) return queued;
        const person = await personOfUser(tx, userId);
        if (!person || !isAddress(person.address)) return null;
        const invitationId = await invitationFor(tx, request);
        if (invitationId === undefined) return null;
        const connection = await connectionOfKind(tx, "mail");
        const from = connection ? mailConnection.parse(connection.configuration).from : "everlink@localhost";
        return await putIntoOutbox(tx, {
          organizationId,
          userId,
          kind,
          invitationId,
          reason: request.reason,
          dedupeKey: request.dedupeKey,
          domain: from.slice(from.lastIndexOf("@") + 1),
        });
      });
    },

    /** Sends one mail of the outbox, at most once. Answers at once when its fate is known already. */
    async sendMail({ organizationId, mailId }): Promise<MailResult> {
      const prepared = await database.inOrganization(organizationId, (tx) =>
        prepare(tx, organizationId, mailId),
      );
      if ("outcome" in prepared) return prepared;
      const { mail, server, content, sender, to, hashes } = prepared;
      // What draws mails takes 30 MB: it is loaded with the first mail.
      const { renderMail } = await import("../ui/email/index.ts");
      const { subject, html, text } = await renderMail(content);
      const message = await compose({
        messageId: mail.messageId,
        from: { name: sender.name, address: server.from },
        to: { name: content.person.name, address: to },
        replyTo: sender.replyTo,
        subject,
        html,
        text,
      });
      const delivery = await deliverMail(
        server,
        { from: server.from, to },
        message,
        () => database.inOrganization(organizationId, (tx) => beginSending(tx, mailId)),
        AbortSignal.timeout(60_000),
      );
      return await database.inOrganization(organizationId, async (tx): Promise<MailResult> => {
        if (hashes.length > 0) {
          const sent = delivery.outcome === "accepted" || delivery.outcome === "uncertain";
          await (sent ? keepSecretsOfMail(tx, mailId, hashes) : dropSecrets(tx, hashes));
        }
        switch (delivery.outcome) {
          case "accepted":
            await settleMail(tx, mailId, "accepted", null);
            return { outcome: "accepted" };
          case "refused":
            await settleMail(tx, mailId, "refused", delivery.problem);
            return { outcome: "refused", problem: delivery.problem };
          case "delayed":
            await settleMail(tx, mailId, "queued", delivery.problem);
            return { outcome: "delayed", problem: delivery.problem };
          case "uncertain":
            await settleMail(tx, mailId, "uncertain", "smtp.uncertain");
            return { outcome: "uncertain", problem: "smtp.uncertain" };
          case "withdrawn":
            // Another try has it, or it was revoked in this very moment: say what is known.
            return (
              known(await readOutboxMail(tx, mailId)) ?? { outcome: "delayed", problem: "smtp.unreachable" }
            );
        }
      });
    },
  };

  /** @returns `null` for mails without a link, `undefined` when the link's request is closed */
  async function invitationFor(tx: Tx, request: MailRequest): Promise<InvitationId | null | undefined> {
    const { organizationId, userId } = request;
    if (request.kind === "invitation") {
      const invitation = request.invitationId
        ? await readInvitation(tx, request.invitationId as InvitationId)
        : await openInvitation(tx, userId, "invitation");
      return invitation && isOpen(invitation, new Date()) ? invitation.id : undefined;
    }
    if (request.kind !== "reauth") return null;
    const open = await openInvitation(tx, userId, "reauth");
    if (open) {
      await prolongInvitation(tx, open.id, REAUTH_DAYS);
      return open.id;
    }
    return await createInvitation(tx, vault, {
      organizationId,
      userId,
      actor: "everlink",
      purpose: "reauth",
      texts: null,
      days: REAUTH_DAYS,
    });
  }

  interface Prepared {
    mail: OutboxMail;
    server: MailConnection & MailSecrets;
    content: MailContent;
    sender: { name: string; replyTo: string | undefined };
    to: string;
    /** Of the link and code that were made for this try. */
    hashes: Buffer[];
  }

  /** Everything that is needed to send, with a link and a code made for this try. */
  async function prepare(
    tx: Tx,
    organizationId: OrganizationId,
    mailId: string,
  ): Promise<Prepared | MailResult> {
    const mail = await readOutboxMail(tx, mailId);
    const settled = known(mail);
    if (settled || !mail) return settled ?? { outcome: "withdrawn" };
    if (mail.state === "sending") {
      // The try before died with the content on its way.
      await settleMail(tx, mailId, "uncertain", "smtp.uncertain");
      return { outcome: "uncertain", problem: "smtp.uncertain" };
    }
    const connection = await connectionOfKind(tx, "mail");
    const organization = await readOrganization(tx);
    if (!connection || !organization) return { outcome: "delayed", problem: "smtp.unreachable" };
    const configuration = mailConnection.parse(connection.configuration);
    const connectionSecret = await connectionSecrets(tx, vault, organizationId, connection.id);
    const server = { ...configuration, password: connectionSecret.password?.reveal() };

    const person = await personOfUser(tx, mail.userId);
    if (!person || !isAddress(person.address)) {
      await settleMail(tx, mailId, "refused", "smtp.refused");
      return { outcome: "refused", problem: "smtp.refused" };
    }
    const addressed = { organization: organization.name, person };
    if (!mail.invitationId) {
      const content: MailContent = { kind: "recovery", ...addressed };
      return {
        mail,
        server,
        content,
        sender: { name: configuration.fromName, replyTo: undefined },
        to: person.address,
        hashes: [],
      };
    }

    const invitation = await readInvitation(tx, mail.invitationId);
    if (!invitation || !isOpen(invitation, new Date())) {
      await settleMail(tx, mailId, "withdrawn", null);
      return { outcome: "withdrawn" };
    }
    const texts = await invitationTexts(tx, vault, organizationId, invitation);
    const made = await mintInvitationSecrets(tx, secrets, organizationId, invitation.id, mailId);
    const sender = texts.senderName ?? configuration.fromName;
    const superoffice = await connectionOfKind(tx, "superoffice");
    const zone = superofficeConnection.safeParse(superoffice?.configuration);
    const withLink = {
      ...addressed,
      link: `${publicUrl}/register/${made.link}`,
      code: shownCode(made.code),
      codePage: `${publicUrl}/register/code`,
      expiresAt: invitation.expiresAt,
      timeZone: zone.success ? zone.data.timeZone : "UTC",
    };
    const content: MailContent =
      invitation.purpose === "reauth"
        ? {
            kind: "reauth",
            ...withLink,
            cause: mail.reason ? sentence(errorRow(mail.reason).message, person.name) : null,
          }
        : { kind: "invitation", ...withLink, sender, subject: texts.subject, message: texts.message };
    return {
      mail,
      server,
      content,
      sender: { name: sender, replyTo: texts.replyTo },
      to: person.address,
      hashes: made.hashes,
    };
  }
}

function known(mail: OutboxMail | undefined): MailResult | undefined {
  switch (mail?.state) {
    case "accepted":
    case "withdrawn":
      return { outcome: mail.state };
    case "refused":
      return { outcome: "refused", problem: mail.problem ?? "smtp.refused" };
    case "uncertain":
      return { outcome: "uncertain", problem: "smtp.uncertain" };
    case "queued":
    case "sending":
    case undefined:
      return undefined;
  }
}

function sentence(text: string, person: string): string {
  return text.replaceAll("{person}", person).replaceAll("{mailbox}", person).replaceAll("{organization}", "");
}
