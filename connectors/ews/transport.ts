import { Failure } from "../../core/errors/failure.ts";
import { parseEnvelope, soapFault } from "./answer.ts";
import { malformed, refusedStatus } from "./errors.ts";
import type { Xml } from "./xml.ts";

/** Asks for an access token. `force`: the last one was refused. `claims`: Entra's claims challenge, to pass on. */
export interface TokenProvider {
  (signal: AbortSignal, again?: { force: true; claims?: string }): Promise<string>;
}

export type Credential =
  | { kind: "bearer"; token: TokenProvider }
  /** Service accounts on premises, over TLS. */
  | { kind: "basic"; user: string; password: string };

export interface TransportOptions {
  /** `https://outlook.office365.com/EWS/Exchange.asmx` */
  url: string;
  credential: Credential;
  /** Routes to the server that holds the mailbox; mandatory with impersonation. */
  mailboxAddress: string;
  userAgent: string;
  /** Sees every message, in both directions; for tests. */
  onExchange?: ((direction: "request" | "response", xml: string) => void) | undefined;
}

/** No answer of a bounded request is longer (10 items with long bodies, 512 ids). Counted after decompression. */
export const longestAnswerBytes = 32 * 1024 * 1024;

/**
 * Sends one request and gives the envelope of a successful answer. What is not a well-formed SOAP envelope with
 * status 200 becomes a Failure here, whatever its shape. Redirects are not followed: the credential is for `url`.
 *
 * @throws a Failure, `network.timeout` when the signal timed out; the signal's reason when it was aborted otherwise
 */
export async function post(
  options: TransportOptions,
  operation: string,
  request: string,
  signal: AbortSignal,
): Promise<Xml> {
  signal.throwIfAborted();
  const { credential } = options;
  options.onExchange?.("request", request);
  const first = await send(options, operation, request, await authorization(credential, signal), signal);
  if (first.status !== 401 || credential.kind === "basic") return read(options, operation, first);
  // A token may be refused though it has not expired (revoked, continuous access evaluation): one fresh one.
  const claims = /claims="([^"]{1,8192})"/u.exec(first.headers.get("www-authenticate") ?? "")?.[1];
  const fresh = await credential.token(signal, { force: true, ...(claims === undefined ? {} : { claims }) });
  return read(options, operation, await send(options, operation, request, `Bearer ${fresh}`, signal));
}

async function authorization(credential: Credential, signal: AbortSignal): Promise<string> {
  if (credential.kind === "bearer") return `Bearer ${await credential.token(signal)}`;
  return `Basic ${Buffer.from(`${credential.user}:${credential.password}`, "utf8").toString("base64")}`;
}

interface Reply {
  status: number;
  headers: Headers;
  body: string;
}

async function send(
  options: TransportOptions,
  operation: string,
  request: string,
  credential: string,
  signal: AbortSignal,
): Promise<Reply> {
  let response: Response;
  try {
    response = await fetch(options.url, {
      method: "POST",
      redirect: "manual",
      signal,
      headers: {
        "content-type": "text/xml; charset=utf-8",
        accept: "text/xml",
        authorization: credential,
        "user-agent": options.userAgent,
        "x-anchormailbox": options.mailboxAddress,
      },
      body: request,
    });
  } catch (error) {
    throw unreachable(operation, "request", error, signal);
  }
  return {
    status: response.status,
    headers: response.headers,
    body: await bodyOf(response, operation, signal),
  };
}

async function bodyOf(response: Response, operation: string, signal: AbortSignal): Promise<string> {
  if (response.body === null) return "";
  // Not well-formed UTF-8 is not well-formed XML.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  try {
    for (;;) {
      const { done, value } = await chunk(reader, operation, signal);
      if (done) return text + decoded(decoder, undefined, operation);
      bytes += value.length;
      if (bytes > longestAnswerBytes) throw malformed(operation, "answer too long");
      text += decoded(decoder, value, operation);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function chunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  operation: string,
  signal: AbortSignal,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await reader.read();
  } catch (error) {
    throw unreachable(operation, "answer", error, signal);
  }
}

function decoded(decoder: TextDecoder, bytes: Uint8Array | undefined, operation: string): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    throw malformed(operation, "not UTF-8");
  }
}

function unreachable(operation: string, phase: string, cause: unknown, signal: AbortSignal): unknown {
  if (signal.aborted)
    return timedOut(signal.reason)
      ? new Failure("network.timeout", { detail: { operation } })
      : signal.reason;
  const code = (cause as { cause?: { code?: unknown } }).cause?.code;
  return new Failure("network.unreachable", {
    detail: { operation, phase, ...(typeof code === "string" ? { code } : {}) },
  });
}

/** `AbortSignal.timeout`, the store's own limit, as against somebody's wish to stop. */
function timedOut(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

function read(options: TransportOptions, operation: string, reply: Reply): Xml {
  const retryAfterMs = retryAfter(reply.headers);
  const isXml = /^\s*(?:<\?xml|<[\w.-]*:?Envelope\b)/u.test(reply.body);
  if (isXml) options.onExchange?.("response", reply.body);
  if (reply.status === 200) {
    if (!isXml) throw malformed(operation, reply.body === "" ? "empty answer" : "not XML");
    return parseEnvelope(reply.body, operation);
  }
  // Faults come with 500. Of other statuses the status says more than whatever a proxy wrote below it.
  const fault = reply.status === 500 && isXml ? faultIn(reply.body, operation, retryAfterMs) : undefined;
  throw fault ?? refusedStatus(reply.status, { operation, retryAfterMs });
}

function faultIn(body: string, operation: string, retryAfterMs: number | undefined): Failure | undefined {
  try {
    return soapFault(parseEnvelope(body, operation), operation, 500, retryAfterMs);
  } catch {
    return undefined;
  }
}

/** RFC 9110 §10.2.3: seconds, or a date (measured against the server's own clock where it tells it). */
function retryAfter(headers: Headers): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (!value) return undefined;
  if (/^\d{1,9}$/u.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  const now = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(at) ? undefined : Math.max(0, at - (Number.isNaN(now) ? Date.now() : now));
}
