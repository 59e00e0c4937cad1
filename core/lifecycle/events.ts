import type { ErrorCode } from "../errors/table.ts";
import type { CommandId, ItemLinkId, MailboxId } from "../ids.ts";
import type { SideState } from "../sync/choice.ts";
import type { Kind, Side } from "../items/observed.ts";
import type { FindingCode } from "../sync/findings.ts";
import type { CommandKind } from "./commands.ts";
import type { Instant, UserState } from "./state.ts";

/** The protocols of a mailbox. */
export type Backend = "ews" | "graph";

/** Values of a command's body that the state machine reads. Everything else in a body concerns its own domain. */
export interface CommandBody {
  /** `invite`, `resend`: the invitation row, and when it expires. */
  invitationId?: string;
  expiresAt?: Instant;
  /** `invite`, `resend`: `false` when the administrator copies the link instead of having it mailed. */
  mail?: boolean;
  /** `register`, `link`. */
  mailboxId?: MailboxId;
  /** `link`: the settings to store with the link. `settings`: what changes of them. */
  settings?: Record<string, unknown>;
  /** `switchBackend`: the protocol by which the mailbox is to be read and written from now on. */
  backend?: Backend;
  /** `settings`: what was decided about the preview of the first sync. */
  preview?: "accept";
  /** `unlink`: whether both copies stay; they do where nothing is said. */
  copies?: "keep" | "remove";
  /** `unlink`, `remove`: on which side, and the plan that was shown. */
  from?: Side;
  planId?: string;
  /** `resume`: what was decided about the deletions that the brake holds. */
  brake?: "apply" | "restore";
  /** `resume`: the plans that were shown when it was decided; all that are held now where absent. */
  plans?: readonly HeldPlan[];
  /** `decide`: about single items. */
  decisions?: readonly ItemDecision[];
}

/** Destructive writes of one kind to one side, as they were shown to whoever decides. */
export interface HeldPlan {
  kind: Kind;
  target: Side;
  planHash: string;
}

/**
 * - `retry`: what failed by itself is tried again now
 * - `dismiss`: the finding is not shown any more as long as it is about the same values
 * - `take`: in a conflict that waits, this side's values win, as long as both sides are as they were shown
 * - `restore`: the archived loser of a conflict goes back to its side
 */
export type ItemDecision = { itemId: ItemLinkId } & (
  | { choice: "retry" }
  | { choice: "dismiss"; code: FindingCode; state: SideState }
  | { choice: "take"; side: Side; state: SideState }
  | { choice: "restore"; archiveId: string }
);

/** A recorded command that is to be carried out. */
export interface CommandEvent {
  type: CommandKind;
  commandId: CommandId;
  actor: string;
  body: CommandBody;
  /** The link generation that the actor saw; refused when the link was made anew meanwhile. */
  expectedGeneration?: number | null;
}

/** What a cycle, all its slices together, came to. */
export interface CycleResult {
  problem: ErrorCode | null;
  retryAfterMs?: number | undefined;
  held: "brake" | null;
  /** When the cycle after a good one is due, decided where the interval is known; by the moment otherwise. */
  nextDue?: Instant | null;
  /** The problem is one kind's; another kind of this user is well (`together`). */
  partial?: boolean | undefined;
}

/** What the slices of a removal came to. */
export interface RemovalResult {
  problem: ErrorCode | null;
  retryAfterMs?: number | undefined;
  /** Items without an outcome; they wait for this long at least. */
  left: number;
  dueAgainMs?: number | undefined;
  removed: number;
  stayed: number;
}

/** What happened without anybody wishing it. */
export type HappenedEvent =
  | { type: "mailAccepted"; key: string }
  | { type: "mailRefused"; key: string; problem: ErrorCode }
  /** There was nothing to say any more: revoked, or signed in meanwhile. */
  | { type: "mailWithdrawn"; key: string }
  | { type: "mailDelayed"; key: string; problem: ErrorCode }
  | { type: "revoked"; key: string }
  | { type: "invitationExpired" }
  | { type: "reminderDue" }
  | ({ type: "cycleDone" } & CycleResult)
  /** The plan of a first sync is there (`accept`: the policy needs nobody to look at it), or could not be made. */
  | { type: "previewed"; problem: ErrorCode | null; retryAfterMs?: number | undefined; accept: boolean }
  /** The time in which it could be undone is over. */
  | { type: "removalDue" }
  | ({ type: "removalDone" } & RemovalResult)
  | { type: "probeOk" }
  | { type: "gateOpened" }
  | { type: "erased" };

export type LifecycleEvent = CommandEvent | HappenedEvent;
export type EventType = LifecycleEvent["type"];

export const happenedTypes = [
  "mailAccepted",
  "mailRefused",
  "mailWithdrawn",
  "mailDelayed",
  "revoked",
  "invitationExpired",
  "reminderDue",
  "cycleDone",
  "previewed",
  "removalDue",
  "removalDone",
  "probeOk",
  "gateOpened",
  "erased",
] as const satisfies readonly HappenedEvent["type"][];

/** The world at the moment of an event: the machine itself has neither clock nor dice. */
export interface Moment {
  now: Instant;
  /** 0 ≤ chance < 1, fresh for every event: jitter. */
  chance: number;
  intervalMs: number;
  /** 0 ≤ phase < 1, the same for one user always: spreads users over the interval. */
  phase: number;
  /** Must the first sync be previewed before it writes? */
  preview: "required" | "waived";
  /** So long can an unlink be undone that removes something. */
  undoMs: number;
}

/** What is committed together with the new state, in one transaction. */
export type Instruction =
  | { type: "bumpFence" }
  | { type: "saveLink"; mailboxId: MailboxId; generation: number; settings: Record<string, unknown> | null }
  | { type: "changeSettings"; change: Record<string, unknown> }
  | { type: "dropLink" }
  /** Item links whose copy on that side was made by Everlink know it no more. Before `dropLink`. */
  | { type: "letGo"; from: Side }
  /** The next cycle goes over to it, with all item links. */
  | { type: "wantBackend"; backend: Backend }
  | { type: "decideBrake"; choice: "apply" | "restore"; plans?: readonly HeldPlan[] }
  | { type: "decideItems"; decisions: readonly ItemDecision[]; actor: string }
  | { type: "tombstone" }
  /** An entry of the user's timeline. Codes and counters only. */
  | { type: "tell"; kind: string; detail: Record<string, string | number | boolean> };

export type Outcome = { accepted: true } | { accepted: false; reason: string; status: 409 };

export interface Transition {
  state: UserState;
  commands: readonly Instruction[];
  /** For commands: what the one who gave it is told. */
  outcome: Outcome;
}
