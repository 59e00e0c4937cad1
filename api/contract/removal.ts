import { createRoute, z } from "@hono/zod-openapi";
import { Accepted } from "./invitations.ts";
import { sideNames } from "./items.ts";
import { kindNames } from "./link-settings.ts";
import { requires } from "./permission.ts";
import { body, Instant, json, problems, Uuid } from "./problem.ts";

/** The end of a link: both copies stay, or what Everlink made on one side is removed there; shown first. */

const params = z.object({ userId: Uuid });
const accepted = {
  202: json(Accepted, "Recorded; `GET /commands/{commandId}` tells the outcome"),
  ...problems,
};

export const UnlinkBody = z
  .object({
    /** `remove`: what Everlink made on the side `from`, as the plan shows it. */
    copies: z.enum(["keep", "remove"]).optional(),
    from: z.enum(sideNames).optional(),
    planId: Uuid.optional(),
  })
  .strict()
  .superRefine(({ copies, from, planId }, context) => {
    const complete = copies === "remove" ? from && planId : from === undefined && planId === undefined;
    if (!complete) {
      const message = `needs ${copies === "remove" ? "from and planId" : "copies: remove"}`;
      context.addIssue({ code: "custom", path: ["copies"], message });
    }
  })
  .openapi("Unlink");

const Stays = z.object({ reason: z.string(), message: z.string(), count: z.int() });

export const RemovalOfKind = z
  .object({
    kind: z.enum(kindNames),
    /** Items that would be removed. */
    removes: z.int(),
    /** Items that would stay there, and why. */
    stays: z.array(Stays),
    samples: z.array(z.object({ row: z.int(), text: z.string(), when: z.string().nullable() })),
  })
  .openapi("RemovalOfKind");

export const RemovalPlan = z
  .object({
    id: Uuid,
    state: z.enum(["making", "ready", "failed"]),
    from: z.enum(sideNames),
    madeAt: Instant.nullable(),
    /** Until when it can be decided on. */
    goodUntil: Instant.nullable(),
    problem: z.object({ code: z.string(), message: z.string(), next: z.string() }).nullable(),
    kinds: z.array(RemovalOfKind),
  })
  .openapi("RemovalPlan");

export const Removal = z
  .object({
    from: z.enum(sideNames),
    planId: Uuid,
    /** Until then it can be undone. */
    startsAt: Instant,
    begunAt: Instant.nullable(),
    items: z.int(),
    removed: z.int(),
    stayed: z.int(),
    stays: z.array(Stays),
  })
  .openapi("Removal");

export const unlinkUser = createRoute({
  method: "post",
  path: "/users/{userId}/unlink",
  tags: ["users"],
  summary:
    "Stop syncing; items stay, or what Everlink made on one side is removed. Linking again makes no duplicates",
  ...requires("control"),
  request: { params, body: { ...body(UnlinkBody), required: false } },
  responses: accepted,
});

export const undoUnlink = createRoute({
  method: "post",
  path: "/users/{userId}/unlink/undo",
  tags: ["users"],
  summary: "Go on syncing as if nothing had been said; until the removal begins",
  ...requires("control"),
  request: { params },
  responses: accepted,
});

export const planRemoval = createRoute({
  method: "post",
  path: "/users/{userId}/removal-plans",
  tags: ["users"],
  summary: "Have it planned what an unlink would remove; nothing is written",
  ...requires("control"),
  request: { params, body: body(z.object({ from: z.enum(sideNames) }).strict()) },
  responses: { 202: json(z.object({ planId: Uuid }), "Being made"), ...problems },
});

export const readRemovalPlan = createRoute({
  method: "get",
  path: "/users/{userId}/removal-plans/{planId}",
  tags: ["users"],
  summary: "What an unlink would remove, and what would stay",
  ...requires("read"),
  request: { params: params.extend({ planId: Uuid }) },
  responses: { 200: json(RemovalPlan, "The plan, or how far it is"), ...problems },
});

export const readRemoval = createRoute({
  method: "get",
  path: "/users/{userId}/removal",
  tags: ["users"],
  summary: "The removal that was decided and has not come to its end",
  ...requires("read"),
  request: { params },
  responses: { 200: json(z.object({ removal: Removal.nullable() }), "How far it is"), ...problems },
});
