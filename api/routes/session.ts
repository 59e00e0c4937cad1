import type { Context } from "hono";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { endSession as forget, exchangeConsoleLink, type Caller } from "../../db/access.ts";
import { readOrganization } from "../../db/connections.ts";
import { clearSession, sessionOf, setSession } from "../auth/caller.ts";
import { permissionsOf } from "../auth/roles.ts";
import { createSession, endSession, readSession, type Session } from "../contract/session.ts";
import type { ApiDependencies } from "../deps.ts";
import { ApiProblem } from "../problems.ts";

export function sessionRoutes(app: OpenAPIHono, deps: ApiDependencies): void {
  const { database, secrets } = deps;

  app.openapi(createSession, async (c) => {
    const { token } = c.req.valid("json");
    const made = await exchangeConsoleLink(database, secrets, token);
    if (!made) {
      throw new ApiProblem("access.link-spent", "Ask for a fresh one: npx everlink admin link.");
    }
    await endOld(c);
    setSession(c, made.session.reveal());
    return c.json(await sessionOfCaller(made.caller), 201);
  });

  app.openapi(readSession, async (c) => c.json(await sessionOfCaller(c.get("caller")), 200));

  app.openapi(endSession, async (c) => {
    const caller = c.get("caller");
    const session = sessionOf(c);
    if (session !== undefined) await forget(database, secrets, caller.organizationId, session);
    clearSession(c);
    return c.body(null, 204);
  });

  /** A browser has one session: signing in anew ends the one before. */
  async function endOld(c: Context): Promise<void> {
    const before = sessionOf(c);
    if (before === undefined) return;
    for (const organizationId of await database.organizationIds()) {
      await forget(database, secrets, organizationId, before);
    }
  }

  async function sessionOfCaller(caller: Caller): Promise<Session> {
    const organization = await database.inOrganization(caller.organizationId, (tx) => readOrganization(tx));
    if (!organization) throw new ApiProblem("access.unauthenticated", "The organization is gone.");
    return {
      organization: { id: organization.id, slug: organization.slug, name: organization.name },
      role: caller.role,
      permissions: permissionsOf(caller.role),
      mode: deps.mode,
      via: caller.via,
      expiresAt: caller.expiresAt?.toISOString() ?? null,
      tools: deps.tools,
    };
  }
}
