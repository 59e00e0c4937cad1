import { Failure } from "../../core/errors/failure.ts";

export interface HttpCall {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  url: URL;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
  timeoutMs: number;
}

export interface HttpAnswer {
  status: number;
  headers: Headers;
  text: string;
}

export type Fetch = typeof globalThis.fetch;

/** Far above the largest listing page; more is not an answer of SuperOffice. */
const maxAnswerBytes = 16 * 1024 * 1024;

/**
 * One HTTP exchange, read to its end within `timeoutMs`. Redirects are not followed: a credential must not travel
 * to where somebody else points.
 *
 * @throws Failure `network.timeout`, `network.unreachable`; `remote.malformed` for a redirect and for a body that is
 *   cut off or too long
 * @throws the signal's reason when the caller aborts
 */
export async function exchange(fetch: Fetch, call: HttpCall): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(call.timeoutMs);
  const signal = AbortSignal.any([call.signal, timeout]);
  let response: Response | undefined;
  try {
    response = await fetch(call.url, {
      method: call.method,
      // As the other connectors: an operator of the system can tell whose calls these are.
      headers: { "user-agent": "Everlink", ...call.headers },
      redirect: "manual",
      signal,
      ...(call.body === undefined ? {} : { body: call.body }),
    });
    if (response.status >= 300 && response.status < 400 && response.status !== 304) {
      await response.body?.cancel();
      throw new Failure("remote.malformed", { detail: { reason: "redirect", status: response.status } });
    }
    return { status: response.status, headers: response.headers, text: await readText(response) };
  } catch (error) {
    if (error instanceof Failure) throw error;
    call.signal.throwIfAborted();
    if (timeout.aborted) throw new Failure("network.timeout", { cause: error });
    // Once the head was there, a break means that the body ended before its time.
    if (response) throw new Failure("remote.malformed", { detail: { reason: "truncated" }, cause: error });
    throw new Failure("network.unreachable", { cause: error });
  }
}

async function readText(response: Response): Promise<string> {
  if (!response.body) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) {
      throw new Failure("remote.malformed", { detail: { reason: "too-long", bytes } });
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** @throws Failure `remote.malformed` when the text is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The parser's message quotes the text, which may hold content: it stays out of the detail.
    throw new Failure("remote.malformed", {
      detail: { reason: "not-json", bytes: text.length },
      cause: error,
    });
  }
}
