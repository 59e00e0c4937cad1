import { createRoute, z } from "@hono/zod-openapi";
import { Accepted } from "./invitations.ts";
import { sideNames } from "./items.ts";
import { kindNames } from "./link-settings.ts";
import { requires } from "./permission.ts";
import { Instant, json, problems, Uuid } from "./problem.ts";

const Writes = z.object({ create: z.int(), update: z.int(), delete: z.int() });
const Sides = z.object({ crm: z.int(), mailbox: z.int() });

/** What the first sync would do with one kind of item; counts, and samples without content. */
export const PreviewOfKind = z
  .object({
    kind: z.enum(kindNames),
    /** Items read, per side. */
    read: Sides,
    /** Writes, by the side that they would go to. */
    writes: z.object({ crm: Writes, mailbox: Writes }),
    /** Found on both sides: linked, nothing is created. */
    adopted: z.int(),
    conflicts: z.int(),
    /** Left where they are, and why. */
    left: z.array(z.object({ reason: z.string(), message: z.string(), count: z.int() })),
    /** Writes that the brake would hold. */
    held: z.int(),
    /** False: there is more than could be read in one go. */
    complete: z.boolean(),
    samples: z.array(
      z.object({
        row: z.int(),
        text: z.string(),
        target: z.enum(sideNames).nullable(),
        when: z.string().nullable(),
      }),
    ),
  })
  .openapi("PreviewOfKind");

export const Preview = z
  .object({
    /** `none`: nothing waits for a preview. */
    state: z.enum(["none", "making", "ready"]),
    madeAt: Instant.nullable(),
    kinds: z.array(PreviewOfKind),
  })
  .openapi("Preview");

const params = z.object({ userId: Uuid });

export const readPreview = createRoute({
  method: "get",
  path: "/users/{userId}/preview",
  tags: ["users"],
  summary: "What the first sync would do",
  ...requires("read"),
  request: { params },
  responses: { 200: json(Preview, "The plan, or how far it is"), ...problems },
});

export const acceptPreview = createRoute({
  method: "post",
  path: "/users/{userId}/preview/accept",
  tags: ["users"],
  summary: "Begin the first sync",
  ...requires("link"),
  request: { params },
  responses: {
    202: json(Accepted, "Recorded; `GET /commands/{commandId}` tells the outcome"),
    ...problems,
  },
});
