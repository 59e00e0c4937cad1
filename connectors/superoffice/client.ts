import { Failure } from "../../core/errors/failure.ts";
import { failureOf, isFailure } from "./errors.ts";
import { exchange, parseJson, type Fetch, type HttpAnswer } from "./http.ts";
import { below, signInSystemUser, type SystemUser } from "./signin.ts";
import { evidenceMs, TenantState } from "./tenant.ts";
import { createTicketCache, type LiveTicket, type TicketCache } from "./ticket-cache.ts";

export interface SuperOfficeConnection {
  /** `Cust12345` */
  tenant: string;
  /** `https://online.superoffice.com/login` */
  loginUrl: string;
  /** `https://online3.superoffice.com/Cust12345` */
  baseUrl: string;
  secrets: Pick<SystemUser, "applicationToken" | "systemUserToken" | "privateKeyPem">;
  /** Shared by all clients of a process; a new one in memory unless given. */
  ticketCache?: TicketCache;
  clock?: { now(): number };
  fetch?: Fetch;
  /** For each request; 30 s unless given, 60 s at most. */
  timeoutMs?: number;
}

export interface ApiCall {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below `/api/v1/`, ids filled in: `Appointment/17`. */
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  contentType?: string;
  /** Second resolution; SuperOffice answers 412 when the row was written later. */
  ifUnmodifiedSince?: Date;
  signal: AbortSignal;
}

export interface ApiAnswer {
  /** `undefined` for an empty body. */
  value: unknown;
  /** The receiver's own time, from its `Date` header; ours where it has none. */
  receivedAt: number;
}

/**
 * Calls of one tenant's web services as its system user. Each request carries the credential of this client and
 * nothing is kept outside of it (the package `@superoffice/webapi` writes a global and mixes tenants up).
 */
export interface SuperOfficeClient {
  /**
   * @throws Failure by the error table: `superoffice.*`, `item.not-found` (404 while the tenant runs),
   *   `item.version-conflict` (412), `remote.malformed`, `network.*`; the signal's reason when aborted
   */
  call(call: ApiCall): Promise<ApiAnswer>;
  readonly tenant: string;
  /** Longest time that a request may take. */
  readonly timeoutMs: number;
}

/** A ticket younger than this that meets a 403 is not the reason for it. */
const freshTicketMs = 60_000;

export function createSuperOfficeClient(connection: SuperOfficeConnection): SuperOfficeClient {
  return new Client(connection);
}

class Client implements SuperOfficeClient {
  readonly tenant: string;
  readonly timeoutMs: number;
  readonly #user: SystemUser;
  readonly #apiUrl: URL;
  readonly #tickets: TicketCache;
  readonly #ticketKey: string;
  readonly #clock: { now(): number };
  readonly #fetch: Fetch;
  readonly #state: TenantState;

  constructor(connection: SuperOfficeConnection) {
    const { tenant, loginUrl, secrets } = connection;
    this.tenant = tenant;
    this.timeoutMs = Math.min(connection.timeoutMs ?? 30_000, 60_000);
    this.#user = { tenant, loginUrl, ...secrets };
    this.#apiUrl = below(connection.baseUrl, "api/v1/");
    this.#clock = connection.clock ?? Date;
    this.#tickets = connection.ticketCache ?? createTicketCache(this.#clock);
    this.#ticketKey = JSON.stringify([loginUrl, tenant, secrets.systemUserToken]);
    this.#fetch = connection.fetch ?? ((...request) => globalThis.fetch(...request));
    this.#state = new TenantState(tenant, loginUrl, this.#ports);
  }

  async call(call: ApiCall): Promise<ApiAnswer> {
    call.signal.throwIfAborted();
    try {
      return await this.#accepted(call, await this.#authorized(call));
    } catch (error) {
      await this.#explain(error, call.signal);
      throw error;
    }
  }

  /** One attempt, and a second one with a new ticket when the first was turned away for its ticket. */
  async #authorized(call: ApiCall): Promise<HttpAnswer> {
    const first = await this.#ticket(call.signal);
    const answer = await this.#attempt(call, first.ticket);
    const old = this.#clock.now() - first.since >= freshTicketMs;
    // Documents name both for a dead ticket: 401, and "until an HTTP 403 error occurs" (best-practices).
    if (answer.status !== 401 && !(answer.status === 403 && old)) return answer;
    this.#tickets.forget(this.#ticketKey, first.ticket);
    const second = await this.#ticket(call.signal);
    return this.#attempt(call, second.ticket);
  }

  async #accepted(call: ApiCall, answer: HttpAnswer): Promise<ApiAnswer> {
    if (answer.status < 200 || answer.status >= 300)
      throw failureOf(answer, operation(call), this.#clock.now());
    const date = Date.parse(answer.headers.get("date") ?? "");
    return {
      value: answer.text === "" ? undefined : parseJson(answer.text),
      receivedAt: Number.isNaN(date) ? this.#clock.now() : date,
    };
  }

  /** A sign-in serves several callers, so none of them can abort it; each can stop waiting. */
  async #ticket(signal: AbortSignal): Promise<LiveTicket> {
    const obtained = this.#tickets.obtain(this.#ticketKey, () => signInSystemUser(this.#user, this.#ports));
    return untilAborted(obtained, signal);
  }

  async #attempt(call: ApiCall, ticket: string): Promise<HttpAnswer> {
    const url = new URL(call.path, this.#apiUrl);
    // `URLSearchParams` writes a space as "+", which a filter expression may take for itself.
    url.search = Object.entries(call.query ?? {})
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join("&");
    const answer = await exchange(this.#fetch, {
      method: call.method,
      url,
      headers: {
        accept: "application/json",
        authorization: `SOTicket ${ticket}`,
        "so-apptoken": this.#user.applicationToken,
        // Without it, dates are local to a database zone that we would have to guess.
        "so-timezone": "UTC, includeTZOffset",
        ...(call.body === undefined ? {} : { "content-type": call.contentType ?? "application/json" }),
        ...(call.ifUnmodifiedSince ? { "if-unmodified-since": call.ifUnmodifiedSince.toUTCString() } : {}),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal: call.signal,
      timeoutMs: this.timeoutMs,
    });
    if (answer.status < 400) this.#tickets.used(this.#ticketKey, ticket);
    return answer;
  }

  /** A tenant that does not run explains most failures better than their status does. */
  async #explain(error: unknown, signal: AbortSignal): Promise<void> {
    if (!(error instanceof Failure)) return;
    if (isFailure(error, "item.not-found")) {
      // A 404 is evidence of a delete, so only a tenant that says that it runs may give it.
      await this.#state.requireRunning(signal, evidenceMs);
      if (!(await this.#state.isRunning(signal, evidenceMs))) {
        throw new Failure("superoffice.unavailable", { detail: { reason: "state-unknown" }, cause: error });
      }
    } else if (suspicious.has(error.code)) await this.#state.requireRunning(signal);
  }

  get #ports(): { fetch: Fetch; clock: { now(): number }; timeoutMs: number } {
    return { fetch: this.#fetch, clock: this.#clock, timeoutMs: this.timeoutMs };
  }
}

const suspicious: ReadonlySet<Failure["code"]> = new Set<Failure["code"]>([
  "superoffice.unavailable",
  "superoffice.forbidden",
  "superoffice.unauthorized",
  "remote.malformed",
  "network.unreachable",
]);

/** Method and path without ids and query, for the log. */
function operation(call: ApiCall): string {
  return `${call.method} /${call.path.replace(/\/\d+(?=\/|$)/g, "/{id}")}`;
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
