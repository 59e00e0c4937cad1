import { asGraphError } from "./errors.ts";
import { readId, writeId, type GraphIdFormat } from "./ids.ts";
import type { GraphRequest } from "./request.ts";

/**
 * Converts ids; one that cannot be read has `errorDetails` instead.
 * @see https://learn.microsoft.com/graph/api/user-translateexchangeids
 */
export function translateExchangeIds(request: GraphRequest): Record<string, unknown> {
  const { body } = request;
  const member = (name: string): unknown => body[name] ?? body[name.charAt(0).toUpperCase() + name.slice(1)];
  const source = member("sourceIdType") as GraphIdFormat;
  const target = member("targetIdType") as GraphIdFormat;
  const { items } = request.call;
  const value = (member("inputIds") as string[]).map((sourceId) => {
    try {
      return { sourceId, targetId: writeId(readId(sourceId, source, items), target, items) };
    } catch (error) {
      const known = asGraphError(error);
      if (!known) throw error;
      return { sourceId, errorDetails: { code: known.code, message: known.message } };
    }
  });
  const context = `${request.base}/$metadata#Collection(microsoft.graph.convertIdResult)`;
  return { "@odata.context": context, value };
}
