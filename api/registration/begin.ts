import { createHash, randomBytes } from "node:crypto";
import { ATTEMPT_MINUTES } from "../../core/invitation/state.ts";
import { markStarted } from "../../db/invitations.ts";
import { beginAttempt } from "../../db/registrations.ts";
import type { ApiDependencies } from "../deps.ts";
import type { Open } from "./invitation.ts";

/** What has to be known when the person comes back; sealed with the user's key until then. */
export interface Remembered {
  nonce: string;
  codeVerifier: string;
  /** The link they came by, so that a retry needs no mail. */
  link: string;
}

export const rememberedLabel = "registration_attempt.sealed";

export function redirectUri(deps: Pick<ApiDependencies, "publicUrl">): string {
  return `${deps.publicUrl}/register/callback`;
}

/**
 * Begins a sign-in: a one-time `state` bound to this browser, PKCE (RFC 7636) and a nonce.
 *
 * @returns where to send the browser
 * @throws Failure when Microsoft cannot be asked for its endpoints
 */
export async function beginSignIn(
  deps: ApiDependencies,
  open: Open,
  link: string,
  browser: string,
  signal: AbortSignal,
): Promise<string> {
  const { database, vault, secrets, entra } = deps;
  const { organizationId, invitation } = open;
  const state = secrets.mint("state").reveal();
  const remembered: Remembered = {
    nonce: randomBytes(24).toString("base64url"),
    codeVerifier: randomBytes(48).toString("base64url"),
    link,
  };
  const url = await entra.authorizeUrl(
    open.application,
    {
      redirectUri: redirectUri(deps),
      state,
      nonce: remembered.nonce,
      codeChallenge: createHash("sha256").update(remembered.codeVerifier).digest("base64url"),
      loginHint: invitation.purpose === "invitation" ? invitation.address : "",
    },
    signal,
  );
  await database.inOrganization(organizationId, async (tx) => {
    const owner = { organizationId, userId: invitation.userId };
    await markStarted(tx, invitation.id);
    await beginAttempt(tx, {
      organizationId,
      invitationId: invitation.id,
      userId: invitation.userId,
      stateHash: secrets.hash("state", state),
      browserHash: secrets.hash("browser", browser),
      sealed: await vault.seal(tx, owner, rememberedLabel, JSON.stringify(remembered)),
      minutes: ATTEMPT_MINUTES,
    });
  });
  return url;
}
