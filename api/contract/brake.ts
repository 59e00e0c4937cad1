import { createRoute, z } from "@hono/zod-openapi";
import { Accepted } from "./invitations.ts";
import { sideNames } from "./items.ts";
import { kindNames } from "./link-settings.ts";
import { requires } from "./permission.ts";
import { body, Instant, json, problems, Uuid } from "./problem.ts";

/** What the brake holds: writes that would delete, or discard something, in numbers that no person makes by hand. */

export const brakeChoices = ["apply", "restore"] as const;
const plan = {
  kind: z.enum(kindNames),
  target: z.enum(sideNames),
  /** Names exactly what is held: a decision gives it back, and is refused when it is another by now. */
  planHash: z.string().regex(/^[0-9a-f]{64}$/, "must be the hash that was shown"),
};

export const HeldPlan = z
  .object({
    ...plan,
    count: z.int(),
    /** How many of them delete an item; the others discard or empty something. */
    deletes: z.int(),
    /** Items of the kind, for comparison. */
    items: z.int(),
    since: Instant,
    text: z.string(),
    /** A decision is good for a day. */
    choice: z.enum(brakeChoices).nullable(),
    expiresAt: Instant.nullable(),
  })
  .openapi("HeldPlan");

const params = z.object({ userId: Uuid });

export const readBrake = createRoute({
  method: "get",
  path: "/users/{userId}/brake",
  tags: ["users"],
  summary: "What the brake holds for a decision",
  ...requires("read"),
  request: { params },
  responses: { 200: json(z.object({ held: z.array(HeldPlan) }), "What is held"), ...problems },
});

export const decideBrake = createRoute({
  method: "post",
  path: "/users/{userId}/brake",
  tags: ["users"],
  summary:
    "Apply what the brake holds, or give the emptied side its items back; to unlink is the third choice",
  ...requires("control"),
  request: {
    params,
    body: body(
      z
        .object({
          choice: z.enum(brakeChoices),
          /** The plans that were shown. */
          plans: z.array(z.object(plan).strict()).min(1, "name at least one").max(6),
        })
        .strict(),
    ),
  },
  responses: {
    202: json(Accepted, "Recorded; `GET /commands/{commandId}` tells the outcome"),
    ...problems,
  },
});
