import type { IncomingMessage } from "node:http";
import type { Answer } from "../context.ts";
import { SoError } from "./errors.ts";
import type { Office } from "./office.ts";
import type { Principal } from "./sessions.ts";
import type { DateWish } from "./time.ts";
import type { SchemaName } from "./validation.ts";

/** One call as a route sees it. */
export interface Call {
  method: string;
  /** Values of `{…}` in the template. */
  params: Record<string, string>;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: Buffer;
  principal: Principal;
  dates: DateWish;
  /** A fault rule wants listings to be empty. */
  empty: boolean;
  /** Path and query as they came, for next links. */
  url: URL;
}

/** What a route answers; `schema` names the check that `value` must pass. */
export interface Reply {
  status: number;
  schema?: SchemaName;
  value?: unknown;
  headers?: Record<string, string>;
  /** Instead of `value`: a page, or nothing. */
  text?: { type: string; content: string };
}

export interface Route {
  method: string;
  /** `/Appointment/{id}`; compared without regard to case, as the services do. */
  template: string;
  run(call: Call): Reply | Promise<Reply>;
}

export const json = (schema: SchemaName, value: unknown, status = 200): Reply => ({ status, schema, value });

export const noContent: Reply = { status: 204 };

/** Finds routes by method and path. */
export class Routes {
  readonly #routes: { route: Route; parts: string[] }[] = [];

  constructor(...groups: Route[][]) {
    for (const route of groups.flat()) this.#routes.push({ route, parts: split(route.template) });
  }

  /** The route with the fewest parameters wins: `/Appointment/default` before `/Appointment/{id}`. */
  find(method: string, path: string): { route: Route; params: Record<string, string> } | undefined {
    const asked = split(path);
    let best: { route: Route; params: Record<string, string> } | undefined;
    for (const { route, parts } of this.#routes) {
      if (route.method !== method || parts.length !== asked.length) continue;
      const params = match(parts, asked);
      if (params && (!best || Object.keys(params).length < Object.keys(best.params).length))
        best = { route, params };
    }
    return best;
  }
}

function split(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

function match(parts: string[], asked: string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const value = asked[index] ?? "";
    if (part.startsWith("{")) params[part.slice(1, -1)] = decodeURIComponent(value);
    else if (part.toLowerCase() !== value.toLowerCase()) return undefined;
  }
  return params;
}

/** Node's headers with single values. */
export function flatHeaders(request: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(",") : value,
    ]),
  );
}

/** Does the work and shapes what comes of it; a failed check of our own answer is a 500, so that tests see it. */
export async function answer(office: Office, work: () => Reply | Promise<Reply>): Promise<Answer> {
  try {
    return render(office, await work());
  } catch (error) {
    if (error instanceof SoError) {
      const refusal = render(office, json("Error", error.body, error.status));
      return { ...refusal, headers: { ...refusal.headers, ...error.headers } };
    }
    office.context.log({
      system: "superoffice",
      failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return render(
      office,
      json("Error", new SoError(500, "SoException", "Internal error of the sandbox").body, 500),
    );
  }
}

function render(office: Office, reply: Reply): Answer {
  const headers = { "Cache-Control": "no-store", ...reply.headers };
  if (reply.text) {
    return {
      status: reply.status,
      headers: { ...headers, "Content-Type": reply.text.type },
      body: reply.text.content,
    };
  }
  if (reply.schema === undefined) return { status: reply.status, headers, body: "" };
  const problem = office.validation.answer(reply.schema, reply.value);
  if (problem !== undefined) {
    office.context.log({ system: "superoffice", invalidAnswer: reply.schema, problem });
    return { status: 500, headers, body: `The sandbox made an invalid ${reply.schema}: ${problem}` };
  }
  return {
    status: reply.status,
    headers: { ...headers, "Content-Type": "application/json; charset=utf-8" },
    body: JSON.stringify(reply.value),
  };
}
