import { timingSafeEqual } from "node:crypto";
import { classify } from "../../core/errors/classify.ts";
import { Failure } from "../../core/errors/failure.ts";
import { errorRow, type ErrorCode } from "../../core/errors/table.ts";
import type { OrganizationId } from "../../core/ids.ts";
import { organizationOfSecret } from "../../db/access.ts";
import { readOrganization } from "../../db/connections.ts";
import { readInvitation } from "../../db/invitations.ts";
import { attemptOfState, claimAttempt, settleAttempt, type Attempt } from "../../db/registrations.ts";
import { aadstsIn } from "../../platform/entra-network.ts";
import { readMailboxSettings, readMe, type GraphAccount } from "../../platform/graph-account.ts";
import { Secret } from "../../platform/secret.ts";
import type { RegistrationView } from "../../ui/registration/view.ts";
import type { ApiDependencies } from "../deps.ts";
import { redirectUri, rememberedLabel, type Remembered } from "./begin.ts";
import { judge, type Open } from "./invitation.ts";
import { register } from "./register.ts";

/** What Microsoft sent back with the browser (RFC 6749 §4.1.2). */
export interface Callback {
  state: string | undefined;
  code: string | undefined;
  error: string | undefined;
  errorDescription: string | undefined;
}

export interface Finished {
  view: RegistrationView;
  /** For the page's `form-action`, when it has a button. */
  authorityHost?: string;
}

/**
 * Takes a person back from Microsoft.
 *
 * 1. Unknown `state`, or one of another browser: nothing is read, consumed or told.
 * 2. An attempt that ended: its outcome is shown again. Nothing happens twice.
 * 3. The right to redeem is taken (once), the code redeemed, the account read and compared with the invited one.
 * 4. Only then, in one transaction, is anything stored.
 */
export async function finishSignIn(
  deps: ApiDependencies,
  callback: Callback,
  browser: string | undefined,
  signal: AbortSignal,
): Promise<Finished> {
  const { database, secrets, vault } = deps;
  const startAgain: Finished = { view: { page: "start-again" } };
  if (callback.state === undefined || browser === undefined) return startAgain;
  const stateHash = secrets.hash("state", callback.state);
  const organizationId = await organizationOfSecret(database, "state", stateHash);
  if (!organizationId) return startAgain;

  const begun = await database.inOrganization(organizationId, async (tx) => {
    const attempt = await attemptOfState(tx, stateHash);
    if (!attempt || !timingSafeEqual(attempt.browserHash, secrets.hash("browser", browser))) return undefined;
    if (attempt.finishedAt) {
      const organization = await readOrganization(tx);
      return { view: again(attempt, organization?.name ?? "") };
    }
    if (attempt.expiresAt <= new Date()) return undefined;
    const found = await judge(tx, deps, organizationId, await readInvitation(tx, attempt.invitationId));
    if ("view" in found) return { view: found.view };
    const owner = { organizationId, userId: attempt.userId };
    const sealed = await vault.open(tx, owner, rememberedLabel, attempt.sealed);
    const remembered = JSON.parse(sealed) as Remembered;
    if (!(await claimAttempt(tx, attempt.id))) return { view: { page: "start-again" as const } };
    return { attempt, open: found.open, remembered };
  });
  if (!begun) return startAgain;
  if ("view" in begun) return { view: begun.view };
  const { attempt, open, remembered } = begun;
  const retry = `/register/${remembered.link}`;
  const authorityHost = open.application.configuration.authorityHost;

  try {
    const signedIn = await signIn(deps, callback, open, remembered, signal);
    return { view: await register(deps, attempt, open, retry, signedIn), authorityHost };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    await settle(deps, organizationId, attempt, error.code);
    deps.metrics.registrations.inc({ outcome: error.code });
    deps.log.info({ problem: error.code, detail: error.detail, attempt: attempt.id }, "registration ended");
    return { view: viewOf(error.code, open, retry), authorityHost };
  }
}

/** @throws Failure with what Microsoft said, at the redirect or at the token endpoint */
async function signIn(
  deps: ApiDependencies,
  callback: Callback,
  open: Open,
  remembered: Remembered,
  signal: AbortSignal,
): Promise<{ account: GraphAccount; cache: Secret }> {
  if (callback.error !== undefined) {
    const aadsts = aadstsIn(callback.errorDescription ?? "");
    const code = classify({ system: "entra", error: callback.error, aadsts }) ?? "entra.configuration";
    throw new Failure(code, { detail: { error: callback.error.slice(0, 40), aadsts: aadsts[0] ?? 0 } });
  }
  if (callback.code === undefined) throw new Failure("remote.malformed");
  const { application } = open;
  const redeemed = await deps.entra.redeem(
    application,
    {
      code: callback.code,
      redirectUri: redirectUri(deps),
      codeVerifier: new Secret(remembered.codeVerifier),
      nonce: remembered.nonce,
      state: callback.state ?? "",
    },
    signal,
  );
  const { graphUrl } = application.configuration;
  const account = await readMe(graphUrl, redeemed.graphToken, redeemed.tenantId, signal);
  // Graph must speak of the same person as the ID token does.
  if (account.objectId.toLowerCase() !== redeemed.objectId.toLowerCase())
    throw new Failure("remote.malformed");
  await readMailboxSettings(graphUrl, redeemed.graphToken, signal);
  return { account, cache: redeemed.cache };
}

async function settle(
  { database }: ApiDependencies,
  organizationId: OrganizationId,
  attempt: Attempt,
  outcome: ErrorCode,
): Promise<void> {
  await database.inOrganization(organizationId, (tx) => settleAttempt(tx, attempt.id, outcome));
}

/** A replayed callback, a second click, the back button. */
function again(attempt: Attempt, organization: string): RegistrationView {
  return attempt.outcome === "registered"
    ? { page: "already-connected", organization }
    : { page: "start-again" };
}

/** The page for a failure of the table. */
function viewOf(code: ErrorCode, open: Open, retry: string): RegistrationView {
  const row = errorRow(code);
  const person = open.invitation.name || open.invitation.address;
  const fill = (text: string) =>
    text
      .replaceAll("{person}", person)
      .replaceAll("{mailbox}", open.invitation.address)
      .replaceAll("{organization}", open.organization);
  if (code === "entra.declined") return { page: "declined", retry };
  if (code === "entra.admin-consent-required") {
    return { page: "admin-approval", code, retry, forward: textForAdministrator(open) };
  }
  if (code === "graph.mailbox-missing") {
    return { page: "mailbox-missing", code, retry, address: open.invitation.address };
  }
  if (row.nature === "transient") return { page: "temporary", retry };
  return { page: "refused", message: fill(row.message), next: fill(row.next), code, retry };
}

/** Names the one address that approves for everybody (Microsoft identity platform, admin consent endpoint). */
function textForAdministrator({ organization, application }: Open): string {
  const { authorityHost, tenantId, clientId } = application.configuration;
  return [
    `Please approve Everlink, which keeps the SuperOffice diaries of ${organization} in sync with our mailboxes.`,
    `It acts for people who sign in themselves, and reads and writes their calendars only.`,
    `Approve once for everybody: ${authorityHost.replace(/\/+$/, "")}/${tenantId}/adminconsent?client_id=${clientId}`,
  ].join("\n\n");
}
