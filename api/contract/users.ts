import { createRoute, z } from "@hono/zod-openapi";
import { Accepted } from "./invitations.ts";
import { LinkSettings, UserSettings } from "./link-settings.ts";
import { requires } from "./permission.ts";
import { body, Instant, json, problems, Uuid } from "./problem.ts";
import { AssociateRow, InvitationSummary } from "./user.ts";

export const TimelineEntry = z
  .object({
    id: z.string(),
    at: Instant,
    kind: z.string(),
    /** One sentence for people. */
    text: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .openapi("TimelineEntry");

export const Finding = z
  .object({
    id: z.string(),
    at: Instant,
    code: z.string(),
    message: z.string(),
    next: z.string(),
    count: z.int(),
  })
  .openapi("Finding");

export const RegistrationAttempt = z
  .object({
    id: Uuid,
    at: Instant,
    outcome: z.string(),
    /** The address that signed in, when it was not the invited one. */
    signedInAs: z.string().nullable(),
  })
  .openapi("RegistrationAttempt");

export const UserDetail = z
  .object({
    user: AssociateRow,
    lifecycle: z.object({
      seq: z.int(),
      fence: z.int(),
      linkGeneration: z.int(),
      nextDue: Instant.nullable(),
      updatedAt: Instant,
    }),
    workflowId: z.string(),
    invitations: z.array(InvitationSummary.extend({ purpose: z.enum(["invitation", "reauth"]) })),
    attempts: z.array(RegistrationAttempt),
    mailbox: z
      .object({
        id: Uuid,
        address: z.string(),
        backend: z.enum(["ews", "graph"]),
        /** It is to go over to this protocol; null when it has the one that it is to have. */
        wantedBackend: z.enum(["ews", "graph"]).nullable(),
        registeredAt: Instant,
      })
      .nullable(),
    link: UserSettings.extend({ generation: z.int(), linkedAt: Instant }).nullable(),
    timeline: z.array(TimelineEntry),
    findings: z.array(Finding),
    counters: z.object({
      cycles: z.int(),
      /** Items that are the same on both sides. */
      itemLinks: z.int(),
      /** Items left alone, by reason. */
      untouched: z.record(z.string(), z.int()),
      waiting: z.int(),
      /** Writes that the brake holds. */
      held: z.int(),
      changes24h: z.object({ toCrm: z.int(), toMailbox: z.int() }),
    }),
  })
  .openapi("UserDetail");
export type UserDetail = z.infer<typeof UserDetail>;

const params = z.object({ userId: Uuid });
const accepted = {
  202: json(Accepted, "Recorded; `GET /commands/{commandId}` tells the outcome"),
  ...problems,
};

export const readUser = createRoute({
  method: "get",
  path: "/users/{userId}",
  tags: ["users"],
  summary: "One person and what happened",
  ...requires("read"),
  request: { params },
  responses: { 200: json(UserDetail, "The person"), ...problems },
});

export const readTimeline = createRoute({
  method: "get",
  path: "/users/{userId}/timeline",
  tags: ["users"],
  summary: "Older entries of the timeline, newest first",
  ...requires("read"),
  request: {
    params,
    query: z.object({
      before: z
        .string()
        .regex(/^\d{1,18}$/, "must be the id of an entry")
        .optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
  },
  responses: {
    200: json(z.object({ entries: z.array(TimelineEntry), next: z.string().nullable() }), "One page"),
    ...problems,
  },
});

export const LinkBody = z
  .object({
    /** The registered mailbox; the person's own when absent. */
    mailboxId: Uuid.optional(),
    settings: LinkSettings.optional(),
  })
  .strict()
  .openapi("Link");

export const linkUser = createRoute({
  method: "post",
  path: "/users/{userId}/link",
  tags: ["users"],
  summary: "Link associate and mailbox",
  ...requires("link"),
  request: { params, body: body(LinkBody) },
  responses: accepted,
});

/** Every link or none that is refused stops the others: one result per user. */
export const linkMany = createRoute({
  method: "post",
  path: "/links",
  tags: ["users"],
  summary: "Link many at once",
  ...requires("link"),
  request: {
    body: body(
      z
        .object({
          links: z
            .array(LinkBody.extend({ userId: Uuid }).strict())
            .min(1, "name at least one user")
            .max(5000, "name at most 5000 users"),
        })
        .strict(),
    ),
  },
  responses: {
    200: json(
      z.object({
        linked: z.int(),
        refused: z.int(),
        results: z.array(
          z.object({
            userId: Uuid,
            outcome: z.enum(["linked", "refused"]),
            commandId: Uuid.nullable(),
            problem: z.object({ code: z.string(), message: z.string() }).nullable(),
          }),
        ),
      }),
      "What became of each",
    ),
    ...problems,
  },
});

export const syncUserNow = createRoute({
  method: "post",
  path: "/users/{userId}/sync-now",
  tags: ["users"],
  summary: "Run a cycle now",
  ...requires("operate"),
  request: { params },
  responses: accepted,
});

export const reauthUser = createRoute({
  method: "post",
  path: "/users/{userId}/reauth",
  tags: ["users"],
  summary: "Mail a sign-in link",
  ...requires("operate"),
  request: { params },
  responses: accepted,
});

export const pauseUser = createRoute({
  method: "post",
  path: "/users/{userId}/pause",
  tags: ["users"],
  summary: "Pause",
  ...requires("control"),
  request: { params },
  responses: accepted,
});

export const resumeUser = createRoute({
  method: "post",
  path: "/users/{userId}/resume",
  tags: ["users"],
  summary: "Resume",
  ...requires("control"),
  request: { params },
  responses: accepted,
});

export const switchBackend = createRoute({
  method: "post",
  path: "/users/{userId}/backend",
  tags: ["users"],
  summary: "Go over to another protocol of the same mailbox, with all item links",
  ...requires("link"),
  request: { params, body: body(z.object({ backend: z.enum(["ews", "graph"]) }).strict()) },
  responses: accepted,
});

export const eraseUser = createRoute({
  method: "delete",
  path: "/users/{userId}",
  tags: ["users"],
  summary: "Erase sign-in, links and history; items stay where they are",
  ...requires("erase"),
  request: { params },
  responses: accepted,
});
