import { preconditionFailed } from "./errors.ts";

/**
 * `If-Unmodified-Since` and `If-Modified-Since` of REST calls; HTTP dates know seconds only, so two writes within
 * one second look the same (web-services/endpoints/http-headers.md).
 */
export function requireUnmodified(header: string | undefined, updatedMs: number, what: string): void {
  const since = seconds(header);
  if (since !== undefined && Math.floor(updatedMs / 1000) > since) {
    throw preconditionFailed(`${what} has changed since ${header}`);
  }
}

/** Whether a GET may be answered with 304. */
export function notModified(header: string | undefined, updatedMs: number): boolean {
  const since = seconds(header);
  return since !== undefined && Math.floor(updatedMs / 1000) <= since;
}

export function lastModified(updatedMs: number): Record<string, string> {
  return { "Last-Modified": new Date(updatedMs).toUTCString() };
}

/** Headers that are no date are ignored, as RFC 9110 wants. */
function seconds(header: string | undefined): number | undefined {
  const ms = Date.parse(header ?? "");
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}
