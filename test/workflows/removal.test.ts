import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hours, minutes, shown, startLife, until, type Running } from "./harness.ts";
import { someMailbox } from "./world.ts";

const remove = { copies: "remove", from: "mailbox", planId: "plan-1" } as const;

/** As usual, and with every wake-up replayed from the beginning of the run. */
describe.each([
  { name: "cached", options: {} },
  { name: "without a cache", options: { maxCachedWorkflows: 0 } },
])("the end of a link with something removed ($name)", { timeout: 120_000 }, ({ options }) => {
  let life: Running;
  beforeAll(async () => {
    life = await startLife({ ...options, intervalMs: 1 * hours });
  });
  afterEach(async () => {
    await life.forget();
    life.world.removal = () => ({});
    life.world.undoMs = 10 * minutes;
  });
  afterAll(() => life.stop());

  it("begins ten minutes later, slice by slice, and then the person is registered and can be linked again", async () => {
    const user = await life.syncing();
    const cycles = user.cycles.length;
    life.world.removal = (_user, number) =>
      number < 3 ? { more: true, progress: { left: [], ended: {} } } : {};
    await life.carriedOut(user, "unlink", remove);
    expect(shown(user)).toBe("removal");
    await life.sleep(9 * minutes);
    expect([user.removals, user.cycles.length]).toEqual([[], cycles]);
    await life.sleep(2 * minutes);
    await until(() => shown(user) === "registered", "the link has ended");
    expect(user.removals.map(({ planId }) => planId)).toEqual(["plan-1", "plan-1", "plan-1"]);
    expect(user.timeline.map(({ kind }) => kind).slice(-4)).toEqual([
      "removal-planned",
      "removal-begun",
      "removed",
      "unlinked",
    ]);
    await life.carriedOut(user, "link");
    await until(() => user.cycles.length > cycles, "the cycle after the new link");
    expect(user.state.linkGeneration).toBe(2);
  });

  it("is undone before it begins: cycles go on, and nothing is ever removed", async () => {
    const user = await life.syncing();
    const cycles = user.cycles.length;
    await life.carriedOut(user, "unlink", remove);
    await life.sleep(5 * minutes);
    expect(await life.carriedOut(user, "undoUnlink")).toEqual({ accepted: true });
    await until(() => user.cycles.length > cycles, "a cycle at once");
    await life.quiet(user);
    await life.sleep(3 * hours);
    expect([shown(user), user.removals]).toEqual(["syncing", []]);
    expect(user.cycles.length).toBeGreaterThanOrEqual(cycles + 3);
    expect(await life.carriedOut(user, "undoUnlink")).toMatchObject({ accepted: false, status: 409 });
  });

  it("waits for a sign-in and for a database that is down, and goes on", async () => {
    const user = await life.syncing();
    life.world.removal = (each) =>
      each.mended ? {} : { problem: "entra.grant-revoked", left: 2, removed: 1, stayed: 0 };
    await life.carriedOut(user, "unlink", remove);
    await life.sleep(12 * minutes);
    expect(shown(user)).toBe("needs-reauth");
    const tries = user.removals.length;
    expect(tries).toBe(2);
    user.mended = true;
    life.world.databaseDown = true;
    const commandId = await life.command(user, "register", { mailboxId: someMailbox });
    await until(() => life.world.refusals > 0, "the database is asked");
    life.world.databaseDown = false;
    await until(() => life.world.outcome(user, commandId) !== null, "the sign-in is noted");
    await until(() => shown(user) === "registered", "the link has ended");
    expect(user.removals.length).toBe(tries + 1);
  });

  it("is stopped by an unlink that keeps what is left", async () => {
    const user = await life.syncing();
    life.world.removal = async () => ({ ...(await life.world.untilCancelled()), more: true });
    life.world.undoMs = 0;
    await life.carriedOut(user, "unlink", remove);
    await until(() => life.world.waitingForCancellation() === 1, "a slice runs");
    expect(await life.carriedOut(user, "unlink")).toEqual({ accepted: true });
    expect(shown(user)).toBe("registered");
    expect(user.timeline.at(-1)?.kind).toBe("unlinked");
  });
});
