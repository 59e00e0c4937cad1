import type { OpenAPIHono } from "@hono/zod-openapi";
import type { UserId } from "../../core/ids.ts";
import { holdOf, type HeldPlan } from "../../core/lifecycle/index.ts";
import { settingsNames, type SettingsName } from "../../core/sync/settings.ts";
import type { Kind } from "../../core/items/observed.ts";
import { loadState } from "../../db/lifecycle.ts";
import { heldWrites } from "../../db/sync-reading.ts";
import { decideBrake, readBrake } from "../contract/brake.ts";
import type { ApiDependencies } from "../deps.ts";
import { ApiProblem, notFound } from "../problems.ts";
import { heldText } from "./item-words.ts";
import { record } from "./wish.ts";

/** What the brake holds, and the decision about it, which binds to what was shown. */
export function brakeRoutes(app: OpenAPIHono, deps: ApiDependencies): void {
  const { database } = deps;

  app.openapi(readBrake, async (c) => {
    const { organizationId } = c.get("caller");
    const userId = c.req.valid("param").userId as UserId;
    const held = await database.inOrganization(organizationId, async (tx) => {
      if (!(await loadState(tx, userId))) throw notFound("person");
      return await heldWrites(tx, userId);
    });
    return c.json(
      {
        held: held.map(({ kind, linked, since, expiresAt, ...plan }) => ({
          ...plan,
          kind: settingsNames[kind],
          items: linked,
          text: heldText({ ...plan, linked }),
          since: since.toISOString(),
          expiresAt: expiresAt?.toISOString() ?? null,
        })),
      },
      200,
    );
  });

  app.openapi(decideBrake, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const userId = c.req.valid("param").userId as UserId;
    const { choice, plans: shown } = c.req.valid("json");
    const recorded = await database.inOrganization(organizationId, async (tx) => {
      const stored = await loadState(tx, userId);
      if (!stored) throw notFound("person");
      const held = await heldWrites(tx, userId);
      const plans = shown.map(({ kind, ...plan }): HeldPlan => ({ ...plan, kind: kindOf(kind) }));
      const same = (plan: HeldPlan) =>
        held.some(
          (now) => now.kind === plan.kind && now.target === plan.target && now.planHash === plan.planHash,
        );
      if (!holdOf(stored.state, "brake") || !plans.every(same))
        throw new ApiProblem(
          "request.conflict",
          "Something else is held by now. Look again and decide anew.",
        );
      if (holdOf(stored.state, "paused"))
        throw new ApiProblem("request.conflict", "Paused. Resume first, then decide.");
      return await record(tx, { organizationId, actor, userId, kind: "resume" }, { brake: choice, plans });
    });
    await deps.deliver({ organizationId, kind: "resume", ...recorded });
    return c.json(recorded, 202);
  });
}

function kindOf(name: SettingsName): Kind {
  const found = (Object.keys(settingsNames) as Kind[]).find((kind) => settingsNames[kind] === name);
  if (!found) throw new Error(`no kind ${name}`);
  return found;
}
