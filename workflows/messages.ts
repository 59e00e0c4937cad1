/**
 * Names and shapes of everything that is sent to workflows. Ids and counters only: histories are readable by
 * operators. This file imports nothing that runs, so that API and CLI may use it.
 */
import type { CommandId, OrganizationId, UserId } from "../core/ids.ts";

export const TASK_QUEUE = "everlink";
export const USER_WORKFLOW = "userLifecycle";

/** The commands of a user's life; each is delivered as a signal of its own name carrying the command's id. */
export const commandKinds = [
  "invite",
  "resend",
  "revoke",
  "register",
  "link",
  "unlink",
  "reauth",
  "pause",
  "resume",
  "syncNow",
  "settings",
  "disconnect",
  "delete",
] as const;
export type CommandKind = (typeof commandKinds)[number];

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
