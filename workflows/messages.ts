/**
 * Names and shapes of everything that is sent to workflows. Ids and counters only: histories are readable by
 * operators. This file imports nothing that runs, so that API and CLI may use it.
 */
import type { CommandId, OrganizationId, UserId } from "../core/ids.ts";

export const TASK_QUEUE = "everlink";
export const USER_WORKFLOW = "userLifecycle";

/** The commands of a user's life; each is delivered as a signal of its own name carrying the command's id. */
export {
  bareCommandKinds,
  commandKinds,
  type BareCommandKind,
  type CommandKind,
} from "../core/lifecycle/commands.ts";

/** Argument of every command signal. Absent when an operator sends a bare `pause`, `resume` or `syncNow` from the Temporal Web UI. */
export interface CommandSignal {
  commandId: CommandId;
}

export interface UserLifecycleInput {
  schemaVersion: 1;
  organizationId: OrganizationId;
  userId: UserId;
}

/** One workflow per user, from invitation to erasure (design §3). */
export function userWorkflowId(organizationId: OrganizationId, userId: UserId): string {
  return `user/${organizationId}/${userId}`;
}

export const ORGANIZATION_WORKFLOW = "organization";
/** Signal of the organization's workflow: list the associates now. */
export const REFRESH_ASSOCIATES = "refreshAssociates";

export interface OrganizationInput {
  schemaVersion: 1;
  organizationId: OrganizationId;
}

/** One workflow per organization: what is done once for all its users. */
export function organizationWorkflowId(organizationId: OrganizationId): string {
  return `organization/${organizationId}`;
}

export const ITEM_LOOK_WORKFLOW = "itemLook";

export interface ItemLookInput {
  schemaVersion: 1;
  organizationId: OrganizationId;
  userId: UserId;
  lookId: string;
}

/** Reads one item from both systems for somebody who asked; the values go sealed into the database, never through here. */
export function itemLookWorkflowId(organizationId: OrganizationId, lookId: string): string {
  return `look/${organizationId}/${lookId}`;
}

export const REMOVAL_PLAN_WORKFLOW = "removalPlan";

export interface RemovalPlanInput {
  schemaVersion: 1;
  organizationId: OrganizationId;
  userId: UserId;
  removalId: string;
}

/** Reads both systems for one plan of what would be removed; counts go into the database. */
export function removalPlanWorkflowId(organizationId: OrganizationId, removalId: string): string {
  return `removal-plan/${organizationId}/${removalId}`;
}

export const ERASURE_WORKFLOW = "erasure";

export interface ErasureInput {
  schemaVersion: 1;
  organizationId: OrganizationId;
  userId: UserId;
}

/** Erases one user, the histories of the user's own workflow included. */
export function erasureWorkflowId(organizationId: OrganizationId, userId: UserId): string {
  return `erasure/${organizationId}/${userId}`;
}
