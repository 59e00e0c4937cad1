import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  workflowInfo,
} from "@temporalio/workflow";
import type { CycleProgress, CycleTotals } from "../activities/contract.ts";
import type { HappenedEvent, Instant, RemovalHold, Task, UserState } from "../core/lifecycle/index.ts";
import { nextTask } from "../core/lifecycle/index.ts";
import { openInbox, type Inbox } from "./inbox.ts";
import { resumeLife, type Life } from "./life.ts";
import type { UserLifecycleInput } from "./messages.ts";
import { erasureSteps, lifecycle, outbox, postman, previewing, removing, sync } from "./proxies.ts";
import { show } from "./visibility.ts";

/** A run ends by our own count, long before the server's limits: with many users nearly every wake-up replays. */
const cyclesPerRun = 30;
/** Against histories that grow by signals and mails instead of cycles. */
const eventsPerRun = 2_000;

/**
 * One user's life, from invitation to erasure. Postgres is the authority on where the user is; this workflow owns
 * time: it waits, retries, reminds, and runs the cycles. It may be started anew at any moment from its ids alone.
 */
export async function userLifecycle(input: UserLifecycleInput): Promise<void> {
  const inbox = openInbox();
  const life = await resumeLife(input, inbox);
  for (let cycles = 0; life.exists();) {
    await life.carryOutCommands();
    if (!life.exists()) return;
    const task = nextTask(life.state, now());
    show(input.organizationId, life.state, task);
    switch (task.type) {
      case "wait":
        await waitFor(task, inbox);
        break;
      case "happened":
        await life.happened(task.event);
        break;
      case "mail":
        await mail(input, life, task.duty);
        break;
      case "revoke":
        await lifecycle.revokePermission(userOf(input));
        await life.happened({ type: "revoked", key: task.key });
        break;
      case "cycle":
        cycles += 1;
        await cycle(input, life, inbox);
        break;
      case "preview":
        await preview(input, life, inbox);
        break;
      case "removal":
        cycles += 1;
        await remove(input, life, inbox, task.removal);
        break;
      case "erase":
        // This workflow ends, so that its history can be deleted; the erasure lives on by itself.
        await erasureSteps.beginErasure(userOf(input));
        return;
      case "finished":
        if (!inbox.waiting()) return;
        break;
    }
    if ((cycles >= cyclesPerRun || isLong()) && !inbox.waiting()) {
      await condition(allHandlersFinished);
      // Nothing to hand over: everything decided is committed, the next run reads it.
      await continueAsNew<typeof userLifecycle>(input);
    }
  }
}

function isLong(): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength > eventsPerRun;
}

function now(): Instant {
  return new Date().toISOString();
}

function userOf({ organizationId, userId }: UserLifecycleInput) {
  return { organizationId, userId };
}

/** Waits for the time that is due, or for a command, whichever comes first. */
async function waitFor(task: Extract<Task, { type: "wait" }>, inbox: Inbox): Promise<void> {
  if (task.until === null) {
    await condition(() => inbox.waiting());
    return;
  }
  const waitMs = Math.max(Date.parse(task.until) - Date.now(), 1);
  await condition(() => inbox.waiting(), waitMs, { summary: task.why });
}

/** One try to mail. What is not known to have failed before it began is never sent again by itself. */
async function mail(
  input: UserLifecycleInput,
  life: Life,
  duty: Extract<UserState["duties"][number], { type: "mail" }>,
): Promise<void> {
  const user = userOf(input);
  const { key, mail: kind, invitationId, reason } = duty;
  const mailId = await outbox.queueMail({ ...user, kind, invitationId, reason, dedupeKey: key });
  await life.happened(await attempt());

  async function attempt(): Promise<HappenedEvent> {
    if (mailId === null) return { type: "mailRefused", key, problem: "smtp.refused" };
    try {
      const result = await postman.sendMail({ ...user, mailId });
      switch (result.outcome) {
        case "accepted":
          return { type: "mailAccepted", key };
        case "withdrawn":
          return { type: "mailWithdrawn", key };
        case "delayed":
          return { type: "mailDelayed", key, problem: result.problem };
        case "refused":
        case "uncertain":
          return { type: "mailRefused", key, problem: result.problem };
      }
    } catch (error) {
      if (isCancellation(error)) throw error;
      // The outbox knows whether it may be tried again; asking it once more is safe.
      return { type: "mailDelayed", key, problem: "everlink.unexpected" };
    }
  }
}

/** Slices until nothing more can be done now, or somebody wants something. */
async function cycle(input: UserLifecycleInput, life: Life, inbox: Inbox): Promise<void> {
  const startedAt = now();
  let totals: CycleTotals = { created: 0, updated: 0, deleted: 0, adopted: 0, conflicts: 0, findings: 0 };
  let progress: CycleProgress | undefined;
  while (!inbox.waiting()) {
    const answer = await interruptible(inbox, () =>
      sync.syncSlice({
        ...userOf(input),
        startedAt,
        totals,
        progress,
        phase: life.phase,
        chance: Math.random(),
      }),
    );
    if (answer === "interrupted") return; // still due: goes on after the command, if it may
    if (!answer.more) {
      const { problem, partial, retryAfterMs, held, nextDue } = answer;
      await life.happened({
        type: "cycleDone",
        problem,
        partial,
        retryAfterMs,
        held,
        nextDue: nextDue ?? null,
      });
      return;
    }
    ({ totals, progress } = answer);
  }
}

/** Slices until nothing more can be removed now, or somebody wants something. */
async function remove(
  input: UserLifecycleInput,
  life: Life,
  inbox: Inbox,
  { planId, from }: RemovalHold,
): Promise<void> {
  let progress: CycleProgress | undefined;
  while (!inbox.waiting()) {
    const answer = await interruptible(inbox, () =>
      removing.removeSlice({ ...userOf(input), planId, from, progress }),
    );
    if (answer === "interrupted") return;
    const { more, progress: soFar, ...result } = answer;
    if (!more) return await life.happened({ type: "removalDone", ...result });
    progress = soFar;
  }
}

/** Has the first sync planned; a command that cannot wait stops it, and it is made anew if it is still wanted. */
async function preview(input: UserLifecycleInput, life: Life, inbox: Inbox): Promise<void> {
  const made = await interruptible(inbox, () => previewing.makePreview(userOf(input)));
  if (made !== "interrupted") await life.happened({ type: "previewed", ...made });
}

/**
 * Aborts a slice, with all its remote calls, when an urgent command arrives. A slice whose end arrives together with
 * the command has ended: the server refuses to cancel what is over.
 */
async function interruptible<Answer>(
  inbox: Inbox,
  work: () => Promise<Answer>,
): Promise<Answer | "interrupted"> {
  const scope = new CancellationScope();
  let ended = false;
  const running = scope.run(work).finally(() => (ended = true));
  try {
    await Promise.race([running, condition(() => ended || inbox.urgent())]);
    if (!ended) scope.cancel();
    return await running;
  } catch (error) {
    if (isCancellation(error) && !CancellationScope.current().consideredCancelled) return "interrupted";
    throw error;
  }
}
