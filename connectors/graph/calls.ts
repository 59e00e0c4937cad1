import { Failure } from "../../core/errors/failure.ts";
import { UnreadableItem, UnwritableItem } from "../ews/values.ts";
import { createGraphClient, type GraphClient, type Request, type TokenProvider } from "./client.ts";
import { malformed } from "./errors.ts";
import type { Found } from "./reading.ts";
import { nextPage } from "./requests.ts";
import { idOnly, page } from "./wire.ts";

/** What the stores of all kinds have in common: options, time limits, and how failures become the table's. */

export interface GraphStoreOptions {
  /** `https://graph.microsoft.com` */
  url: string;
  mailboxAddress: string;
  /** Delegated access: asked before every request; with `force` once more after a 401. */
  token: TokenProvider;
  userAgent: string;
  /** Name of the account for ever, `entra/<tid>/<oid>` (see `ItemStore.identity`); the caller knows it. */
  identity?: string;
  /** For one call of the store as a whole, at most 60,000 (default 45,000). */
  timeoutMs?: number;
  /** The mailbox's own IANA zone: where all-day appointments have their midnight (default UTC). */
  timeZone?: string;
  /** Sees every request. For tests: requests hold content. */
  onRequest?(request: Request): void;
}

/** No document limits how long Graph works on a request; its gateway answers 504 after some 100 s. */
export const serverLimitMs = 120_000;

export function clientOf({ url, token, userAgent, onRequest }: GraphStoreOptions): GraphClient {
  const { protocol, hostname } = new URL(url);
  if (protocol !== "https:" && hostname !== "127.0.0.1")
    throw new Error("credentials travel over https only");
  return createGraphClient({ url, token, userAgent, onRequest });
}

/** Runs a call under the caller's signal and the store's own time limit. */
export function deadline(wanted = 45_000) {
  const timeoutMs = Math.min(wanted, 60_000);
  return async <Result>(
    signal: AbortSignal,
    work: (limited: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await work(AbortSignal.any([signal, timeout]));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (timeout.aborted && !(error instanceof Failure)) {
        throw new Failure("network.timeout", { detail: { afterMs: timeoutMs }, cause: error });
      }
      throw error;
    }
  };
}

/** The ids of all pages of a listing. */
export async function listIds(client: GraphClient, first: Request, signal: AbortSignal): Promise<string[]> {
  return (await listAll(client, first, signal)).map((one) => accepted(idOnly, one, first).id);
}

/** The entries of all pages of a listing. */
export async function listAll(client: GraphClient, first: Request, signal: AbortSignal): Promise<unknown[]> {
  const entries: unknown[] = [];
  let request: Request | undefined = first;
  while (request !== undefined) {
    const answer = await client.send(request, signal);
    const read: { value: unknown[]; "@odata.nextLink"?: string | undefined } = accepted(
      page,
      answer,
      request,
    );
    entries.push(...read.value);
    const next = read["@odata.nextLink"];
    request = next === undefined ? undefined : nextPage(next);
  }
  return entries;
}

interface Shape<Value> {
  safeParse(json: unknown): { success: true; data: Value } | { success: false };
}

export function accepted<Value>(shape: Shape<Value>, json: unknown, { operation }: Request): Value {
  const read = shape.safeParse(json);
  if (!read.success) throw malformed(operation, "another shape");
  return read.data;
}

/** @returns `undefined` when Exchange says that there is no such item */
export function itemOf<Read>(found: Found<Read> | undefined): Read | undefined {
  if (found?.kind === "read") return found.item;
  if (found?.kind === "missing") return undefined;
  throw found?.failure ?? malformed("GET item", "no answer");
}

export function readable<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UnreadableItem)) throw error;
    throw new Failure("item.malformed", { detail: { reason: error.message } });
  }
}

export function writable<Result>(make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    throw unwritable(error);
  }
}

export function unwritable(error: unknown): unknown {
  return error instanceof UnwritableItem
    ? new Failure("graph.request-invalid", { detail: { reason: error.message } })
    : error;
}
