export { allowed, type Allowed } from "./allowed.ts";
export { bareCommandKinds, commandKinds, type BareCommandKind, type CommandKind } from "./commands.ts";
export type {
  CommandBody,
  CommandEvent,
  CycleResult,
  EventType,
  HappenedEvent,
  Instruction,
  LifecycleEvent,
  Moment,
  Outcome,
  Transition,
} from "./events.ts";
export {
  holdCodes,
  holdOf,
  initialState,
  shownProblem,
  shownState,
  stages,
  type Duty,
  type Hold,
  type HoldCode,
  type Instant,
  type MailKind,
  type ShownState,
  type Stage,
  type Trouble,
  type UserState,
} from "./state.ts";
export { happenedTypes } from "./events.ts";
export { backOffMs, nextCycle, phaseOf } from "./pace.ts";
export { isCommand, reduce } from "./reduce.ts";
export { nextTask, type Task } from "./task.ts";
