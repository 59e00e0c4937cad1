import { invitationState } from "../../core/invitation/state.ts";
import { holdOf, shownProblem, shownState, type UserState } from "../../core/lifecycle/index.ts";
import type { UserId } from "../../core/ids.ts";
import type { Role } from "../../db/access.ts";
import type { Tx } from "../../db/client.ts";
import type { ConsoleRow } from "../../db/console.ts";
import { syncNumbers, type SyncNumbers } from "../../db/console-sync.ts";
import { latestInvitations, type Invitation } from "../../db/invitations.ts";
import { loadStates } from "../../db/lifecycle.ts";
import type { AssociateRow } from "../contract/user.ts";
import { actionsOf } from "./actions.ts";
import { problemOf } from "./problem-text.ts";

/** Adds rules, texts and numbers to rows of the database. */
export async function associateRows(
  tx: Tx,
  rows: readonly ConsoleRow[],
  context: { role: Role; organization: string },
): Promise<AssociateRow[]> {
  const userIds = rows.map((row) => row.userId).filter((id): id is UserId => id !== null);
  const states = await loadStates(tx, userIds);
  const invitations = await latestInvitations(tx, userIds);
  const numbers = await syncNumbers(tx, userIds);
  return rows.map((row) => {
    const state = row.userId ? states.get(row.userId)?.state : undefined;
    const invitation = row.userId ? invitations.get(row.userId) : undefined;
    return associateRow(row, state, invitation, row.userId ? numbers.get(row.userId) : undefined, context);
  });
}

function associateRow(
  row: ConsoleRow,
  state: UserState | undefined,
  invitation: Invitation | undefined,
  numbers: SyncNumbers | undefined,
  { role, organization }: { role: Role; organization: string },
): AssociateRow {
  const word = state ? shownState(state) : "not-invited";
  const problem = state ? shownProblem(state) : null;
  const hold = state?.holds.find((each) => each.code === word);
  const since = hold?.since ?? state?.trouble?.since ?? row.problemSince?.toISOString() ?? null;
  const spoken = {
    person: row.name || row.address,
    mailbox: row.mailboxAddress ?? row.address,
    organization,
  };
  return {
    associateId: row.associateId,
    userId: row.userId,
    name: row.name,
    address: row.address,
    retired: row.retired,
    mailbox: row.mailboxId ? { id: row.mailboxId, address: row.mailboxAddress ?? "" } : null,
    linked: row.linked,
    state: word,
    stage: state?.stage ?? null,
    holds: (state?.holds ?? []).map((each) => ({
      code: each.code,
      since: each.since,
      actor: each.actor,
      problem: each.problem,
    })),
    problem: problem ? problemOf(problem, since, spoken) : null,
    invitation: invitation ? invitationSummary(invitation) : null,
    lastSyncAt: row.lastSyncAt?.toISOString() ?? null,
    // Whoever is being unlinked has a next step, but no next sync.
    nextSyncAt: state && holdOf(state, "removal") ? null : (row.nextSyncAt?.toISOString() ?? null),
    changes24h: numbers?.changes24h ?? { toCrm: 0, toMailbox: 0 },
    findings: numbers?.findings ?? 0,
    actions: actionsOf(role, { state, address: row.address, retired: row.retired }),
  };
}

export function invitationSummary(invitation: Invitation) {
  return {
    id: invitation.id,
    state: invitationState(invitation, new Date()),
    createdAt: invitation.createdAt.toISOString(),
    sentAt: invitation.sentAt?.toISOString() ?? null,
    startedAt: invitation.startedAt?.toISOString() ?? null,
    expiresAt: invitation.expiresAt.toISOString(),
  };
}
