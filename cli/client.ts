import { hc, type ClientResponse } from "hono/client";
import type { SuccessStatusCode } from "hono/utils/http-status";
import type { Api } from "../api/contract/api.ts";
import type { Problem } from "../api/contract/problem.ts";

export type ApiClient = ReturnType<typeof hc<Api>>;

/** The API under `url` (`http://localhost:8080`), signed in with an API token. */
export function apiClient(url: string, token: string): ApiClient {
  return hc<Api>(`${url}/api/v1`, { headers: { authorization: `Bearer ${token}` } });
}

/** A refusal by the API, in the API's own words. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly problem: Problem;

  constructor(problem: Problem) {
    const fields = (problem.errors ?? []).map(({ field, message }) => `\n  ${field}: ${message}`).join("");
    super(
      `${problem.title}${problem.detail && problem.detail !== problem.title ? ` ${problem.detail}` : ""}${fields}`,
    );
    this.problem = problem;
  }
}

type SuccessBody<Response> =
  Response extends ClientResponse<infer Body, infer Status, "json">
    ? Status extends SuccessStatusCode
      ? Body
      : never
    : never;

/** The body of a success. @throws Refused with what the API said */
export async function expectSuccess<Response extends { ok: boolean; json(): Promise<unknown> }>(
  answer: Promise<Response>,
): Promise<SuccessBody<Response>> {
  const response = await answer.catch((cause: unknown) => {
    throw new Error("Everlink does not answer. Is it running? `npm start` starts it.", { cause });
  });
  const body = await response.json();
  if (!response.ok) throw new Refused(body as Problem);
  return body as SuccessBody<Response>;
}
