import type { OpenAPIHono } from "@hono/zod-openapi";
import type { z } from "zod";
import type { UserId } from "../../core/ids.ts";
import { holdOf, mayUnlink, type UserState } from "../../core/lifecycle/index.ts";
import type { StayReason } from "../../core/sync/removal.ts";
import { settingsNames } from "../../core/sync/settings.ts";
import type { Tx } from "../../db/client.ts";
import { loadState } from "../../db/lifecycle.ts";
import { beginRemoval, outcomesOf, removalOf, type StoredRemoval } from "../../db/removal.ts";
import {
  planRemoval,
  readRemoval,
  readRemovalPlan,
  undoUnlink,
  unlinkUser,
  type RemovalOfKind,
  type UnlinkBody,
} from "../contract/removal.ts";
import type { ApiDependencies } from "../deps.ts";
import { ApiProblem, notFound } from "../problems.ts";
import { eventText } from "./item-words.ts";
import { problemOf } from "./problem-text.ts";
import { record } from "./wish.ts";
import { stayText } from "./words.ts";

/** What was shown an hour ago is looked at again before anything is removed. */
const goodMs = 3_600_000;

/** The end of a link, with its two ways; the one that removes something binds to the plan that was shown. */
export function removalRoutes(app: OpenAPIHono, deps: ApiDependencies): void {
  const { database } = deps;

  app.openapi(planRemoval, async (c) => {
    const { organizationId } = c.get("caller");
    const userId = c.req.valid("param").userId as UserId;
    const { from } = c.req.valid("json");
    const removalId = await database.inOrganization(organizationId, async (tx) => {
      const { linkGeneration: generation } = await endable(tx, userId, "remove");
      return await beginRemoval(tx, { organizationId, userId, from, generation });
    });
    if (!(await deps.requestRemovalPlan({ organizationId, userId, removalId })))
      throw new ApiProblem("service.waiting", "It cannot be planned just now. Try again in a moment.");
    return c.json({ planId: removalId }, 202);
  });

  app.openapi(readRemovalPlan, async (c) => {
    const { organizationId } = c.get("caller");
    const { userId, planId } = c.req.valid("param");
    const shown = await database.inOrganization(organizationId, async (tx) => {
      const removal = await removalOf(tx, userId as UserId, planId);
      if (!removal) throw notFound("plan");
      return shownPlan(removal, await outcomesOf(tx, planId));
    });
    return c.json(shown, 200);
  });

  app.openapi(readRemoval, async (c) => {
    const { organizationId } = c.get("caller");
    const userId = c.req.valid("param").userId as UserId;
    const removal = await database.inOrganization(organizationId, async (tx) => {
      const stored = await loadState(tx, userId);
      if (!stored) throw notFound("person");
      const hold = holdOf(stored.state, "removal")?.removal;
      return hold ? { ...hold, ...progressOf(await outcomesOf(tx, hold.planId)) } : null;
    });
    return c.json({ removal }, 200);
  });

  app.openapi(unlinkUser, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const userId = c.req.valid("param").userId as UserId;
    const body = c.req.valid("json");
    const recorded = await database.inOrganization(organizationId, async (tx) => {
      const { linkGeneration } = await endable(tx, userId, body.copies);
      const wish = { organizationId, actor, userId, kind: "unlink" } as const;
      if (body.copies !== "remove") return await record(tx, wish);
      await demandShown(tx, userId, body, linkGeneration);
      // Of this very link: one that was made anew meanwhile has other copies.
      return await record(tx, { ...wish, expectedGeneration: linkGeneration }, body);
    });
    await deps.deliver({ organizationId, kind: "unlink", ...recorded });
    return c.json(recorded, 202);
  });

  app.openapi(undoUnlink, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const userId = c.req.valid("param").userId as UserId;
    const kind = "undoUnlink" as const;
    const recorded = await database.inOrganization(organizationId, (tx) =>
      record(tx, { organizationId, actor, userId, kind }),
    );
    await deps.deliver({ organizationId, kind, ...recorded });
    return c.json(recorded, 202);
  });
}

/** @throws ApiProblem 404, 409 with the reason of `core/lifecycle` */
async function endable(tx: Tx, userId: UserId, copies: "keep" | "remove" | undefined): Promise<UserState> {
  const stored = await loadState(tx, userId);
  if (!stored) throw notFound("person");
  const verdict = mayUnlink(stored.state, copies);
  if (!verdict.allowed) throw new ApiProblem("request.conflict", verdict.reason);
  return stored.state;
}

/** @throws ApiProblem 409 unless the decision is about a plan that was shown and still holds */
async function demandShown(
  tx: Tx,
  userId: UserId,
  { from, planId }: z.infer<typeof UnlinkBody>,
  generation: number,
): Promise<void> {
  const refuse = (detail: string) => new ApiProblem("request.conflict", detail);
  const plan = await removalOf(tx, userId, planId ?? "");
  if (!plan) throw notFound("plan");
  if (plan.madeAt === null) throw refuse("It is still being planned.");
  if (plan.problem !== null) throw refuse("It could not be planned. Have it planned again.");
  if (plan.from !== from) throw refuse("The plan is about the other side.");
  if (plan.generation !== generation) throw refuse("The link was made anew meanwhile. Look again.");
  if (plan.madeAt.getTime() + goodMs < Date.now())
    throw refuse("The plan is older than an hour. Look again and decide anew.");
}

type Outcomes = Awaited<ReturnType<typeof outcomesOf>>;

function shownPlan(removal: StoredRemoval, outcomes: Outcomes) {
  const { removalId: id, from, madeAt, problem } = removal;
  const spoken = { person: "The person", mailbox: "the mailbox", organization: "the organization" };
  const told = problem === null ? null : problemOf(problem, null, spoken);
  return {
    id,
    from,
    state: madeAt === null ? ("making" as const) : told ? ("failed" as const) : ("ready" as const),
    madeAt: madeAt?.toISOString() ?? null,
    goodUntil: madeAt ? new Date(madeAt.getTime() + goodMs).toISOString() : null,
    problem: told && { code: told.code, message: told.message, next: told.next },
    kinds: removal.kinds.map(({ kind, stays, samples }): z.infer<typeof RemovalOfKind> => ({
      kind: settingsNames[kind],
      removes: total(outcomes.filter((each) => each.kind === kind)),
      stays: Object.entries(stays)
        .map(([reason, count]) => shownStay(reason as StayReason, count))
        .toSorted((a, b) => b.count - a.count),
      samples: samples.map(({ row, operation, target, when }) => ({
        row,
        when,
        text: eventText({ row, action: operation, target }),
      })),
    })),
  };
}

function progressOf(outcomes: Outcomes) {
  const stays = new Map<StayReason, number>();
  for (const { outcome, count } of outcomes)
    if (outcome !== null && outcome !== "removed") stays.set(outcome, (stays.get(outcome) ?? 0) + count);
  const shown = [...stays].map(([reason, count]) => shownStay(reason, count));
  return {
    items: total(outcomes),
    removed: total(outcomes.filter(({ outcome }) => outcome === "removed")),
    stayed: total(shown),
    stays: shown,
  };
}

function shownStay(reason: StayReason, count: number) {
  return { reason, message: stayText[reason], count };
}

function total(counted: readonly { count: number }[]): number {
  return counted.reduce((sum, { count }) => sum + count, 0);
}
