import type { IncomingMessage } from "node:http";
import type { Answer, Person, SandboxContext } from "../context.ts";

/** What a token must be made for. */
const AUDIENCE = "https://outlook.office365.com";

/**
 * Finds out who calls, by Basic or Bearer.
 * @returns the person, or the answer that refuses: 401 for credentials, 403 where EWS is switched off
 */
export function authenticate(
  request: IncomingMessage,
  context: SandboxContext,
  disabledTenants: readonly string[],
): { person: Person } | { refusal: Answer } {
  const header = request.headers.authorization;
  if (/^bearer /i.test(header ?? "")) {
    const outcome = context.tokens.verify(header, AUDIENCE);
    return "person" in outcome
      ? admitted(outcome.person, disabledTenants)
      : { refusal: unauthorised(outcome.refused) };
  }
  const credentials = /^basic /i.test(header ?? "") ? readBasic(header ?? "") : undefined;
  const person = credentials && byName(context, credentials.user, credentials.password);
  return person ? admitted(person, disabledTenants) : { refusal: unauthorised() };
}

function admitted(
  person: Person,
  disabledTenants: readonly string[],
): { person: Person } | { refusal: Answer } {
  if (person.capabilities.ews && !disabledTenants.includes(person.tenant)) return { person };
  return {
    refusal: { status: 403, headers: { "x-ms-diagnostics": "EWS is disabled for this mailbox" }, body: "" },
  };
}

function readBasic(header: string): { user: string; password: string } | undefined {
  const text = Buffer.from(header.slice("basic ".length).trim(), "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The user may be an address, a user principal name or `DOMAIN\login`. */
function byName(context: SandboxContext, user: string, password: string): Person | undefined {
  const login = /^[^\\]+\\(.+)$/.exec(user)?.[1];
  if (login === undefined) return context.directory.byCredentials(user, password);
  const named = context.directory
    .people()
    .find((person) => person.loginName.toLowerCase() === login.toLowerCase());
  return context.directory.byCredentials(named?.userPrincipalName ?? login, password);
}

/** The challenges of Exchange Online; a refused token is named with its reason. */
function unauthorised(reason?: string): Answer {
  const bearer =
    `Bearer client_id="00000002-0000-0ff1-ce00-000000000000", trusted_issuers="00000001-0000-0000-c000-000000000000@*", ` +
    `token_types="app_asserted_user_v1 service_asserted_app_v1", ` +
    `authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"`;
  const headers: Record<string, string> = {
    "www-authenticate": `${reason === undefined ? bearer : `${bearer}, error="invalid_token"`}, Basic realm="Exchange"`,
  };
  if (reason !== undefined) {
    const text = reason.replace(/[^\x20-\x7e]|["\\]/g, " ");
    headers["x-ms-diagnostics"] = `2000003;reason="${text}";error_category="invalid_token"`;
  }
  return { status: 401, headers, body: "" };
}
