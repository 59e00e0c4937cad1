import { createRoute, z } from "@hono/zod-openapi";
import { Accepted } from "./invitations.ts";
import { requires } from "./permission.ts";
import { body, Instant, json, problems, Uuid } from "./problem.ts";

export const directions = ["two-way", "crm-to-mailbox", "mailbox-to-crm", "off"] as const;
/** Contacts are the person's chosen extract of SuperOffice: they never go to SuperOffice alone. */
export const contactDirections = ["crm-to-mailbox", "two-way", "off"] as const;
/** The kinds of items, as people name them. */
export const kindNames = ["diary", "tasks", "contacts"] as const;

const window = z
  .object({
    daysBack: z.int().min(0).max(3660),
    daysAhead: z.int().min(1).max(3660),
  })
  .strict();
const conflict = z.enum(["crm", "mailbox", "ask"]);
const privacy = {
  privateItems: z.enum(["hide", "busy-only", "skip"]),
  /** Stands in SuperOffice in place of a private item's title. */
  privateTitle: z.string().trim().min(1, "must not be empty").max(60),
};

export const diary = z
  .object({
    direction: z.enum(directions),
    window,
    conflict,
    ...privacy,
    skipFree: z.boolean(),
    skipAllDay: z.boolean(),
  })
  .strict();
export const tasks = z.object({ direction: z.enum(directions), window, conflict, ...privacy }).strict();
export const contacts = z
  .object({
    direction: z.enum(contactDirections),
    conflict,
    outsideEdits: z.enum(["revert", "keep"]),
    createPersons: z.boolean(),
    /** SuperOffice's selections whose members are synced: names of the person's own, or `#17` for anybody's by its number. */
    selections: z.array(z.string().trim().min(1, "must not be empty").max(254)).max(20),
  })
  .strict();

/** Of each kind whatever is to be said; the rest comes from the organization's defaults. */
export const LinkSettings = z
  .object({ diary: diary.partial(), tasks: tasks.partial(), contacts: contacts.partial() })
  .partial()
  .strict()
  .openapi("LinkSettings");

/** What changes. `null` for a kind takes back what was said: it follows the organization again. */
export const SettingsChange = z
  .object({
    diary: diary.partial().nullable(),
    tasks: tasks.partial().nullable(),
    contacts: contacts.partial().nullable(),
  })
  .partial()
  .strict()
  .openapi("SettingsChange");

const OrganizationChange = SettingsChange.extend({
  /** Kinds on which persons' links have no say of their own. */
  locked: z.array(z.enum(kindNames)).optional(),
  preview: z
    .object({
      /** Somebody has to accept the plan of each first sync before it begins. */
      required: z.boolean(),
      /** Plans of at most so many writes need nobody. */
      acceptUpTo: z.int().min(0).max(100_000),
    })
    .partial()
    .strict()
    .optional(),
}).strict();

/** What holds for a kind, wherever it was said. */
export const WholeSettings = z.object({ diary, tasks, contacts }).openapi("WholeSettings");

/** How one kind of item does for one person. */
export const KindState = z
  .object({
    /** `not-available`: the mailbox's or SuperOffice's connector does not know this kind (yet). */
    state: z.enum(["off", "not-available", "on", "failing"]),
    /** The organization has locked this kind: a person's link has no say. */
    locked: z.boolean(),
    problem: z.object({ code: z.string(), message: z.string(), next: z.string(), since: Instant }).nullable(),
    /** Items that are the same on both sides. */
    itemLinks: z.int(),
    /** Items left alone, by reason. */
    untouched: z.record(z.string(), z.int()),
    waiting: z.int(),
    /** Writes that the brake holds. */
    held: z.int(),
    changes24h: z.object({ toCrm: z.int(), toMailbox: z.int() }),
  })
  .openapi("KindState");

export const UserSettings = z
  .object({
    /** What holds for this person. */
    settings: WholeSettings,
    /** What was said for this person alone. */
    chosen: LinkSettings,
    kinds: z.object({ diary: KindState, tasks: KindState, contacts: KindState }),
  })
  .openapi("UserSettings");

export const OrganizationSettings = z
  .object({
    /** What holds for a person of whom nothing else was said. */
    settings: WholeSettings,
    /** What the organization itself has said. */
    chosen: LinkSettings,
    locked: z.array(z.enum(kindNames)),
    /** Whether somebody has to accept the plan of a first sync, unless it is at most so many writes. */
    preview: z.object({ required: z.boolean(), acceptUpTo: z.int() }),
  })
  .openapi("OrganizationSettings");

export const changeUserSettings = createRoute({
  method: "patch",
  path: "/users/{userId}/settings",
  tags: ["users"],
  summary: "Change what a person's link says",
  ...requires("link"),
  request: { params: z.object({ userId: Uuid }), body: body(SettingsChange) },
  responses: {
    202: json(Accepted, "Recorded; `GET /commands/{commandId}` tells the outcome"),
    ...problems,
  },
});

export const readOrganizationSettings = createRoute({
  method: "get",
  path: "/settings",
  tags: ["settings"],
  summary: "What syncs for everybody of whom nothing else was said",
  ...requires("read"),
  responses: { 200: json(OrganizationSettings, "The defaults"), ...problems },
});

export const changeSettings = createRoute({
  method: "patch",
  path: "/settings",
  tags: ["settings"],
  summary: "Change the organization's defaults; everybody's next cycle heeds them",
  ...requires("control"),
  request: { body: body(OrganizationChange) },
  responses: { 200: json(OrganizationSettings, "The defaults as they are now"), ...problems },
});
