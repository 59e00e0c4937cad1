import type { OpenAPIHono } from "@hono/zod-openapi";
import type { UserId } from "../../core/ids.ts";
import { markUnverified } from "../../db/incarnation.ts";
import { loadState } from "../../db/lifecycle.ts";
import { tellRestored } from "../contract/restored.ts";
import type { ApiDependencies } from "../deps.ts";
import { notFound } from "../problems.ts";

/** What Everlink cannot always see by itself: a system went back in time. The next cycle of everybody concerned heeds it. */
export function restoredRoutes(app: OpenAPIHono, { database }: ApiDependencies): void {
  app.openapi(tellRestored, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const wish = c.req.valid("json");
    const of =
      wish.system === "superoffice"
        ? { side: "crm" as const }
        : { side: "mailbox" as const, userId: wish.userId as UserId };
    const { items, userIds } = await database.inOrganization(organizationId, async (tx) => {
      if (of.userId !== undefined && !(await loadState(tx, of.userId))) throw notFound("person");
      return await markUnverified(tx, { organizationId, actor, ...of });
    });
    return c.json({ items, people: userIds.length }, 200);
  });
}
