import { createRoute, z } from "@hono/zod-openapi";
import { kindNames } from "./link-settings.ts";
import { requires } from "./permission.ts";
import { AssociateNumber, Instant, json, problems, Uuid } from "./problem.ts";

export const Mailbox = z
  .object({
    id: Uuid,
    address: z.string(),
    name: z.string(),
    userId: Uuid,
    associateId: AssociateNumber,
    registeredAt: Instant,
    linked: z.boolean(),
    /** What can be synced with it. */
    kinds: z.array(z.enum(kindNames)),
    /** The associate that it most likely belongs to, and why. */
    proposal: z
      .object({
        userId: Uuid,
        associateId: AssociateNumber,
        name: z.string(),
        address: z.string(),
        reason: z.enum(["same-address", "invited"]),
      })
      .nullable(),
  })
  .openapi("Mailbox");

export const listMailboxes = createRoute({
  method: "get",
  path: "/mailboxes",
  tags: ["mailboxes"],
  summary: "Registered mailboxes, with a proposal for those not linked",
  ...requires("read"),
  request: {
    query: z.object({
      linked: z.enum(["true", "false"]).optional(),
      cursor: z.string().max(1000).optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(500),
    }),
  },
  responses: {
    200: json(z.object({ mailboxes: z.array(Mailbox), next: z.string().nullable() }), "One page"),
    ...problems,
  },
});

export const Command = z
  .object({
    id: Uuid,
    userId: Uuid,
    kind: z.string(),
    actor: z.string(),
    createdAt: Instant,
    deliveredAt: Instant.nullable(),
    settledAt: Instant.nullable(),
    /** Null while pending. */
    outcome: z.record(z.string(), z.unknown()).nullable(),
  })
  .openapi("Command");

export const readCommand = createRoute({
  method: "get",
  path: "/commands/{commandId}",
  tags: ["commands"],
  summary: "What became of a wish",
  ...requires("read"),
  request: { params: z.object({ commandId: Uuid }) },
  responses: { 200: json(Command, "The command"), ...problems },
});

export const Erasure = z
  .object({
    userId: Uuid,
    requestedAt: Instant,
    completedAt: Instant.nullable(),
    /** Null until complete. */
    receipt: z
      .object({
        items: z.object({
          choice: z.literal("kept"),
          inBothSystems: z.int(),
          /** Of appointments, tasks and contacts; absent in older receipts. */
          byKind: z.record(z.string(), z.int()).optional(),
        }),
        /** Rows by table, and workflow histories. */
        deleted: z.object({ rows: z.record(z.string(), z.int()), histories: z.int() }),
        destroyed: z.array(z.string()),
        /** Sentences: what is still there, and what nobody can do. */
        stays: z.array(z.string()),
        cannot: z.array(z.string()),
      })
      .nullable(),
  })
  .openapi("Erasure");

export const readErasure = createRoute({
  method: "get",
  path: "/erasures/{userId}",
  tags: ["users"],
  summary: "The receipt of an erasure",
  ...requires("read"),
  request: { params: z.object({ userId: Uuid }) },
  responses: { 200: json(Erasure, "The receipt"), ...problems },
});

export const ErrorCatalogueEntry = z
  .object({
    code: z.string(),
    scope: z.string(),
    nature: z.string(),
    actor: z.string(),
    message: z.string(),
    next: z.string(),
  })
  .openapi("ErrorCatalogueEntry");

export const listErrors = createRoute({
  method: "get",
  path: "/errors",
  tags: ["errors"],
  summary: "Every failure that Everlink knows",
  ...requires("signed-in"),
  responses: { 200: json(z.object({ errors: z.array(ErrorCatalogueEntry) }), "The catalogue"), ...problems },
});
