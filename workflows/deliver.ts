import type { Client } from "@temporalio/client";
import type { CommandId, OrganizationId, UserId } from "../core/ids.ts";
import {
  ITEM_LOOK_WORKFLOW,
  itemLookWorkflowId,
  ORGANIZATION_WORKFLOW,
  organizationWorkflowId,
  REFRESH_ASSOCIATES,
  REMOVAL_PLAN_WORKFLOW,
  removalPlanWorkflowId,
  TASK_QUEUE,
  USER_WORKFLOW,
  userWorkflowId,
  type CommandKind,
  type CommandSignal,
  type ItemLookInput,
  type OrganizationInput,
  type RemovalPlanInput,
  type UserLifecycleInput,
} from "./messages.ts";

/** What delivery needs of a Temporal client. */
export type SignalSender = Pick<Client, "withDeadline" | "workflow">;

/** Longest time that an answer of the API waits for Temporal. */
const deadlineMs = 3_000;

/**
 * Tells the user's workflow of a recorded command, starting it where none runs. Sending it twice is harmless.
 *
 * @returns false when Temporal did not take it within three seconds: the worker's relay repeats what is not
 *   delivered, so that is no failure of the command
 */
export async function deliver(
  client: SignalSender,
  command: { organizationId: OrganizationId; userId: UserId; commandId: CommandId; kind: CommandKind },
): Promise<boolean> {
  const { organizationId, userId, commandId, kind } = command;
  const input: UserLifecycleInput = { schemaVersion: 1, organizationId, userId };
  const signal: CommandSignal = { commandId };
  return await withinDeadline(client, () =>
    client.workflow.signalWithStart(USER_WORKFLOW, {
      workflowId: userWorkflowId(organizationId, userId),
      taskQueue: TASK_QUEUE,
      args: [input],
      signal: kind,
      signalArgs: [signal],
    }),
  );
}

/** Asks the organization's workflow to list the associates now. @returns as `deliver` */
export async function requestAssociates(
  client: SignalSender,
  organizationId: OrganizationId,
): Promise<boolean> {
  const input: OrganizationInput = { schemaVersion: 1, organizationId };
  return await withinDeadline(client, () =>
    client.workflow.signalWithStart(ORGANIZATION_WORKFLOW, {
      workflowId: organizationWorkflowId(organizationId),
      taskQueue: TASK_QUEUE,
      args: [input],
      signal: REFRESH_ASSOCIATES,
      signalArgs: [],
    }),
  );
}

/** Has one item read for somebody who waits. @returns as `deliver` */
export async function requestLook(
  client: SignalSender,
  look: { organizationId: OrganizationId; userId: UserId; lookId: string },
): Promise<boolean> {
  const input: ItemLookInput = { schemaVersion: 1, ...look };
  return await withinDeadline(client, () =>
    client.workflow.start(ITEM_LOOK_WORKFLOW, {
      workflowId: itemLookWorkflowId(look.organizationId, look.lookId),
      taskQueue: TASK_QUEUE,
      args: [input],
      staticSummary: "Reads one item for somebody who asked",
    }),
  );
}

/** Has a removal planned. @returns as `deliver` */
export async function requestRemovalPlan(
  client: SignalSender,
  plan: { organizationId: OrganizationId; userId: UserId; removalId: string },
): Promise<boolean> {
  const input: RemovalPlanInput = { schemaVersion: 1, ...plan };
  return await withinDeadline(client, () =>
    client.workflow.start(REMOVAL_PLAN_WORKFLOW, {
      workflowId: removalPlanWorkflowId(plan.organizationId, plan.removalId),
      taskQueue: TASK_QUEUE,
      args: [input],
      // Asked for once more while it is being made.
      workflowIdConflictPolicy: "USE_EXISTING",
      staticSummary: "Plans what an unlink would remove",
    }),
  );
}

async function withinDeadline(client: SignalSender, send: () => Promise<unknown>): Promise<boolean> {
  try {
    await client.withDeadline(Date.now() + deadlineMs, send);
    return true;
  } catch {
    return false;
  }
}
