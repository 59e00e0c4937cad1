import { classify } from "../core/errors/classify.ts";
import { Failure } from "../core/errors/failure.ts";
import type { SignedIn } from "../core/invitation/identity.ts";
import type { Secret } from "./secret.ts";

const timeoutMs = 15_000;

/** What Graph says about the account that signed in: identity, addresses and whether there is a mailbox. */
export interface GraphAccount extends SignedIn {
  displayName: string;
}

/**
 * Reads `/me` (User resource, Microsoft Graph v1.0). The addresses are the directory's, not the token's claims.
 *
 * @throws Failure `graph.…` or `network.…`
 */
export async function readMe(
  graphUrl: string,
  token: Secret,
  tenantId: string,
  signal: AbortSignal,
): Promise<GraphAccount> {
  const me = await get(
    graphUrl,
    "/v1.0/me?$select=id,displayName,mail,userPrincipalName,proxyAddresses,userType",
    token,
    signal,
  );
  if (typeof me.id !== "string") throw new Failure("remote.malformed");
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  return {
    tenantId,
    objectId: me.id,
    displayName: text(me.displayName) ?? "",
    userType: text(me.userType),
    mail: text(me.mail),
    userPrincipalName: text(me.userPrincipalName),
    proxyAddresses: Array.isArray(me.proxyAddresses)
      ? me.proxyAddresses.filter((address): address is string => typeof address === "string")
      : [],
  };
}

/** Reads `/me/mailboxSettings`. @throws Failure `graph.mailbox-missing` when the account has no mailbox */
export async function readMailboxSettings(
  graphUrl: string,
  token: Secret,
  signal: AbortSignal,
): Promise<{ timeZone: string | null }> {
  const settings = await get(graphUrl, "/v1.0/me/mailboxSettings", token, signal);
  return { timeZone: typeof settings.timeZone === "string" ? settings.timeZone : null };
}

async function get(
  graphUrl: string,
  path: string,
  token: Secret,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  let response: Response;
  let body: Record<string, unknown>;
  try {
    response = await fetch(`${graphUrl.replace(/\/+$/, "")}${path}`, {
      headers: { authorization: `Bearer ${token.reveal()}`, accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    body = record(await response.json().catch(() => ({})));
  } catch (cause) {
    signal.throwIfAborted();
    const timedOut = cause instanceof Error && cause.name === "TimeoutError";
    throw new Failure(timedOut ? "network.timeout" : "network.unreachable", { cause });
  }
  if (response.ok) return body;
  const code = record(body.error).code;
  throw new Failure(
    classify({
      system: "graph",
      status: response.status,
      ...(typeof code === "string" ? { response: code } : {}),
    }) ?? "graph.unavailable",
    { detail: { status: response.status } },
  );
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
