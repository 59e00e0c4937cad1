import { createHash } from "node:crypto";
import { checkedBody } from "./bodies.ts";
import type { Credentials } from "./credentials.ts";
import { badRequest } from "./errors.ts";
import { SYSTEM_ASSOCIATE, TENANT, TENANT_SERIAL, type Office } from "./office.ts";
import { json, type Call, type Reply, type Route } from "./router.ts";
import type { Sessions } from "./sessions.ts";
import { signInPage } from "./signInPage.ts";

interface SystemUserRequest {
  SignedSystemToken: string;
  ApplicationToken: string;
  ContextIdentifier: string;
  ReturnTokenType: string;
}

const CLAIM = "http://schemes.superoffice.net/identity/";

/**
 * SuperID below `/login`: metadata, keys, authorization code (with or without PKCE), tokens, and the exchange of a
 * signed system user token for a ticket.
 * @see authentication/online/api.md, sign-in-user/auth-code-flow.md, auth-application/get-system-user-ticket.md
 */
export function loginRoutes(office: Office, credentials: Credentials, sessions: Sessions): Route[] {
  const issuer = (): string => office.context.origin();

  const claims = (associateId: number): Record<string, unknown> => {
    const person = office.context.directory.byAssociate(associateId);
    return {
      sub: person?.address ?? "system",
      [`${CLAIM}associateid`]: String(associateId),
      [`${CLAIM}identityprovider`]: "superid",
      [`${CLAIM}email`]: person?.address ?? "",
      [`${CLAIM}upn`]: person?.address ?? "",
      [`${CLAIM}is_administrator`]: "True",
      [`${CLAIM}ctx`]: TENANT,
      [`${CLAIM}company_name`]: office.context.directory.tenants()[0]?.name ?? TENANT,
      [`${CLAIM}serial`]: TENANT_SERIAL,
      [`${CLAIM}netserver_url`]: `${office.baseUrl}/Remote/Services88/`,
      [`${CLAIM}webapi_url`]: `${office.baseUrl}/api/`,
      [`${CLAIM}system_token`]: credentials.application.systemUserToken,
    };
  };

  const jwt = (who: Record<string, unknown>, iss: string, aud: string): string => {
    const seconds = Math.floor(office.now() / 1000);
    return credentials.signJwt({ ...who, iat: seconds, nbf: seconds - 60, exp: seconds + 300, iss, aud });
  };

  /** Checks what both GET and POST of the authorize endpoint carry. */
  const authorizeRequest = (values: URLSearchParams): URL => {
    if (values.get("client_id") !== credentials.application.clientId) throw badRequest("Unknown client_id");
    if (values.get("response_type") !== "code") throw badRequest("response_type must be code");
    if (values.get("scope") !== "openid") throw badRequest("scope must be openid");
    const redirect = values.get("redirect_uri") ?? "";
    if (!URL.canParse(redirect)) throw badRequest("Authorization error: InvalidRedirectUrl (2)");
    return new URL(redirect);
  };

  const page = (values: URLSearchParams, problem?: string): Reply => {
    const target = authorizeRequest(values);
    return {
      status: problem === undefined ? 200 : 401,
      headers: {
        "Content-Security-Policy": `default-src 'none'; style-src 'unsafe-inline'; form-action 'self' ${target.origin}`,
      },
      text: { type: "text/html; charset=utf-8", content: signInPage(values, problem) },
    };
  };

  const signIn = (call: Call): Reply => {
    const values = new URLSearchParams(call.body.toString("utf8"));
    const target = authorizeRequest(values);
    const person = office.context.directory.byCredentials(
      values.get("username") ?? "",
      values.get("password") ?? "",
    );
    if (!person || person.capabilities.retired) return page(values, "Wrong user name or password.");
    const code = sessions.openCode(person.associateId, {
      redirect: values.get("redirect_uri") ?? "",
      nonce: values.get("nonce") ?? "",
      challenge: values.get("code_challenge") ?? "",
      method: values.get("code_challenge_method") ?? "plain",
    });
    target.searchParams.set("code", code);
    const state = values.get("state");
    if (state !== null) target.searchParams.set("state", state);
    return { status: 302, headers: { Location: target.href } };
  };

  const oauthError = (error: string, description: string, status = 400): Reply =>
    json("OAuthError", { error, error_description: description }, status);

  const tokens = (call: Call): Reply => {
    const values = new URLSearchParams(call.body.toString("utf8"));
    for (const [name, value] of call.query) if (!values.has(name)) values.set(name, value);
    const [user, password] = basicClient(call.headers["authorization"]);
    const { clientId, clientSecret } = credentials.application;
    if (
      (values.get("client_id") ?? user) !== clientId ||
      (values.get("client_secret") ?? password) !== clientSecret
    ) {
      return oauthError("invalid_client", "Unknown client or wrong client_secret", 401);
    }
    const grant = values.get("grant_type");
    if (grant !== "authorization_code" && grant !== "refresh_token") {
      return oauthError("unsupported_grant_type", `grant_type ${grant ?? "is missing"}`);
    }
    const byCode = grant === "authorization_code";
    const redeemed = byCode
      ? sessions.redeem("code", values.get("code") ?? "")
      : sessions.redeem("refresh", values.get("refresh_token") ?? "");
    if (!redeemed)
      return oauthError("invalid_grant", "The code or refresh token is unknown, used or expired");
    const { associateId, details } = redeemed;
    if (byCode && details["redirect"] !== values.get("redirect_uri")) {
      return oauthError("invalid_grant", "redirect_uri differs from the authorization request");
    }
    if (byCode && !provesKey(details, values.get("code_verifier"))) {
      return oauthError("invalid_grant", "code_verifier does not match code_challenge");
    }
    const nonce = details["nonce"] ? { nonce: details["nonce"] } : {};
    return json("TokenAnswer", {
      token_type: "Bearer",
      access_token: sessions.openAccess(associateId),
      expires_in: office.switches.accessTokenSeconds,
      ...(byCode ? { refresh_token: sessions.openRefresh(associateId, {}) } : {}),
      id_token: jwt({ ...claims(associateId), ...nonce }, issuer(), clientId),
    });
  };

  const systemUser = (call: Call): Reply => {
    const request = checkedBody<SystemUserRequest>(office, call.body, "SystemUserRequest");
    const refused =
      request.ApplicationToken !== credentials.application.clientSecret
        ? "Unknown application token"
        : request.ContextIdentifier.toLowerCase() !== TENANT.toLowerCase()
          ? `Unknown context identifier ${request.ContextIdentifier}`
          : request.ReturnTokenType.toLowerCase() !== "jwt"
            ? `ReturnTokenType ${request.ReturnTokenType} is not supported`
            : credentials.refuseSignedToken(request.SignedSystemToken);
    if (refused !== undefined) {
      return json("SystemUserAnswer", { IsSuccessful: false, Token: null, ErrorMessage: refused });
    }
    const ticket = sessions.openTicket(SYSTEM_ASSOCIATE);
    // Issuer and audience of system user tokens: validate-security-tokens.md, "Validation parameters".
    const token = jwt(
      { ...claims(SYSTEM_ASSOCIATE), [`${CLAIM}ticket`]: ticket },
      "SuperOffice AS",
      `spn:${TENANT_SERIAL}`,
    );
    return json("SystemUserAnswer", { IsSuccessful: true, Token: token, ErrorMessage: null });
  };

  return [
    {
      method: "GET",
      template: "/login/.well-known/openid-configuration",
      run: () => json("OpenIdMetadata", metadata(issuer())),
    },
    { method: "GET", template: "/login/.well-known/jwks", run: () => json("KeySet", credentials.keySet()) },
    { method: "GET", template: "/login/common/oauth/authorize", run: (call) => page(call.query) },
    { method: "POST", template: "/login/common/oauth/authorize", run: signIn },
    { method: "POST", template: "/login/common/oauth/tokens", run: tokens },
    { method: "POST", template: "/login/api/PartnerSystemUser/Authenticate", run: systemUser },
  ];
}

function metadata(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/login/common/oauth/authorize`,
    token_endpoint: `${issuer}/login/common/oauth/tokens`,
    jwks_uri: `${issuer}/login/.well-known/jwks`,
    scopes_supported: ["openid"],
    response_modes_supported: ["query"],
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    code_challenge_methods_supported: ["plain", "S256"],
  };
}

function basicClient(authorization: string | undefined): [string | undefined, string | undefined] {
  const match = /^Basic (.+)$/i.exec(authorization ?? "");
  if (!match) return [undefined, undefined];
  const [user, password] = Buffer.from(match[1] ?? "", "base64")
    .toString("utf8")
    .split(":", 2);
  return [user, password];
}

function provesKey(details: Record<string, string>, verifier: string | null): boolean {
  const challenge = details["challenge"];
  if (!challenge) return true;
  if (verifier === null) return false;
  const proof =
    details["method"] === "S256" ? createHash("sha256").update(verifier).digest("base64url") : verifier;
  return proof === challenge;
}
