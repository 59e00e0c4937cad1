import { hc, type ClientResponse } from "hono/client";
import type { SuccessStatusCode } from "hono/utils/http-status";
import type { Api } from "../../../api/contract/api.ts";
import type { Problem } from "../../../api/contract/problem.ts";

/** The API that serves this page, typed by its contract. The session is a cookie that scripts cannot read. */
export const api = hc<Api>("/api/v1", { init: { credentials: "same-origin" } });

/** A refusal by the API, in the API's own words (RFC 9457). */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.problem = problem;
  }
}

/** The API could not be reached, or something before it answered. What was on the screen stays good. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

export type SuccessBody<Response> =
  Response extends ClientResponse<infer Body, infer Status, "json">
    ? Status extends SuccessStatusCode
      ? Body
      : never
    : never;

async function checked<Response extends { ok: boolean; json(): Promise<unknown> }>(
  answer: Promise<Response>,
): Promise<Response> {
  const response = await answer.catch((cause: unknown) => {
    throw new Unreachable("Everlink does not answer.", { cause });
  });
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body === "object" && body !== null && "code" in body && "requestId" in body) {
    throw new Refused(body as Problem);
  }
  throw new Unreachable("Everlink does not answer as expected.");
}

/**
 * The body of a success.
 *
 * @throws Refused with what the API said; Unreachable when it could not be asked
 */
export async function success<Response extends { ok: boolean; json(): Promise<unknown> }>(
  answer: Promise<Response>,
): Promise<SuccessBody<Response>> {
  return (await (await checked(answer)).json()) as SuccessBody<Response>;
}

/** For answers without a body. @throws as `success` */
export async function done<Response extends { ok: boolean; json(): Promise<unknown> }>(
  answer: Promise<Response>,
): Promise<void> {
  await checked(answer);
}

/** The session is over or was never there. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof Refused && error.problem.status === 401;
}
