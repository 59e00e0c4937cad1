import type { ErrorCode } from "../core/errors/table.ts";
import type { CommandId, OrganizationId, UserId } from "../core/ids.ts";
import type { Kind, Side } from "../core/items/observed.ts";
import type {
  BareCommandKind,
  CommandEvent,
  CycleResult,
  Instant,
  Instruction,
  KindEnd,
  MailKind,
  Outcome,
  RemovalResult,
  UserState,
} from "../core/lifecycle/index.ts";

export interface UserRef {
  organizationId: OrganizationId;
  userId: UserId;
}

export interface Loaded {
  state: UserState;
  seq: number;
  /** Not settled, oldest first. */
  commands: CommandEvent[];
  intervalMs: number;
  preview: "required" | "waived";
  /** Absent in what a worker of an earlier version answers. */
  undoMs?: number;
}

export interface CommitInput extends UserRef {
  expectedSeq: number;
  state: UserState;
  commands: readonly Instruction[];
  settled: readonly { commandId: CommandId; outcome: Outcome }[];
}

export interface LifecycleActivities {
  /** @returns `null` for a user who does not exist, or was erased */
  loadUser(user: UserRef): Promise<Loaded | null>;
  /** @returns `null` when somebody else committed first */
  commitUser(input: CommitInput): Promise<{ seq: number } | null>;
  /** Makes a command row of a bare signal from the Temporal Web UI. */
  recordBareCommand(input: UserRef & { kind: BareCommandKind; commandId: CommandId }): Promise<void>;
  /** Destroys the stored permission. */
  revokePermission(user: UserRef): Promise<void>;
}

/** What the slices of a cycle did so far; counts only. */
export interface CycleTotals {
  created: number;
  updated: number;
  deleted: number;
  adopted: number;
  conflicts: number;
  findings: number;
}

/** How far a cycle has come with the kinds of one user; ids of nobody, codes only. */
export interface CycleProgress {
  /** Still to be run, in this order. */
  left: readonly Kind[];
  /** What the others came to. */
  ended: { readonly [K in Kind]?: KindEnd };
}

export interface SliceRequest extends UserRef {
  /** When the cycle began. */
  startedAt: Instant;
  /** What the slices before did. */
  totals: CycleTotals;
  /** What the slice before said; absent in the first one: every kind that is wanted is left. */
  progress?: CycleProgress | undefined;
  /** For the time of the next cycle (core/lifecycle, `nextCycle`). */
  phase: number;
  chance: number;
}

export interface SliceAnswer extends CycleResult {
  more: boolean;
  totals: CycleTotals;
  /** With `more`: for the next slice. */
  progress?: CycleProgress | undefined;
}

export interface SyncActivities {
  /**
   * One slice under a fence of its own. A failure of a remote system is an answer (`problem`), not an error: the
   * state machine decides what comes of it.
   */
  syncSlice(request: SliceRequest): Promise<SliceAnswer>;
}

export interface MailRequest extends UserRef {
  kind: MailKind;
  /** `invitation`: which; the latest open one when `null`. */
  invitationId: string | null;
  /** The problem that the mail speaks of. */
  reason: ErrorCode | null;
  /** Asking again with the same key gives the same mail. */
  dedupeKey: string;
}

export type MailResult =
  | { outcome: "accepted" }
  | { outcome: "refused"; problem: ErrorCode }
  /** Perhaps sent; it is never sent again by itself. */
  | { outcome: "uncertain"; problem: ErrorCode }
  /** Certainly not sent; try again later. */
  | { outcome: "delayed"; problem: ErrorCode }
  /** Not to be sent any more: the invitation was revoked, the person has signed in. */
  | { outcome: "withdrawn" };

export interface MailActivities {
  /** @returns the mail's id, or `null` when there is no one to mail */
  queueMail(request: MailRequest): Promise<string | null>;
  /** One try. Never sends a mail whose fate is unknown once more. */
  sendMail(mail: UserRef & { mailId: string }): Promise<MailResult>;
}

export interface ErasureActivities {
  /** Starts the erasure's own workflow; one that runs already is enough. */
  beginErasure(user: UserRef): Promise<void>;
  /** Takes the fence; tells how long a request made before may still take effect. `null`: nothing of the user is left. */
  settleUser(user: UserRef): Promise<{ waitMs: number } | null>;
  /** Deletes rows and keys, and notes in the receipt what there was. */
  deleteUserRows(user: UserRef): Promise<void>;
  /** Deletes what Temporal keeps of the user's own workflow, all runs. Fails until it has seen the latest. */
  deleteHistories(user: UserRef): Promise<{ deleted: number }>;
  /** Ends the receipt. */
  completeErasure(input: UserRef & { histories: number }): Promise<void>;
}

export interface PreviewActivities {
  /**
   * Plans the first sync without writing anything and keeps the counts. `accept`: the organization's policy asks nobody
   * to look at so small a plan.
   */
  makePreview(user: UserRef): Promise<{ problem: ErrorCode | null; retryAfterMs?: number; accept: boolean }>;
}

export interface RemovalActivities {
  /** Plans what would be removed on one side, and keeps the counts. A failure is kept there too. */
  planRemoval(removal: UserRef & { removalId: string }): Promise<void>;
  /** One slice of a removal, under a fence of its own. A failure of a remote system is an answer. */
  removeSlice(
    request: UserRef & { planId: string; from: Side; progress?: CycleProgress | undefined },
  ): Promise<RemovalResult & { more: boolean; progress?: CycleProgress }>;
}

export interface LookActivities {
  /** Reads one item from both systems, live, and seals the values for the one who asked. A failure is told there too. */
  lookAtItem(look: UserRef & { lookId: string }): Promise<void>;
  /** Takes away what was not fetched. */
  forgetLook(look: UserRef & { lookId: string }): Promise<void>;
}

export interface OrganizationActivities {
  /** Takes over SuperOffice's list of associates. Counts only. */
  refreshAssociates(input: {
    organizationId: OrganizationId;
  }): Promise<{ found: number; added: number; changed: number; retired: number } | null>;
}
