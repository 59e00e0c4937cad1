import { createSign } from "node:crypto";
import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload } from "jose";
import { z } from "zod";
import { Failure } from "../../core/errors/failure.ts";
import { failureOf } from "./errors.ts";
import { exchange, parseJson, type Fetch } from "./http.ts";

/** What Everlink needs to act in one SuperOffice tenant without a person. */
export interface SystemUser {
  /** `Cust12345` */
  tenant: string;
  /** `https://online.superoffice.com/login` */
  loginUrl: string;
  /** Client secret of the registered application. */
  applicationToken: string;
  /** The claim `system_token` that an administrator's consent brought. */
  systemUserToken: string;
  /** RSA private key of the application, PEM. */
  privateKeyPem: string;
}

export interface SignInPorts {
  fetch: Fetch;
  clock: { now(): number };
  timeoutMs: number;
}

const claim = (name: string): string => `http://schemes.superoffice.net/identity/${name}`;

const authenticated = z.object({
  IsSuccessful: z.boolean(),
  Token: z.string().nullish(),
});

/**
 * `token.YYYYMMDDHHmm.signature`: the system user token and the minute in UTC, signed with RSA-SHA256 (PKCS #1
 * v1.5), base64.
 *
 * @throws Failure `superoffice.unauthorized` when the key cannot be used
 * @see api/authentication/online/auth-application/sign-system-user-token.md
 */
export function signSystemUserToken(systemUserToken: string, privateKeyPem: string, nowMs: number): string {
  const minute = new Date(nowMs).toISOString().replace(/\D/g, "").slice(0, 12);
  const signed = `${systemUserToken}.${minute}`;
  try {
    return `${signed}.${createSign("SHA256").update(signed).sign(privateKeyPem, "base64")}`;
  } catch (error) {
    throw unauthorized("private-key", error);
  }
}

/**
 * Exchanges the signed system user token for a ticket.
 *
 * @returns the ticket for `Authorization: SOTicket …`, taken from a token whose signature, time and tenant were
 *   checked against the keys that SuperOffice publishes
 * @throws Failure `superoffice.unauthorized` when SuperOffice refuses or the token proves nothing;
 *   `remote.malformed`, `network.*` and those of its status otherwise
 * @see api/authentication/online/auth-application/get-system-user-ticket.md, validate-security-tokens.md
 */
export async function signInSystemUser(user: SystemUser, ports: SignInPorts): Promise<string> {
  const answer = await exchange(ports.fetch, {
    method: "POST",
    url: below(user.loginUrl, "api/PartnerSystemUser/Authenticate"),
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({
      SignedSystemToken: signSystemUserToken(user.systemUserToken, user.privateKeyPem, ports.clock.now()),
      ApplicationToken: user.applicationToken,
      ContextIdentifier: user.tenant,
      ReturnTokenType: "JWT",
    }),
    signal: new AbortController().signal,
    timeoutMs: ports.timeoutMs,
  });
  if ([400, 401, 403].includes(answer.status)) throw unauthorized("refused");
  if (answer.status !== 200)
    throw failureOf(answer, "POST /api/PartnerSystemUser/Authenticate", ports.clock.now());
  const parsed = authenticated.safeParse(parseJson(answer.text));
  if (!parsed.success) throw new Failure("remote.malformed", { detail: { reason: "sign-in-answer" } });
  if (!parsed.data.IsSuccessful || !parsed.data.Token) throw unauthorized("refused");
  return ticketOf(await verify(parsed.data.Token, user, ports), user.tenant);
}

async function verify(token: string, user: SystemUser, ports: SignInPorts): Promise<JWTPayload> {
  const keys = createRemoteJWKSet(below(user.loginUrl, ".well-known/jwks"), {
    [customFetch]: async (url, options) => {
      const answer = await exchange(ports.fetch, {
        method: "GET",
        url: new URL(url),
        headers: { accept: "application/json" },
        signal: options.signal,
        timeoutMs: ports.timeoutMs,
      });
      if (answer.status !== 200) throw failureOf(answer, "GET /.well-known/jwks", ports.clock.now());
      return Response.json(parseJson(answer.text));
    },
  });
  try {
    // The table of validate-security-tokens.md: issuer "SuperOffice AS", audience "spn:" and the database's serial.
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ["RS256"],
      issuer: "SuperOffice AS",
      currentDate: new Date(ports.clock.now()),
      clockTolerance: 300,
    });
    return payload;
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (error instanceof errors.JWKSTimeout) throw new Failure("network.timeout", { cause: error });
    throw unauthorized(error instanceof errors.JOSEError ? error.code : "token", error);
  }
}

function ticketOf(payload: JWTPayload, tenant: string): string {
  const audience = typeof payload.aud === "string" ? payload.aud : "";
  if (!audience.startsWith("spn:")) throw unauthorized("audience");
  const context = payload[claim("ctx")];
  if (typeof context !== "string" || context.toLowerCase() !== tenant.toLowerCase())
    throw unauthorized("tenant");
  const ticket = payload[claim("ticket")];
  if (typeof ticket !== "string" || !/^[\x21-\x7e]+$/.test(ticket)) throw unauthorized("ticket");
  return ticket;
}

/** A path below an address that may or may not end in a slash. */
export function below(base: string, path: string): URL {
  return new URL(path, base.endsWith("/") ? base : `${base}/`);
}

function unauthorized(reason: string, cause?: unknown): Failure {
  return new Failure("superoffice.unauthorized", { detail: { reason }, cause });
}
