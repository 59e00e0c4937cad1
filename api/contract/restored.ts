import { createRoute, z } from "@hono/zod-openapi";
import { requires } from "./permission.ts";
import { body, json, problems, Uuid } from "./problem.ts";

export const tellRestored = createRoute({
  method: "post",
  path: "/restored",
  tags: ["connections"],
  summary: "A system came back from a backup: find every item again before its word counts",
  ...requires("control"),
  request: {
    body: body(
      z.discriminatedUnion("system", [
        z.object({ system: z.literal("superoffice") }).strict(),
        z.object({ system: z.literal("mailbox"), userId: Uuid }).strict(),
      ]),
    ),
  },
  responses: {
    200: json(
      z.object({ items: z.int(), people: z.int() }),
      "How many items of how many people are concerned",
    ),
    ...problems,
  },
});
