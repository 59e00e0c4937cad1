import { createRoute, z } from "@hono/zod-openapi";
import { requires } from "./permission.ts";
import { AssociateNumber, body, Instant, json, problems, Uuid } from "./problem.ts";

/** One line: what goes into a mail header must not bring header lines of its own. */
const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(max, `must have at most ${max} characters`)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, "must be one line without control characters");

export const InviteBody = z
  .object({
    associateIds: z
      .array(AssociateNumber)
      .min(1, "name at least one associate")
      .max(5000, "name at most 5000 associates"),
    subject: line(200).optional(),
    /** Plain text in the administrator's own words; blank lines make paragraphs. */
    message: z.string().trim().max(4000, "must have at most 4000 characters").optional(),
    senderName: line(100).optional(),
    replyTo: z.email("must be a mail address").max(254).optional(),
    expiresInDays: z.int().min(1, "must be 1 or more").max(90, "must be 90 or less").optional(),
  })
  .strict()
  .openapi("Invite");

export const InviteResult = z
  .object({
    associateId: AssociateNumber,
    outcome: z.enum(["invited", "refused"]),
    userId: Uuid.nullable(),
    invitationId: Uuid.nullable(),
    commandId: Uuid.nullable(),
    /** Why not, and what to do. */
    problem: z.object({ code: z.string(), message: z.string(), next: z.string() }).nullable(),
  })
  .openapi("InviteResult");

/**
 * One result per associate. When a single associate is named and refused, the answer is that problem itself
 * (404 unknown, 409 already invited, 422 no usable address).
 */
export const invite = createRoute({
  method: "post",
  path: "/invitations",
  tags: ["invitations"],
  summary: "Invite associates by mail",
  ...requires("invite"),
  request: { body: body(InviteBody) },
  responses: {
    200: json(
      z.object({ invited: z.int(), refused: z.int(), results: z.array(InviteResult) }),
      "What became of each",
    ),
    ...problems,
  },
});

const params = z.object({ invitationId: Uuid });
export const Accepted = z.object({ commandId: Uuid, userId: Uuid }).openapi("Accepted");

export const resendInvitation = createRoute({
  method: "post",
  path: "/invitations/{invitationId}/resend",
  tags: ["invitations"],
  summary: "Mail the invitation once more, with a new link; earlier links stay good",
  ...requires("invite"),
  request: { params },
  responses: { 202: json(Accepted, "Recorded"), ...problems },
});

export const revokeInvitation = createRoute({
  method: "post",
  path: "/invitations/{invitationId}/revoke",
  tags: ["invitations"],
  summary: "End the invitation with all its links and codes",
  ...requires("revoke"),
  request: { params },
  responses: { 202: json(Accepted, "Recorded"), ...problems },
});

export const MintedLink = z
  .object({ link: z.string(), code: z.string(), expiresAt: Instant })
  .openapi("MintedLink");

/** Stored links cannot be shown again: this mints another link and code of the same invitation. */
export const mintInvitationLink = createRoute({
  method: "post",
  path: "/invitations/{invitationId}/links",
  tags: ["invitations"],
  summary: "Make a link and a code to hand over yourself",
  ...requires("invite"),
  request: { params },
  responses: { 201: json(MintedLink, "Shown once"), ...problems },
});
