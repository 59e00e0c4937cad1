import { describe, expect, it } from "vitest";
import { allowed, mayUnlink } from "./allowed.ts";
import { command, cycle, hold, mailbox, moment, someone, start } from "./builders.testing.ts";
import type { HappenedEvent, RemovalResult } from "./events.ts";
import { later, mayCycle } from "./pace.ts";
import { reduce } from "./reduce.ts";
import { holdOf, shownState, type UserState } from "./state.ts";
import { nextTask } from "./task.ts";

const minute = 60_000;
const remove = command("unlink", { copies: "remove", from: "mailbox", planId: "plan-1" });
const undo = command("undoUnlink");
const due: HappenedEvent = { type: "removalDue" };

function done(result: Partial<RemovalResult> = {}): HappenedEvent {
  return { type: "removalDone", problem: null, left: 0, removed: 7, stayed: 2, ...result };
}

function after(state: UserState, ...events: Parameters<typeof reduce>[1][]): UserState {
  return events.reduce((each, event) => reduce(each, event, moment(11 * minute)).state, state);
}

function planned(from: UserState = someone("syncing")): UserState {
  return reduce(from, remove, moment()).state;
}

describe("the end of a link with something removed", () => {
  it("stops sync at once, begins ten minutes later, and can be undone until then", () => {
    const { state, commands } = reduce(someone("syncing"), remove, moment());
    expect([shownState(state), state.stage, mayCycle(state)]).toEqual(["removal", "syncing", false]);
    expect(commands.map(({ type }) => type)).toEqual(["bumpFence", "tell"]);
    const startsAt = later(start, 10 * minute);
    expect(nextTask(state, start)).toEqual({ type: "wait", until: startsAt, why: "removal begins" });
    expect(nextTask(state, startsAt)).toEqual({ type: "happened", event: due });
    expect(allowed(state, "undoUnlink").allowed).toBe(true);
  });

  it.each([
    ["syncing", someone("syncing")],
    ["paused", someone("syncing", hold("paused"))],
    ["held by the brake", someone("syncing", hold("brake"))],
    ["waiting for a sign-in", someone("syncing", hold("needs-reauth"))],
    ["blocked", someone("syncing", hold("blocked"))],
    ["waiting for its preview to be accepted", someone("linked", { ...hold("preview"), madeAt: start })],
  ])("undone, everything is as it was: %s", (_name, before) => {
    const { state, commands } = reduce(planned(before), undo, moment(5 * minute));
    const { cycleAt, ...rest } = state;
    const { cycleAt: _before, ...same } = before;
    expect(rest).toEqual(same);
    expect(cycleAt).toBe(mayCycle(before) ? moment(5 * minute).now : before.cycleAt);
    expect(commands).toEqual([{ type: "tell", kind: "removal-undone", detail: {} }]);
  });

  it("cannot be undone once it has begun; keeping what is left stops it", () => {
    const begun = after(planned(), due);
    expect(reduce(begun, undo, moment()).outcome).toMatchObject({ accepted: false, status: 409 });
    expect(reduce(begun, due, moment()).state).toEqual(begun);
    const { state, commands } = reduce(begun, command("unlink"), moment());
    expect([state.stage, state.holds]).toEqual(["registered", []]);
    expect(commands.map(({ type }) => type)).toEqual(["bumpFence", "letGo", "dropLink", "tell"]);
    // Before it begins nothing has to be let go of: linking again goes on where it was.
    expect(reduce(planned(), command("unlink"), moment()).commands.map(({ type }) => type)).toEqual([
      "bumpFence",
      "dropLink",
      "tell",
    ]);
  });

  it("fences off whoever still writes, runs until nothing is left, and then the person is registered", () => {
    const { state: begun, commands } = reduce(planned(), due, moment(10 * minute));
    expect(commands[0]).toEqual({ type: "bumpFence" });
    expect(nextTask(begun, moment(10 * minute).now)).toMatchObject({
      type: "removal",
      removal: { from: "mailbox", planId: "plan-1" },
    });
    const resting = reduce(begun, done({ left: 1, dueAgainMs: 3 * minute }), moment(10 * minute)).state;
    expect(nextTask(resting, moment(10 * minute).now)).toMatchObject({
      type: "wait",
      until: later(start, 13 * minute),
    });
    const { state, commands: last } = reduce(resting, done(), moment(13 * minute));
    expect([shownState(state), state.cycleAt]).toEqual(["registered", null]);
    expect(last).toContainEqual({ type: "letGo", from: "mailbox" });
    expect(last).toContainEqual({
      type: "tell",
      kind: "removed",
      detail: { from: "mailbox", removed: 7, stayed: 2 },
    });
    expect(reduce(state, done(), moment(14 * minute)).state).toEqual(state);
    expect(allowed(state, "link").allowed).toBe(true);
  });

  it("waits for a sign-in and goes on after it", () => {
    const died = done({ problem: "entra.grant-revoked", left: 4 });
    const held = after(planned(), due, died, died);
    expect(shownState(held)).toBe("needs-reauth");
    expect(held.duties).toMatchObject([{ mail: "reauth" }]);
    expect(nextTask({ ...held, duties: [] }, later(start, 12 * minute))).toMatchObject({ why: "reminder" });
    const mended = after(held, command("register", { mailboxId: mailbox }));
    expect(shownState(mended)).toBe("removal");
    expect(nextTask(mended, later(start, 12 * minute))).toMatchObject({ type: "removal" });
  });

  it("waits through an outage, and marks the person blocked where an administrator must act", () => {
    const weather = done({ problem: "network.unreachable", left: 4 });
    const waiting = after(planned(), due, weather, weather, weather);
    expect(holdOf(waiting, "gate")).toBeDefined();
    const blocked = after(planned(), due, done({ problem: "entra.conditional-access", left: 4 }));
    expect(shownState(blocked)).toBe("blocked");
    expect(after(blocked, done({ left: 1 })).holds.map(({ code }) => code)).toEqual(["removal"]);
  });

  it("goes on although the person is paused: a pause is about sync", () => {
    const begun = after(planned(someone("syncing", hold("paused"))), due);
    expect(nextTask(begun, later(start, 11 * minute))).toMatchObject({ type: "removal" });
  });

  it("allows nothing meanwhile that would sync, and no second one", () => {
    const state = planned();
    for (const kind of ["syncNow", "pause", "resume", "settings", "switchBackend", "decide"] as const)
      expect([kind, allowed(state, kind)]).toMatchObject([kind, { allowed: false }]);
    expect(mayUnlink(state, "remove").allowed).toBe(false);
    expect(reduce(state, remove, moment()).outcome).toMatchObject({ accepted: false, status: 409 });
    expect(mayUnlink(state).allowed).toBe(true);
    // A cycle that ended in the same moment changes nothing about it.
    expect(shownState(after(state, cycle()))).toBe("removal");
  });

  it("ends when the person disconnects or is erased", () => {
    const begun = after(planned(), due);
    const { state, commands } = reduce(begun, command("disconnect"), moment());
    expect([state.stage, state.holds]).toEqual(["disconnected", []]);
    expect(commands).toContainEqual({ type: "letGo", from: "mailbox" });
    expect(after(begun, command("delete")).stage).toBe("erasing");
  });
});
