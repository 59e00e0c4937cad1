import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type Provider from "oidc-provider";
import type { Answer, Person, SandboxContext, Tenant } from "../context.ts";
import type { Accounts } from "./accounts.ts";
import type { Application } from "./application.ts";
import { capture } from "./capture.ts";
import { Aadsts, aadstsAnswer } from "./errors.ts";
import { requestClient, type RequestClient } from "./provider.ts";
import { graphResource, identityScopes, parseScope, resourceOf, shortName, type Resource } from "./scopes.ts";
import type { ModelStore } from "./storage.ts";

/** Entra forgets a refresh token that nobody used for so long (AADSTS700082). */
const inactivityMs = 90 * 24 * 3600 * 1000;

export interface TokenEndpointParts {
  context: SandboxContext;
  accounts: Accounts;
  store: ModelStore;
}

/** One token request: who asks, and how it is answered. The person is known early, for fault rules. */
export interface TokenRequest {
  person: Person | undefined;
  perform(): Promise<Answer>;
}

/**
 * The token endpoint: Entra's own checks first, then oidc-provider, then Entra's form of the answer.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export function tokenRequest(
  { context, accounts, store }: TokenEndpointParts,
  { tenant, application, provider }: { tenant: Tenant; application: Application; provider: Provider },
  request: IncomingMessage,
  body: Buffer,
): TokenRequest {
  const form = new URLSearchParams(body.toString());
  const grantType = form.get("grant_type") ?? "";
  const model = grantType === "refresh_token" ? "RefreshToken" : "AuthorizationCode";
  const presented = form.get(grantType === "refresh_token" ? "refresh_token" : "code") ?? "";
  const stored = store.read(model, presented);
  const person =
    stored?.payload.accountId === undefined
      ? undefined
      : context.directory.byObjectId(stored.payload.accountId);

  async function perform(): Promise<Answer> {
    const correlation = form.get("client-request-id") ?? header(request, "client-request-id");
    try {
      const client = authenticate();
      if (!["authorization_code", "refresh_token"].includes(grantType)) throw new Aadsts(70003, grantType);
      const resource = requestedResource();
      checkGrant();
      const scopes = grantedScopes(resource);
      if (model === "RefreshToken") store.used(model, presented);
      return await exchange(client, resource, scopes);
    } catch (error) {
      if (error instanceof Aadsts) return aadstsAnswer(error, context.clock.now(), correlation);
      throw error;
    }
  }

  function authenticate(): RequestClient {
    const basic = /^basic\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    const [basicId, basicSecret] = basic
      ? Buffer.from(basic, "base64").toString().split(":").map(decodeURIComponent)
      : [];
    const clientId = form.get("client_id") ?? basicId ?? "";
    if (clientId !== application.clientId) throw new Aadsts(700016, clientId, tenant.name);
    const redirectUri = form.get("redirect_uri") ?? undefined;
    if (form.has("client_assertion")) return { redirectUri, authentication: "assertion" };
    const secret = form.get("client_secret") ?? basicSecret;
    if (secret === undefined) throw new Aadsts(7000218);
    if (!application.clientSecrets.some((each) => equal(each, secret))) throw new Aadsts(7000215, clientId);
    form.set("client_secret", secret);
    return { redirectUri, authentication: { secret } };
  }

  function requestedResource(): Resource {
    const scope = form.get("scope") ?? "";
    const asked = parseScope(scope);
    if (asked.unknown.length > 0) throw new Aadsts(70011, asked.unknown.join(" "));
    if (asked.byResource.size > 1) throw new Aadsts(700022, scope);
    return asked.byResource.keys().next().value ?? graphResource;
  }

  function checkGrant(): void {
    if (stored === undefined) throw new Aadsts(model === "RefreshToken" ? 70000 : 9002313);
    if (stored.payload.clientId !== application.clientId) throw new Aadsts(70000);
    if (model === "AuthorizationCode" && stored.payload.consumed) throw new Aadsts(54005);
    if (person === undefined || person.tenant !== tenant.id) throw new Aadsts(50034);
    if (!person.capabilities.enabled) throw new Aadsts(50057);
    const account = accounts.get(person.objectId);
    if (stored.generation !== account.generation) {
      throw new Aadsts(50173, stored.issuedAt.toISOString(), account.validFrom ?? "");
    }
    if (account.conditionalAccessBlock) throw new Aadsts(53003);
    const idleMs = context.clock.now().getTime() - (stored.usedAt ?? stored.issuedAt).getTime();
    if (model === "RefreshToken" && idleMs > inactivityMs)
      throw new Aadsts(700082, stored.issuedAt.toISOString());
  }

  /** All that is consented for the resource is granted, not only what was asked for. */
  function grantedScopes(resource: Resource): string[] {
    const consented =
      accounts.consented(tenant.id, application.clientId, person!.objectId).get(resource) ?? [];
    const asked = parseScope(form.get("scope") ?? "");
    const wanted = asked.byResource.get(resource) ?? [];
    const nothing = asked.byResource.has(resource) && consented.length === 0;
    if (nothing || wanted.some((scope) => !consented.includes(scope))) {
      throw new Aadsts(65001, application.clientId);
    }
    return consented;
  }

  async function exchange(client: RequestClient, resource: Resource, granted: string[]): Promise<Answer> {
    const identity = (stored!.payload.scope ?? "").split(" ").filter((scope) => identityScopes.has(scope));
    const asked = form.get("scope") ?? "";
    form.set("scope", [...identity, ...granted].join(" "));
    form.set("resource", resource);
    const path = "/oauth2/v2.0/token";
    const answer = await requestClient.run(client, () =>
      capture(
        request,
        {
          url: path,
          originalUrl: `/${tenant.id}${path}`,
          body: form.toString(),
          // The secret stands in the form by now; a second mechanism would be refused.
          headers: { authorization: undefined as unknown as string, accept: "application/json" },
        },
        (incoming, outgoing) => {
          delete incoming.headers.authorization;
          return provider.callback()(incoming, outgoing);
        },
      ),
    );
    const said = JSON.parse(Buffer.from(answer.body as Uint8Array).toString()) as Record<string, unknown>;
    if (answer.status !== 200) throw refusal(said, client);
    const short = !asked.includes(`${graphResource}/`);
    const scope = [
      ...granted.map((each) => (short && resourceOf(each) === graphResource ? shortName(each) : each)),
      ...identity.filter((each) => each !== "offline_access"),
    ].join(" ");
    const tokens = {
      token_type: "Bearer",
      scope,
      expires_in: said["expires_in"],
      ext_expires_in: said["expires_in"],
      access_token: said["access_token"],
      refresh_token: said["refresh_token"],
      id_token: said["id_token"],
      client_info: Buffer.from(JSON.stringify({ uid: person!.objectId, utid: tenant.id })).toString(
        "base64url",
      ),
    };
    return {
      status: 200,
      headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store, no-cache" },
      body: JSON.stringify(tokens),
    };
  }

  return { person, perform };
}

/** oidc-provider's own refusals in Entra's numbers. */
function refusal(said: Record<string, unknown>, client: RequestClient): Aadsts {
  const description = typeof said["error_description"] === "string" ? said["error_description"] : "";
  switch (said["error"]) {
    case "invalid_client":
      return client.authentication === "assertion" ? new Aadsts(700027) : new Aadsts(7000215);
    case "invalid_grant":
      if (client.detail?.includes("code_verifier")) return new Aadsts(501481);
      if (client.detail?.includes("redirect_uri")) return new Aadsts(50011, client.redirectUri ?? "", "");
      return new Aadsts(client.detail?.includes("expired") ? 70008 : 70000);
    case "invalid_scope":
    case "invalid_target":
      return new Aadsts(70011, description);
    case "invalid_request":
      return new Aadsts(9002313);
    default:
      throw new Error(`oidc-provider answered ${JSON.stringify(said)}`);
  }
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
