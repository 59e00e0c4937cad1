import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { days, hours, minutes, shown, startLife, until, type Running } from "./harness.ts";
import { someMailbox } from "./world.ts";

/** The whole life, once as usual and once with every wake-up replayed from the beginning of the run. */
describe.each([
  { name: "cached", interval: 1 * hours, options: {} },
  { name: "without a cache", interval: 6 * hours, options: { maxCachedWorkflows: 0 } },
])("a user's life ($name)", { timeout: 120_000 }, ({ interval, options }) => {
  let life: Running;
  beforeAll(async () => {
    life = await startLife({ ...options, intervalMs: interval });
  });
  afterEach(() => life.forget());
  afterAll(() => life.stop());

  it("goes from invitation over registration and link to cycles at the interval", async () => {
    const user = await life.invited();
    await until(() => user.mails.some((mail) => mail.at !== null), "the invitation is mailed");
    expect(shown(user)).toBe("invited");
    await life.carriedOut(user, "register", { mailboxId: someMailbox });
    expect(shown(user)).toBe("registered");
    await life.carriedOut(user, "link");
    expect(shown(user)).toBe("syncing");
    await until(() => user.cycles.length > 0, "the first cycle runs at once");
    await life.sleep(12 * interval);
    expect(user.cycles.length).toBeGreaterThanOrEqual(12);
    expect(user.cycles.length).toBeLessThanOrEqual(14);
    expect(user.timeline.map((entry) => entry.kind)).toEqual(["invited", "mailed", "registered", "linked"]);
  });

  it("an invitation never used ends after its time, and the workflow with it", async () => {
    const user = await life.invited();
    await life.sleep(14 * days + 1 * hours);
    expect(shown(user)).toBe("ended");
    await life.handle(user).result();
    // Inviting again goes on with the same user and the same workflow id.
    const expiresAt = new Date((await life.temporal.currentTimeMs()) + 14 * days).toISOString();
    await life.carriedOut(user, "invite", { invitationId: "second", expiresAt });
    expect(shown(user)).toBe("invited");
    expect(await life.carriedOut(user, "invite")).toMatchObject({ accepted: false, status: 409 });
  });

  it("a mail that cannot be sent now is sent later, once", async () => {
    const user = life.world.addUser();
    let tries = 0;
    life.world.mail = (request) => {
      if (request.userId !== user.user.userId) return { outcome: "accepted" };
      tries += 1;
      return tries < 4 ? { outcome: "delayed", problem: "smtp.unreachable" } : { outcome: "accepted" };
    };
    await life.carriedOut(user, "invite", { invitationId: "one" });
    await life.sleep(2 * hours);
    expect(user.mails).toHaveLength(1);
    expect(tries).toBe(4);
    expect(user.mails[0]?.at).not.toBeNull();
  });

  it("needs re-authentication: confirmed, mailed, reminded, mended by signing in again", async () => {
    const user = await life.syncing();
    const dead = { problem: "entra.grant-revoked" } as const;
    life.world.cycle = (each) => (each === user && !user.mended ? dead : {});
    await life.carriedOut(user, "syncNow");
    await until(() => user.cycles.length >= 2 && user.state.trouble !== null, "the first refusal is noted");
    expect(shown(user)).toBe("syncing");
    const refusals = user.cycles.length;
    await life.sleep(2 * 60_000);
    expect(user.cycles.length).toBe(refusals + 1); // looked at once more after 30 s, then never again
    expect(shown(user)).toBe("needs-reauth");
    expect(await life.carriedOut(user, "syncNow")).toMatchObject({ accepted: false, status: 409 });

    await life.sleep(20 * days);
    const reauths = user.mails.filter((mail) => mail.kind === "reauth");
    const first = Date.parse(reauths[0]?.at ?? "");
    expect(reauths.map((mail) => Math.round((Date.parse(mail.at ?? "") - first) / days))).toEqual([
      0, 1, 3, 7, 14,
    ]);
    expect(user.cycles.length).toBe(refusals + 1);

    user.mended = true;
    await life.carriedOut(user, "register", { mailboxId: someMailbox });
    await until(() => user.cycles.length > refusals + 1, "the cycle after the sign-in");
    await until(
      () => user.mails.some((mail) => mail.kind === "recovery" && mail.at !== null),
      "the recovery mail",
    );
    expect(shown(user)).toBe("syncing");
    expect(user.state.linkGeneration).toBe(1);
  });

  it("one refusal that was a false alarm mails nobody", async () => {
    const user = await life.syncing();
    let refusals = 0;
    life.world.cycle = (each) => {
      if (each !== user || refusals > 0) return {};
      refusals += 1;
      return { problem: "ews.unauthorized" };
    };
    await life.sleep(2 * interval);
    expect(refusals).toBe(1);
    expect(user.mails.filter((mail) => mail.kind === "reauth")).toEqual([]);
    expect(user.state.trouble).toBeNull();
  });

  it("an administrator's matter blocks, is probed rarely, and ends by itself", async () => {
    const user = await life.syncing();
    user.mended = false;
    life.world.cycle = (each) => (each === user && !user.mended ? { problem: "ews.forbidden" } : {});
    await life.sleep(1 * days);
    expect(shown(user)).toBe("blocked");
    expect(user.cycles.length).toBeLessThan(15);
    expect(user.mails.filter((mail) => mail.kind === "reauth")).toEqual([]);
    user.mended = true;
    await life.carriedOut(user, "syncNow");
    await until(() => shown(user) === "syncing", "a good cycle clears it");
  });

  it("the first sync is planned, tried again when that fails, and begins when it is accepted", async () => {
    const user = await life.invited();
    await life.carriedOut(user, "register", { mailboxId: someMailbox });
    life.world.preview = "required";
    life.world.plan = (each) =>
      each === user && each.previews === 1 ? { problem: "network.unreachable" } : { problem: null };
    try {
      await life.carriedOut(user, "link");
      await until(() => user.previews === 1, "the first try");
      expect(shown(user)).toBe("preview");
      await life.sleep(5 * 60_000);
      expect([user.previews, shown(user), user.cycles.length]).toEqual([2, "preview", 0]);
      await life.sleep(3 * days);
      expect([user.previews, user.cycles.length]).toEqual([2, 0]);
      expect(await life.carriedOut(user, "settings", { preview: "accept" })).toEqual({ accepted: true });
      await until(() => user.cycles.length > 0, "the first cycle");
      expect(shown(user)).toBe("syncing");
    } finally {
      life.world.preview = "waived";
      life.world.plan = () => ({ problem: null });
    }
  });

  it("the brake is shown, does not stop the rest, and is decided by resume", async () => {
    const user = await life.syncing();
    let held = true;
    life.world.cycle = (each) => (each === user && held ? { held: "brake" } : {});
    await life.sleep(2 * interval);
    await life.quiet(user);
    expect(shown(user)).toBe("brake");
    const before = user.cycles.length;
    held = false;
    expect(await life.carriedOut(user, "resume", { brake: "apply" })).toEqual({ accepted: true });
    await until(() => user.cycles.length > before, "a cycle carries the decision out");
    expect(shown(user)).toBe("syncing");
  });

  it("pause stops the cycles, resume goes on at once; a bare signal from the Web UI does the same", async () => {
    const user = await life.syncing();
    await life.carriedOut(user, "pause");
    const paused = user.cycles.length;
    await life.sleep(2 * days);
    expect(user.cycles.length).toBe(paused);
    await life.handle(user).signal("resume");
    await until(() => user.cycles.length > paused, "it goes on");
    await life.quiet(user);
    expect(user.commands.at(-1)?.event).toMatchObject({ type: "resume", actor: "operator" });
    await life.handle(user).signal("delete"); // without a row: not for the Web UI
    await life.sleep(1 * hours);
    expect(shown(user)).toBe("syncing");
  });

  it("duplicated, late and reordered signals are harmless", async () => {
    const user = await life.registered();
    const link = life.world.record(user, "link");
    const pause = life.world.record(user, "pause");
    for (const [kind, id] of [
      ["pause", pause],
      ["link", link],
      ["pause", pause],
      ["link", link],
    ] as const) {
      await life.signal(user, kind, id);
    }
    await until(() => life.world.outcome(user, pause) !== null, "both are carried out in their order");
    expect(life.world.outcome(user, link)).toEqual({ accepted: true });
    expect(shown(user)).toBe("paused");
    expect(user.state.linkGeneration).toBe(1);
    const { seq } = user;
    await life.signal(user, "link", link);
    await life.sleep(1 * hours);
    expect(user.seq).toBe(seq);
  });

  it("goes on with the next run: thirty cycles make a new one, and nothing is forgotten", async () => {
    const user = await life.syncing();
    const first = (await life.handle(user).describe()).runId;
    await life.carriedOut(user, "pause");
    await life.carriedOut(user, "resume");
    await life.sleep(33 * interval);
    const { runId, status } = await life.handle(user).describe();
    expect(runId).not.toBe(first);
    expect(status.name).toBe("RUNNING");
    expect(user.cycles.length).toBeGreaterThan(30);
    expect(shown(user)).toBe("syncing");
    expect(user.timeline.filter((entry) => entry.kind === "linked")).toHaveLength(1);
  });

  it("a database that is down only makes everything wait", async () => {
    const user = await life.syncing();
    life.world.databaseDown = true;
    const pause = await life.command(user, "pause");
    await until(() => life.world.refusals >= 3, "it was tried again and again");
    expect(life.world.outcome(user, pause)).toBeNull();
    life.world.databaseDown = false;
    await until(() => shown(user) === "paused", "the command is carried out");
  });

  it("an urgent command aborts a running slice", async () => {
    const user = await life.syncing();
    life.world.cycle = (each) => (each === user ? life.world.untilCancelled() : {});
    await life.carriedOut(user, "syncNow");
    await until(() => life.world.waitingForCancellation() > 0, "the slice runs");
    await life.carriedOut(user, "pause");
    expect(user.cycles.at(-1)?.interrupted).toBe(true);
    expect(shown(user)).toBe("paused");
  });

  it("is erased from every stage, by an erasure of its own", async () => {
    const users = [await life.invited(), await life.registered(), await life.syncing(), await life.syncing()];
    const [, , , disconnected] = users;
    await life.carriedOut(disconnected!, "disconnect");
    expect(shown(disconnected!)).toBe("disconnected");
    for (const user of users) {
      await life.quiet(user);
      const late = await life.command(user, "delete");
      await until(() => user.tombstone, "the tombstone is committed");
      await life.sleep(2 * minutes); // no cycle is due so soon: see `quiet`
      await until(() => user.completed, "the receipt is complete");
      expect(life.world.outcome(user, late)).toEqual({ accepted: true });
      expect(user.erased).toBe(true);
      expect(user.revoked).toBeGreaterThan(0);
      await life.ended(user);
      // A signal that comes after the end starts nothing that stays.
      await life.signal(user, "syncNow", late);
      await life.ended(user);
    }
  });
});

// Without a cache: the server that skips time may lose a task that a stopped worker had polled for its cache. With
// one, on the real server: `worker-process.test.ts`.
describe("a worker that was away", { timeout: 120_000 }, () => {
  let life: Running;
  beforeAll(async () => {
    life = await startLife({ maxCachedWorkflows: 0, intervalMs: 1 * hours });
  });
  afterAll(() => life.stop());

  it("commands given while the worker is down are carried out when it is back, in their order", async () => {
    const user = await life.syncing();
    await life.stopWorker();
    const commands = [
      await life.command(user, "pause"),
      await life.command(user, "resume"),
      await life.command(user, "unlink"),
      await life.command(user, "link"),
    ];
    await life.startWorker();
    await until(() => commands.every((id) => life.world.outcome(user, id) !== null), "all are carried out");
    expect(commands.map((id) => life.world.outcome(user, id))).toEqual(
      commands.map(() => ({ accepted: true })),
    );
    expect(user.state.linkGeneration).toBe(2);
    expect(shown(user)).toBe("syncing");
  });
});
