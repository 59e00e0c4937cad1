import type { CommandId, MailboxId } from "../ids.ts";
import { commandKinds, type CommandKind } from "./commands.ts";
import {
  happenedTypes,
  type CommandBody,
  type HappenedEvent,
  type LifecycleEvent,
  type Moment,
} from "./events.ts";
import { later } from "./pace.ts";
import {
  initialState,
  type Hold,
  type HoldCode,
  type RemovalHold,
  type Stage,
  type UserState,
} from "./state.ts";

export const start = "2026-03-02T08:00:00.000Z";
export const mailbox = "6a5e35b5-7f14-4f6f-9d5b-0e8c1d8f8a11" as MailboxId;
const minutes = 60_000;

export function moment(afterMs = 0, chance = 0.5): Moment {
  return {
    now: later(start, afterMs),
    chance,
    intervalMs: 5 * minutes,
    phase: 0.25,
    preview: "waived",
    undoMs: 600_000,
  };
}

/** A user as it is found in this stage when all went well. */
export function someone(stage: Stage, ...holds: Hold[]): UserState {
  const registered = stage !== "invited" && stage !== "ended" && stage !== "erased";
  return {
    ...initialState,
    stage,
    holds,
    mailboxId: registered ? mailbox : null,
    linkGeneration: stage === "linked" || stage === "syncing" ? 1 : 0,
    invitation:
      stage === "invited" ? { invitationId: "invitation-1", expiresAt: "2026-03-16T08:00:00.000Z" } : null,
    cycleAt: stage === "syncing" ? later(start, 2 * minutes) : null,
  };
}

export function hold(code: HoldCode): Hold {
  const plain = { code, actor: "everlink", since: start, problem: null } as const;
  switch (code) {
    case "needs-reauth":
      return {
        ...plain,
        problem: "entra.grant-revoked",
        clearedBy: "register",
        reminders: 0,
        reminderAt: "2026-03-03T08:00:00.000Z",
      };
    case "blocked":
      return { ...plain, problem: "entra.conditional-access", clearedBy: "good-cycle" };
    case "gate":
      return { ...plain, problem: "network.unreachable", clearedBy: "good-cycle" };
    case "preview":
      return { ...plain, clearedBy: "preview-accepted" };
    case "removal":
      return { ...plain, clearedBy: "undo-or-end", removal: removalOf(null) };
    case "brake":
    case "paused":
      return { ...plain, clearedBy: "resume" };
  }
}

/** The mailbox's copies go, ten minutes after the start. */
export function removalOf(begunAt: string | null): RemovalHold {
  return { from: "mailbox", planId: "plan-1", startsAt: later(start, 600_000), begunAt };
}

export function command(type: CommandKind, body: CommandBody = {}, commandId = "command-1"): LifecycleEvent {
  return { type, commandId: commandId as CommandId, actor: "administrator", body };
}

export function cycle(result: Partial<Extract<HappenedEvent, { type: "cycleDone" }>> = {}): HappenedEvent {
  return { type: "cycleDone", problem: null, held: null, ...result };
}

/** One of each, as it comes in the ordinary case. */
export const everyEvent: readonly (readonly [name: string, event: LifecycleEvent])[] = [
  ...commandKinds.map((kind): [string, LifecycleEvent] => [kind, command(kind, { mailboxId: mailbox })]),
  ["unlink, remove", command("unlink", { copies: "remove", from: "mailbox", planId: "plan-1" })],
  ...happenedTypes.flatMap((type): [string, LifecycleEvent][] => {
    switch (type) {
      case "mailAccepted":
      case "mailWithdrawn":
      case "revoked":
        return [[type, { type, key: "mail-1" }]];
      case "mailRefused":
      case "mailDelayed":
        return [[type, { type, key: "mail-1", problem: "smtp.unreachable" }]];
      case "cycleDone":
        return [
          ["cycleDone: good", cycle()],
          ["cycleDone: one item failed", cycle({ problem: "ews.request-invalid" })],
          ["cycleDone: brake", cycle({ held: "brake" })],
          ["cycleDone: sign-in died", cycle({ problem: "entra.grant-revoked" })],
          ["cycleDone: administrator's matter", cycle({ problem: "entra.conditional-access" })],
          ["cycleDone: busy user", cycle({ problem: "ews.throttled", retryAfterMs: 60_000 })],
          ["cycleDone: network", cycle({ problem: "network.unreachable" })],
          ["cycleDone: wrong secret", cycle({ problem: "entra.client-credential" })],
        ];
      case "previewed":
        return [
          ["previewed: to be looked at", { type, problem: null, accept: false }],
          ["previewed: small enough", { type, problem: null, accept: true }],
          ["previewed: network", { type, problem: "network.unreachable", accept: false }],
        ];
      case "removalDone":
        return [
          ["removalDone: all of it", { type, problem: null, left: 0, removed: 5, stayed: 2 }],
          ["removalDone: something rests", { type, problem: null, left: 1, removed: 5, stayed: 2 }],
          [
            "removalDone: sign-in died",
            { type, problem: "entra.grant-revoked", left: 4, removed: 1, stayed: 2 },
          ],
        ];
      case "removalDue":
      case "invitationExpired":
      case "reminderDue":
      case "probeOk":
      case "gateOpened":
      case "erased":
        return [[type, { type }]];
    }
  }),
];
