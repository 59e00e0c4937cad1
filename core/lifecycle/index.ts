export { allowed, mayResume, mayUnlink } from "./allowed.ts";
export { type BareCommandKind, type CommandKind } from "./commands.ts";
export type {
  CommandBody,
  CommandEvent,
  CycleResult,
  RemovalResult,
  HappenedEvent,
  HeldPlan,
  ItemDecision,
  Instruction,
  LifecycleEvent,
  Moment,
  Outcome,
} from "./events.ts";
export {
  holdCodes,
  holdOf,
  initialState,
  shownProblem,
  shownState,
  stages,
  type Hold,
  type Instant,
  type MailKind,
  type RemovalHold,
  type Stage,
  type UserState,
} from "./state.ts";
export { nextCycle, phaseOf, undoMsByDefault } from "./pace.ts";
export { reduce } from "./reduce.ts";
export { nextTask, type Task } from "./task.ts";
export { concernsUser, together, type KindEnd } from "./together.ts";
