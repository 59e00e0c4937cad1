import { z } from "zod";
import { accepted, clientOf, deadline, type GraphStoreOptions } from "./calls.ts";
import type { Request } from "./client.ts";

/** What one call takes (user-translateexchangeids). */
const atOnce = 1_000;

const answer = z.object({
  value: z.array(z.object({ sourceId: z.string(), targetId: z.string().nullish() })),
});

/** The ids by which EWS and this connector name the same item. */
const formats = { ews: "ewsId", graph: "restImmutableEntryId" } as const;

/**
 * Translates the ids of items from one protocol to the other.
 *
 * @returns by the id that was given; one that Exchange could not translate is left out
 * @see https://learn.microsoft.com/graph/api/user-translateexchangeids
 */
export async function translateIds(
  options: GraphStoreOptions,
  ids: readonly string[],
  to: keyof typeof formats,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const client = clientOf(options);
  const within = deadline(options.timeoutMs);
  const found = new Map<string, string>();
  for (let at = 0; at < ids.length; at += atOnce) {
    const request: Request = {
      operation: "POST translateExchangeIds",
      method: "POST",
      path: "/me/translateExchangeIds",
      body: {
        inputIds: ids.slice(at, at + atOnce),
        sourceIdType: formats[to === "ews" ? "graph" : "ews"],
        targetIdType: formats[to],
      },
    };
    const { value } = await within(signal, async (limited) =>
      accepted(answer, await client.send(request, limited), request),
    );
    for (const { sourceId, targetId } of value) if (targetId) found.set(sourceId, targetId);
  }
  return found;
}
