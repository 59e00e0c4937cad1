import { z } from "zod";
import { Failure } from "../../core/errors/failure.ts";
import { malformed, refused } from "./errors.ts";
import { exchange, retryAfter, type HttpReply, type HttpRequest } from "./http.ts";
import { createLimiter } from "./limiter.ts";

/** Asks for an access token. `force`: the last one was refused. `claims`: Entra's claims challenge, to pass on. */
export interface TokenProvider {
  (signal: AbortSignal, again?: { force: true; claims?: string }): Promise<string>;
}

/** One Graph request. */
export interface Request {
  /** `GET event`, for the log: without ids. */
  operation: string;
  method: HttpRequest["method"];
  /** Below `/v1.0`, `/me/events?$top=5`; or a whole address that an answer gave. */
  path: string;
  headers?: Record<string, string>;
  body?: Record<string, unknown>;
}

/** The answer to one request of a batch. */
export type Part = { ok: true; json: unknown } | { ok: false; failure: Failure };

export interface GraphClient {
  /**
   * @returns the body of a successful answer; `undefined` when it has none
   * @throws Failure; the signal's reason after an abort
   */
  send(request: Request, signal: AbortSignal): Promise<unknown>;
  /**
   * Up to 20 reads in one call (`$batch`).
   *
   * @returns one answer for each, in order
   * @throws Failure of the batch as a whole
   */
  batch(requests: readonly Request[], signal: AbortSignal): Promise<Part[]>;
  /** Whether an address that an answer gave, or a cursor kept, is of this service. */
  isOwn(address: string): boolean;
}

export interface ClientOptions {
  /** `https://graph.microsoft.com` */
  url: string;
  token: TokenProvider;
  userAgent: string;
  onRequest?: ((request: Request) => void) | undefined;
}

/** "JSON batching": at most 20 requests. */
export const batchSize = 20;
/** "Outlook service limits": 4 concurrent requests per application and mailbox; a batch is sent on 4 at a time. */
const concurrency = 4;

const batchAnswer = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.int(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
    }),
  ),
});

/** Requests of one mailbox; it keeps nothing between them but the time until which Graph wants to be left alone. */
export function createGraphClient(options: ClientOptions): GraphClient {
  const base = new URL(`${options.url.replace(/\/+$/u, "")}/v1.0`);
  const limited = createLimiter(concurrency);
  let quiet: { until: number; failure: Failure } | undefined;

  function isOwn(address: string): boolean {
    return URL.canParse(address) && new URL(address).origin === base.origin;
  }

  function addressOf({ path, operation }: Request): URL {
    if (path.startsWith("/")) return new URL(`${base.href}${path}`);
    if (!isOwn(path)) throw malformed(operation, "another host's address");
    return new URL(path);
  }

  async function once(request: Request, token: string, signal: AbortSignal): Promise<HttpReply> {
    return await exchange(
      {
        operation: request.operation,
        method: request.method,
        url: addressOf(request),
        headers: {
          ...headersOf(request),
          authorization: `Bearer ${token}`,
          "user-agent": options.userAgent,
        },
        body: request.body === undefined ? undefined : JSON.stringify(request.body),
      },
      signal,
    );
  }

  async function authorized(request: Request, signal: AbortSignal): Promise<HttpReply> {
    const first = await once(request, await options.token(signal), signal);
    if (first.status !== 401) return first;
    // A token may be refused though it has not expired (revoked, continuous access evaluation): one fresh one.
    const claims = /claims="([^"]{1,8192})"/u.exec(first.headers.get("www-authenticate") ?? "")?.[1];
    const again = { force: true as const, ...(claims === undefined ? {} : { claims }) };
    return await once(request, await options.token(signal, again), signal);
  }

  async function send(request: Request, places: number, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    return await limited(places, signal, async () => {
      const left = (quiet?.until ?? 0) - performance.now();
      if (quiet && left > 0) {
        throw new Failure(quiet.failure.code, { retryAfterMs: Math.ceil(left), detail: { local: true } });
      }
      options.onRequest?.(request);
      const { status, headers, json } = await authorized(request, signal);
      if (status >= 200 && status < 300) return json;
      const failure = refused(status, json, {
        operation: request.operation,
        retryAfterMs: retryAfter(headers),
      });
      keepQuiet(failure);
      throw failure;
    });
  }

  async function alone(request: Request, signal: AbortSignal): Promise<Part> {
    try {
      return { ok: true, json: await send(request, 1, signal) };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { ok: false, failure: error };
    }
  }

  /** Requests before the end of a back-off only make it longer ("Microsoft Graph throttling guidance"). */
  function keepQuiet(failure: Failure): void {
    if (failure.retryAfterMs === undefined) return;
    quiet = { until: performance.now() + failure.retryAfterMs, failure };
  }

  return {
    isOwn,
    send: (request, signal) => send(request, 1, signal),

    async batch(requests, signal) {
      const [first] = requests;
      if (first === undefined) return [];
      if (requests.length === 1) return [await alone(first, signal)];
      const operation = "POST $batch";
      const answer = await send(
        {
          operation,
          method: "POST",
          path: "/$batch",
          body: {
            requests: requests.map((request, index) => ({
              id: `${index}`,
              method: request.method,
              url: request.path,
              headers: headersOf(request),
            })),
          },
        },
        concurrency,
        signal,
      );
      const read = batchAnswer.safeParse(answer);
      if (!read.success) throw malformed(operation, "no responses");
      const answers = new Map(read.data.responses.map((response) => [response.id, response]));
      const parts = requests.map((request, index): Part => {
        const { operation } = request;
        const response = answers.get(`${index}`);
        if (!response) return { ok: false, failure: malformed(operation, "no response in the batch") };
        if (response.status >= 200 && response.status < 300) return { ok: true, json: response.body };
        const retryAfterMs = retryAfter(new Headers(response.headers));
        return { ok: false, failure: refused(response.status, response.body, { operation, retryAfterMs }) };
      });
      for (const part of parts) if (!part.ok) keepQuiet(part.failure);
      return parts;
    },
  };
}

/** Ids stay the same when an item moves within the mailbox ("Get immutable identifiers"): asked for every time. */
const immutable = 'IdType="ImmutableId"';

function headersOf(request: Request): Record<string, string> {
  const { prefer, ...others } = request.headers ?? {};
  return {
    accept: "application/json",
    ...(request.body === undefined ? {} : { "content-type": "application/json" }),
    ...others,
    prefer: prefer === undefined ? immutable : `${immutable}, ${prefer}`,
  };
}
