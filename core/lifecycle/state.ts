import type { ErrorCode } from "../errors/table.ts";
import type { MailboxId } from "../ids.ts";
import type { Side } from "../items/observed.ts";

/** A point in time as ISO 8601 in UTC, as `Date.prototype.toISOString` writes it. */
export type Instant = string;

export const stages = [
  "invited",
  "registered",
  "linked",
  "syncing",
  "disconnected",
  "erasing",
  "erased",
  "ended",
] as const;
/** Where a user is in life. */
export type Stage = (typeof stages)[number];

export const holdCodes = [
  "needs-reauth",
  "paused",
  "blocked",
  "preview",
  "brake",
  "gate",
  "removal",
] as const;
/** Why a user does not proceed just now. */
export type HoldCode = (typeof holdCodes)[number];

export interface Hold {
  code: HoldCode;
  /** Who or what set it: an actor of a command, or `everlink`. */
  actor: string;
  since: Instant;
  problem: ErrorCode | null;
  clearedBy: "register" | "resume" | "good-cycle" | "preview-accepted" | "undo-or-end";
  /** `needs-reauth`: when the mail server last took a mail about it. */
  mailedAt?: Instant;
  /** `needs-reauth`: when the next reminder is due, and how many were made. */
  reminderAt?: Instant | null;
  reminders?: number;
  /** `preview`: when it was made; absent while it is being made. */
  madeAt?: Instant;
  /** `removal`: what the link ends with. */
  removal?: RemovalHold;
}

/** What Everlink made on one side is removed there, and then the link ends. */
export interface RemovalHold {
  from: Side;
  /** Names exactly what was shown. */
  planId: string;
  /** Until then it can be undone. */
  startsAt: Instant;
  /** `null` while it can be undone. */
  begunAt: Instant | null;
}

export type MailKind = "invitation" | "reauth" | "recovery";

/** Decided and not yet done. It survives every crash, because it is committed with the state. */
export type Duty =
  | {
      type: "mail";
      /** The same for every attempt: one mail per key, ever. */
      key: string;
      mail: MailKind;
      invitationId: string | null;
      reason: ErrorCode | null;
      attempts: number;
      notBefore: Instant;
    }
  | { type: "revoke"; key: string };

/** A row of failed attempts that have not marked the user (yet). */
export interface Trouble {
  problem: ErrorCode;
  since: Instant;
  attempts: number;
}

/** Everything the state machine knows of one user. It is stored whole in `lifecycle`; no content, no names. */
export interface UserState {
  stage: Stage;
  holds: readonly Hold[];
  /** How often this user was linked; 0 before the first time. */
  linkGeneration: number;
  mailboxId: MailboxId | null;
  invitation: { invitationId: string; expiresAt: Instant } | null;
  duties: readonly Duty[];
  trouble: Trouble | null;
  /** When the next cycle is due; `null` where none is planned. */
  cycleAt: Instant | null;
}

/** A user who was just put down, before the `invite` command is carried out. */
export const initialState: UserState = {
  stage: "invited",
  holds: [],
  linkGeneration: 0,
  mailboxId: null,
  invitation: null,
  duties: [],
  trouble: null,
  cycleAt: null,
};

/** What people see: one word. */
export type ShownState = Stage | HoldCode;

/** Worst first. Stages that are not in the list come after every hold. */
const worstFirst: readonly ShownState[] = [
  "erased",
  "erasing",
  "ended",
  "disconnected",
  "blocked",
  "needs-reauth",
  "removal",
  "brake",
  "preview",
  "gate",
  "paused",
];

/** The one word for stage and holds (design §3); `EverlinkState` is that word. */
export function shownState(state: Pick<UserState, "stage" | "holds">): ShownState {
  const present = new Set<ShownState>([state.stage, ...state.holds.map((hold) => hold.code)]);
  return worstFirst.find((word) => present.has(word)) ?? state.stage;
}

export function holdOf(state: Pick<UserState, "holds">, code: HoldCode): Hold | undefined {
  return state.holds.find((hold) => hold.code === code);
}

/** The problem behind the shown word, or the one that is being retried; `null` when all is well. */
export function shownProblem(state: Pick<UserState, "stage" | "holds" | "trouble">): ErrorCode | null {
  const word = shownState(state);
  return state.holds.find((hold) => hold.code === word)?.problem ?? state.trouble?.problem ?? null;
}
