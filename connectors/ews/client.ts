import { Failure } from "../../core/errors/failure.ts";
import { responseMessages, type Message } from "./answer.ts";
import { refusalOfAll } from "./errors.ts";
import { writeRequest, type Writing } from "./library.ts";
import { post, type TransportOptions } from "./transport.ts";

/** One EWS request: its operation, how the library writes it, how many response messages it must get. */
export interface Request {
  operation: string;
  write: Writing;
  messages: number;
}

export interface EwsClient {
  /**
   * @returns the response messages, in the order of the request; each tells of one item, and may be an error
   *   that concerns this item only
   * @throws Failure of anything that concerns more than one item; the signal's reason after an abort
   */
  call(request: Request, signal: AbortSignal): Promise<Message[]>;
}

export interface ClientOptions extends TransportOptions {
  /** Act as the mailbox with a service account's credential (`ExchangeImpersonation`). */
  impersonate: boolean;
}

export function createEwsClient(options: ClientOptions): EwsClient {
  /** "EWS throttling in Exchange": after a back-off, requests before its end only make it longer. */
  let quiet: { until: number; failure: Failure } | undefined;

  async function send(request: Request, signal: AbortSignal): Promise<Message[]> {
    const { operation } = request;
    const xml = await writeRequest(
      operation,
      request.write,
      options.impersonate ? options.mailboxAddress : undefined,
    );
    const messages = responseMessages(
      await post(options, operation, xml, signal),
      operation,
      request.messages,
    );
    for (const message of messages) {
      const failure = message.success
        ? undefined
        : refusalOfAll(message.code, { operation, retryAfterMs: message.backOffMs });
      if (failure) throw failure;
    }
    return messages;
  }

  return {
    async call(request, signal) {
      signal.throwIfAborted();
      const left = (quiet?.until ?? 0) - performance.now();
      if (quiet && left > 0) {
        throw new Failure(quiet.failure.code, { retryAfterMs: Math.ceil(left), detail: { local: true } });
      }
      try {
        return await send(request, signal);
      } catch (error) {
        if (error instanceof Failure && error.retryAfterMs !== undefined) {
          quiet = { until: performance.now() + error.retryAfterMs, failure: error };
        }
        throw error;
      }
    },
  };
}
