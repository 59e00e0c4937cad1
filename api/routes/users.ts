import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { z } from "zod";
import type { UserId } from "../../core/ids.ts";
import { mayResume, type CommandKind } from "../../core/lifecycle/index.ts";
import type { Tx } from "../../db/client.ts";
import { loadState } from "../../db/lifecycle.ts";
import { mailboxHolder, mailboxOfUser } from "../../db/registrations.ts";
import {
  eraseUser,
  type LinkBody,
  linkMany,
  linkUser,
  pauseUser,
  reauthUser,
  resumeUser,
  switchBackend,
  syncUserNow,
} from "../contract/users.ts";
import type { ApiDependencies } from "../deps.ts";
import { ApiProblem, notFound } from "../problems.ts";
import { demandUnlocked } from "./link-settings.ts";
import { record, type Recorded, type Wish } from "./wish.ts";

/** What is wished for one user: refused with the table's reason, or recorded and told to the workflow. */
export function userRoutes(app: OpenAPIHono, deps: ApiDependencies): void {
  const { database } = deps;

  async function wish(c: Context, userId: string, kind: CommandKind): Promise<Recorded> {
    const { organizationId, actor } = c.get("caller");
    const recorded = await database.inOrganization(organizationId, (tx) =>
      record(tx, { organizationId, actor, userId: userId as UserId, kind }),
    );
    await deps.deliver({ organizationId, kind, ...recorded });
    return recorded;
  }

  app.openapi(syncUserNow, async (c) => c.json(await wish(c, c.req.valid("param").userId, "syncNow"), 202));
  app.openapi(reauthUser, async (c) => c.json(await wish(c, c.req.valid("param").userId, "reauth"), 202));
  app.openapi(pauseUser, async (c) => c.json(await wish(c, c.req.valid("param").userId, "pause"), 202));
  app.openapi(resumeUser, async (c) => {
    const { organizationId } = c.get("caller");
    const { userId } = c.req.valid("param");
    const stored = await database.inOrganization(organizationId, (tx) => loadState(tx, userId as UserId));
    const verdict = stored && mayResume(stored.state);
    if (verdict?.allowed === false) throw new ApiProblem("request.conflict", verdict.reason);
    return c.json(await wish(c, userId, "resume"), 202);
  });
  app.openapi(eraseUser, async (c) => c.json(await wish(c, c.req.valid("param").userId, "delete"), 202));

  app.openapi(switchBackend, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const userId = c.req.valid("param").userId as UserId;
    const { backend } = c.req.valid("json");
    const kind = "switchBackend" as const;
    const recorded = await database.inOrganization(organizationId, (tx) =>
      record(tx, { organizationId, actor, userId, kind }, { backend }),
    );
    await deps.deliver({ organizationId, kind, ...recorded });
    return c.json(recorded, 202);
  });

  app.openapi(linkUser, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const { userId } = c.req.valid("param");
    const body = c.req.valid("json");
    const recorded = await database.inOrganization(organizationId, (tx) =>
      recordLink(tx, { organizationId, actor, userId: userId as UserId, ...body }),
    );
    await deps.deliver({ organizationId, kind: "link", ...recorded });
    return c.json(recorded, 202);
  });

  app.openapi(linkMany, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const results = [];
    for (const { userId, ...body } of c.req.valid("json").links) {
      try {
        const recorded = await database.inOrganization(organizationId, (tx) =>
          recordLink(tx, { organizationId, actor, userId: userId as UserId, ...body }),
        );
        results.push({ userId, outcome: "linked" as const, commandId: recorded.commandId, problem: null });
      } catch (error) {
        if (!(error instanceof ApiProblem)) throw error;
        const problem = { code: error.code, message: error.detail };
        results.push({ userId, outcome: "refused" as const, commandId: null, problem });
      }
    }
    await Promise.all(
      results.flatMap(({ userId, commandId }) =>
        commandId
          ? [deps.deliver({ organizationId, userId: userId as UserId, commandId, kind: "link" })]
          : [],
      ),
    );
    const linked = results.filter((result) => result.outcome === "linked").length;
    return c.json({ linked, refused: results.length - linked, results }, 200);
  });
}

/** @throws ApiProblem 409 when the mailbox is not registered, or registered by somebody else */
async function recordLink(tx: Tx, wish: Omit<Wish, "kind"> & z.infer<typeof LinkBody>): Promise<Recorded> {
  const { organizationId, actor, userId, mailboxId, settings } = wish;
  await demandUnlocked(tx, settings ?? {});
  const own = await mailboxOfUser(tx, userId);
  if (mailboxId !== undefined && mailboxId !== own?.id) {
    if (!(await loadState(tx, userId))) throw notFound("person");
    const holder = await mailboxHolder(tx, mailboxId);
    throw holder === undefined
      ? new ApiProblem(
          "link.mailbox-unregistered",
          "No registered mailbox has this id. Invite its owner first.",
        )
      : new ApiProblem("link.mailbox-foreign", "Link the mailbox with the person who registered it.");
  }
  return await record(
    tx,
    { organizationId, actor, userId, kind: "link" },
    { ...(own ? { mailboxId: own.id } : {}), ...(settings ? { settings } : {}) },
  );
}
