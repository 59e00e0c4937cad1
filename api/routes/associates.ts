import type { OpenAPIHono } from "@hono/zod-openapi";
import { streamSSE } from "hono/streaming";
import { readOrganization } from "../../db/connections.ts";
import { consoleCounts, consoleRows, type ConsoleQuery } from "../../db/console.ts";
import { associatesRefreshedAt } from "../../db/directory.ts";
import { listAssociates, refreshAssociates, streamAssociates } from "../contract/associates.ts";
import { stateWords } from "../contract/user.ts";
import type { ApiDependencies } from "../deps.ts";
import { ApiProblem } from "../problems.ts";
import { createTicker } from "../ticker.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { associateRows } from "./rows.ts";

export function associateRoutes(app: OpenAPIHono, deps: ApiDependencies): void {
  const { database } = deps;
  const ticker = createTicker(database);

  app.openapi(listAssociates, async (c) => {
    const caller = c.get("caller");
    const { search = "", state, problem, sort, order, cursor, limit } = c.req.valid("query");
    const query: ConsoleQuery = {
      search,
      states: state,
      problem,
      sort,
      order,
      after: cursor === undefined ? undefined : after(cursor, `${sort}/${order}`),
      limit: limit + 1,
    };
    const answer = await database.inOrganization(caller.organizationId, async (tx) => {
      const found = await consoleRows(tx, query);
      const page = found.slice(0, limit);
      const organization = await readOrganization(tx);
      const counted = await consoleCounts(tx, query);
      const last = found.length > limit ? page.at(-1) : undefined;
      return {
        rows: await associateRows(tx, page, { role: caller.role, organization: organization?.name ?? "" }),
        next: last ? encodeCursor([`${sort}/${order}`, last.sortKey, last.associateId]) : null,
        total: counted.total,
        counts: Object.fromEntries(stateWords.map((word) => [word, counted.counts[word] ?? 0])) as Record<
          (typeof stateWords)[number],
          number
        >,
        all: counted.all,
        withProblem: counted.withProblem,
        refreshedAt: (await associatesRefreshedAt(tx))?.toISOString() ?? null,
      };
    });
    return c.json(answer, 200);
  });

  app.openapi(streamAssociates, (c) => {
    const { organizationId } = c.get("caller");
    return streamSSE(c, async (stream) => {
      deps.metrics.streams.inc();
      const subscription = ticker.subscribe(organizationId);
      stream.onAbort(() => subscription.close());
      try {
        await stream.writeSSE({ event: "ready", data: now(), retry: 2_000 });
        while (!stream.aborted) {
          const changed = await subscription.next(15_000);
          if (stream.aborted) break;
          if (changed) await stream.writeSSE({ event: "changed", data: now() });
          else await stream.write(": still here\n\n");
        }
      } finally {
        subscription.close();
        deps.metrics.streams.dec();
      }
    });
  });

  app.openapi(refreshAssociates, async (c) => {
    const { organizationId } = c.get("caller");
    const taken = await deps.requestAssociates(organizationId);
    if (!taken) {
      throw new ApiProblem("service.waiting", "Temporal does not answer just now. Try again in a minute.");
    }
    return c.json({ requestedAt: new Date().toISOString() }, 202);
  });
}

function now(): string {
  return JSON.stringify({ at: new Date().toISOString() });
}

/** A cursor is good for the order that it was given in. */
function after(cursor: string, order: string): { key: string; associateId: number } {
  const [madeFor, key, associateId] = decodeCursor(cursor);
  if (madeFor === order && typeof key === "string" && typeof associateId === "number") {
    return { key, associateId };
  }
  throw new ApiProblem("request.invalid", "Ask for the first page again.", [
    { field: "cursor", message: "belongs to another order" },
  ]);
}
