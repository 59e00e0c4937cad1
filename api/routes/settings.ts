import type { OpenAPIHono } from "@hono/zod-openapi";
import { createApiToken, listApiTokens, revokeApiToken, type ApiTokenRow } from "../../db/access.ts";
import { connectionSecretNames, listConnections as connectionsOf } from "../../db/connections.ts";
import { mayGrant } from "../auth/roles.ts";
import { createToken, listConnections, listTokens, revokeToken } from "../contract/settings.ts";
import type { ApiDependencies } from "../deps.ts";
import { ApiProblem, notFound } from "../problems.ts";

/** API tokens and connections. */
export function settingsRoutes(app: OpenAPIHono, { database, secrets, vault }: ApiDependencies): void {
  app.openapi(listTokens, async (c) => {
    const { organizationId } = c.get("caller");
    const tokens = await database.inOrganization(organizationId, (tx) => listApiTokens(tx));
    return c.json({ tokens: tokens.map(shown) }, 200);
  });

  app.openapi(createToken, async (c) => {
    const { organizationId, actor, role } = c.get("caller");
    const body = c.req.valid("json");
    if (!mayGrant(role, body.role)) {
      throw new ApiProblem(
        "access.denied",
        `The role ${role} may not make a token with the role ${body.role}.`,
      );
    }
    const made = await createApiToken(database, secrets, { organizationId, createdBy: actor, ...body });
    return c.json({ ...shown(made), token: made.token.reveal() }, 201);
  });

  app.openapi(revokeToken, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const { tokenId } = c.req.valid("param");
    const revoked = await database.inOrganization(organizationId, (tx) =>
      revokeApiToken(tx, organizationId, tokenId, actor),
    );
    if (!revoked) throw notFound("token");
    return c.body(null, 204);
  });

  app.openapi(listConnections, async (c) => {
    const { organizationId } = c.get("caller");
    const connections = await database.inOrganization(organizationId, async (tx) => {
      const names = await connectionSecretNames(tx, vault, organizationId);
      return (await connectionsOf(tx)).map(({ id, kind, configuration, createdAt }) => ({
        id,
        kind,
        configuration,
        secrets: names.get(id) ?? [],
        createdAt: createdAt.toISOString(),
      }));
    });
    return c.json({ connections }, 200);
  });
}

function shown(token: ApiTokenRow) {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    createdBy: token.createdBy,
    createdAt: token.createdAt.toISOString(),
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    expiresAt: token.expiresAt?.toISOString() ?? null,
  };
}
