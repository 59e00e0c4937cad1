import type { OrganizationId, UserId } from "../../core/ids.ts";
import { nextTask, reduce, type LifecycleEvent, type Moment } from "../../core/lifecycle/index.ts";
import type { MailActivities } from "../../activities/contract.ts";
import type { Database } from "../../db/client.ts";
import { pendingCommands } from "../../db/commands.ts";
import { previewPolicy } from "../../db/preview.ts";
import { commitTransition, loadState } from "../../db/lifecycle.ts";

/** Commits what an event makes of a user. */
export async function happened(
  database: Database,
  organizationId: OrganizationId,
  userId: UserId,
  event: LifecycleEvent,
): Promise<void> {
  await database.inOrganization(organizationId, async (tx) => {
    const stored = await loadState(tx, userId);
    if (!stored) return;
    const preview = (await previewPolicy(tx)).required ? "required" : "waived";
    const { state, commands, outcome } = reduce(stored.state, event, { ...moment(), preview });
    const settled = "commandId" in event ? [{ commandId: event.commandId, outcome }] : [];
    await commitTransition(tx, { organizationId, userId, expectedSeq: stored.seq, state, commands, settled });
  });
}

/**
 * Carries out what was recorded for a user, and sends what is to be mailed, as the workflow does: the same state
 * machine and activities, without Temporal.
 */
export async function carryOut(
  database: Database,
  mails: MailActivities,
  organizationId: OrganizationId,
  userId: UserId,
): Promise<void> {
  const user = { organizationId, userId };
  const apply = (event: LifecycleEvent) => happened(database, organizationId, userId, event);

  const pending = await database.inOrganization(organizationId, (tx) => pendingCommands(tx, userId));
  for (const command of pending) await apply(command);
  for (let tasks = 0; tasks < 10; tasks += 1) {
    const stored = await database.inOrganization(organizationId, (tx) => loadState(tx, userId));
    if (!stored) return;
    const task = nextTask(stored.state, new Date().toISOString());
    if (task.type === "mail") {
      const { key, mail, invitationId, reason } = task.duty;
      const mailId = await mails.queueMail({ ...user, kind: mail, invitationId, reason, dedupeKey: key });
      const result = mailId === null ? undefined : await mails.sendMail({ ...user, mailId });
      if (result?.outcome === "delayed") await apply({ type: "mailDelayed", key, problem: result.problem });
      else if (result && "problem" in result)
        await apply({ type: "mailRefused", key, problem: result.problem });
      else await apply({ type: "mailAccepted", key });
    } else if (task.type === "revoke") await apply({ type: "revoked", key: task.key });
    else return;
  }
}

function moment(): Omit<Moment, "preview"> {
  return { now: new Date().toISOString(), chance: 0.5, intervalMs: 300_000, phase: 0.5, undoMs: 600_000 };
}
