import { randomUUID } from "node:crypto";
import { ApplicationFailure, Context } from "@temporalio/activity";
import type {
  CommitInput,
  ErasureActivities,
  LifecycleActivities,
  Loaded,
  MailActivities,
  MailRequest,
  MailResult,
  OrganizationActivities,
  PreviewActivities,
  RemovalActivities,
  SliceAnswer,
  SliceRequest,
  SyncActivities,
  UserRef,
} from "../../activities/contract.ts";
import type { ErrorCode } from "../../core/errors/table.ts";
import type { CommandId, MailboxId, OrganizationId, UserId } from "../../core/ids.ts";
import {
  initialState,
  nextCycle,
  type CommandBody,
  type CommandEvent,
  type CommandKind,
  type Outcome,
  type UserState,
} from "../../core/lifecycle/index.ts";
import type { ErasureInput } from "../../workflows/messages.ts";

interface StoredCommand {
  event: CommandEvent;
  outcome: Outcome | null;
}

interface StoredUser {
  user: UserRef;
  state: UserState;
  seq: number;
  commands: StoredCommand[];
  timeline: { kind: string; detail: Record<string, unknown> }[];
  fences: number;
  previews: number;
  removals: { at: string; planId: string; interrupted: boolean }[];
  cycles: { at: string; interrupted: boolean }[];
  mails: { kind: string; key: string; at: string | null; reason: ErrorCode | null }[];
  revoked: number;
  tombstone: boolean;
  erased: boolean;
  completed: boolean;
  /** The test is over. */
  forgotten: boolean;
  /** For scripts: whatever was wrong is right now. */
  mended: boolean;
}

export interface CycleScript {
  problem?: ErrorCode | null;
  held?: "brake" | null;
  more?: boolean;
  retryAfterMs?: number;
}

type RemovalScript = Awaited<ReturnType<RemovalActivities["removeSlice"]>>;

export type World = ReturnType<typeof createWorld>;

/** The outside of the workflows, for as many users as a test wants. Time is Temporal's own, by the activities' clock. */
export function createWorld(clock: () => Promise<number>, intervalMs = 300_000) {
  const users = new Map<UserId, StoredUser>();
  const organizationId = randomUUID() as OrganizationId;
  let cancellable = 0;
  const instant = async () => new Date(await clock()).toISOString();

  const of = ({ userId }: { userId: UserId }): StoredUser => {
    const found = users.get(userId);
    if (!found) throw new Error("no such user");
    return found;
  };

  const world = {
    organizationId,
    users,
    /** What the next cycles come to; a function of the user and the number of cycles before. */
    cycle: (_user: StoredUser, _number: number): CycleScript | Promise<CycleScript> => ({}),
    mail: (_request: MailRequest, _attempt: number): MailResult => ({ outcome: "accepted" }),
    /** While true, everything of ours that needs the database fails. */
    databaseDown: false,
    refusals: 0,
    superofficeDown: false,
    startErasure: (_input: ErasureInput): Promise<void> => Promise.reject(new Error("not wired")),
    undoMs: 600_000,
    /** What the next slice of a removal comes to. */
    removal: (
      _user: StoredUser,
      _number: number,
    ): Partial<RemovalScript> | Promise<Partial<RemovalScript>> => ({}),
    preview: "waived" as "waived" | "required",
    /** What planning a first sync comes to. */
    plan: (_user: StoredUser): { problem: ErrorCode | null; accept?: boolean } => ({ problem: null }),
    refreshes: 0,

    /** A slice that ends only when it is aborted, heartbeating meanwhile. */
    async untilCancelled(): Promise<CycleScript> {
      const context = Context.current();
      cancellable += 1;
      const alive = setInterval(() => context.heartbeat(), 50);
      try {
        await context.cancelled;
      } finally {
        clearInterval(alive);
        cancellable -= 1;
      }
      return {};
    },
    waitingForCancellation: () => cancellable,

    addUser(): StoredUser {
      const user = { organizationId, userId: randomUUID() as UserId };
      const stored: StoredUser = {
        user,
        state: initialState,
        seq: 0,
        commands: [],
        timeline: [],
        fences: 0,
        previews: 0,
        cycles: [],
        removals: [],
        mails: [],
        revoked: 0,
        tombstone: false,
        erased: false,
        completed: false,
        forgotten: false,
        mended: false,
      };
      users.set(user.userId, stored);
      return stored;
    },

    record(
      stored: StoredUser,
      kind: CommandKind,
      body: CommandBody = {},
      actor = "administrator",
    ): CommandId {
      const commandId = randomUUID() as CommandId;
      stored.commands.push({ event: { type: kind, commandId, actor, body }, outcome: null });
      return commandId;
    },

    outcome(stored: StoredUser, commandId: CommandId): Outcome | null | undefined {
      return stored.commands.find(({ event }) => event.commandId === commandId)?.outcome;
    },
  };

  function guard(): void {
    if (!world.databaseDown) return;
    world.refusals += 1;
    throw new Error("database is down");
  }

  const mailRequests = new Map<
    string,
    { request: MailRequest; attempts: number; result: MailResult | null }
  >();

  const activities: LifecycleActivities &
    PreviewActivities &
    Pick<RemovalActivities, "removeSlice"> &
    SyncActivities &
    MailActivities &
    ErasureActivities &
    OrganizationActivities = {
    async loadUser({ userId }): Promise<Loaded | null> {
      guard();
      const stored = users.get(userId);
      if (!stored || stored.erased || stored.forgotten) return null;
      return {
        state: structuredClone(stored.state),
        seq: stored.seq,
        commands: stored.commands.filter(({ outcome }) => !outcome).map(({ event }) => event),
        intervalMs,
        preview: world.preview,
        undoMs: world.undoMs,
      };
    },

    async commitUser(input: CommitInput) {
      guard();
      const stored = of(input);
      if (stored.seq !== input.expectedSeq) return null;
      stored.seq += 1;
      stored.state = structuredClone(input.state);
      for (const command of input.commands) {
        if (command.type === "bumpFence") stored.fences += 1;
        if (command.type === "tell") stored.timeline.push({ kind: command.kind, detail: command.detail });
        if (command.type === "tombstone") stored.tombstone = true;
      }
      for (const { commandId, outcome } of input.settled) {
        const command = stored.commands.find(({ event }) => event.commandId === commandId);
        if (command && !command.outcome) command.outcome = outcome;
      }
      return { seq: stored.seq };
    },

    async recordBareCommand({ userId, kind, commandId }) {
      guard();
      const stored = of({ userId });
      if (stored.commands.some(({ event }) => event.commandId === commandId)) return;
      stored.commands.push({ event: { type: kind, commandId, actor: "operator", body: {} }, outcome: null });
    },

    async revokePermission(user) {
      guard();
      of(user).revoked += 1;
    },

    async syncSlice(request: SliceRequest): Promise<SliceAnswer> {
      guard();
      const stored = of(request);
      const at = await instant();
      const entry = { at, interrupted: false };
      stored.cycles.push(entry);
      let script: CycleScript;
      try {
        script = await world.cycle(stored, stored.cycles.length);
      } catch (error) {
        entry.interrupted = true;
        throw error;
      }
      const { problem = null, held = null, more = false, retryAfterMs } = script;
      const now = await instant();
      const { phase, chance } = request;
      const nextDue = more ? null : nextCycle({ now, chance, phase, intervalMs });
      if (nextDue && problem === null) stored.state = { ...stored.state, cycleAt: nextDue };
      return { more, problem, held, retryAfterMs, nextDue, totals: request.totals };
    },

    async removeSlice(request) {
      guard();
      const stored = of(request);
      const entry = { at: await instant(), planId: request.planId, interrupted: false };
      stored.removals.push(entry);
      try {
        const script = await world.removal(stored, stored.removals.length);
        return { more: false, problem: null, left: 0, removed: 3, stayed: 1, ...script };
      } catch (error) {
        entry.interrupted = true;
        throw error;
      }
    },

    async makePreview(user) {
      guard();
      of(user).previews += 1;
      return { accept: false, ...world.plan(of(user)) };
    },

    async queueMail(request: MailRequest) {
      guard();
      if (!mailRequests.has(request.dedupeKey)) {
        mailRequests.set(request.dedupeKey, { request, attempts: 0, result: null });
        of(request).mails.push({
          kind: request.kind,
          key: request.dedupeKey,
          at: null,
          reason: request.reason,
        });
      }
      return request.dedupeKey;
    },

    async sendMail({ userId, mailId }) {
      guard();
      const entry = mailRequests.get(mailId);
      if (!entry) throw new Error("no such mail");
      if (entry.result) return entry.result;
      entry.attempts += 1;
      const result = world.mail(entry.request, entry.attempts);
      if (result.outcome !== "delayed") entry.result = result;
      if (result.outcome === "accepted") {
        const mail = of({ userId }).mails.find(({ key }) => key === mailId);
        if (mail) mail.at = await instant();
      }
      return result;
    },

    async beginErasure({ organizationId, userId }) {
      guard();
      const input: ErasureInput = { schemaVersion: 1, organizationId, userId };
      await world.startErasure(input);
    },
    async settleUser() {
      guard();
      return { waitMs: 60_000 };
    },
    async deleteUserRows(user) {
      guard();
      of(user).erased = true;
    },
    async deleteHistories() {
      return { deleted: 1 };
    },
    async completeErasure(user) {
      guard();
      of(user).completed = true;
    },
    async refreshAssociates() {
      if (world.superofficeDown) throw ApplicationFailure.nonRetryable("SuperOffice does not answer");
      world.refreshes += 1;
      return { found: 0, added: 0, changed: 0, retired: 0 };
    },
  };

  return Object.assign(world, { activities });
}

export const someMailbox = "6a5e35b5-7f14-4f6f-9d5b-0e8c1d8f8a11" as MailboxId;
