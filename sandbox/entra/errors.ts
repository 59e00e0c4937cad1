import { randomUUID } from "node:crypto";
import type { Answer } from "../context.ts";

interface Row {
  error: string;
  status: number;
  suberror?: string;
  text: string;
}

/**
 * What Entra says, by AADSTS number. `suberror` only where real answers were seen with one: 65001 with
 * `consent_required`, 50076 with `basic_action`; 50173 exists without (Azure/azure-cli#16745), and that is the
 * harder case for a client.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const rows = {
  50011: {
    error: "invalid_request",
    status: 400,
    text: "The redirect URI '{0}' specified in the request does not match the redirect URIs configured for the application '{1}'.",
  },
  50034: { error: "invalid_grant", status: 400, text: "The user account does not exist in the directory." },
  50057: { error: "invalid_grant", status: 400, text: "The user account is disabled." },
  50076: {
    error: "interaction_required",
    status: 400,
    suberror: "basic_action",
    text: "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication.",
  },
  50126: {
    error: "invalid_grant",
    status: 400,
    text: "Error validating credentials due to invalid username or password.",
  },
  50173: {
    error: "invalid_grant",
    status: 400,
    text: "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password. The grant was issued on '{0}' and the TokensValidFrom date (before which tokens are not valid) for this user is '{1}'.",
  },
  53003: {
    error: "interaction_required",
    status: 400,
    suberror: "message_only",
    text: "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
  },
  54005: {
    error: "invalid_grant",
    status: 400,
    text: "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
  },
  65001: {
    error: "invalid_grant",
    status: 400,
    suberror: "consent_required",
    text: "The user or administrator has not consented to use the application with ID '{0}'. Send an interactive authorization request for this user and resource.",
  },
  65004: { error: "access_denied", status: 400, text: "User declined to consent to access the app." },
  70000: {
    error: "invalid_grant",
    status: 400,
    text: "The provided value for the input parameter 'refresh_token' or 'assertion' is not valid.",
  },
  70003: {
    error: "unsupported_grant_type",
    status: 400,
    text: "The app requested an unsupported grant type '{0}'.",
  },
  70008: {
    error: "invalid_grant",
    status: 400,
    text: "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
  },
  70011: {
    error: "invalid_scope",
    status: 400,
    text: "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {0} is not valid.",
  },
  90002: { error: "invalid_request", status: 400, text: "Tenant '{0}' not found." },
  90094: { error: "access_denied", status: 400, text: "The grant requires admin permission." },
  501481: {
    error: "invalid_grant",
    status: 400,
    text: "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
  },
  700016: {
    error: "unauthorized_client",
    status: 400,
    text: "Application with identifier '{0}' was not found in the directory '{1}'.",
  },
  700022: {
    error: "invalid_request",
    status: 400,
    text: "Provided value for the input parameter scope is not valid because it contains more than one resource. Scope {0} is not valid.",
  },
  700027: {
    error: "invalid_client",
    status: 401,
    text: "The certificate with identifier used to sign the client assertion is not registered on application, or the assertion is not valid.",
  },
  700082: {
    error: "invalid_grant",
    status: 400,
    text: "The refresh token has expired due to inactivity. The token was issued on {0} and was inactive for 90.00:00:00.",
  },
  7000215: {
    error: "invalid_client",
    status: 401,
    text: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{0}'.",
  },
  7000218: {
    error: "invalid_client",
    status: 401,
    text: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  },
  9002313: { error: "invalid_grant", status: 400, text: "Invalid request. Request is malformed or invalid." },
} satisfies Record<number, Row>;

export type AadstsCode = keyof typeof rows;

/** A refusal on its way to the edge, where `now` and the correlation id are known. */
export class Aadsts extends Error {
  readonly code: AadstsCode;
  readonly error: string;
  constructor(code: AadstsCode, ...values: string[]) {
    const row: Row = rows[code];
    super(
      `AADSTS${code}: ${row.text.replace(/\{(\d)\}/g, (_, index: string) => values[Number(index)] ?? "")}`,
    );
    this.code = code;
    this.error = row.error;
  }
}

const timestamp = (at: Date): string => `${at.toISOString().slice(0, 19).replace("T", " ")}Z`;

/** The JSON answer of the token endpoint, in Entra's own form. */
export function aadstsAnswer(refusal: Aadsts, now: Date, correlation: string | undefined): Answer {
  const row: Row = rows[refusal.code];
  const trace = randomUUID();
  const correlationId = correlation ?? randomUUID();
  const body = {
    error: row.error,
    error_description: `${refusal.message} Trace ID: ${trace} Correlation ID: ${correlationId} Timestamp: ${timestamp(now)}`,
    error_codes: [refusal.code],
    timestamp: timestamp(now),
    trace_id: trace,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${refusal.code}`,
    ...(row.suberror === undefined ? {} : { suberror: row.suberror }),
  };
  return {
    status: row.status,
    headers: {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store, no-cache",
      "x-ms-request-id": trace,
    },
    body: JSON.stringify(body),
  };
}
