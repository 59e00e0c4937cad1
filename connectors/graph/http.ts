import { Failure } from "../../core/errors/failure.ts";
import { malformed } from "./errors.ts";

export interface HttpRequest {
  operation: string;
  method: "GET" | "POST" | "PATCH" | "DELETE";
  url: URL;
  headers: Record<string, string>;
  /** JSON text. */
  body: string | undefined;
}

export interface HttpReply {
  status: number;
  headers: Headers;
  /** `undefined` for an empty body, and for an error's body that is not JSON. */
  json: unknown;
}

/** No page of 100 entries or batch of 20 items with long bodies is longer. Counted after decompression. */
const longestAnswerBytes = 32 * 1024 * 1024;

/**
 * One HTTP exchange, read to its end. Redirects are not followed: the credential is for this address.
 *
 * @throws a Failure, `network.timeout` when the signal timed out; the signal's reason when it was aborted otherwise
 */
export async function exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
  const { operation } = request;
  signal.throwIfAborted();
  let response: Response | undefined;
  let text: string;
  try {
    response = await fetch(request.url, {
      method: request.method,
      redirect: "manual",
      signal,
      headers: request.headers,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    text = await textOf(response, operation);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw unreachable(operation, response === undefined ? "request" : "answer", error, signal);
  }
  const { status, headers } = response;
  return { status, headers, json: parsed(text, status, operation) };
}

async function textOf(response: Response, operation: string): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > longestAnswerBytes) throw malformed(operation, "answer too long");
    text += decoded(() => decoder.decode(chunk, { stream: true }), operation);
  }
  return text + decoded(() => decoder.decode(), operation);
}

function decoded(decode: () => string, operation: string): string {
  try {
    return decode();
  } catch {
    throw malformed(operation, "not UTF-8");
  }
}

/** Of a refusal the status says more than whatever a proxy wrote below it. */
function parsed(text: string, status: number, operation: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    if (status >= 400) return undefined;
    throw malformed(operation, "not JSON");
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

/** RFC 9110 §10.2.3: seconds, or a date (measured against the server's own clock where it tells it). */
export function retryAfter(headers: Headers): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (!value) return undefined;
  if (/^\d{1,9}$/u.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  const now = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(at) ? undefined : Math.max(0, at - (Number.isNaN(now) ? Date.now() : now));
}
