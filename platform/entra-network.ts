import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from "@azure/msal-node";
import { classify } from "../core/errors/classify.ts";
import { Failure } from "../core/errors/failure.ts";
import type { ErrorCode } from "../core/errors/table.ts";

const timeoutMs = 15_000;
/** Endpoint metadata changes with Microsoft's announcements, not within the hour. */
const metadataMs = 3_600_000;

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

const metadata = new Map<string, { answer: Answer; until: number }>();

/**
 * MSAL's way to the network, with what MSAL leaves out: a time limit, no redirects, abort, metadata kept between
 * client objects, and a record of what Entra really answered. Failures are judged by that record and not by
 * MSAL's exception types, which miss revoked grants (microsoft.md §3, MSAL traps).
 */
export class EntraNetwork implements INetworkModule {
  /** What the last POST met. */
  failure: Failure | undefined;
  readonly #signal: AbortSignal;
  readonly #offline: boolean;

  /** @param offline answers no POST: tells whether a token comes from the cache alone */
  constructor(signal: AbortSignal, { offline = false } = {}) {
    this.#signal = signal;
    this.#offline = offline;
  }

  async sendGetRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    const kept = metadata.get(url);
    if (kept && kept.until > Date.now()) return kept.answer as NetworkResponse<T>;
    const answer = await this.#call("GET", url, options);
    if (answer.status === 200) metadata.set(url, { answer, until: Date.now() + metadataMs });
    return answer as NetworkResponse<T>;
  }

  async sendPostRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    if (this.#offline) throw new Failure("vault.busy");
    return (await this.#call("POST", url, options)) as NetworkResponse<T>;
  }

  async #call(method: "GET" | "POST", url: string, options?: NetworkRequestOptions): Promise<Answer> {
    this.failure = undefined;
    let status = 0;
    try {
      const response = await fetch(url, {
        method,
        redirect: "error",
        signal: AbortSignal.any([this.#signal, AbortSignal.timeout(timeoutMs)]),
        ...(options?.headers ? { headers: options.headers } : {}),
        ...(options?.body === undefined ? {} : { body: options.body }),
      });
      status = response.status;
      const headers = Object.fromEntries(response.headers);
      const text = await response.text();
      const body: unknown = text === "" ? {} : JSON.parse(text);
      if (status >= 400) this.failure = failureOf(status, body, headers["retry-after"]);
      return { status, headers, body };
    } catch (cause) {
      this.#signal.throwIfAborted();
      // A body that is not JSON comes from something in between; with a good status the answer is broken.
      this.failure =
        status >= 400
          ? failureOf(status, {}, undefined)
          : status > 0
            ? new Failure("remote.malformed", { cause })
            : new Failure(isTimeout(cause) ? "network.timeout" : "network.unreachable", { cause });
      throw this.failure;
    }
  }
}

/** Judges an OAuth error answer (RFC 6749 §5.2, with Entra's `error_codes`). */
export function failureOf(status: number, body: unknown, retryAfter: string | undefined): Failure {
  const answer = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const error = typeof answer.error === "string" ? answer.error : undefined;
  const aadsts = numbersOf(answer);
  const code: ErrorCode =
    classify({ system: "entra", error, aadsts, ...(status >= 500 || status === 429 ? { status } : {}) }) ??
    (status >= 500 || status === 429 ? "entra.temporarily-unavailable" : "entra.configuration");
  const seconds = Number(retryAfter);
  return new Failure(code, {
    detail: { status, ...(error ? { error } : {}), ...(aadsts[0] ? { aadsts: aadsts[0] } : {}) },
    ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
  });
}

function numbersOf(answer: Record<string, unknown>): number[] {
  if (Array.isArray(answer.error_codes)) {
    return answer.error_codes.filter((code): code is number => typeof code === "number");
  }
  return aadstsIn(typeof answer.error_description === "string" ? answer.error_description : "");
}

/** `AADSTS65004: User declined …` → 65004. The authorize endpoint gives the number only in the description. */
export function aadstsIn(description: string): number[] {
  const match = /AADSTS(\d{4,8})/.exec(description);
  return match ? [Number(match[1])] : [];
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}
