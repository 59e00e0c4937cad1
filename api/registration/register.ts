import { checkIdentity, type Verdict } from "../../core/invitation/identity.ts";
import type { ErrorCode } from "../../core/errors/table.ts";
import type { CommandId } from "../../core/ids.ts";
import { recordCommand } from "../../db/commands.ts";
import { readInvitation, settleInvitations } from "../../db/invitations.ts";
import {
  mailboxOfIdentity,
  mailboxOfUser,
  saveMailbox,
  settleAttempt,
  type Attempt,
} from "../../db/registrations.ts";
import { cachePlace } from "../../platform/entra.ts";
import type { GraphAccount } from "../../platform/graph-account.ts";
import type { Secret } from "../../platform/secret.ts";
import type { RegistrationView } from "../../ui/registration/view.ts";
import type { ApiDependencies } from "../deps.ts";
import { judge, type Open } from "./invitation.ts";

export const signedInAsLabel = "registration_attempt.signed_in_as";

/**
 * Compares who signed in with who was invited and, only if they are the same, stores mailbox, permission and the
 * wish `register` in one transaction. A mismatch stores no token; the administrator sees the attempt.
 */
export async function register(
  deps: ApiDependencies,
  attempt: Attempt,
  { organizationId, organization, application }: Open,
  retry: string,
  { account, cache }: { account: GraphAccount; cache: Secret },
): Promise<RegistrationView> {
  const { database, vault } = deps;
  const { userId } = attempt;
  const owner = { organizationId, userId };
  const signedInAs = account.mail ?? account.userPrincipalName ?? account.objectId;

  const result = await database.inOrganization(organizationId, async (tx): Promise<Result> => {
    // One at a time for each user: two browsers, or a revocation in this very moment.
    await tx`select from users where user_id = ${userId} for update`;
    const invitation = await readInvitation(tx, attempt.invitationId);
    const found = await judge(tx, deps, organizationId, invitation);
    if ("view" in found || !invitation) {
      await settleAttempt(tx, attempt.id, "registration.closed");
      return { kind: "closed", view: "view" in found ? found.view : { page: "expired" } };
    }
    const pinned = await mailboxOfUser(tx, userId);
    const holder = await mailboxOfIdentity(tx, account);
    const verdict = checkIdentity(account, {
      invitedAddress: invitation.address,
      allowedTenants: [application.configuration.tenantId],
      pinned: pinned ?? null,
      taken: holder !== undefined && holder.userId !== userId,
    });
    if (!verdict.accepted) {
      const code = codes[verdict.reason];
      const seen = await vault.seal(tx, owner, signedInAsLabel, signedInAs);
      await settleAttempt(tx, attempt.id, code, seen);
      return { kind: "refused", verdict, invited: invitation.address, code };
    }

    const address = account.mail ?? account.userPrincipalName ?? invitation.address;
    const mailboxId = await saveMailbox(tx, {
      organizationId,
      userId,
      connectionId: application.connectionId,
      identity: account,
      backend: application.configuration.backend,
      name: account.displayName,
      address,
    });
    const place = cachePlace(organizationId, userId);
    await vault.replace(tx, place, cache.reveal());
    await settleInvitations(tx, userId);
    await settleAttempt(tx, attempt.id, "registered");
    const commandId = await recordCommand(tx, {
      organizationId,
      userId,
      actor: "person",
      kind: "register",
      body: { mailboxId },
    });
    return { kind: "registered", commandId, address, again: pinned !== undefined };
  });

  if (result.kind === "closed") return result.view;
  if (result.kind === "refused") {
    deps.metrics.registrations.inc({ outcome: result.code });
    return refusal(result.verdict, result.code, signedInAs, result.invited, retry);
  }
  deps.metrics.registrations.inc({ outcome: "registered" });
  await deps.deliver({ organizationId, userId, commandId: result.commandId, kind: "register" });
  return { page: "connected", organization, address: result.address, again: result.again };
}

type Result =
  | { kind: "closed"; view: RegistrationView }
  | { kind: "refused"; verdict: Refusal; invited: string; code: ErrorCode }
  | { kind: "registered"; commandId: CommandId; address: string; again: boolean };

type Refusal = Extract<Verdict, { accepted: false }>;

const codes: Record<Refusal["reason"], ErrorCode> = {
  "wrong-account": "registration.wrong-account",
  "tenant-not-allowed": "registration.tenant-not-allowed",
  guest: "registration.guest",
  taken: "registration.taken",
};

function refusal(
  verdict: Refusal,
  code: ErrorCode,
  signedInAs: string,
  invited: string,
  retry: string,
): RegistrationView {
  switch (verdict.reason) {
    case "wrong-account":
    case "tenant-not-allowed":
      return { page: "wrong-account", signedInAs, invited, retry };
    case "guest":
      return {
        page: "refused",
        message: `${signedInAs} is a guest of the Microsoft tenant. The invitation is for a member's own mailbox.`,
        next: "Nothing was stored. Sign in with the invited account, or ask whoever invited you.",
        code,
        retry,
      };
    case "taken":
      return {
        page: "refused",
        message: `The mailbox of ${signedInAs} is connected for another person already.`,
        next: "Nothing was stored. Ask whoever invited you to look at both invitations.",
        code,
        retry,
      };
  }
}
