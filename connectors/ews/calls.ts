import { Failure } from "../../core/errors/failure.ts";
import type { ErrorCode } from "../../core/errors/table.ts";
import type { Message } from "./answer.ts";
import type { Found } from "./batch.ts";
import { createEwsClient, type EwsClient, type Request } from "./client.ts";
import { refusedItem, saysGone } from "./errors.ts";
import { getFolder } from "./requests.ts";
import type { TokenProvider } from "./transport.ts";
import { readId, UnreadableItem, UnwritableItem } from "./values.ts";
import { child, children, text, type Xml } from "./xml.ts";

/** What the stores of all kinds have in common: options, time limits, and how failures become the table's. */

export interface EwsStoreOptions {
  /** `https://outlook.office365.com/EWS/Exchange.asmx` */
  url: string;
  mailboxAddress: string;
  /** Delegated access: asked before every request; with `force` once more after a 401. */
  token?: TokenProvider;
  /** On-premises service account, over TLS; `impersonate` acts as the mailbox within its management scope. */
  basic?: { user: string; password: string; impersonate?: boolean };
  userAgent: string;
  /** Name of the account for ever, `entra/<tid>/<oid>` (see `ItemStore.identity`); the caller knows it. */
  identity?: string;
  /** For one call of the store as a whole, at most 60,000 (default 45,000). */
  timeoutMs?: number;
  /** The mailbox's own IANA zone: where all-day appointments have their midnight (default UTC). */
  timeZone?: string;
  /** Sees every message in both directions. For tests: messages hold content. */
  onExchange?(direction: "request" | "response", xml: string): void;
}

/** EWS stops what it does after a minute ("EWS throttling in Exchange"); until then a request may still land. */
export const serverLimitMs = 60_000;

export function clientOf(options: EwsStoreOptions): EwsClient {
  const { url, mailboxAddress, userAgent, token, basic } = options;
  if ((token === undefined) === (basic === undefined)) throw new Error("an EWS store needs token or basic");
  const { protocol, hostname } = new URL(url);
  if (protocol !== "https:" && hostname !== "127.0.0.1")
    throw new Error("credentials travel over https only");
  return createEwsClient({
    url,
    mailboxAddress,
    userAgent,
    credential: token
      ? { kind: "bearer", token }
      : { kind: "basic", user: basic?.user ?? "", password: basic?.password ?? "" },
    impersonate: basic?.impersonate ?? false,
    onExchange: options.onExchange?.bind(options),
  });
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

/** One write of one item. @returns the item element of the answer */
export async function write(client: EwsClient, request: Request, signal: AbortSignal): Promise<Xml> {
  const [message] = await client.call(request, signal);
  const items = accepted(message, request.operation);
  const element = child(items, "Items");
  const item = element && children(element)[0];
  if (!item)
    throw new Failure("remote.malformed", { detail: { operation: request.operation, reason: "no item" } });
  return item;
}

export async function find(client: EwsClient, request: Request, signal: AbortSignal): Promise<string[]> {
  const [message] = await client.call(request, signal);
  const folder = child(accepted(message, request.operation), "RootFolder");
  const items = folder && child(folder, "Items");
  if (!items)
    throw new Failure("remote.malformed", { detail: { operation: request.operation, reason: "no list" } });
  return children(items).map((item) => readable(() => readId(item)).id);
}

/** Whether items of the folder may be read and made; a refusal is an answer. */
export async function probe(
  client: EwsClient,
  container: string,
  signal: AbortSignal,
): Promise<{ ok: true } | { ok: false; code: ErrorCode }> {
  const request = getFolder(container);
  const [message] = await client.call(request, signal);
  const folders = child(accepted(message, request.operation), "Folders");
  const folder = folders && children(folders)[0];
  const rights = folder && child(folder, "EffectiveRights");
  const has = (name: string): boolean => {
    const right = rights && child(rights, name);
    return right !== undefined && text(right).trim() === "true";
  };
  return ["CreateContents", "Read"].every(has) ? { ok: true } : { ok: false, code: "ews.access-denied" };
}

/** An item already gone is success. */
export async function erase(client: EwsClient, request: Request, signal: AbortSignal): Promise<void> {
  const [message] = await client.call(request, signal);
  if (message && (message.success || saysGone(message.code))) return;
  throw refusedItem(message?.code ?? "", { operation: "DeleteItem" }, "ews.request-invalid");
}

export function accepted(message: Message | undefined, operation: string): Xml {
  if (message?.success) return message.element;
  throw refusedItem(message?.code ?? "", { operation }, "ews.request-invalid");
}

/** @returns `undefined` when Exchange says that there is no such item */
export function itemOf<Read>(found: Found<Read> | undefined): Read | undefined {
  if (found?.kind === "read") return found.item;
  if (found?.kind === "missing") return undefined;
  throw new Failure((found?.code as ErrorCode | undefined) ?? "remote.malformed", {
    detail: { operation: "GetItem" },
  });
}

export function mustBeAt(item: { changeKey: string } | undefined, version: string): void {
  if (!item) throw new Failure("item.not-found", { detail: { operation: "GetItem" } });
  if (item.changeKey !== version) throw conflict();
}

export function conflict(): Failure {
  return new Failure("item.version-conflict", { detail: { operation: "GetItem" } });
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
    ? new Failure("ews.request-invalid", { detail: { reason: error.message } })
    : error;
}
