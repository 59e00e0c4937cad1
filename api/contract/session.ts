import { createRoute, z } from "@hono/zod-openapi";
import { requires } from "./permission.ts";
import { body, Instant, json, problems, Uuid } from "./problem.ts";

export const roles = ["owner", "administrator", "helpdesk", "auditor"] as const;
export const RoleName = z.enum(roles).openapi("Role");

export const Session = z
  .object({
    organization: z.object({ id: Uuid, slug: z.string(), name: z.string() }),
    role: RoleName,
    /** What the role may do: `invite`, `link`, … */
    permissions: z.array(z.string()),
    mode: z.enum(["sandbox", "production"]),
    via: z.enum(["session", "token"]),
    expiresAt: Instant.nullable(),
    /** Where the operator's tools are, when known: null in production. */
    tools: z.object({ temporal: z.string().nullable(), inbox: z.string().nullable() }),
  })
  .openapi("Session");
export type Session = z.infer<typeof Session>;

/** Exchanges the one-time token of a console link (in the URL's fragment) for a session cookie. */
export const createSession = createRoute({
  method: "post",
  path: "/session",
  tags: ["session"],
  summary: "Sign in with a one-time link",
  ...requires("public"),
  request: {
    body: body(z.object({ token: z.string().min(1).max(200) }).strict()),
  },
  responses: { 201: json(Session, "Signed in; the cookie is set"), ...problems },
});

export const readSession = createRoute({
  method: "get",
  path: "/session",
  tags: ["session"],
  summary: "Who am I",
  ...requires("signed-in"),
  responses: { 200: json(Session, "The caller"), ...problems },
});

export const endSession = createRoute({
  method: "delete",
  path: "/session",
  tags: ["session"],
  summary: "Sign out",
  ...requires("signed-in"),
  responses: { 204: { description: "Signed out" }, ...problems },
});
