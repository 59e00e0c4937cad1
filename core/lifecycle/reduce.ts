import { allowed } from "./allowed.ts";
import { commandKinds, type CommandKind } from "./commands.ts";
import type { CommandEvent, LifecycleEvent, Moment, Transition } from "./events.ts";
import type { UserState } from "./state.ts";
import { refused, table } from "./table.ts";

const kinds: ReadonlySet<string> = new Set(commandKinds);

export function isCommand(event: LifecycleEvent): event is CommandEvent {
  return kinds.has(event.type);
}

/**
 * What an event makes of a user. Pure and total: an event that means nothing in this stage (late, doubled,
 * reordered) changes nothing, a command that is not allowed is answered with its reason.
 */
export function reduce(state: UserState, event: LifecycleEvent, moment: Moment): Transition {
  if (isCommand(event)) {
    const permission = allowed(state, event.type satisfies CommandKind);
    if (!permission.allowed) return refused(state, permission.reason);
    const { expectedGeneration } = event;
    if (typeof expectedGeneration === "number" && expectedGeneration !== state.linkGeneration) {
      return refused(state, "The link was made anew meanwhile. Look again.");
    }
  }
  const row = table[event.type][state.stage] as
    ((state: UserState, event: LifecycleEvent, moment: Moment) => Transition) | undefined;
  return row ? row(state, event, moment) : { state, commands: [], outcome: { accepted: true } };
}
