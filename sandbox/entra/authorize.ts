import type { IncomingMessage } from "node:http";
import type Provider from "oidc-provider";
import type { Answer, SandboxContext, Tenant } from "../context.ts";
import { htmlHeaders } from "../pages.ts";
import type { Accounts } from "./accounts.ts";
import { redirectAllowed, type Application } from "./application.ts";
import { capture } from "./capture.ts";
import { Aadsts } from "./errors.ts";
import { requestClient } from "./provider.ts";
import { everyScope, exchangeResource, graphResource, parseScope, permissions } from "./scopes.ts";
import { adminConsentPage, problemPage } from "./sign-in-pages.ts";

export interface AtTenant {
  tenant: Tenant;
  application: Application;
  provider: Provider;
}

const endpoint = "/oauth2/v2.0/authorize";
const passedOn = [
  "client_id",
  "redirect_uri",
  "response_type",
  "response_mode",
  "state",
  "nonce",
  "code_challenge",
  "code_challenge_method",
  "login_hint",
  "max_age",
  "id_token_hint",
];

/**
 * The authorization endpoint. Scopes of several resources may be asked for together here (that is how consent
 * for all is had at once); only a token request must name one resource.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code
 */
export async function authorize(at: AtTenant, request: IncomingMessage, body: Buffer): Promise<Answer> {
  const given = parameters(request, body);
  const { application, tenant } = at;
  const clientId = given.get("client_id") ?? "";
  if (clientId !== application.clientId) return deadEnd(new Aadsts(700016, clientId, tenant.name));
  const redirectUri = given.get("redirect_uri") ?? "";
  if (!redirectAllowed(application, redirectUri)) return deadEnd(new Aadsts(50011, redirectUri, clientId));
  const asked = parseScope(given.get("scope") ?? "");
  if (asked.unknown.length > 0) {
    return sendBack(redirectUri, given.get("state"), new Aadsts(70011, asked.unknown.join(" ")));
  }

  const query = new URLSearchParams();
  for (const name of passedOn) {
    const value = given.get(name);
    if (value !== null) query.set(name, value);
  }
  const scopes = new Set([...asked.identity, ...[...asked.byResource.values()].flat()]);
  for (const resource of asked.defaults) {
    for (const name of Object.keys(permissions[resource])) scopes.add(`${resource}/${name}`);
  }
  query.set("scope", [...scopes].join(" "));
  query.append("resource", graphResource);
  query.append("resource", exchangeResource);
  const prompt = given.get("prompt");
  if (prompt !== null) query.set("sandbox_prompt", prompt);
  query.set("prompt", promptFor(prompt));
  return passOn(at, request, `${endpoint}?${query}`, redirectUri);
}

/** Back from the sign-in pages: oidc-provider finds its own parameters, but needs to accept the redirect URI. */
export async function resume(at: AtTenant, request: IncomingMessage, path: string): Promise<Answer> {
  const uid = path.slice(path.lastIndexOf("/") + 1);
  const interaction = await at.provider.Interaction.find(uid);
  const redirectUri = interaction?.params["redirect_uri"];
  return passOn(at, request, path, typeof redirectUri === "string" ? redirectUri : undefined);
}

/** `offline_access` survives in oidc-provider only with `prompt=consent`; see `policy()` in provider.ts. */
function promptFor(prompt: string | null): string {
  if (prompt === "none") return "none";
  return prompt === "login" || prompt === "select_account" ? "login consent" : "consent";
}

async function passOn(
  { tenant, provider }: AtTenant,
  request: IncomingMessage,
  url: string,
  redirectUri: string | undefined,
): Promise<Answer> {
  const answer = await requestClient.run({ redirectUri, authentication: "none" }, () =>
    capture(request, { url, originalUrl: `/${tenant.id}${url}`, body: "" }, (incoming, outgoing) => {
      incoming.method = "GET";
      delete incoming.headers["content-type"];
      incoming.headers.accept = "text/html";
      return provider.callback()(incoming, outgoing);
    }),
  );
  const location = answer.headers["location"];
  if (location !== undefined) {
    const target = URL.parse(location);
    if (target && redirectUri !== undefined && location.startsWith(redirectUri)) {
      // RFC 9207's `iss` is oidc-provider's; Entra sends `session_state`.
      target.searchParams.delete("iss");
      if (target.searchParams.has("code")) target.searchParams.set("session_state", crypto.randomUUID());
      return { ...answer, headers: { ...answer.headers, location: target.href }, body: "" };
    }
    return { ...answer, body: "" };
  }
  if (answer.status >= 400) {
    const said = Buffer.from(answer.body as Uint8Array).toString();
    return { ...deadEnd(new Aadsts(9002313)), body: problemPage("Sign in", `AADSTS9002313: ${said}`) };
  }
  return answer;
}

/** Entra's admin consent page: `/{tenant}/adminconsent?client_id=…&redirect_uri=…&state=…`. */
export function adminConsent(
  context: SandboxContext,
  accounts: Accounts,
  { tenant, application }: AtTenant,
  request: IncomingMessage,
  body: Buffer,
): Answer {
  const given = new URL(request.url ?? "/", context.origin()).searchParams;
  const redirectUri = given.get("redirect_uri") ?? "";
  if (given.get("client_id") !== application.clientId) {
    return deadEnd(new Aadsts(700016, given.get("client_id") ?? "", tenant.name));
  }
  if (!redirectAllowed(application, redirectUri))
    return deadEnd(new Aadsts(50011, redirectUri, application.clientId));
  const scopes = everyScope();
  if (request.method !== "POST") {
    return { status: 200, headers: htmlHeaders(), body: adminConsentPage(tenant, application.name, scopes) };
  }
  const back = new URL(redirectUri);
  if (new URLSearchParams(body.toString()).get("action") === "accept") {
    context.transaction(() => accounts.consent(tenant.id, application.clientId, undefined, scopes));
    back.searchParams.set("admin_consent", "True");
    back.searchParams.set("tenant", tenant.id);
  } else {
    back.searchParams.set("error", "access_denied");
    back.searchParams.set("error_description", new Aadsts(65004).message);
  }
  const state = given.get("state");
  if (state !== null) back.searchParams.set("state", state);
  return { status: 303, headers: { location: back.href }, body: "" };
}

function parameters(request: IncomingMessage, body: Buffer): URLSearchParams {
  if (request.method === "POST") return new URLSearchParams(body.toString());
  return new URL(request.url ?? "/", "https://localhost").searchParams;
}

const deadEnd = (refusal: Aadsts): Answer => ({
  status: 400,
  headers: htmlHeaders(),
  body: problemPage("Sign in to your account", refusal.message),
});

function sendBack(redirectUri: string, state: string | null, refusal: Aadsts): Answer {
  const back = new URL(redirectUri);
  back.searchParams.set("error", refusal.error);
  back.searchParams.set("error_description", refusal.message);
  if (state !== null) back.searchParams.set("state", state);
  return { status: 303, headers: { location: back.href }, body: "" };
}
