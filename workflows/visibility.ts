import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from "@temporalio/workflow";
import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from "@temporalio/common";
import type { OrganizationId } from "../core/ids.ts";
import { shownProblem, shownState, type Task, type UserState } from "../core/lifecycle/index.ts";

const stateKey = defineSearchAttributeKey("EverlinkState", "KEYWORD");
const problemKey = defineSearchAttributeKey("EverlinkProblem", "KEYWORD");
const organizationKey = defineSearchAttributeKey("EverlinkOrganization", "KEYWORD");

/**
 * Makes the workflow findable and readable for operators. Search attributes are set only when they change: each
 * upsert costs as much as a timer. Words, codes and times only: they are not encrypted.
 */
export function show(organizationId: OrganizationId, state: UserState, task: Task): void {
  const known = workflowInfo().typedSearchAttributes;
  const word = shownState(state);
  const problem = shownProblem(state);
  const changes: SearchAttributeUpdatePair[] = [];
  if (known.get(stateKey) !== word) changes.push({ key: stateKey, value: word });
  if ((known.get(problemKey) ?? null) !== problem) changes.push({ key: problemKey, value: problem });
  if (known.get(organizationKey) !== organizationId) {
    changes.push({ key: organizationKey, value: organizationId });
  }
  if (changes.length > 0) upsertSearchAttributes(changes);
  setCurrentDetails(describe(state, task));
}

function describe(state: UserState, task: Task): string {
  const lines = [`**${shownState(state)}** · stage ${state.stage}`];
  for (const hold of state.holds) {
    const { removal } = hold;
    if (removal)
      lines.push(
        `- removes copies in ${removal.from}, ${removal.begunAt ? `begun ${removal.begunAt}` : `from ${removal.startsAt} on`}`,
      );
    const mailed = hold.mailedAt ? `, mailed ${hold.mailedAt}` : "";
    const problem = hold.problem ? ` · \`${hold.problem}\`` : "";
    lines.push(`- hold **${hold.code}** since ${hold.since}${problem}${mailed} · ends by ${hold.clearedBy}`);
  }
  if (state.trouble) {
    lines.push(
      `- retrying \`${state.trouble.problem}\`: ${state.trouble.attempts} × since ${state.trouble.since}`,
    );
  }
  for (const duty of state.duties) {
    lines.push(duty.type === "mail" ? `- to mail: ${duty.mail} (tries: ${duty.attempts})` : "- to revoke");
  }
  if (state.linkGeneration > 0) lines.push(`- link generation ${state.linkGeneration}`);
  if (task.type === "wait") lines.push(`- waits for ${task.why}${task.until ? ` at ${task.until}` : ""}`);
  return lines.join("\n");
}
