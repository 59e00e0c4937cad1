import { createRoute, z } from "@hono/zod-openapi";
import { findingChoices } from "../../core/sync/choice.ts";
import { Accepted } from "./invitations.ts";
import { kindNames } from "./link-settings.ts";
import { requires } from "./permission.ts";
import { body, Instant, json, problems, Uuid } from "./problem.ts";

/** Single items as people are shown them: kind, times, rows of the decision table, field names. Never a value. */

export const sideNames = ["crm", "mailbox"] as const;
export const itemFilters = ["all", "waiting", "left", "conflicts", "kept"] as const;
const Kind = z.enum(kindNames);
const SideName = z.enum(sideNames);
const number = z.string().regex(/^\d{1,18}$/, "must be a number");

/** What may be done about a finding, and why not. */
const Choice = z.object({
  choice: z.enum(findingChoices),
  allowed: z.boolean(),
  reason: z.string().nullable(),
});

export const ItemFinding = z
  .object({
    itemId: Uuid,
    kind: Kind,
    code: z.string(),
    message: z.string(),
    next: z.string(),
    /** In words; empty where the whole item is meant, and of private items. */
    fields: z.array(z.string()),
    /** Row of the decision table. */
    row: z.int(),
    since: Instant,
    dismissedAt: Instant.nullable(),
    /** Names the values that it is about: a decision gives it back, and is refused when they are others by now. */
    seen: z.string(),
    choices: z.array(Choice),
  })
  .openapi("ItemFinding");

export const Item = z
  .object({
    id: Uuid,
    kind: Kind,
    /** Private in the mailbox: nothing of its content is shown to anybody. */
    private: z.boolean(),
    state: z.enum(["new", "single", "linked", "untouched", "deleted"]),
    inCrm: z.boolean(),
    inMailbox: z.boolean(),
    /** How it is, and why it is not otherwise. */
    text: z.string(),
    /** When it is tried again, where it waits for a time. */
    notBefore: Instant.nullable(),
    /** What happened last. */
    last: z.object({ row: z.int(), text: z.string() }).nullable(),
    updatedAt: Instant,
    findings: z.int(),
    /** Losers of conflicts that can be had back. */
    kept: z.int(),
  })
  .openapi("Item");

export const ItemEvent = z
  .object({
    id: z.string(),
    at: Instant,
    row: z.int(),
    action: z.string(),
    target: SideName.nullable(),
    text: z.string(),
    fields: z.array(z.string()),
    /** Who decided; null for what sync did by itself. */
    actor: z.string().nullable(),
  })
  .openapi("ItemEvent");

export const KeptVersion = z
  .object({
    id: z.string(),
    at: Instant,
    side: SideName,
    row: z.int(),
    fields: z.array(z.string()),
    restore: z.object({ allowed: z.boolean(), reason: z.string().nullable() }),
  })
  .openapi("KeptVersion");

export const ItemDetail = z
  .object({
    item: Item,
    findings: z.array(ItemFinding),
    kept: z.array(KeptVersion),
    /** May the caller see values, and why not. */
    values: z.object({ allowed: z.boolean(), reason: z.string().nullable() }),
    events: z.array(ItemEvent),
    /** Of the next page of events. */
    next: z.string().nullable(),
  })
  .openapi("ItemDetail");
export type ItemDetail = z.infer<typeof ItemDetail>;

const ofUser = z.object({ userId: Uuid });
const ofItem = z.object({ userId: Uuid, itemId: Uuid });
const page = {
  cursor: z.string().max(1000).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};
const accepted = {
  202: json(Accepted, "Recorded; `GET /commands/{commandId}` tells the outcome"),
  ...problems,
};

export const listFindings = createRoute({
  method: "get",
  path: "/users/{userId}/findings",
  tags: ["items"],
  summary: "What a person may want to decide about single items, newest first",
  ...requires("read"),
  request: {
    params: ofUser,
    query: z.object({ ...page, dismissed: z.enum(["true", "false"]).default("false") }),
  },
  responses: {
    200: json(z.object({ findings: z.array(ItemFinding), next: z.string().nullable() }), "One page"),
    ...problems,
  },
});

export const listItems = createRoute({
  method: "get",
  path: "/users/{userId}/items",
  tags: ["items"],
  summary: "A person's items, whichever changed last first",
  ...requires("read"),
  request: {
    params: ofUser,
    query: z.object({ ...page, filter: z.enum(itemFilters).default("all"), kind: Kind.optional() }),
  },
  responses: {
    200: json(z.object({ items: z.array(Item), next: z.string().nullable() }), "One page"),
    ...problems,
  },
});

export const readItem = createRoute({
  method: "get",
  path: "/users/{userId}/items/{itemId}",
  tags: ["items"],
  summary: "Why an item is as it is: what was decided and written, newest first",
  ...requires("read"),
  request: { params: ofItem, query: z.object({ before: number.optional() }) },
  responses: { 200: json(ItemDetail, "The item"), ...problems },
});

const seen = z.string().max(1000);
export const Decision = z
  .discriminatedUnion("choice", [
    z.object({ choice: z.enum(["take-crm", "take-mailbox"]), seen }).strict(),
    z.object({ choice: z.literal("dismiss"), code: z.string().max(60), seen }).strict(),
    z.object({ choice: z.literal("restore"), versionId: number }).strict(),
  ])
  .openapi("ItemDecision");

export const decideItem = createRoute({
  method: "post",
  path: "/users/{userId}/items/{itemId}/decision",
  tags: ["items"],
  summary: "Decide about a conflict, have its loser back, or dismiss a finding as long as nothing changes",
  ...requires("decide"),
  request: { params: ofItem, body: body(Decision) },
  responses: accepted,
});

export const retryItem = createRoute({
  method: "post",
  path: "/users/{userId}/items/{itemId}/retry",
  tags: ["items"],
  summary: "Try an item again now",
  ...requires("operate"),
  request: { params: ofItem },
  responses: accepted,
});

const Shown = z.record(z.string(), z.string());
export const ItemValues = z
  .object({
    /** Then there is nothing else. */
    private: z.boolean(),
    /** Field by field in words; null for a side that has no such item (any more). */
    crm: Shown.nullable(),
    mailbox: Shown.nullable(),
    /** Names of the fields that differ. */
    different: z.array(z.string()),
    kept: z.array(z.object({ id: z.string(), values: Shown })),
  })
  .openapi("ItemValues");

export const readValues = createRoute({
  method: "post",
  path: "/users/{userId}/items/{itemId}/values",
  tags: ["items"],
  summary: "Read an item's values from both systems now; the audit log notes who asked",
  ...requires("content"),
  request: { params: ofItem },
  responses: { 200: json(ItemValues, "The values"), ...problems },
});
