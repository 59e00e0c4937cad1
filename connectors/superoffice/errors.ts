import { classify } from "../../core/errors/classify.ts";
import { Failure } from "../../core/errors/failure.ts";
import type { HttpAnswer } from "./http.ts";

/** Longer waits than a day say nothing that a day does not. */
const longestRetryAfterMs = 24 * 3_600_000;

/**
 * The row of the error table for an answer that is not a success.
 * @param operation method and path template, without ids
 */
export function failureOf(answer: HttpAnswer, operation: string, nowMs: number): Failure {
  const code = classify({ system: "superoffice", status: answer.status });
  const fallback =
    answer.status >= 500
      ? "superoffice.unavailable"
      : answer.status >= 400
        ? "superoffice.request-invalid"
        : "remote.malformed";
  return new Failure(code ?? fallback, {
    retryAfterMs: retryAfterMs(answer.headers, nowMs),
    detail: { status: answer.status, operation },
  });
}

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3). */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (!value) return undefined;
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), longestRetryAfterMs);
}

/** Whether `error` is the failure with this code. */
export function isFailure(error: unknown, code: Failure["code"]): boolean {
  return error instanceof Failure && error.code === code;
}
