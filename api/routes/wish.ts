import type { CommandId, OrganizationId, UserId } from "../../core/ids.ts";
import { allowed, type CommandKind } from "../../core/lifecycle/index.ts";
import type { Tx } from "../../db/client.ts";
import { recordCommand } from "../../db/commands.ts";
import { loadState } from "../../db/lifecycle.ts";
import { ApiProblem, notFound } from "../problems.ts";

export interface Recorded {
  userId: UserId;
  commandId: CommandId;
}

export interface Wish {
  organizationId: OrganizationId;
  actor: string;
  userId: UserId;
  kind: CommandKind;
  /** Refused when the link was made anew meanwhile. */
  expectedGeneration?: number;
}

/** @throws ApiProblem 404 for an unknown user, 409 with the reason of `core/lifecycle` */
export async function record(tx: Tx, wish: Wish, body: Record<string, unknown> = {}): Promise<Recorded> {
  const stored = await loadState(tx, wish.userId);
  if (!stored) throw notFound("person");
  const verdict = allowed(stored.state, wish.kind);
  if (!verdict.allowed) throw new ApiProblem("request.conflict", verdict.reason);
  return { userId: wish.userId, commandId: await recordCommand(tx, { ...wish, body }) };
}
