import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import { Provider, interactionPolicy, type AdapterPayload, type Configuration } from "oidc-provider";
import type { Person, SandboxContext, Tenant } from "../context.ts";
import type { Accounts } from "./accounts.ts";
import { certificateKeys, type Applications } from "./application.ts";
import type { SigningKeys } from "./keys.ts";
import { exchangeResource, graphResource, permissions, shortName, type Resource } from "./scopes.ts";
import type { ModelStore } from "./storage.ts";

/** How the client presents itself in the request at hand; its registration is built from this. */
export interface RequestClient {
  redirectUri?: string | undefined;
  postLogoutRedirectUri?: string | undefined;
  /** A secret the façade has already compared, or an assertion that oidc-provider must check. */
  authentication: { secret: string } | "assertion" | "none";
  /** Why oidc-provider refused; its answer does not tell. */
  detail?: string;
}

export const requestClient = new AsyncLocalStorage<RequestClient>();

/** Everything that a tenant's provider is made of. */
export interface ProviderParts {
  context: SandboxContext;
  accounts: Accounts;
  applications: Applications;
  keys: SigningKeys;
  store: ModelStore;
  accessTokenSeconds(): number;
}

const identityScope = "openid profile email offline_access";
const tenYearsSeconds = 10 * 365 * 24 * 3600;
const scopesOf = (resource: Resource): string =>
  Object.keys(permissions[resource])
    .map((name) => `${resource}/${name}`)
    .join(" ");

/** One provider per tenant, as the issuer differs; what it stores is shared. */
export function createTenantProvider(parts: ProviderParts, tenant: Tenant): Provider {
  const { context, accounts, applications, keys, store } = parts;
  const clientId = applications.of(tenant.id).clientId;

  const consentedScopes = (objectId: string): Map<Resource, string[]> =>
    accounts.consented(tenant.id, clientId, objectId);

  /** A code or refresh token is good for all that is consented at the time it is used. */
  function widened(payload: AdapterPayload): AdapterPayload {
    const identity = (payload.scope ?? "").split(" ").filter((scope) => !scope.includes("/"));
    const granted = [...consentedScopes(payload.accountId!).values()].flat();
    return {
      ...payload,
      scope: [...identity, ...granted].join(" "),
      resource: [graphResource, exchangeResource],
    };
  }

  const hooks = {
    generationOf: (payload: AdapterPayload) =>
      payload.accountId === undefined ? 0 : accounts.get(payload.accountId).generation,
    found(model: string, id: string, payload: AdapterPayload | undefined): AdapterPayload | undefined {
      switch (model) {
        case "Client":
          return id === clientId ? registration() : undefined;
        case "ReplayDetection":
          // MSAL uses one assertion for several requests, and Entra lets it.
          return undefined;
        case "RefreshToken":
        case "AuthorizationCode":
          return payload && widened(payload);
        case "Grant":
          return (
            payload && { ...payload, openid: { scope: identityScope }, resources: grantedResources(payload) }
          );
        default:
          return payload;
      }
    },
  };

  function grantedResources(payload: AdapterPayload): Record<string, string> {
    const resources: Record<string, string> = {};
    for (const [resource, scopes] of consentedScopes(payload.accountId!)) {
      if (scopes.length > 0) resources[resource] = scopes.join(" ");
    }
    return resources;
  }

  function registration(): AdapterPayload {
    const application = applications.of(tenant.id);
    const now = requestClient.getStore() ?? { authentication: "none" };
    const assertion = now.authentication === "assertion";
    return {
      client_id: application.clientId,
      client_name: application.name,
      ...(assertion
        ? {
            jwks: { keys: certificateKeys(application.certificates) },
            token_endpoint_auth_method: "private_key_jwt",
          }
        : {
            client_secret:
              typeof now.authentication === "object"
                ? now.authentication.secret
                : application.clientSecrets[0],
            token_endpoint_auth_method: "client_secret_post",
          }),
      redirect_uris: [now.redirectUri ?? "https://localhost/unused"],
      post_logout_redirect_uris: now.postLogoutRedirectUri === undefined ? [] : [now.postLogoutRedirectUri],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      subject_type: "pairwise",
    };
  }

  const configuration: Configuration = {
    adapter: (model: string) => store.adapter(model, hooks),
    jwks: { keys: [keys.jwk] },
    cookies: {
      keys: [keys.cookieKey],
      long: { path: `/${tenant.id}`, httpOnly: true, sameSite: "lax", signed: true },
      short: { httpOnly: true, sameSite: "lax", signed: true },
    },
    routes: {
      authorization: "/oauth2/v2.0/authorize",
      token: "/oauth2/v2.0/token",
      jwks: "/discovery/v2.0/keys",
      end_session: "/oauth2/v2.0/logout",
    },
    scopes: ["openid", "profile", "email", "offline_access"],
    claims: {
      openid: ["sub", "tid", "ver"],
      profile: ["name", "oid", "preferred_username"],
      email: ["email"],
    },
    conformIdTokenClaims: false,
    subjectTypes: ["pairwise"],
    // Never the object id: a client that keys on `sub` must find out here.
    pairwiseIdentifier: async (_context, accountId, client) =>
      createHash("sha256").update(`${tenant.id}/${accountId}/${client.clientId}`).digest("base64url"),
    extraParams: ["sandbox_prompt"],
    pkce: { required: () => false },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => graphResource,
        useGrantedResource: async () => true,
        getResourceServerInfo: async (_context, resource) => ({
          scope: scopesOf(resource as Resource),
          audience: resource,
          accessTokenTTL: parts.accessTokenSeconds(),
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
    formats: {
      customizers: {
        jwt(_context, token, structured) {
          const person = context.directory.byObjectId((token as { accountId: string }).accountId)!;
          const issued = Math.floor(context.clock.now().getTime() / 1000);
          structured.header = { typ: "JWT" };
          structured.payload = {
            ...accessClaims(person, tenant, structured.payload["scope"]),
            aud: structured.payload["aud"],
            iss: structured.payload["iss"],
            sub: structured.payload["sub"],
            iat: issued,
            nbf: issued,
            exp: issued + parts.accessTokenSeconds(),
            appid: clientId,
            uti: structured.payload["jti"],
            sandbox_generation: accounts.get(person.objectId).accessGeneration,
          };
        },
      },
    },
    interactions: { policy: policy(), url: (_context, { uid }) => `/${tenant.id}/interaction/${uid}` },
    ttl: {
      AccessToken: () => parts.accessTokenSeconds(),
      AuthorizationCode: 600,
      IdToken: 3600,
      Interaction: 3600,
      Session: 14 * 24 * 3600,
      // Inactivity is counted by the façade, on the sandbox's clock.
      RefreshToken: () => tenYearsSeconds,
      Grant: tenYearsSeconds,
    },
    rotateRefreshToken: true,
    issueRefreshToken: async (_context, client, source) =>
      client.grantTypeAllowed("refresh_token") && source.scopes.has("offline_access"),
    expiresWithSession: async () => false,
    revokeGrantPolicy: () => false,
    async loadExistingGrant(ctx) {
      const accountId = ctx.oidc.session?.accountId;
      if (accountId === undefined) return undefined;
      const grant = new ctx.oidc.provider.Grant({ accountId, clientId: ctx.oidc.client!.clientId });
      grant.addOIDCScope(identityScope);
      for (const [resource, scopes] of consentedScopes(accountId)) {
        if (scopes.length > 0) grant.addResourceScope(resource, scopes.join(" "));
      }
      await grant.save();
      return grant;
    },
    async findAccount(_context, accountId) {
      const person = context.directory.byObjectId(accountId);
      if (person === undefined) return undefined;
      return {
        accountId,
        claims: async () => ({
          sub: accountId,
          tid: tenant.id,
          ver: "2.0",
          oid: person.objectId,
          name: person.fullName,
          preferred_username: person.userPrincipalName,
          email: person.address,
        }),
      };
    },
    async renderError(ctx, out) {
      ctx.type = "json";
      ctx.body = out;
    },
  };
  const provider = new Provider(`${context.origin()}/${tenant.id}/v2.0`, configuration);
  const note = (_context: unknown, error: Error & { error_detail?: string | undefined }) => {
    const detail = error.error_detail ?? (error.cause instanceof Error ? error.cause.message : undefined);
    const now = requestClient.getStore();
    if (now && detail) now.detail = detail;
    context.log({ system: "entra", error: error.message, detail });
  };
  provider.on("server_error", note);
  provider.on("authorization.error", note);
  provider.on("grant.error", note);
  return provider;
}

function accessClaims(person: Person, tenant: Tenant, scope: unknown): Record<string, unknown> {
  const scp = (typeof scope === "string" ? scope : "")
    .split(" ")
    .filter((each) => each.includes("/"))
    .map(shortName);
  return {
    ver: "1.0",
    tid: tenant.id,
    oid: person.objectId,
    upn: person.userPrincipalName,
    unique_name: person.userPrincipalName,
    name: person.fullName,
    scp: scp.length > 0 ? scp.join(" ") : "openid profile email",
  };
}

/**
 * oidc-provider drops `offline_access` unless `prompt` has `consent`, so the façade always sends that; the page
 * itself is shown when a scope lacks consent or the client really asked for it.
 */
function policy(): interactionPolicy.DefaultPolicy {
  const prompts = interactionPolicy.base();
  const consent = prompts.get("consent")!;
  consent.checks.remove("consent_prompt");
  consent.checks.add(
    new interactionPolicy.Check(
      "asked_for_consent",
      "the client asked for consent",
      "consent_required",
      ({ oidc }) => oidc.params?.["sandbox_prompt"] === "consent" && oidc.result?.consent === undefined,
      () => ({}),
    ),
  );
  return prompts;
}
