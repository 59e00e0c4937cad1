import type { CommandId } from "../core/ids.ts";
import {
  phaseOf,
  reduce,
  undoMsByDefault,
  type HappenedEvent,
  type Instruction,
  type Moment,
  type Outcome,
  type UserState,
} from "../core/lifecycle/index.ts";
import type { Loaded } from "../activities/contract.ts";
import type { Inbox } from "./inbox.ts";
import type { UserLifecycleInput } from "./messages.ts";
import { lifecycle } from "./proxies.ts";

/** A user's state in the workflow: always what was committed last. */
export interface Life {
  readonly state: UserState;
  readonly phase: number;
  /** False once nothing is known of the user: never there, or erased. */
  exists(): boolean;
  /** Reads and carries out what was recorded, if anybody said that something was. */
  carryOutCommands(): Promise<void>;
  /** Commits what an event makes of the user. An event that lost the race is dropped: it will be seen again. */
  happened(event: HappenedEvent): Promise<void>;
}

/** Reads the user from Postgres: a run begins with nothing but ids. */
export async function resumeLife(input: UserLifecycleInput, inbox: Inbox): Promise<Life> {
  const user = { organizationId: input.organizationId, userId: input.userId };
  const phase = phaseOf(input.userId);
  let loaded: Loaded | null = null;

  const known = (): Loaded => {
    if (!loaded) throw new Error("The user is not loaded.");
    return loaded;
  };
  const moment = (): Moment => ({
    now: new Date().toISOString(),
    chance: Math.random(),
    intervalMs: known().intervalMs,
    preview: known().preview,
    undoMs: known().undoMs ?? undoMsByDefault,
    phase,
  });

  async function load(): Promise<void> {
    inbox.taken();
    for (let bare = inbox.nextBare(); bare; bare = inbox.nextBare()) {
      await lifecycle.recordBareCommand({ ...user, ...bare });
    }
    loaded = await lifecycle.loadUser(user);
  }

  async function commit(
    state: UserState,
    commands: readonly Instruction[],
    settled: readonly { commandId: CommandId; outcome: Outcome }[],
  ): Promise<void> {
    const before = known();
    const done = await lifecycle.commitUser({ ...user, expectedSeq: before.seq, state, commands, settled });
    // Somebody else was faster, or this very commit arrived twice: Postgres knows where the user is.
    if (done) loaded = { ...before, state, seq: done.seq, commands: [] };
    else await load();
  }

  await load();
  return {
    get state() {
      return known().state;
    },
    phase,
    exists: () => loaded !== null,
    async carryOutCommands() {
      if (inbox.waiting()) await load();
      // A lost race loads anew, and may bring the same or other commands.
      while (loaded !== null && loaded.commands.length > 0) {
        let { state } = loaded;
        const instructions: Instruction[] = [];
        const settled: { commandId: CommandId; outcome: Outcome }[] = [];
        for (const command of loaded.commands) {
          const step = reduce(state, command, moment());
          state = step.state;
          instructions.push(...step.commands);
          settled.push({ commandId: command.commandId, outcome: step.outcome });
        }
        await commit(state, instructions, settled);
      }
    },
    async happened(event) {
      const before = known();
      const step = reduce(before.state, event, moment());
      if (step.commands.length === 0 && sameButCycle(before.state, step.state)) {
        // A good idle cycle costs no transaction here: its activity has noted when the next one is due.
        loaded = { ...before, state: step.state };
        return;
      }
      await commit(step.state, step.commands, []);
    },
  };
}

function sameButCycle(a: UserState, b: UserState): boolean {
  return JSON.stringify({ ...a, cycleAt: null }) === JSON.stringify({ ...b, cycleAt: null });
}
