import { classify } from "../../core/errors/classify.ts";
import { Failure } from "../../core/errors/failure.ts";
import { errorRow, type ErrorCode } from "../../core/errors/table.ts";

/** What is known of one refusal besides its name. */
export interface Context {
  /** EWS operation, `GetItem`. */
  operation: string;
  status?: number;
  retryAfterMs?: number | undefined;
}

/** Said of the items after the one at which the server stopped a batch: they were not looked at. */
export const notProcessed = "ErrorBatchProcessingStopped";

/**
 * In the message of one item this tells of that item (a corrupt one, mostly). A server in trouble refuses whole
 * calls and cannot list either, so nothing is hidden; and one bad item must not stop all others for ever.
 */
const poisoned = "ErrorInternalServerError";

/**
 * What a response message says that concerns more than its item, so that the call has failed as a whole;
 * `undefined` when it is the item's own matter, or unknown.
 */
export function refusalOfAll(response: string, context: Context): Failure | undefined {
  const code = response === poisoned ? undefined : classify({ system: "ews", response });
  return code && errorRow(code).scope !== "item" ? failure(code, context, response) : undefined;
}

/** Whether the code positively says that there is no such item. */
export function saysGone(response: string): boolean {
  return classify({ system: "ews", response }) === "item.not-found";
}

/** A whole call refused. An unknown name counts as trouble of the server: nobody is marked for it. */
export function refusedCall(response: string, context: Context): Failure {
  const code = classify({ system: "ews", response, status: context.status });
  return failure(code ?? "ews.unavailable", context, response);
}

/** One item refused. A name that tells nothing of the item becomes `unknown`. */
export function refusedItem(response: string, context: Context, unknown: ErrorCode): Failure {
  const code = response === poisoned ? undefined : classify({ system: "ews", response });
  return failure(code ?? unknown, context, response);
}

/** An HTTP status without an EWS response code. */
export function refusedStatus(status: number, context: Context): Failure {
  return failure(classify({ system: "ews", status }) ?? "ews.unavailable", { ...context, status });
}

/** An answer that is not what the protocol promises. `reason` is a word of ours, never part of the answer. */
export function malformed(operation: string, reason: string): Failure {
  return new Failure("remote.malformed", { detail: { operation, reason } });
}

function failure(code: ErrorCode, context: Context, response?: string): Failure {
  return new Failure(code, {
    retryAfterMs: context.retryAfterMs,
    detail: {
      operation: context.operation,
      ...(response === undefined ? {} : { response: /^\w{1,80}$/u.test(response) ? response : "unreadable" }),
      ...(context.status === undefined ? {} : { status: context.status }),
    },
  });
}
