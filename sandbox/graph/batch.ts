import type { Answer } from "../context.ts";
import { badRequest, GraphError, jsonAnswer } from "./errors.ts";
import type { RawRequest } from "./request.ts";
import type { Caller, GraphService } from "./service.ts";

interface Part {
  id: string;
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: unknown;
  dependsOn?: string[];
}

/**
 * Answers a JSON batch: parts one after the other, in their order; a part whose predecessor failed is 424.
 * @throws GraphError 400 for a batch that does not fit the schema, a doubled id or an unknown predecessor
 * @see https://learn.microsoft.com/graph/json-batching
 */
export function answerBatch(service: GraphService, caller: Caller, raw: RawRequest, empty: boolean): Answer {
  service.demandValid("batchRequest", raw.body, raw.headers);
  const parts = (raw.body as { requests: Part[] }).requests;
  const ids = parts.map((part) => part.id);
  if (new Set(ids).size < ids.length)
    throw badRequest("BadRequest", "Invalid batch payload format: ids repeat.");
  for (const [at, part] of parts.entries()) {
    const unknown = (part.dependsOn ?? []).find((id) => !ids.slice(0, at).includes(id));
    if (unknown === undefined) continue;
    throw badRequest("BadRequest", `Invalid batch payload format: '${part.id}' depends on '${unknown}'.`);
  }
  const statuses = new Map<string, number>();
  const responses = parts.map((part) => {
    const failed = (part.dependsOn ?? []).some((id) => (statuses.get(id) ?? 0) >= 400);
    const answer = failed
      ? service.refusal(failedDependency())
      : service.answer(caller, rawOf(part, raw), empty);
    statuses.set(part.id, answer.status);
    const body = answer.body === "" ? {} : { body: JSON.parse(answer.body as string) as unknown };
    return { id: part.id, status: answer.status, headers: named(answer.headers), ...body };
  });
  const answer = { responses };
  const problem = service.checkAnswer("batchResponse", answer);
  if (problem !== undefined) throw new Error(`The answer to $batch breaks the schema: ${problem}`);
  return jsonAnswer(200, answer);
}

const failedDependency = (): GraphError =>
  new GraphError(424, "FailedDependency", "A request on which this one depends has failed.");

function rawOf(part: Part, outer: RawRequest): RawRequest & { body: string } {
  const headers = Object.fromEntries(
    Object.entries(part.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const broken = outer.headers["x-broken-on-purpose"];
  return {
    method: part.method,
    url: new URL(part.url.replace(/^\/?/, "/"), outer.url.origin),
    headers: broken === undefined ? headers : { ...headers, "x-broken-on-purpose": broken },
    body: part.body === undefined ? "" : JSON.stringify(part.body),
  };
}

/** Header names as Graph writes them in a batch. */
function named(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name !== "request-id")
      .map(([name, value]) => [
        name.replace(/(^|-)([a-z])/g, (_all, dash: string, letter: string) => dash + letter.toUpperCase()),
        value,
      ]),
  );
}
