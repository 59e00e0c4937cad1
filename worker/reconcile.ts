import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from "@temporalio/client";
import type { OrganizationId, UserId } from "../core/ids.ts";
import type { Database } from "../db/client.ts";
import { openErasures } from "../db/erasure.ts";
import { livingStages, livingUsers, takeFence } from "../db/lifecycle.ts";
import type { Logger } from "../platform/logger.ts";
import {
  ERASURE_WORKFLOW,
  erasureWorkflowId,
  ORGANIZATION_WORKFLOW,
  organizationWorkflowId,
  TASK_QUEUE,
  USER_WORKFLOW,
  userWorkflowId,
} from "../workflows/messages.ts";

export interface ReconcileDependencies {
  database: Database;
  temporal: Pick<Client, "workflow">;
  log: Logger;
}

const pageSize = 200;

/**
 * Starts every workflow that should run and does not: Temporal's store may be lost whole, or a workflow ended by
 * hand. Reads our own tables page by page and asks Temporal for each single workflow (never visibility). When
 * Temporal does not answer, the round ends with that error; absence is only what Temporal positively says.
 *
 * @returns how many were started
 */
export async function reconcileOnce(dependencies: ReconcileDependencies): Promise<number> {
  const { database, log } = dependencies;
  let started = 0;
  for (const organizationId of await database.organizationIds()) {
    const input = { schemaVersion: 1, organizationId };
    const id = organizationWorkflowId(organizationId);
    if (await ensure(dependencies, ORGANIZATION_WORKFLOW, id, input)) started += 1;
    started += await ensureUsers(dependencies, organizationId);
    started += await ensureErasures(dependencies, organizationId);
  }
  if (started > 0) log.info({ started }, "missing workflows started");
  return started;
}

async function ensureUsers(
  dependencies: ReconcileDependencies,
  organizationId: OrganizationId,
): Promise<number> {
  const { database } = dependencies;
  let started = 0;
  let after: UserId | null = null;
  for (;;) {
    const page: UserId[] = await database.inOrganization(organizationId, (tx) =>
      livingUsers(tx, after, pageSize),
    );
    for (const userId of page) {
      const input = { schemaVersion: 1, organizationId, userId };
      const id = userWorkflowId(organizationId, userId);
      const fence = () =>
        database.inOrganization(organizationId, (tx) => takeFence(tx, userId, livingStages));
      if (await ensure(dependencies, USER_WORKFLOW, id, input, fence)) started += 1;
    }
    after = page.at(-1) ?? null;
    if (page.length < pageSize) return started;
  }
}

async function ensureErasures(
  dependencies: ReconcileDependencies,
  organizationId: OrganizationId,
): Promise<number> {
  let started = 0;
  let after: UserId | null = null;
  for (;;) {
    const page: UserId[] = await dependencies.database.inOrganization(organizationId, (tx) =>
      openErasures(tx, after, pageSize),
    );
    for (const userId of page) {
      const input = { schemaVersion: 1, organizationId, userId };
      const id = erasureWorkflowId(organizationId, userId);
      if (await ensure(dependencies, ERASURE_WORKFLOW, id, input)) started += 1;
    }
    after = page.at(-1) ?? null;
    if (page.length < pageSize) return started;
  }
}

/** @returns whether it was missing and was started */
async function ensure(
  { temporal }: ReconcileDependencies,
  type: string,
  workflowId: string,
  input: object,
  before: () => Promise<unknown> = () => Promise.resolve(),
): Promise<boolean> {
  try {
    const { status } = await temporal.workflow.getHandle(workflowId).describe();
    if (status.name === "RUNNING" || status.name === "PAUSED") return false;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  await before();
  try {
    await temporal.workflow.start(type, { workflowId, taskQueue: TASK_QUEUE, args: [input] });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
