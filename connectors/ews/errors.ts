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

/** The row of an EWS response code (`ErrorServerBusy`); `undefined` for a name that the table does not know. */
export function knownRefusal(response: string, context: Context): Failure | undefined {
  const code = classify({ system: "ews", response });
  return code && failure(code, context, response);
}

/** A whole call refused. An unknown name counts as trouble of the server: nobody is marked for it. */
export function refusedCall(response: string, context: Context): Failure {
  const code = classify({ system: "ews", response, status: context.status });
  return failure(code ?? "ews.unavailable", context, response);
}

/** One item refused. An unknown name says something about the item or the request, not about the server. */
export function refusedItem(response: string, context: Context, unknown: ErrorCode): Failure {
  return failure(classify({ system: "ews", response }) ?? unknown, context, response);
}

/** An HTTP status without an EWS response code. */
export function refusedStatus(status: number, context: Context): Failure {
  return failure(classify({ system: "ews", status }) ?? "ews.unavailable", { ...context, status });
}

/** An answer that is not what the protocol promises. `reason` is a word of ours, never part of the answer. */
export function malformed(operation: string, reason: string): Failure {
  return new Failure("remote.malformed", { detail: { operation, reason } });
}

/** Whether only the item at hand is concerned, so that the others of its batch can go on. */
export function concernsItem(failure: Failure): boolean {
  return errorRow(failure.code).scope === "item";
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
