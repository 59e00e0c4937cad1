import type { Context, ErrorHandler, NotFoundHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { errorRow } from "../core/errors/table.ts";
import { Failure } from "../core/errors/failure.ts";
import type { Logger } from "../platform/logger.ts";
import type { Problem } from "./contract/problem.ts";

/** What a caller did that cannot be done. Failures of other systems are rows of `core/errors` instead. */
const table = {
  "request.invalid": { status: 400, title: "The request is not as it should be." },
  "access.unauthenticated": { status: 401, title: "Sign in first." },
  "access.link-spent": { status: 401, title: "This sign-in link was used or is too old." },
  "access.denied": { status: 403, title: "Your role does not allow this." },
  "access.foreign-origin": { status: 403, title: "This request comes from another site." },
  "request.not-found": { status: 404, title: "There is no such thing here." },
  "request.conflict": { status: 409, title: "This cannot be done now." },
  "invitation.erased": { status: 409, title: "This person was erased and is being looked up anew." },
  "invitation.exists": { status: 409, title: "This person is invited already." },
  "link.mailbox-unregistered": { status: 409, title: "This mailbox is not registered." },
  "link.mailbox-foreign": { status: 409, title: "This mailbox was registered by another person." },
  "service.waiting": { status: 503, title: "A part of Everlink does not answer just now." },
  "item.unread": { status: 502, title: "The item could not be read." },
  "request.too-large": { status: 413, title: "The request is too large." },
  "request.not-json": { status: 415, title: "Send JSON." },
  "invitation.no-address": { status: 422, title: "This person has no usable mail address in SuperOffice." },
  "invitation.retired": { status: 422, title: "This person is no longer active in SuperOffice." },
  "request.too-many": { status: 429, title: "Too many requests." },
  "connection.missing": { status: 409, title: "A connection is not set up yet." },
} as const satisfies Record<string, { status: ContentfulStatusCode; title: string }>;

export type ProblemCode = keyof typeof table;

/** Thrown anywhere below a route; becomes problem+json. `detail` says what to do, without secrets. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors: { field: string; message: string }[] | undefined;

  constructor(code: ProblemCode, detail: string, errors?: { field: string; message: string }[]) {
    super(code);
    this.code = code;
    this.detail = detail;
    this.errors = errors;
  }

  get title(): string {
    return table[this.code].title;
  }

  get status(): ContentfulStatusCode {
    return table[this.code].status;
  }
}

/** Unknown ids, and those of another organization, look the same. */
export function notFound(what: string): ApiProblem {
  return new ApiProblem("request.not-found", `No ${what} has this id.`);
}

/** Any failure as RFC 9457 tells it. What nobody foresaw is logged whole and told as nothing but its request id. */
export function problemHandler(log: Logger): ErrorHandler {
  return (error, c) => {
    const requestId = c.get("requestId");
    if (error instanceof ApiProblem) {
      const { code, status, title, detail, errors } = error;
      return answer(c, {
        type: "about:blank",
        status,
        code,
        title,
        detail,
        requestId,
        ...(errors ? { errors } : {}),
      });
    }
    if (error instanceof HTTPException) return answer(c, ofHttp(error, requestId));
    if (error instanceof Failure) {
      const row = errorRow(error.code);
      log.warn({ requestId, problem: error.code, detail: error.detail }, "request failed");
      return answer(c, {
        type: "about:blank",
        status: row.status,
        code: error.code,
        title: plain(row.message),
        detail: plain(row.next),
        requestId,
      });
    }
    log.error({ requestId, err: error }, "request failed unexpectedly");
    const row = errorRow(isDatabaseDown(error) ? "network.unreachable" : "everlink.unexpected");
    return answer(c, {
      type: "about:blank",
      status: row.status,
      code: isDatabaseDown(error) ? "network.unreachable" : "everlink.unexpected",
      title: row.message,
      detail: row.next,
      requestId,
    });
  };
}

export const unknownPath: NotFoundHandler = () => {
  throw new ApiProblem("request.not-found", "No such address.");
};

function ofHttp(error: HTTPException, requestId: string): Problem {
  const code: ProblemCode =
    error.status === 413
      ? "request.too-large"
      : error.status === 429
        ? "request.too-many"
        : "request.invalid";
  const { status, title } = table[code];
  return {
    type: "about:blank",
    status,
    code,
    title,
    detail: httpDetails[code] ?? "The body is not valid JSON.",
    requestId,
  };
}

const httpDetails: Partial<Record<ProblemCode, string>> = {
  "request.too-large": "Send at most 1 MB.",
  "request.too-many": "Wait a few minutes and try again.",
};

function answer(c: Context, problem: Problem): Response {
  return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    // The rest of a body that is too large is not read: nobody must send another request behind it.
    ...(problem.status === 413 ? { connection: "close" } : {}),
  });
}

/** Texts of the error table speak of a person; where none is at hand they speak of "the person". */
function plain(text: string): string {
  return text
    .replaceAll("{person}", "the person")
    .replaceAll("{mailbox}", "the mailbox")
    .replaceAll("{organization}", "the organization");
}

function isDatabaseDown(error: Error): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" && /^(ECONN|CONNECT|CONNECTION_|57P|ENOTFOUND)/.test(code);
}
