import { randomUUID } from "node:crypto";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { z } from "zod";
import type { AssociateId, InvitationId, OrganizationId, UserId } from "../../core/ids.ts";
import { isAddress } from "../../core/invitation/address.ts";
import { shownCode } from "../../core/invitation/code.ts";
import { INVITATION_DAYS, isOpen } from "../../core/invitation/state.ts";
import { allowed } from "../../core/lifecycle/index.ts";
import { writeAudit } from "../../db/access.ts";
import type { Tx } from "../../db/client.ts";
import { recordCommand } from "../../db/commands.ts";
import {
  createInvitation,
  daysOf,
  mintInvitationSecrets,
  prolongInvitation,
  readInvitation,
  revokeInvitation as revoke,
  type Invitation,
  type InvitationTexts,
} from "../../db/invitations.ts";
import { beginLife, loadState } from "../../db/lifecycle.ts";
import { admitAssociate } from "../../db/erasure.ts";
import { associateToInvite, createUser, hasPendingInvite, wasErased } from "../../db/users.ts";
import {
  invite,
  type InviteBody,
  type InviteResult,
  mintInvitationLink,
  resendInvitation,
  revokeInvitation,
} from "../contract/invitations.ts";
import type { ApiDependencies } from "../deps.ts";
import { ApiProblem, notFound, type ProblemCode } from "../problems.ts";

type Result = z.infer<typeof InviteResult>;
type Body = z.infer<typeof InviteBody>;

/** So many people are invited by one transaction; the others wait for theirs. */
const batch = 100;

export function invitationRoutes(app: OpenAPIHono, deps: ApiDependencies): void {
  const { database, vault, secrets } = deps;

  app.openapi(invite, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const body = c.req.valid("json");
    const associateIds = [...new Set(body.associateIds)] as AssociateId[];
    const results: Result[] = [];
    for (let from = 0; from < associateIds.length; from += batch) {
      const invited = await database.inOrganization(organizationId, async (tx) => {
        const made: Result[] = [];
        for (const associateId of associateIds.slice(from, from + batch)) {
          made.push(await inviteOne(tx, organizationId, associateId, actor, body));
        }
        return made;
      });
      await Promise.all(
        invited.flatMap(({ userId, commandId }) =>
          userId && commandId ? [deliver(organizationId, userId, commandId, "invite")] : [],
        ),
      );
      results.push(...invited);
    }
    const refused = results.filter((result) => result.problem);
    if (refused.some((result) => result.problem?.code === "invitation.erased")) {
      await deps.requestAssociates(organizationId);
    }
    const [only] = refused;
    if (results.length === 1 && only?.problem) {
      throw new ApiProblem(only.problem.code as ProblemCode, `${only.problem.message} ${only.problem.next}`);
    }
    return c.json({ invited: results.length - refused.length, refused: refused.length, results }, 200);
  });

  async function inviteOne(
    tx: Tx,
    organizationId: OrganizationId,
    associateId: AssociateId,
    actor: string,
    body: Body,
  ): Promise<Result> {
    const refuse = (code: ProblemCode, message: string, next: string): Result => ({
      associateId,
      outcome: "refused",
      userId: null,
      invitationId: null,
      commandId: null,
      problem: { code, message, next },
    });
    const associate = await associateToInvite(tx, associateId);
    if (!associate && (await wasErased(tx, associateId))) {
      await admitAssociate(tx, associateId);
      const next = "Invite once more in a minute.";
      return refuse(
        "invitation.erased",
        "This person was erased; the name is fetched from SuperOffice again.",
        next,
      );
    }
    if (!associate) {
      return refuse(
        "request.not-found",
        `No associate has the number ${associateId}.`,
        "Refresh the associates.",
      );
    }
    if (associate.retired) {
      return refuse(
        "invitation.retired",
        "No longer active in SuperOffice.",
        "Activate the user there first.",
      );
    }
    if (!isAddress(associate.address)) {
      const message =
        associate.address === ""
          ? "No mail address in SuperOffice."
          : "Malformed mail address in SuperOffice.";
      return refuse("invitation.no-address", message, "Correct it there and refresh the associates.");
    }
    const userId = associate.userId ?? (randomUUID() as UserId);
    if (associate.userId) {
      const stored = await loadState(tx, userId);
      const verdict = stored && allowed(stored.state, "invite");
      if (verdict && !verdict.allowed) {
        return refuse("invitation.exists", verdict.reason, "To mail a new link, use resend.");
      }
    } else {
      await createUser(tx, { organizationId, userId, associateId });
      await beginLife(tx, organizationId, userId);
    }
    // Recorded and not yet carried out: the state does not know of it, the command does.
    if (await hasPendingInvite(tx, userId)) {
      return refuse("invitation.exists", "Already invited.", "To mail a new link, use resend.");
    }
    const { subject, message, senderName, replyTo } = body;
    const texts: InvitationTexts = { subject, message, senderName, replyTo };
    const invitationId = await createInvitation(tx, vault, {
      organizationId,
      userId,
      actor,
      purpose: "invitation",
      texts,
      days: body.expiresInDays ?? INVITATION_DAYS,
    });
    const commandId = await recordCommand(tx, {
      organizationId,
      userId,
      actor,
      kind: "invite",
      body: { invitationId },
    });
    return { associateId, outcome: "invited", userId, invitationId, commandId, problem: null };
  }

  app.openapi(resendInvitation, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const invitationId = c.req.valid("param").invitationId as InvitationId;
    const recorded = await database.inOrganization(organizationId, async (tx) => {
      const invitation = await openOrRefuse(tx, invitationId, "resend");
      await prolongInvitation(tx, invitationId, daysOf(invitation));
      const body = { invitationId };
      const { userId } = invitation;
      return {
        userId,
        commandId: await recordCommand(tx, { organizationId, userId, actor, kind: "resend", body }),
      };
    });
    await deliver(organizationId, recorded.userId, recorded.commandId, "resend");
    return c.json(recorded, 202);
  });

  app.openapi(revokeInvitation, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const invitationId = c.req.valid("param").invitationId as InvitationId;
    const recorded = await database.inOrganization(organizationId, async (tx) => {
      const { userId } = await openOrRefuse(tx, invitationId, "revoke");
      await revoke(tx, invitationId);
      const body = { invitationId };
      return {
        userId,
        commandId: await recordCommand(tx, { organizationId, userId, actor, kind: "revoke", body }),
      };
    });
    await deliver(organizationId, recorded.userId, recorded.commandId, "revoke");
    return c.json(recorded, 202);
  });

  app.openapi(mintInvitationLink, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const invitationId = c.req.valid("param").invitationId as InvitationId;
    const minted = await database.inOrganization(organizationId, async (tx) => {
      const invitation = await openOrRefuse(tx, invitationId, null);
      const { link, code } = await mintInvitationSecrets(tx, secrets, organizationId, invitationId, null);
      await writeAudit(tx, organizationId, actor, "invitation.copy-link", `invitation:${invitationId}`, {});
      return {
        link: `${deps.publicUrl}/register/${link}`,
        code: shownCode(code),
        expiresAt: invitation.expiresAt.toISOString(),
      };
    });
    return c.json(minted, 201);
  });

  async function deliver(
    organizationId: OrganizationId,
    userId: string,
    commandId: string,
    kind: "invite" | "resend" | "revoke",
  ): Promise<void> {
    await deps.deliver({ organizationId, userId, commandId, kind } as Parameters<typeof deps.deliver>[0]);
  }
}

/** @throws ApiProblem 404 when unknown, 409 when the invitation is over or the state forbids it */
async function openOrRefuse(
  tx: Tx,
  invitationId: InvitationId,
  kind: "resend" | "revoke" | null,
): Promise<Invitation> {
  const invitation = await readInvitation(tx, invitationId);
  const stored = invitation && (await loadState(tx, invitation.userId));
  if (!invitation || !stored) throw notFound("invitation");
  const verdict = kind && invitation.purpose === "invitation" ? allowed(stored.state, kind) : undefined;
  const open = isOpen(invitation, new Date());
  // An invitation whose command is still on its way is open though the state does not know it yet.
  if (
    verdict &&
    !verdict.allowed &&
    !(open && stored.state.invitation === null && stored.state.stage === "invited")
  ) {
    throw new ApiProblem("request.conflict", verdict.reason);
  }
  if (!open) throw new ApiProblem("request.conflict", "This invitation is over. Invite again.");
  return invitation;
}
