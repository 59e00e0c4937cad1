import { createRoute, z } from "@hono/zod-openapi";
import { requires } from "./permission.ts";
import { body, Instant, json, problems, Uuid } from "./problem.ts";
import { RoleName } from "./session.ts";

export const ApiToken = z
  .object({
    id: Uuid,
    name: z.string(),
    role: RoleName,
    createdAt: Instant,
    createdBy: z.string(),
    lastUsedAt: Instant.nullable(),
    expiresAt: Instant.nullable(),
  })
  .openapi("ApiToken");

export const listTokens = createRoute({
  method: "get",
  path: "/tokens",
  tags: ["tokens"],
  summary: "API tokens that are in force",
  ...requires("tokens"),
  responses: { 200: json(z.object({ tokens: z.array(ApiToken) }), "The tokens"), ...problems },
});

export const createToken = createRoute({
  method: "post",
  path: "/tokens",
  tags: ["tokens"],
  summary: "Make an API token; it is shown once",
  ...requires("tokens"),
  request: {
    body: body(
      z
        .object({
          name: z.string().trim().min(1, "must not be empty").max(100),
          role: RoleName,
          expiresInDays: z.int().min(1).max(3650).optional(),
        })
        .strict(),
    ),
  },
  responses: { 201: json(ApiToken.extend({ token: z.string() }), "Shown once"), ...problems },
});

export const revokeToken = createRoute({
  method: "delete",
  path: "/tokens/{tokenId}",
  tags: ["tokens"],
  summary: "End an API token at once",
  ...requires("tokens"),
  request: { params: z.object({ tokenId: Uuid }) },
  responses: { 204: { description: "Ended" }, ...problems },
});

/** Addresses and ids of the connected systems; never a secret. */
export const Connection = z
  .object({
    id: Uuid,
    kind: z.enum(["microsoft", "superoffice", "mail"]),
    configuration: z.record(z.string(), z.unknown()),
    /** Names of the secrets that the vault holds for it. */
    secrets: z.array(z.string()),
    createdAt: Instant,
  })
  .openapi("Connection");

export const listConnections = createRoute({
  method: "get",
  path: "/connections",
  tags: ["connections"],
  summary: "The connected systems, without secrets",
  ...requires("connections"),
  responses: { 200: json(z.object({ connections: z.array(Connection) }), "The connections"), ...problems },
});
