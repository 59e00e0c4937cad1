import { z } from "@hono/zod-openapi";
import { holdCodes, stages } from "../../core/lifecycle/state.ts";
import { AssociateNumber, Instant, Uuid } from "./problem.ts";

/** The one word that people see, worst first, and `not-invited` for an associate who is not yet a user. */
export const stateWords = [
  "erased",
  "erasing",
  "ended",
  "disconnected",
  "blocked",
  "needs-reauth",
  "removal",
  "brake",
  "preview",
  "gate",
  "paused",
  "invited",
  "registered",
  "linked",
  "syncing",
  "not-invited",
] as const;
export const actionKinds = [
  "invite",
  "resend",
  "revoke",
  "link",
  "unlink",
  "undoUnlink",
  "syncNow",
  "reauth",
  "pause",
  "resume",
  "switchBackend",
  "delete",
] as const;

export const StateWord = z.enum(stateWords).openapi("StateWord");
export const ProblemOfUser = z
  .object({
    code: z.string(),
    message: z.string(),
    next: z.string(),
    actor: z.enum(["nobody", "person", "administrator", "operator"]),
    since: Instant.nullable(),
  })
  .openapi("ProblemOfUser");
export const Hold = z
  .object({
    code: z.enum(holdCodes),
    since: Instant,
    actor: z.string(),
    problem: z.string().nullable(),
  })
  .openapi("Hold");
/** A button: may it be pressed, and if not, why not. */
export const Action = z
  .object({ kind: z.enum(actionKinds), allowed: z.boolean(), reason: z.string().nullable() })
  .openapi("Action");

export const invitationStates = [
  "queued",
  "accepted",
  "refused",
  "uncertain",
  "unsent",
  "started",
  "registered",
  "expired",
  "revoked",
] as const;
export const InvitationSummary = z
  .object({
    id: Uuid,
    state: z.enum(invitationStates),
    createdAt: Instant,
    sentAt: Instant.nullable(),
    startedAt: Instant.nullable(),
    expiresAt: Instant,
  })
  .openapi("InvitationSummary");

/** One associate, with the user that has become of it, as the table and the drawer's head show it. */
export const AssociateRow = z
  .object({
    associateId: AssociateNumber,
    userId: Uuid.nullable(),
    name: z.string(),
    address: z.string(),
    /** No longer active in SuperOffice. */
    retired: z.boolean(),
    mailbox: z.object({ id: Uuid, address: z.string() }).nullable(),
    linked: z.boolean(),
    state: StateWord,
    stage: z.enum(stages).nullable(),
    holds: z.array(Hold),
    problem: ProblemOfUser.nullable(),
    invitation: InvitationSummary.nullable(),
    lastSyncAt: Instant.nullable(),
    nextSyncAt: Instant.nullable(),
    /** Items written to each side in the last 24 hours. */
    changes24h: z.object({ toCrm: z.int(), toMailbox: z.int() }),
    findings: z.int(),
    actions: z.array(Action),
  })
  .openapi("AssociateRow");
export type AssociateRow = z.infer<typeof AssociateRow>;
