import type { OrganizationId } from "../../core/ids.ts";
import { invitationState } from "../../core/invitation/state.ts";
import { allowed } from "../../core/lifecycle/index.ts";
import { organizationOfSecret } from "../../db/access.ts";
import { backendToSignInFor } from "../../db/backend-switch.ts";
import type { Tx } from "../../db/client.ts";
import { connectionOfKind, readOrganization } from "../../db/connections.ts";
import { invitationOfSecret, invitationTexts, type Invitation } from "../../db/invitations.ts";
import { loadState } from "../../db/lifecycle.ts";
import { storedApplication } from "../../db/registrations.ts";
import { mailConnection } from "../../platform/connections.ts";
import { microsoftApplication, type MicrosoftApplication } from "../../platform/entra.ts";
import type { RegistrationView } from "../../ui/registration/view.ts";
import type { ApiDependencies } from "../deps.ts";

/** Somebody holds a link or code that is good. */
export interface Open {
  organizationId: OrganizationId;
  organization: string;
  invitation: Invitation;
  sender: string;
  application: MicrosoftApplication;
}

export type Found = { open: Open } | { view: RegistrationView };

/** What a link or code leads to, looked up by its hash. Changes nothing. */
export async function findInvitation(
  deps: ApiDependencies,
  kind: "link" | "code",
  secret: string,
): Promise<Found> {
  const { database, secrets } = deps;
  const hash = secrets.hash(kind, secret);
  const organizationId = await organizationOfSecret(database, kind, hash);
  if (!organizationId) return { view: { page: "expired" } };
  return await database.inOrganization(organizationId, async (tx) => {
    const invitation = await invitationOfSecret(tx, hash);
    return await judge(tx, deps, organizationId, invitation);
  });
}

/** The page that an invitation leads to when it is not open; otherwise all that a sign-in needs. */
export async function judge(
  tx: Tx,
  { vault }: ApiDependencies,
  organizationId: OrganizationId,
  invitation: Invitation | undefined,
): Promise<Found> {
  const organization = await readOrganization(tx);
  if (!invitation || !organization) return { view: { page: "expired" } };
  const state = invitationState(invitation, new Date());
  if (state === "registered") return { view: { page: "already-connected", organization: organization.name } };
  if (state === "revoked") return { view: { page: "revoked", organization: organization.name } };
  if (state === "expired") return { view: { page: "expired" } };
  const user = await loadState(tx, invitation.userId);
  if (!user || !allowed(user.state, "register").allowed) return { view: { page: "expired" } };
  const microsoft = await connectionOfKind(tx, "microsoft");
  if (!microsoft) return { view: { page: "temporary", retry: null } };
  const mail = mailConnection.safeParse((await connectionOfKind(tx, "mail"))?.configuration);
  const application = microsoftApplication(await storedApplication(tx, vault, organizationId, microsoft.id));
  const backend = await backendToSignInFor(tx, invitation.userId);
  const texts = await invitationTexts(tx, vault, organizationId, invitation);
  return {
    open: {
      organizationId,
      organization: organization.name,
      invitation,
      sender: texts.senderName ?? (mail.success ? mail.data.fromName : organization.name),
      application: {
        ...application,
        // Whoever has a mailbox signs in for the protocol that it has, or is to have.
        configuration: { ...application.configuration, ...(backend ? { backend } : {}) },
      },
    },
  };
}
