import { describe, expect, it } from "vitest";
import { moment, someone, start } from "./builders.testing.ts";
import { later } from "./pace.ts";
import { reduce } from "./reduce.ts";
import { holdOf, shownProblem, shownState } from "./state.ts";
import { together, type KindEnd } from "./together.ts";

const good: KindEnd = { problem: null, held: null };
const blocked: KindEnd = { problem: "ews.access-denied", held: null };
const weather: KindEnd = { problem: "network.timeout", held: null, retryAfterMs: 40_000 };
const signIn: KindEnd = { problem: "entra.grant-revoked", held: null };
const oneItem: KindEnd = { problem: "item.malformed", held: null };

describe("the kinds of one cycle", () => {
  it("are well together when each is well, or has trouble with single items only", () => {
    expect(together([])).toEqual({ problem: null, held: null });
    expect(together([good, oneItem])).toEqual({ problem: null, held: null });
  });

  it("show the worst problem, whichever came first", () => {
    expect(together([weather, blocked]).problem).toBe("ews.access-denied");
    expect(together([blocked, weather]).problem).toBe("ews.access-denied");
    expect(together([signIn, blocked]).problem).toBe("entra.grant-revoked");
  });

  it("fail in part while one is well, but not where the permission for all of them is gone", () => {
    expect(together([good, blocked])).toMatchObject({ problem: "ews.access-denied", partial: true });
    expect(together([weather, blocked])).not.toHaveProperty("partial");
    expect(together([good, signIn])).not.toHaveProperty("partial");
    expect(together([blocked])).not.toHaveProperty("partial");
  });

  it("are held when one is, wait for the longest and are due again for the soonest", () => {
    const ends: KindEnd[] = [
      { ...good, held: "brake", dueAgainMs: 90_000 },
      { ...weather, dueAgainMs: 60_000 },
    ];
    expect(together(ends)).toMatchObject({ held: "brake", retryAfterMs: 40_000, dueAgainMs: 60_000 });
  });
});

describe("a problem of one kind", () => {
  const partly = { type: "cycleDone", problem: "ews.access-denied", partial: true, held: null } as const;
  const nextDue = later(start, 300_000);

  it("is shown, and neither blocks nor slows down the user", () => {
    const { state, commands } = reduce(someone("syncing"), { ...partly, nextDue }, moment());
    expect([shownState(state), shownProblem(state)]).toEqual(["syncing", "ews.access-denied"]);
    expect([state.holds, state.cycleAt]).toEqual([[], nextDue]);
    expect(commands).toEqual([{ type: "tell", kind: "partly", detail: { problem: "ews.access-denied" } }]);
  });

  it("is told once, keeps its beginning, and ends with a good cycle", () => {
    const first = reduce(someone("syncing"), { ...partly, nextDue }, moment()).state;
    const second = reduce(first, { ...partly, nextDue }, moment(300_000));
    expect(second.commands).toEqual([]);
    expect(second.state.trouble).toEqual(first.trouble);
    const well = reduce(second.state, { type: "cycleDone", problem: null, held: null }, moment(600_000));
    expect(shownProblem(well.state)).toBeNull();
  });

  it("ends a hold that was everybody's: something works again", () => {
    const all = reduce(
      someone("syncing"),
      { type: "cycleDone", problem: "ews.access-denied", held: null },
      moment(),
    );
    expect(holdOf(all.state, "blocked")).toBeDefined();
    const some = reduce(all.state, { ...partly, nextDue }, moment(900_000)).state;
    expect([some.holds, some.trouble?.problem]).toEqual([[], "ews.access-denied"]);
  });

  it("waits at least as long as the other system asks", () => {
    const { state } = reduce(
      someone("syncing"),
      { ...partly, problem: "network.timeout", retryAfterMs: 900_000, nextDue },
      moment(),
    );
    expect(state.cycleAt).toBe(later(start, 900_000));
  });
});
