import { createRoute, z } from "@hono/zod-openapi";
import { requires } from "./permission.ts";
import { Instant, json, problems } from "./problem.ts";
import { AssociateRow, StateWord, stateWords } from "./user.ts";

export const sortKeys = ["name", "address", "state", "lastSync", "nextSync"] as const;

export const AssociateQuery = z.object({
  /** Part of a name or an address. */
  search: z.string().trim().max(200).optional(),
  /** One state, or several separated by commas. */
  state: z
    .string()
    .optional()
    .transform((text) => (text ? text.split(",") : []))
    .pipe(z.array(StateWord))
    .openapi({ type: "string", example: "needs-reauth,blocked" }),
  problem: z.enum(["any", "none"]).optional(),
  sort: z.enum(sortKeys).default("name"),
  order: z.enum(["asc", "desc"]).default("asc"),
  cursor: z.string().max(1000).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const AssociateList = z
  .object({
    rows: z.array(AssociateRow),
    next: z.string().nullable(),
    /** How many match search and filter. */
    total: z.int(),
    /** By shown state, of all that match the search whatever the filter; every state is present. */
    counts: z.record(z.enum(stateWords), z.int()),
    /** Of all that match the search. */
    all: z.int(),
    withProblem: z.int(),
    /** When SuperOffice was last asked for its associates. */
    refreshedAt: Instant.nullable(),
  })
  .openapi("AssociateList");
export type AssociateList = z.infer<typeof AssociateList>;

export const listAssociates = createRoute({
  method: "get",
  path: "/associates",
  tags: ["associates"],
  summary: "Every associate and how far they are",
  ...requires("read"),
  request: { query: AssociateQuery },
  responses: { 200: json(AssociateList, "One page"), ...problems },
});

/** Server-sent events: `ready` at once, `changed` when anything in the list changed, a comment every 15 s. */
export const streamAssociates = createRoute({
  method: "get",
  path: "/associates/stream",
  tags: ["associates"],
  summary: "Ticks when anything changed",
  ...requires("read"),
  responses: {
    200: {
      description: 'text/event-stream with events `ready` and `changed`, data `{"at": instant}`',
      content: { "text/event-stream": { schema: z.string() } },
    },
    ...problems,
  },
});

export const refreshAssociates = createRoute({
  method: "post",
  path: "/associates/refresh",
  tags: ["associates"],
  summary:
    "Ask for the associates to be read from SuperOffice now; `refreshedAt` of the list tells when it is done",
  ...requires("invite"),
  responses: { 202: json(z.object({ requestedAt: Instant }), "Asked for"), ...problems },
});
