import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { command, cycle, everyEvent, hold, mailbox, moment, someone, start } from "./builders.testing.ts";
import type { LifecycleEvent } from "./events.ts";
import { later, mayCycle, nextCycle, phaseOf } from "./pace.ts";
import { reduce } from "./reduce.ts";
import { holdCodes, holdOf, initialState, shownState, stages, type UserState } from "./state.ts";
import { nextTask } from "./task.ts";

const day = 86_400_000;

function after(state: UserState, ...events: LifecycleEvent[]): UserState {
  return events.reduce((each, event, index) => reduce(each, event, moment(index * 1000)).state, state);
}

describe("needs re-authentication", () => {
  const died = cycle({ problem: "entra.grant-revoked" });

  it("marks nobody at the first refusal, and looks again after 30 s", () => {
    const { state } = reduce(someone("syncing"), died, moment());
    expect(shownState(state)).toBe("syncing");
    expect(state.cycleAt).toBe(later(start, 30_000));
    expect(state.duties).toEqual([]);
  });

  it("a good second look ends the suspicion", () => {
    const state = after(someone("syncing"), died, cycle(), died);
    expect(shownState(state)).toBe("syncing");
  });

  it("holds and mails together at the second refusal", () => {
    const { state, commands } = reduce(after(someone("syncing"), died), died, moment(31_000));
    expect(shownState(state)).toBe("needs-reauth");
    expect(state.duties).toMatchObject([{ mail: "reauth", reason: "entra.grant-revoked" }]);
    expect(commands).toContainEqual({
      type: "tell",
      kind: "needs-reauth",
      detail: { problem: "entra.grant-revoked" },
    });
    expect(nextTask({ ...state, duties: [] }, later(start, 40_000))).toMatchObject({
      type: "wait",
      why: "reminder",
    });
  });

  it("reminds on days 1, 3, 7 and 14 and then no more", () => {
    let state = after(someone("syncing"), died, died);
    const since = Date.parse(holdOf(state, "needs-reauth")!.since);
    const reminded: number[] = [];
    for (let hour = 0; hour < 24 * 40; hour += 1) {
      const now = new Date(since + hour * 3_600_000).toISOString();
      const task = nextTask({ ...state, duties: [] }, now);
      if (task.type !== "happened") continue;
      reminded.push(hour / 24);
      state = reduce(state, task.event, { ...moment(), now }).state;
    }
    expect(reminded).toEqual([1, 3, 7, 14]);
    expect(state.duties).toHaveLength(5);
  });

  it("does not nag who paused", () => {
    const state = someone("syncing", hold("needs-reauth"), hold("paused"));
    expect(reduce(state, { type: "reminderDue" }, moment(day)).state.duties).toEqual([]);
  });

  it("ends when the same person signs in again; the recovery is mailed only after a failure mail", () => {
    const waiting = after(someone("syncing"), died, died);
    const unmailed = reduce(waiting, command("register", { mailboxId: mailbox }), moment(60_000)).state;
    expect(shownState(unmailed)).toBe("syncing");
    expect(unmailed.cycleAt).toBe(moment(60_000).now);
    expect(unmailed.duties).toEqual([]);

    const mailed = after(waiting, { type: "mailAccepted", key: waiting.duties[0]!.key });
    const mended = reduce(mailed, command("register", { mailboxId: mailbox }), moment(60_000)).state;
    expect(mended.duties).toMatchObject([{ mail: "recovery" }]);
  });
});

describe("shared and administrators' problems", () => {
  it("blocked is probed with slow back-off and ends by a good cycle", () => {
    const denied = cycle({ problem: "entra.conditional-access" });
    let state = someone("syncing");
    const waits: number[] = [];
    for (let probe = 0; probe < 8; probe += 1) {
      state = reduce(state, denied, moment()).state;
      waits.push((Date.parse(state.cycleAt!) - Date.parse(start)) / 60_000);
    }
    expect(waits).toEqual([15, 30, 60, 120, 240, 360, 360, 360]);
    expect(shownState(state)).toBe("blocked");
    expect(shownState(after(state, cycle()))).toBe("syncing");
  });

  it("weather marks nobody; the third shared failure in a row makes a gate, which a good cycle opens", () => {
    const storm = cycle({ problem: "network.unreachable" });
    const two = after(someone("syncing"), storm, storm);
    expect(shownState(two)).toBe("syncing");
    const three = after(two, storm);
    expect(shownState(three)).toBe("gate");
    expect(shownState(after(three, cycle()))).toBe("syncing");
  });

  it("a wrong client secret is a gate at once, never a needs-reauth, and mails nobody", () => {
    const state = after(someone("syncing"), cycle({ problem: "entra.client-credential" }));
    expect(shownState(state)).toBe("gate");
    expect(state.duties).toEqual([]);
  });

  it("waits at least as long as the other system asks", () => {
    const { state } = reduce(
      someone("syncing"),
      cycle({ problem: "ews.throttled", retryAfterMs: 120_000 }),
      moment(),
    );
    expect(state.cycleAt).toBe(later(start, 120_000));
  });

  it("one bad item is no problem of the user", () => {
    const state = after(someone("syncing"), cycle({ problem: "ews.request-invalid" }));
    expect(state.trouble).toBeNull();
  });
});

describe("links", () => {
  it("an open preview keeps a linked user from syncing until it is accepted", () => {
    const careful = { ...moment(), preview: "required" } as const;
    const { state } = reduce(someone("registered"), command("link"), careful);
    expect([state.stage, shownState(state)]).toEqual(["linked", "preview"]);
    expect(mayCycle(state)).toBe(false);
    const accepted = reduce(state, command("settings", { preview: "accept" }), careful).state;
    expect([accepted.stage, shownState(accepted)]).toEqual(["syncing", "syncing"]);
  });

  it("refuses a wish about a link that was made anew meanwhile", () => {
    const wish = { ...command("unlink"), expectedGeneration: 1 };
    const state = { ...someone("syncing"), linkGeneration: 2 };
    expect(reduce(state, wish, moment()).outcome.accepted).toBe(false);
    expect(reduce({ ...state, linkGeneration: 1 }, wish, moment()).outcome.accepted).toBe(true);
  });
});

describe("a permission that is to be destroyed", () => {
  const left = reduce(someone("syncing"), command("disconnect"), moment()).state;
  const key = left.duties[0]!.key;

  it("is destroyed first of all, whatever else is to be done", () => {
    expect(nextTask(left, start)).toEqual({ type: "revoke", key });
    expect(nextTask(reduce(left, { type: "revoked", key }, moment()).state, start).type).toBe("wait");
  });

  it("still is when the person is invited again meanwhile", () => {
    const invited = reduce(left, command("invite", { mail: false }, "command-2"), moment()).state;
    expect(nextTask(invited, start)).toEqual({ type: "revoke", key });
    expect(reduce(invited, { type: "revoked", key }, moment()).state.duties).toEqual([]);
    const over = [command("revoke", {}, "command-3"), { type: "invitationExpired" } as const];
    for (const event of over) {
      const ended = reduce(invited, event, moment()).state;
      expect([ended.stage, nextTask(ended, start)]).toEqual(["ended", { type: "revoke", key }]);
      expect(nextTask(reduce(ended, { type: "revoked", key }, moment()).state, start).type).toBe("finished");
    }
  });

  it("is not when the person has signed in again meanwhile: it would be the new one", () => {
    const again = reduce(left, command("register", { mailboxId: mailbox }, "command-2"), moment()).state;
    expect([again.stage, again.duties]).toEqual(["registered", []]);
  });
});

describe("pace", () => {
  it("gives every user a place of their own in the interval, and keeps it", () => {
    const phases = Array.from({ length: 2000 }, (_, index) => phaseOf(`user-${index}`));
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const inTenth = phases.filter((phase) => Math.floor(phase * 10) === tenth).length;
      expect(inTenth).toBeGreaterThan(150);
    }
  });

  it("plans cycles half an interval to one and a half away, one interval apart on average", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 5_000, max: 86_400_000 }),
        (phase, chance, intervalMs) => {
          const wait = Date.parse(nextCycle({ now: start, phase, chance, intervalMs })) - Date.parse(start);
          expect(wait).toBeGreaterThan(intervalMs * 0.44);
          expect(wait).toBeLessThan(intervalMs * 1.56);
        },
      ),
    );
  });
});

describe("whatever happens, in whatever order and however often", () => {
  const events = everyEvent.map(([, event]) => event);
  const anyEvent = fc.constantFrom(...events);
  const numberedEvents = fc.array(anyEvent, { maxLength: 60 }).map((list) =>
    // Commands are rows: each has its own id.
    list.map((event, index) =>
      "commandId" in event ? { ...event, commandId: `command-${index}` as never } : event,
    ),
  );

  const beginnings = [
    initialState,
    ...stages.map((stage) => someone(stage)),
    ...holdCodes.map((code) => someone("syncing", hold(code))),
  ];
  const numbered = fc.record({ from: fc.constantFrom(...beginnings), list: numberedEvents });
  interface Happening {
    from: UserState;
    list: readonly LifecycleEvent[];
  }

  const run = ({ from, list }: Happening, check: (state: UserState) => void) => {
    let state = from;
    for (const [index, event] of list.entries()) {
      state = reduce(state, event, moment(index * 60_000)).state;
      check(state);
    }
    return state;
  };

  it("holds are unique, and end with the stage that they belong to", () => {
    fc.assert(
      fc.property(numbered, (list) => {
        run(list, (state) => {
          const codes = state.holds.map(({ code }) => code);
          expect(new Set(codes).size).toBe(codes.length);
          if (["invited", "disconnected", "erasing", "erased", "ended"].includes(state.stage)) {
            expect(codes).toEqual([]);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  it("whoever may sync has a next cycle planned, and nobody else runs one", () => {
    fc.assert(
      fc.property(numbered, (list) => {
        run(list, (state) => {
          if (mayCycle(state)) expect(state.cycleAt).not.toBeNull();
          if (nextTask(state, "2100-01-01T00:00:00.000Z").type === "cycle")
            expect(mayCycle(state)).toBe(true);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("a permission is destroyed of nobody who has signed in since", () => {
    fc.assert(
      fc.property(numbered, (list) => {
        run(list, ({ stage, duties }) => {
          if (duties.some(({ type }) => type === "revoke"))
            expect(["disconnected", "invited", "ended"]).toContain(stage);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("erasing leads to nothing but erased", () => {
    fc.assert(
      fc.property(numbered, numbered, (before, afterwards) => {
        const erasing = reduce(
          run(before, () => {}),
          command("delete"),
          moment(),
        ).state;
        fc.pre(erasing.stage === "erasing");
        let state = erasing;
        for (const event of afterwards.list) {
          state = reduce(state, event, moment()).state;
          expect(["erasing", "erased"]).toContain(state.stage);
          expect(state.duties).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("an answer to a mail that arrives twice or too late changes nothing the second time", () => {
    fc.assert(
      fc.property(numbered, fc.constantFrom("mailAccepted", "mailWithdrawn"), (list, type) => {
        const state = run(list, () => {});
        const [duty] = state.duties.filter((each) => each.type === "mail");
        const event: LifecycleEvent = { type, key: duty?.key ?? "unknown" };
        const once = reduce(state, event, moment()).state;
        expect(reduce(once, event, moment()).state).toEqual(once);
      }),
      { numRuns: 300 },
    );
  });

  it("each mail has a key of its own", () => {
    fc.assert(
      fc.property(numbered, (list) => {
        run(list, (state) => {
          const keys = state.duties.map(({ key }) => key);
          expect(new Set(keys).size).toBe(keys.length);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("a failure mail is on its way, or was accepted or refused, whenever somebody has to sign in", () => {
    fc.assert(
      fc.property(numbered, ({ from, list }) => {
        let state = from;
        for (const [index, event] of list.entries()) {
          const before = state;
          state = reduce(state, event, moment(index * 60_000)).state;
          if (!holdOf(before, "needs-reauth") && holdOf(state, "needs-reauth")) {
            expect(state.duties.some((duty) => duty.type === "mail" && duty.mail === "reauth")).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
