import type { Answer, Person, SandboxContext } from "../context.ts";
import type { Server } from "../exchange/server.ts";
import { nothingChecked, tallyOf } from "../tally.ts";
import { answerBatch } from "./batch.ts";
import { asGraphError, badRequest, errorAnswer, GraphError, jsonAnswer } from "./errors.ts";
import { demandMailbox } from "./profile.ts";
import { GraphRequest, type RawRequest } from "./request.ts";
import { match } from "./routes.ts";
import { newCounters, violation, type SchemaCounters } from "./schema.ts";
import type { GraphSwitchBoard } from "./switches.ts";

const tally = tallyOf("graph", nothingChecked);

/** Who calls and what is allowed, as the bearer token says. */
export interface Caller {
  person: Person;
  scopes: string[];
}

/** Answers single requests, whether they came alone or inside a batch; every body is held against the schema. */
export class GraphService {
  readonly #context: SandboxContext;
  readonly #server: Server;
  readonly #switches: GraphSwitchBoard;
  counters: SchemaCounters = newCounters();

  constructor(context: SandboxContext, server: Server, switches: GraphSwitchBoard) {
    this.#context = context;
    this.#server = server;
    this.#switches = switches;
  }

  /** @param raw  its body is still text */
  answerBatch(caller: Caller, raw: Omit<RawRequest, "body"> & { body: string }, empty: boolean): Answer {
    try {
      return answerBatch(this, caller, { ...raw, body: readBody(raw) }, empty);
    } catch (error) {
      return this.refusal(error);
    }
  }

  /** @param raw  its body is still text */
  answer(caller: Caller, raw: Omit<RawRequest, "body"> & { body: string }, empty: boolean): Answer {
    try {
      return this.#perform(caller, raw, empty);
    } catch (error) {
      return this.refusal(error);
    }
  }

  /** An error in Graph's shape, checked like any other body. */
  refusal(error: unknown): Answer {
    const known = asGraphError(error);
    if (!known) {
      const message = error instanceof Error ? error.stack : String(error);
      this.#context.log({ system: "graph", level: "error", message: "failed", error: message });
    }
    const answer = errorAnswer(
      known ?? new GraphError(500, "InternalServerError", "An internal server error occurred."),
      this.#context.clock.now(),
    );
    this.counters.errors += 1;
    this.checkAnswer("error", JSON.parse(answer.body as string));
    return answer;
  }

  #perform(caller: Caller, raw: Omit<RawRequest, "body"> & { body: string }, empty: boolean): Answer {
    const path = ownPath(raw.url.pathname, caller.person);
    const found = match(raw.method, path);
    if (found === "method")
      throw new GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed.");
    if (!found) {
      throw badRequest("BadRequest", `Resource not found for the segment '${path.split("/").at(-1) ?? ""}'.`);
    }
    const { route, path: parameters } = found;
    if (!route.scopes.some((scope) => caller.scopes.includes(scope))) throw denied(route.path);
    if (route.path !== "") demandMailbox(caller.person);
    const body = route.method === "POST" || route.method === "PATCH" ? readBody(raw) : undefined;
    if (route.request !== undefined) this.demandValid(route.request, body, raw.headers);
    const request = new GraphRequest({
      raw: { ...raw, body },
      server: this.#server,
      person: caller.person,
      empty,
      switches: this.#switches.now,
      epoch: this.#switches.epoch,
      path: parameters,
    });
    const work = (): Record<string, unknown> | undefined => {
      const answer = route.perform(request);
      const problem = route.response === undefined ? undefined : this.checkAnswer(route.response, answer);
      // An answer of ours that breaks the schema is a mistake of ours: nothing of it is kept.
      if (problem !== undefined)
        throw new Error(`The answer to ${route.method} ${route.path} breaks the schema: ${problem}`);
      return answer;
    };
    const answer = route.method === "GET" ? work() : this.#context.transaction(work);
    const headers = preferenceHeaders(request);
    if (answer === undefined) return { status: route.status, headers, body: "" };
    if (route.status === 201)
      headers["location"] = `${request.base}${raw.url.pathname}/${String(answer["id"])}`;
    return jsonAnswer(route.status, answer, headers);
  }

  /** Holds a body of the client's against the schema. @throws GraphError 400 */
  demandValid(definition: string, body: unknown, headers: RawRequest["headers"]): void {
    const problem = violation(definition, body);
    if (problem === undefined) {
      this.counters.requestsValid += 1;
      tally("requests");
      return;
    }
    this.counters.requestsInvalid += 1;
    tally(headers["x-broken-on-purpose"] === undefined ? "invalid" : "brokenOnPurpose");
    throw badRequest("RequestBodyRead", `The request body does not fit its type: ${problem}`);
  }

  /** Counts a body of ours; @returns what is wrong with it. */
  checkAnswer(definition: string, body: unknown): string | undefined {
    const problem = violation(definition, body);
    this.counters[problem === undefined ? "responsesValid" : "responsesInvalid"] += 1;
    tally(problem === undefined ? "responses" : "invalid");
    return problem;
  }
}

/** The directory refuses in other words than a mailbox. */
function denied(path: string): GraphError {
  return path === ""
    ? new GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    : new GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
}

function readBody({ body, headers }: { body: string; headers: RawRequest["headers"] }): unknown {
  if (body === "") return {};
  if (!/^application\/json\b/i.test(headers["content-type"] ?? "")) {
    throw badRequest("RequestBodyRead", "The request's content type must be application/json.");
  }
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw badRequest("BadRequest", "Unable to read JSON request payload.");
  }
}

/** Prefers that were followed are told back. */
function preferenceHeaders({ prefer, raw }: GraphRequest): Record<string, string> {
  const applied: string[] = [];
  if (prefer.immutableIds) applied.push('IdType="ImmutableId"');
  if (/outlook\.timezone/i.test(raw.headers["prefer"] ?? ""))
    applied.push(`outlook.timezone="${prefer.zone.name}"`);
  if (/outlook\.body-content-type/i.test(raw.headers["prefer"] ?? "")) {
    applied.push(`outlook.body-content-type="${prefer.bodyType.toLowerCase()}"`);
  }
  if (prefer.pageSize !== undefined) applied.push(`odata.maxpagesize=${prefer.pageSize}`);
  return applied.length > 0 ? { "preference-applied": applied.join(", ") } : {};
}

/**
 * The path below the user, who can be nobody but the caller: there are no shared mailboxes here.
 * @throws GraphError 403 for somebody else, 400 for what lies elsewhere
 */
function ownPath(path: string, person: Person): string {
  const [, first = "", rest = ""] = /^\/(me|users\/[^/]+)(\/.*)?$/i.exec(path) ?? [];
  if (first === "")
    throw badRequest("BadRequest", `Resource not found for the segment '${path.split("/")[1] ?? ""}'.`);
  if (first.toLowerCase() === "me") return rest;
  const user = decodeURIComponent(first.slice("users/".length)).toLowerCase();
  if (![person.objectId, person.userPrincipalName].some((name) => name.toLowerCase() === user)) {
    throw new GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
  }
  return rest;
}

/** The operation's name, for fault rules and counters: `GET /me/events/{event}`. */
export function operationOf(method: string, path: string): string {
  const rest = path.replace(/^\/(me|users\/[^/]+)/i, "");
  const found = match(method, rest);
  return `${method} ${typeof found === "object" ? `/me${found.route.path}` : path}`;
}
