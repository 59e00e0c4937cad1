import { bundleWorkflowCode, Worker, type WorkerOptions } from "@temporalio/worker";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { expect } from "vitest";
import type { CommandId } from "../../core/ids.ts";
import type { CommandBody, CommandKind, UserState } from "../../core/lifecycle/index.ts";
import { shownState } from "../../core/lifecycle/index.ts";
import { deliver } from "../../workflows/deliver.ts";
import { ERASURE_WORKFLOW, erasureWorkflowId, TASK_QUEUE, userWorkflowId } from "../../workflows/messages.ts";
import { workflowsPath } from "../../worker/bundle.ts";
import { registerSearchAttributes } from "../../platform/temporal.ts";
import { startTimeSkippingTemporal } from "../support/temporal.ts";
import { createWorld, someMailbox, type World } from "./world.ts";

type User = ReturnType<World["addUser"]>;

export const minutes = 60_000;
export const hours = 60 * minutes;
export const days = 24 * hours;

/** A world, a Temporal that skips time, and a worker with today's workflows. */
export async function startLife({
  intervalMs,
  start = startTimeSkippingTemporal,
  ...options
}: Partial<WorkerOptions> & { intervalMs?: number; start?: () => Promise<TestWorkflowEnvironment> } = {}) {
  // It has to answer within five seconds of its start, which a busy machine does not always give it.
  const temporal = await start().catch(start).catch(start);
  await registerSearchAttributes(temporal.connection, temporal.namespace ?? "default");
  const bundle = await bundleWorkflowCode({ workflowsPath });
  const world = createWorld(() => temporal.currentTimeMs(), intervalMs);
  const client = temporal.client;

  world.startErasure = async (input) => {
    const workflowId = erasureWorkflowId(input.organizationId, input.userId);
    await client.workflow.start(ERASURE_WORKFLOW, { workflowId, taskQueue: TASK_QUEUE, args: [input] });
  };

  const createWorker = () =>
    Worker.create({
      connection: temporal.nativeConnection,
      taskQueue: TASK_QUEUE,
      workflowBundle: bundle,
      activities: world.activities,
      stickyQueueScheduleToStartTimeout: "1 second",
      workflowFailureErrorTypes: { "*": ["NondeterminismError"] },
      ...options,
    });
  let worker = await createWorker();
  let running = worker.run();

  const life = {
    temporal,
    world,
    client,

    /** Records and delivers. */
    async command(user: User, kind: CommandKind, body: CommandBody = {}): Promise<CommandId> {
      const commandId = world.record(user, kind, body);
      await life.signal(user, kind, commandId);
      return commandId;
    },

    async signal(user: User, kind: CommandKind, commandId: CommandId): Promise<void> {
      if (!(await deliver(client, { ...user.user, commandId, kind }))) throw new Error("not delivered");
    },

    /** Records, delivers, waits for the outcome. */
    async carriedOut(user: User, kind: CommandKind, body: CommandBody = {}) {
      const commandId = await life.command(user, kind, body);
      await until(() => world.outcome(user, commandId) !== null, `${kind} is settled`);
      return world.outcome(user, commandId);
    },

    async invited(): Promise<User> {
      const user = world.addUser();
      const expiresAt = new Date((await temporal.currentTimeMs()) + 14 * days).toISOString();
      await life.carriedOut(user, "invite", { invitationId: "invitation", expiresAt });
      return user;
    },

    async registered(): Promise<User> {
      const user = await life.invited();
      await life.carriedOut(user, "register", { mailboxId: someMailbox });
      return user;
    },

    async syncing(): Promise<User> {
      const user = await life.registered();
      await life.carriedOut(user, "link", { mailboxId: someMailbox });
      await until(() => user.cycles.length > 0, "the first cycle ran");
      await life.quiet(user);
      return user;
    },

    /**
     * Waits until no activity of the user runs. (The server that skips time refuses to cancel an activity that ends
     * in that very moment, and stands still then; the real one does not.)
     */
    async quiet(user: User): Promise<void> {
      for (;;) {
        const { raw } = await life.handle(user).describe();
        if ((raw.pendingActivities ?? []).length === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },

    /** Waits for the end of the user's workflow; asking for its result would let time skip. */
    async ended(user: User): Promise<void> {
      while ((await life.handle(user).describe()).status.name === "RUNNING") {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect((await life.handle(user).describe()).status.name).toBe("COMPLETED");
    },

    handle: (user: User) =>
      client.workflow.getHandle(userWorkflowId(user.user.organizationId, user.user.userId)),

    sleep: (ms: number) => temporal.sleep(ms),

    /** Ends what a test left behind: others would skip through its time too. */
    async forget() {
      world.cycle = () => ({});
      world.mail = () => ({ outcome: "accepted" });
      for (const user of world.users.values()) {
        if (user.forgotten) continue;
        user.forgotten = true;
        // Not terminated: the server that skips time stands still for ever when a workflow dies under an activity.
        await life
          .handle(user)
          .signal("syncNow")
          .catch(() => {}); // ended already
      }
    },

    async stopWorker() {
      worker.shutdown();
      await running;
    },
    async startWorker() {
      worker = await createWorker();
      running = worker.run();
    },
    async stop() {
      worker.shutdown();
      await running;
      await temporal.teardown();
    },
  };
  return life;
}

export type Running = Awaited<ReturnType<typeof startLife>>;

export function shown(user: { state: UserState }): string {
  return shownState(user.state);
}

/** Waits for a condition in real time; workflow time does not move meanwhile by our doing. */
export async function until(condition: () => boolean, what: string, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
