import { describe, expect, it } from "vitest";
import { hold, moment, removalOf, someone, start } from "./builders.testing.ts";
import { backOffMs, isDue, later, mailPace, nextReminder, retryPace } from "./pace.ts";
import { initialState, shownProblem, type Duty, type UserState } from "./state.ts";
import { nextTask, type Task } from "./task.ts";

const now = start;
const past = later(start, -1);
const soon = later(start, 60_000);
const invitationEnds = "2026-03-16T08:00:00.000Z";

const mail = (notBefore: string): Duty & { type: "mail" } => ({
  type: "mail",
  key: "mail-1",
  mail: "invitation",
  invitationId: null,
  reason: null,
  attempts: 0,
  notBefore,
});
const removing = (begunAt: string | null) => ({ ...hold("removal"), removal: removalOf(begunAt) });
const wait = (until: string | null, why: string): Task => ({ type: "wait", until, why });

/** [what, the state, what is to be done now] */
const table: [string, UserState, Task][] = [
  ["nothing is known to be done", someone("registered"), wait(null, "command")],
  ["an invitation is open", someone("invited"), wait(invitationEnds, "invitation expires")],
  [
    "an invitation is over",
    { ...someone("invited"), invitation: { invitationId: "i", expiresAt: now } },
    { type: "happened", event: { type: "invitationExpired" } },
  ],
  ["a mail is due", { ...someone("invited"), duties: [mail(now)] }, { type: "mail", duty: mail(now) }],
  ["a mail has to wait", { ...someone("invited"), duties: [mail(soon)] }, wait(soon, "mail")],
  [
    "a permission is to be destroyed, before anything else",
    { ...someone("invited"), duties: [mail(now), { type: "revoke", key: "r" }] },
    { type: "revoke", key: "r" },
  ],
  ["erasing, whatever else", { ...someone("erasing"), duties: [mail(now)] }, { type: "erase" }],
  ["erased", someone("erased"), { type: "finished" }],
  ["ended", { ...someone("ended"), duties: [mail(now)] }, { type: "finished" }],
  ["a cycle is due", { ...someone("syncing"), cycleAt: past }, { type: "cycle" }],
  ["a cycle is due in a while", { ...someone("syncing"), cycleAt: soon }, wait(soon, "next cycle")],
  ["paused", { ...someone("syncing", hold("paused")), cycleAt: past }, wait(null, "command")],
  [
    "a reminder is due",
    someone("syncing", { ...hold("needs-reauth"), reminderAt: now }),
    { type: "happened", event: { type: "reminderDue" } },
  ],
  [
    "no reminder is left",
    someone("syncing", { ...hold("needs-reauth"), reminderAt: null }),
    wait(null, "command"),
  ],
  ["a preview is due", { ...someone("linked", hold("preview")), cycleAt: past }, { type: "preview" }],
  [
    "a preview is due in a while",
    { ...someone("linked", hold("preview")), cycleAt: soon },
    wait(soon, "preview of the first sync"),
  ],
  [
    "a preview waits to be accepted",
    { ...someone("linked", { ...hold("preview"), madeAt: now }), cycleAt: past },
    wait(null, "command"),
  ],
  [
    "a removal can be undone for ten minutes",
    someone("syncing", removing(null)),
    wait(later(start, 600_000), "removal begins"),
  ],
  [
    "a removal begins",
    someone("syncing", { ...hold("removal"), removal: { ...removalOf(null), startsAt: now } }),
    { type: "happened", event: { type: "removalDue" } },
  ],
  [
    "a removal goes on",
    { ...someone("syncing", removing(past)), cycleAt: past },
    { type: "removal", removal: removalOf(past) },
  ],
  [
    "a removal goes on in a while",
    { ...someone("syncing", removing(past)), cycleAt: soon },
    wait(soon, "removal goes on"),
  ],
  [
    "a removal without a time",
    { ...someone("syncing", removing(past)), cycleAt: null },
    wait(null, "command"),
  ],
  [
    "the mail goes first when both are due",
    { ...someone("syncing"), cycleAt: past, duties: [mail(now)] },
    { type: "mail", duty: mail(now) },
  ],
  [
    "the cycle goes on while a mail waits",
    { ...someone("syncing"), cycleAt: past, duties: [mail(soon)] },
    { type: "cycle" },
  ],
  [
    "the earlier of two times",
    { ...someone("syncing"), cycleAt: soon, duties: [mail(later(start, 90_000))] },
    wait(soon, "next cycle"),
  ],
];

describe("what is to be done for a user now follows from the state", () => {
  it.each(table)("%s", (_what, state, task) => {
    expect(nextTask(state, now)).toEqual(task);
  });
});

describe("times", () => {
  it("a time is due from its own moment on; no time never is", () => {
    expect([past, now, soon, null, undefined].map((at) => isDue(at, now))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it.each([
    [1, 0.5, 10_000],
    [1, 0, 7_500],
    [1, 1, 12_500],
    [2, 0.5, 20_000],
    [4, 0.5, 80_000],
    [8, 0.5, 900_000],
    [500, 0.5, 900_000],
  ])("attempt %i, by chance %f: retried after %i ms", (attempts, chance, ms) => {
    expect(backOffMs(retryPace, attempts, chance)).toBe(ms);
  });

  it("a mail is tried again after 20 s, and at least every half hour", () => {
    expect([1, 2, 30].map((attempts) => backOffMs(mailPace, attempts, 0.5))).toEqual([
      20_000, 40_000, 1_800_000,
    ]);
    const delayed = { ...moment(), chance: 0.5 };
    expect(later(delayed.now, 20_000)).toBe("2026-03-02T08:00:20.000Z");
  });

  it("reminders fall on days 1, 3, 7 and 14", () => {
    expect([0, 1, 2, 3, 4].map((made) => nextReminder(start, made))).toEqual([
      "2026-03-03T08:00:00.000Z",
      "2026-03-05T08:00:00.000Z",
      "2026-03-09T08:00:00.000Z",
      "2026-03-16T08:00:00.000Z",
      null,
    ]);
  });
});

describe("the problem behind the shown word", () => {
  const trouble = { problem: "network.unreachable", since: start, attempts: 1 } as const;
  it.each([
    ["all is well", initialState, null],
    ["what is being retried", { ...someone("syncing"), trouble }, "network.unreachable"],
    ["the hold's own first", { ...someone("syncing", hold("blocked")), trouble }, "entra.conditional-access"],
    ["a hold without one", { ...someone("syncing", hold("paused")), trouble }, "network.unreachable"],
    [
      "of two holds, the shown one's",
      someone("syncing", hold("gate"), hold("blocked")),
      "entra.conditional-access",
    ],
  ] as const)("%s", (_what, state, problem) => {
    expect(shownProblem(state)).toBe(problem);
  });
});
