import { randomUUID } from "node:crypto";
import type { Answer } from "../context.ts";
import { EwsError } from "../exchange/errors.ts";

/** A refusal in Graph's words. */
export class GraphError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export const badRequest = (code: string, message: string): GraphError => new GraphError(400, code, message);

export const notFound = (): GraphError =>
  new GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.");

/** Status codes of what the mailbox store refuses; Graph hands its codes through. */
const statuses: Record<string, number> = {
  ErrorItemNotFound: 404,
  ErrorFolderNotFound: 404,
  ErrorNonExistentMailbox: 404,
  ErrorCalendarOccurrenceIsDeletedFromRecurrence: 404,
  ErrorAccessDenied: 403,
  ErrorFolderExists: 409,
};

/** What went wrong, as Graph says it; `undefined` for a failure of the sandbox itself. */
export function asGraphError(error: unknown): GraphError | undefined {
  if (error instanceof GraphError) return error;
  if (!(error instanceof EwsError)) return undefined;
  return new GraphError(statuses[error.code] ?? 400, error.code, error.message);
}

/** @see https://learn.microsoft.com/graph/errors */
export function errorAnswer(error: GraphError, now: Date): Answer {
  const requestId = randomUUID();
  const body = {
    error: {
      code: error.code,
      message: error.message,
      innerError: {
        date: now.toISOString().slice(0, 19),
        "request-id": requestId,
        "client-request-id": requestId,
      },
    },
  };
  return jsonAnswer(error.status, body, error.headers);
}

export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: {
      "content-type":
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
      "request-id": randomUUID(),
      ...headers,
    },
    body: JSON.stringify(body),
  };
}
