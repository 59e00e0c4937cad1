import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTemporal } from "../support/temporal.ts";
import { shown, startLife, until, type Running } from "./harness.ts";

/** On the real server: the one that skips time refuses to cancel an activity that ends in the same moment. */
describe("urgent commands at any moment of a cycle", { timeout: 120_000 }, () => {
  let life: Running;
  beforeAll(async () => {
    life = await startLife({ start: startTemporal, intervalMs: 5_000 });
  });
  afterAll(() => life.stop());

  it("pause and resume eighty times while slices run, end and begin: no task fails, nothing is lost", async () => {
    const user = await life.syncing();
    life.world.cycle = async (_user, number) => {
      await new Promise((resolve) => setTimeout(resolve, (number * 7) % 23));
      return { more: number % 3 === 0 };
    };
    const outcomes = [];
    for (let turn = 0; turn < 40; turn += 1) {
      outcomes.push(await life.carriedOut(user, "pause"));
      outcomes.push(await life.carriedOut(user, "resume"));
      await new Promise((resolve) => setTimeout(resolve, (turn * 5) % 31));
    }
    expect(outcomes.every((outcome) => outcome?.accepted)).toBe(true);
    expect(shown(user)).toBe("syncing");
    const before = user.cycles.length;
    await until(() => user.cycles.length > before, "cycles go on");

    for (let runId: string | undefined; ;) {
      const { events } = await life.client.workflow
        .getHandle(life.handle(user).workflowId, runId)
        .fetchHistory();
      const failed = events?.filter((event) => event.workflowTaskFailedEventAttributes) ?? [];
      // A task that finds news when it is done is tried again by the server ("unhandled command"): that is no failure.
      const causes = failed.map((event) => event.workflowTaskFailedEventAttributes?.failure?.message ?? "");
      expect(causes.filter((cause) => cause !== "" && !cause.includes("UnhandledCommand"))).toEqual([]);
      expect(events?.filter((event) => event.workflowTaskTimedOutEventAttributes)).toEqual([]);
      runId = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
      if (!runId) break;
    }
  });
});
