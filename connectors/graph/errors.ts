import { classify } from "../../core/errors/classify.ts";
import { Failure } from "../../core/errors/failure.ts";

/** What is known of one refusal besides its status. */
export interface Context {
  /** `GET events`, for the log. */
  operation: string;
  retryAfterMs?: number | undefined;
}

/** Said when another event was made with the same `transactionId`: the create has happened before. */
export const duplicateTransaction = "ErrorDuplicateTransactionId";

/**
 * A request refused. `body` is the error envelope, if there was one (OData JSON format, "error response").
 * A bare 404 is no proof that an item is gone (a proxy, a wrong address): only Exchange's own word is.
 */
export function refused(status: number, body: unknown, { operation, retryAfterMs }: Context): Failure {
  const response = codeOf(body);
  return new Failure(classify({ system: "graph", response, status }) ?? "graph.unavailable", {
    retryAfterMs,
    detail: { operation, status, ...(response === undefined ? {} : { response }) },
  });
}

/** An answer that is not what the protocol promises. `reason` is a word of ours, never part of the answer. */
export function malformed(operation: string, reason: string): Failure {
  return new Failure("remote.malformed", { detail: { operation, reason } });
}

/** A code is a word; anything else that stands in its place could be content. */
function codeOf(body: unknown): string | undefined {
  const code = member(member(body, "error"), "code");
  return typeof code === "string" && /^[\w.]{1,80}$/u.test(code) ? code : undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
