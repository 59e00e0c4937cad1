import { randomUUID } from "node:crypto";
import type { CommandId, OrganizationId, UserId } from "../core/ids.ts";
import type { CommandEvent, CommandKind, Outcome } from "../core/lifecycle/index.ts";
import type { Tx } from "./client.ts";

export interface NewCommand {
  organizationId: OrganizationId;
  userId: UserId;
  /** Who wishes it: `administrator:<uuid>`, `person`, `operator`, `policy`, `token:<uuid>`. No names. */
  actor: string;
  kind: CommandKind;
  /** Ids and settings; no names, addresses or texts. */
  body?: Record<string, unknown>;
  /** Refused when the link was made anew meanwhile. */
  expectedGeneration?: number | undefined;
  /** Given by whoever may have to repeat the recording; a known id is not recorded twice. */
  commandId?: CommandId;
}

export interface UndeliveredCommand {
  commandId: CommandId;
  userId: UserId;
  kind: CommandKind;
}

/** Writes the command, and its audit entry where somebody wished it. Call it in the transaction of the domain rows that belong to it. */
export async function recordCommand(tx: Tx, command: NewCommand): Promise<CommandId> {
  const commandId = command.commandId ?? (randomUUID() as CommandId);
  const body = tx.json((command.body ?? {}) as never);
  const recorded = await tx`
    insert into command (organization_id, command_id, user_id, actor, kind, body, expected_generation)
    values (${command.organizationId}, ${commandId}, ${command.userId}, ${command.actor}, ${command.kind}, ${body},
      ${command.expectedGeneration ?? null})
    on conflict do nothing`;
  // What SuperOffice's hints wake is no act of anybody's: there are thousands in a day.
  const isHint = command.actor === "policy" && command.kind === "syncNow";
  if (recorded.count === 0 || isHint) return commandId;
  await tx`
    insert into audit (organization_id, actor, action, subject, detail)
    values (${command.organizationId}, ${command.actor}, ${command.kind}, ${`user:${command.userId}`},
      ${tx.json({ commandId })})`;
  return commandId;
}

/**
 * The commands of one user that are not settled, in the order in which they were recorded. An invitation's expiry
 * comes from its row.
 */
export async function pendingCommands(tx: Tx, userId: UserId): Promise<CommandEvent[]> {
  const rows = await tx<
    {
      command_id: CommandId;
      kind: CommandKind;
      actor: string;
      body: CommandEvent["body"];
      expected_generation: number | null;
      expires_at: Date | null;
    }[]
  >`
    select c.command_id, c.kind, c.actor, c.body, c.expected_generation, i.expires_at
    from command c
    left join invitation i
      on i.organization_id = c.organization_id and i.invitation_id::text = c.body ->> 'invitationId'
    where c.user_id = ${userId} and c.settled_at is null
    order by c.position`;
  return rows.map((row) => ({
    type: row.kind,
    commandId: row.command_id,
    actor: row.actor,
    body: row.expires_at ? { ...row.body, expiresAt: row.expires_at.toISOString() } : row.body,
    expectedGeneration: row.expected_generation,
  }));
}

/** Writes what became of a command, once; a settled command keeps its first outcome. It counts as delivered. */
export async function settleCommand(tx: Tx, commandId: CommandId, outcome: Outcome): Promise<void> {
  await tx`
    update command set outcome = ${tx.json(outcome)}, settled_at = now(), delivered_at = coalesce(delivered_at, now())
    where command_id = ${commandId} and settled_at is null`;
}

/** @returns `undefined` for a command that does not exist (or whose user was erased), `null` while it is pending */
export async function commandOutcome(tx: Tx, commandId: CommandId): Promise<Outcome | null | undefined> {
  const [row] = await tx<{ outcome: Outcome | null }[]>`
    select outcome from command where command_id = ${commandId}`;
  return row?.outcome;
}

/** Temporal has the signal. Until then the relay repeats it. */
export async function markDelivered(tx: Tx, commandIds: readonly CommandId[]): Promise<void> {
  await tx`
    update command set delivered_at = now()
    where command_id in ${tx(commandIds.length > 0 ? commandIds : [null as never])} and delivered_at is null`;
}

/**
 * Commands older than `olderThanMs` that nobody has handed to Temporal, oldest first; the age leaves the API's own
 * delivery the first try.
 */
export async function undelivered(
  tx: Tx,
  olderThanMs: number,
  limit: number = 200,
): Promise<UndeliveredCommand[]> {
  const rows = await tx<{ command_id: CommandId; user_id: UserId; kind: CommandKind }[]>`
    select command_id, user_id, kind from command
    where delivered_at is null and created_at <= now() - ${olderThanMs} * interval '1 millisecond'
    order by created_at, position limit ${limit}`;
  return rows.map((row) => ({ commandId: row.command_id, userId: row.user_id, kind: row.kind }));
}
