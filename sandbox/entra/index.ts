import type { IncomingMessage } from "node:http";
import type Provider from "oidc-provider";
import type { Answer, Call, SandboxContext, System, Tenant, TokenVerifier } from "../context.ts";
import { settingsOn } from "../database.ts";
import { createAccounts } from "./accounts.ts";
import { createAdmin, type EntraAdmin } from "./admin.ts";
import { createApplications } from "./application.ts";
import { adminConsent, authorize, resume, type AtTenant } from "./authorize.ts";
import { capture } from "./capture.ts";
import { Aadsts, aadstsAnswer } from "./errors.ts";
import { loadKeys } from "./keys.ts";
import { createTenantProvider, requestClient } from "./provider.ts";
import { everyScope, identityScopes } from "./scopes.ts";
import { signIn } from "./sign-in.ts";
import { createModelStore } from "./storage.ts";
import { tokenRequest } from "./token.ts";
import { createVerifier } from "./verify.ts";

export type Entra = System & { tokens: TokenVerifier; admin: EntraAdmin };

const paths =
  /^\/([^/]+)(\/v2\.0\/\.well-known\/openid-configuration|\/oauth2\/v2\.0\/(?:authorize|token|logout)(?:\/[^/]+)?|\/discovery\/v2\.0\/keys|\/interaction\/[^/]+|\/adminconsent)$/;

/**
 * A pretend Microsoft Entra ID: oidc-provider does the OpenID Connect work, this façade gives it Entra's paths,
 * words, pages and errors.
 */
export function createEntra(context: SandboxContext): Entra {
  const settings = settingsOn(context.db);
  const keys = loadKeys(settings);
  const accounts = createAccounts(context.db, context.clock);
  const applications = createApplications(settings);
  const store = createModelStore(context.db, context.clock);
  const tokens = createVerifier(context, accounts, keys);
  const admin = createAdmin({ context, settings, accounts, applications });
  const providers = new Map<string, Provider>();

  const tenantOf = (name: string): Tenant | undefined =>
    context.directory
      .tenants()
      .find((each) => each.id === name.toLowerCase() || each.domain.toLowerCase() === name.toLowerCase());

  function at(tenant: Tenant): AtTenant {
    let provider = providers.get(tenant.id);
    if (provider === undefined) {
      provider = createTenantProvider(
        { context, accounts, applications, keys, store, accessTokenSeconds: admin.accessTokenSeconds },
        tenant,
      );
      providers.set(tenant.id, provider);
    }
    return { tenant, provider, application: applications.of(tenant.id) };
  }

  return {
    name: "entra",
    tokens,
    admin,
    owns: (path) => paths.test(path),
    async handle(request, response, body) {
      const path = new URL(request.url ?? "/", context.origin()).pathname;
      const [, tenantName, rest] = paths.exec(path)!;
      const tenant = tenantOf(tenantName!);
      if (tenant === undefined) {
        return context.faults.run({ system: "entra", operation: "unknown tenant" }, response, () =>
          aadstsAnswer(new Aadsts(90002, tenantName!), context.clock.now(), undefined),
        );
      }
      const { call, perform } = route(at(tenant), rest!, request, body);
      return context.faults.run({ system: "entra", ...call }, response, perform);
    },
    reset() {
      // The application and the keys stay: an installation connected to this sandbox stays connected.
      context.db.exec(
        "delete from entra_model; delete from entra_account; delete from entra_policy; delete from entra_consent",
      );
      providers.clear();
    },
    connection() {
      const tenant = context.directory.tenants()[0];
      if (tenant === undefined) return {};
      const application = applications.of(tenant.id);
      return {
        authorityHost: new URL(context.origin()).host,
        authority: `${context.origin()}/${tenant.id}`,
        tenantId: tenant.id,
        clientId: application.clientId,
        clientSecret: application.clientSecrets[0],
        ewsUrl: `${context.origin()}/EWS/Exchange.asmx`,
        graphUrl: `${context.origin()}/v1.0`,
      };
    },
  };

  function route(
    where: AtTenant,
    rest: string,
    request: IncomingMessage,
    body: Buffer,
  ): { call: Omit<Call, "system">; perform: () => Answer | Promise<Answer> } {
    const { tenant, provider } = where;
    if (rest.endsWith("/openid-configuration")) {
      return { call: { operation: "metadata" }, perform: () => json(metadata(context.origin(), tenant)) };
    }
    if (rest === "/discovery/v2.0/keys") {
      return { call: { operation: "keys" }, perform: () => json({ keys: [keys.publicJwk] }) };
    }
    if (rest === "/oauth2/v2.0/token") {
      const { person, perform } = tokenRequest({ context, accounts, store }, where, request, body);
      return { call: { operation: "token", person }, perform };
    }
    if (rest === "/oauth2/v2.0/authorize") {
      return { call: { operation: "authorize" }, perform: () => authorize(where, request, body) };
    }
    if (rest.startsWith("/oauth2/v2.0/authorize/")) {
      return { call: { operation: "authorize" }, perform: () => resume(where, request, rest) };
    }
    if (rest.startsWith("/interaction/")) {
      return {
        call: { operation: "signin" },
        perform: () => signIn({ context, accounts }, where, request, body),
      };
    }
    if (rest === "/adminconsent") {
      return {
        call: { operation: "adminconsent" },
        perform: () => adminConsent(context, accounts, where, request, body),
      };
    }
    const url = (request.url ?? "/").slice((request.url ?? "/").indexOf("/oauth2/"));
    const back = new URL(request.url ?? "/", context.origin()).searchParams.get("post_logout_redirect_uri");
    return {
      call: { operation: "logout" },
      perform: () =>
        requestClient.run({ postLogoutRedirectUri: back ?? undefined, authentication: "none" }, () =>
          capture(request, { url, originalUrl: `/${tenant.id}${url}`, body }, (incoming, outgoing) =>
            provider.callback()(incoming, outgoing),
          ),
        ),
    };
  }
}

const json = (body: unknown): Answer => ({
  status: 200,
  headers: { "content-type": "application/json; charset=utf-8", "cache-control": "max-age=86400, private" },
  body: JSON.stringify(body),
});

/** @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#sample-response */
function metadata(origin: string, tenant: Tenant): Record<string, unknown> {
  const base = `${origin}/${tenant.id}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code"],
    scopes_supported: [...identityScopes, ...everyScope()],
    issuer: `${base}/v2.0`,
    request_uri_parameter_supported: false,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: [
      "sub",
      "iss",
      "aud",
      "exp",
      "iat",
      "nonce",
      "preferred_username",
      "name",
      "tid",
      "oid",
      "ver",
    ],
    tenant_region_scope: "EU",
    cloud_instance_name: "microsoftonline.com",
    cloud_graph_host_name: "graph.windows.net",
    msgraph_host: "graph.microsoft.com",
  };
}
