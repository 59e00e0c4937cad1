import type { OpenAPIHono } from "@hono/zod-openapi";
import type { z } from "zod";
import type { UserId } from "../../core/ids.ts";
import { holdOf } from "../../core/lifecycle/index.ts";
import type { FindingCode } from "../../core/sync/findings.ts";
import { settingsNames } from "../../core/sync/settings.ts";
import { loadState } from "../../db/lifecycle.ts";
import { previewOf, type PlanOfKind } from "../../db/preview.ts";
import { acceptPreview, readPreview, type PreviewOfKind } from "../contract/preview.ts";
import type { ApiDependencies } from "../deps.ts";
import { ApiProblem, notFound } from "../problems.ts";
import { eventText } from "./item-words.ts";
import { record } from "./wish.ts";
import { findingText } from "./words.ts";

/** The plan of a first sync, and the word that lets it begin. */
export function previewRoutes(app: OpenAPIHono, deps: ApiDependencies): void {
  const { database } = deps;

  app.openapi(readPreview, async (c) => {
    const { organizationId } = c.get("caller");
    const userId = c.req.valid("param").userId as UserId;
    const { state, plans } = await database.inOrganization(organizationId, async (tx) => {
      const stored = await loadState(tx, userId);
      if (!stored) throw notFound("person");
      const all = await previewOf(tx, userId);
      const { linkGeneration } = stored.state;
      return { state: stored.state, plans: all.filter(({ generation }) => generation === linkGeneration) };
    });
    const hold = holdOf(state, "preview");
    const ready = hold?.madeAt !== undefined;
    return c.json(
      {
        state: hold === undefined ? ("none" as const) : ready ? ("ready" as const) : ("making" as const),
        madeAt: hold?.madeAt ?? null,
        kinds: ready ? plans.map(shownPlan) : [],
      },
      200,
    );
  });

  app.openapi(acceptPreview, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const userId = c.req.valid("param").userId as UserId;
    const recorded = await database.inOrganization(organizationId, async (tx) => {
      const stored = await loadState(tx, userId);
      if (!stored) throw notFound("person");
      const hold = holdOf(stored.state, "preview");
      if (!hold) throw new ApiProblem("request.conflict", "Nothing waits for a preview.");
      if (hold.madeAt === undefined)
        throw new ApiProblem("request.conflict", "The preview is still being made.");
      // Of this very link: one that was made anew meanwhile has another plan.
      const expectedGeneration = stored.state.linkGeneration;
      return await record(
        tx,
        { organizationId, actor, userId, kind: "settings", expectedGeneration },
        { preview: "accept" },
      );
    });
    await deps.deliver({ organizationId, kind: "settings", ...recorded });
    return c.json(recorded, 202);
  });
}

function shownPlan({ kind, plan }: PlanOfKind): z.infer<typeof PreviewOfKind> {
  const { left, samples, ...counts } = plan;
  return {
    ...counts,
    kind: settingsNames[kind],
    left: Object.entries(left).map(([reason, count]) => ({
      reason,
      message: findingText(reason as FindingCode).message,
      count,
    })),
    samples: samples.map(({ row, operation, target, when }) => ({
      row,
      target,
      when,
      text: eventText({ row, action: operation, target }),
    })),
  };
}
