import type { Client } from "@temporalio/client";
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import type { Database } from "../db/client.ts";
import { completeErasure, deleteUser, unsettledMs } from "../db/erasure.ts";
import { takeFence } from "../db/lifecycle.ts";
import {
  ERASURE_WORKFLOW,
  erasureWorkflowId,
  TASK_QUEUE,
  userWorkflowId,
  type ErasureInput,
} from "../workflows/messages.ts";
import type { ErasureActivities } from "./contract.ts";

export interface ErasureDependencies {
  database: Database;
  temporal: Client;
}

/** No request of any connector, of any kind, takes effect later than this: the longest `longestRequestMs` there is. */
const longestRequestMs = 120_000;

/** The steps of an erasure (design §5); `workflows/erasure.ts` has their order. */
export function createErasureActivities({ database, temporal }: ErasureDependencies): ErasureActivities {
  return {
    async beginErasure({ organizationId, userId }) {
      const input: ErasureInput = { schemaVersion: 1, organizationId, userId };
      try {
        await temporal.workflow.start(ERASURE_WORKFLOW, {
          workflowId: erasureWorkflowId(organizationId, userId),
          taskQueue: TASK_QUEUE,
          args: [input],
          staticSummary: "Erases one user",
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },

    settleUser: ({ organizationId, userId }) =>
      database.inOrganization(organizationId, async (tx) => {
        const taken = await takeFence(tx, userId, ["erasing"]);
        return taken ? { waitMs: await unsettledMs(tx, userId, longestRequestMs) } : null;
      }),

    deleteUserRows: ({ organizationId, userId }) =>
      database.inOrganization(organizationId, (tx) => deleteUser(tx, organizationId, userId)),

    async deleteHistories({ organizationId, userId }) {
      const workflowId = userWorkflowId(organizationId, userId);
      const runs = await runsOf(temporal, workflowId);
      for (const runId of runs) {
        // A run that still goes on is ended by this: nothing of the user is left for it to do.
        await temporal.workflowService.deleteWorkflowExecution({
          namespace: temporal.options.namespace,
          workflowExecution: { workflowId, runId },
        });
      }
      return { deleted: runs.length };
    },

    completeErasure: ({ organizationId, userId, histories }) =>
      database.inOrganization(organizationId, (tx) => completeErasure(tx, userId, histories)),
  };
}

/**
 * Every run of a workflow that Temporal still keeps. Visibility lags a little behind, so the latest run, which is
 * known exactly, must be among the answers.
 */
async function runsOf(temporal: Client, workflowId: string): Promise<string[]> {
  let latest: string;
  try {
    latest = (await temporal.workflow.getHandle(workflowId).describe()).runId;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
  const runs = new Set<string>();
  for await (const run of temporal.workflow.list({ query: `WorkflowId = "${workflowId}"` })) {
    runs.add(run.runId);
  }
  if (!runs.has(latest)) {
    throw ApplicationFailure.retryable("visibility does not know the latest run yet", "erasure.not-visible");
  }
  return [...runs];
}
