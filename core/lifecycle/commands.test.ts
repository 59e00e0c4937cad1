import { describe, expect, it } from "vitest";
import { allowed, mayResume, mayUnlink } from "./allowed.ts";
import { command, cycle, hold, mailbox, moment, removalOf, someone, start } from "./builders.testing.ts";
import type { CommandBody, HappenedEvent, LifecycleEvent } from "./events.ts";
import type { CommandKind } from "./commands.ts";
import { daysLater, later } from "./pace.ts";
import { reduce } from "./reduce.ts";
import type { Duty, UserState } from "./state.ts";

const now = start;
const ends = "2026-03-20T08:00:00.000Z";

const done = (state: UserState, event: LifecycleEvent) => reduce(state, event, moment());
const wish = (state: UserState, kind: CommandKind, body: CommandBody = {}) =>
  done(state, command(kind, body));
const invited = { invitationId: "invitation-1", expiresAt: "2026-03-16T08:00:00.000Z" };
const newcomer: UserState = { ...someone("invited"), invitation: null };

function mailOf(
  mail: "invitation" | "reauth" | "recovery",
  patch: Partial<Duty & { type: "mail" }> = {},
): Duty {
  return {
    type: "mail",
    key: "k",
    mail,
    invitationId: null,
    reason: null,
    attempts: 0,
    notBefore: now,
    ...patch,
  };
}

describe("inviting", () => {
  it.each<[string, UserState, CommandKind, CommandBody, UserState["invitation"]]>([
    [
      "as told",
      newcomer,
      "invite",
      { invitationId: "i", expiresAt: ends },
      { invitationId: "i", expiresAt: ends },
    ],
    [
      "for 14 days, when nobody says",
      newcomer,
      "invite",
      { invitationId: "i" },
      { invitationId: "i", expiresAt: daysLater(now, 14) },
    ],
    [
      "by whoever made no row for it",
      newcomer,
      "invite",
      {},
      { invitationId: "", expiresAt: daysLater(now, 14) },
    ],
    [
      "again, as told",
      someone("invited"),
      "resend",
      { invitationId: "i", expiresAt: ends },
      { invitationId: "i", expiresAt: ends },
    ],
    ["again, the same invitation", someone("invited"), "resend", {}, invited],
    ["again, for longer", someone("invited"), "resend", { expiresAt: ends }, { ...invited, expiresAt: ends }],
  ])("%s", (_what, state, kind, body, invitation) => {
    const after = wish(state, kind, body).state;
    expect(after).toMatchObject({ stage: "invited", invitation });
    expect(after.duties).toEqual([
      mailOf("invitation", { key: "invitation/command-1", invitationId: invitation?.invitationId ?? null }),
    ]);
  });

  it("without a mail, where the administrator hands the link over", () => {
    for (const [state, kind] of [
      [newcomer, "invite"],
      [someone("invited"), "resend"],
    ] as const) {
      const after = wish(state, kind, { invitationId: "i", expiresAt: ends, mail: false });
      expect([after.state.duties, after.state.invitation]).toEqual([
        [],
        { invitationId: "i", expiresAt: ends },
      ]);
    }
  });

  it("is not done twice, and not again before the first time", () => {
    expect(allowed(someone("invited"), "invite").allowed).toBe(false);
    expect(allowed(newcomer, "invite").allowed).toBe(true);
    for (const kind of ["resend", "revoke"] as const)
      expect(allowed(newcomer, kind)).toMatchObject({ allowed: false, reason: "Not invited yet." });
  });

  it("a mail on its way ends with the registration", () => {
    const { state } = wish({ ...someone("invited"), duties: [mailOf("invitation")] }, "register", {
      mailboxId: mailbox,
    });
    expect(state).toMatchObject({
      stage: "registered",
      duties: [],
      holds: [],
      mailboxId: mailbox,
      invitation: null,
    });
    expect(wish({ ...someone("ended"), mailboxId: mailbox }, "register").state.mailboxId).toBe(mailbox);
  });
});

describe("linking", () => {
  it("fences off whoever still writes, and saves the link of this very mailbox", () => {
    const body = { settings: { diary: { direction: "crm-to-mailbox" } } } as const;
    expect(wish(someone("registered"), "link", body).commands).toEqual([
      { type: "bumpFence" },
      { type: "saveLink", mailboxId: mailbox, generation: 1, settings: body.settings },
      { type: "tell", kind: "linked", detail: { generation: 1 } },
    ]);
    const other = wish(someone("registered"), "link", { mailboxId: "another" as never });
    const reason = "This mailbox is not the one this person registered.";
    expect(other.outcome).toEqual({ accepted: false, reason, status: 409 });
    expect(wish({ ...someone("registered"), mailboxId: null }, "link").outcome).toMatchObject({ reason });
  });

  it("with a preview first, when the organization wants one", () => {
    const careful = { ...moment(), preview: "required" } as const;
    const { state, commands } = reduce(someone("registered"), command("link"), careful);
    expect(state).toMatchObject({
      stage: "linked",
      cycleAt: now,
      holds: [
        { code: "preview", actor: "administrator", since: now, problem: null, clearedBy: "preview-accepted" },
      ],
    });
    expect(commands).toEqual([
      { type: "bumpFence" },
      { type: "saveLink", mailboxId: mailbox, generation: 1, settings: null },
      { type: "tell", kind: "linked", detail: { generation: 1 } },
    ]);
    const made = reduce(state, { type: "previewed", problem: null, accept: false }, careful).state;
    expect(made.holds[0]).toMatchObject({ madeAt: now, since: now });
    const accepted = reduce(made, command("settings", { preview: "accept" }), careful);
    expect(accepted.commands).toEqual([{ type: "tell", kind: "preview-accepted", detail: {} }]);
    const troubled = { ...made, holds: [...made.holds, hold("blocked"), hold("gate")] };
    const well = reduce(troubled, { type: "previewed", problem: null, accept: false }, careful).state;
    expect(well.holds.map(({ code }) => code)).toEqual(["preview"]);
  });

  it("an item that fails is no reason to have no preview", () => {
    const state = { ...someone("linked", hold("preview")), cycleAt: now };
    const failed: HappenedEvent = { type: "previewed", problem: "ews.request-invalid", accept: false };
    expect(done(state, failed).state.trouble).toMatchObject({ problem: "ews.request-invalid", attempts: 1 });
    const died: HappenedEvent = { type: "previewed", problem: "entra.grant-revoked", accept: false };
    expect(done(state, died).state.cycleAt).toBe(later(now, 30_000));
  });

  it("refuses a wish about a link that was made anew meanwhile", () => {
    const late = { ...command("unlink"), expectedGeneration: 7 };
    expect(done(someone("syncing"), late).outcome).toMatchObject({
      accepted: false,
      reason: "The link was made anew meanwhile. Look again.",
    });
  });
});

describe("settings", () => {
  it("a change is carried out and planned at once; asking without one plans at once", () => {
    const change = { tasks: { direction: "two-way" } } as const;
    const { commands, state } = wish(someone("syncing"), "settings", { settings: change });
    expect(commands).toEqual([
      { type: "changeSettings", change },
      { type: "tell", kind: "settings", detail: {} },
    ]);
    expect(state.cycleAt).toBe(now);
    expect(wish(someone("syncing"), "settings").commands).toEqual([
      { type: "tell", kind: "settings", detail: {} },
    ]);
  });

  it("a preview that was accepted already is no wish of somebody who syncs", () => {
    expect(wish(someone("syncing"), "settings", { preview: "accept" }).commands).toEqual([
      { type: "tell", kind: "settings", detail: {} },
    ]);
  });
});

describe("what the brake holds", () => {
  const braked = someone("syncing", hold("brake"));

  it("is decided about, of the plans that were shown", () => {
    const { commands, state } = wish(braked, "resume", { brake: "apply", plans: ["p"] } as never);
    expect(commands).toEqual([
      { type: "decideBrake", choice: "apply", plans: ["p"] },
      { type: "tell", kind: "brake-decided", detail: { choice: "apply" } },
    ]);
    expect([state.holds, state.cycleAt]).toEqual([[], now]);
    expect(wish(braked, "resume", { brake: "restore" } as never).commands[0]).toEqual({
      type: "decideBrake",
      choice: "restore",
    });
  });

  it("is not decided about by a bare resume", () => {
    const reason = "Not paused. Decide about what the brake holds instead.";
    expect(wish(braked, "resume").outcome).toEqual({ accepted: false, reason, status: 409 });
    expect(mayResume(braked)).toEqual({ allowed: false, reason, status: 409 });
    expect(mayResume(someone("syncing", hold("brake"), hold("paused")))).toEqual({ allowed: true });
    expect(mayResume(someone("syncing"))).toMatchObject({ allowed: false, reason: "Not paused." });
    const both = wish(someone("syncing", hold("brake"), hold("paused")), "resume", {
      brake: "apply",
    } as never);
    expect(both.state.holds.map(({ code }) => code)).toEqual(["brake"]);
  });
});

describe("mails", () => {
  const asked = mailOf("reauth", { key: "a" });
  const other = mailOf("invitation", { key: "b", attempts: 4 });

  it("to sign in again: why, and with which link", () => {
    const held = someone("syncing", hold("needs-reauth"));
    expect(wish(held, "reauth", { invitationId: "i" }).state.duties).toEqual([
      mailOf("reauth", { key: "reauth/command-1", invitationId: "i", reason: "entra.grant-revoked" }),
    ]);
    expect(wish(someone("syncing"), "reauth").state.duties).toEqual([
      mailOf("reauth", { key: "reauth/command-1" }),
    ]);
  });

  it("one that was taken is done, and marks the hold that it was about", () => {
    const held: UserState = { ...someone("syncing", hold("needs-reauth")), duties: [asked, other] };
    const after = done(held, { type: "mailAccepted", key: "a" }).state;
    expect([after.duties, after.holds[0]?.mailedAt]).toEqual([[other], now]);
    const invitation = done(held, { type: "mailAccepted", key: "b" }).state;
    expect([invitation.duties, invitation.holds[0]?.mailedAt]).toEqual([[asked], undefined]);
    const calm = done({ ...someone("syncing"), duties: [asked] }, { type: "mailAccepted", key: "a" }).state;
    expect([calm.duties, calm.holds]).toEqual([[], []]);
  });

  it("one that was refused or withdrawn is done as well, the others stay", () => {
    const state: UserState = { ...someone("syncing"), duties: [asked, other] };
    const refused = done(state, { type: "mailRefused", key: "a", problem: "smtp.refused" });
    expect(refused.state.duties).toEqual([other]);
    expect(refused.commands).toEqual([
      { type: "tell", kind: "mail-refused", detail: { mail: "reauth", problem: "smtp.refused" } },
    ]);
    expect(done(state, { type: "mailWithdrawn", key: "b" }).state.duties).toEqual([asked]);
    expect(done(state, { type: "mailRefused", key: "z", problem: "smtp.refused" })).toMatchObject({
      state,
      commands: [],
    });
  });

  it("one that was delayed is tried again, later each time; nothing else is", () => {
    const state: UserState = { ...someone("invited"), duties: [asked, other, { type: "revoke", key: "b" }] };
    const { duties } = done(state, { type: "mailDelayed", key: "b", problem: "smtp.unreachable" }).state;
    expect(duties).toEqual([
      asked,
      { ...other, attempts: 5, notBefore: later(now, 320_000) },
      { type: "revoke", key: "b" },
    ]);
  });

  it("the same mail is not put down twice", () => {
    const once = wish(someone("syncing"), "reauth").state;
    expect(wish(once, "reauth").state.duties).toHaveLength(1);
    const two = done(once, command("reauth", {}, "command-2")).state;
    expect(two.duties.map(({ key }) => key)).toEqual(["reauth/command-1", "reauth/command-2"]);
  });

  it("who has signed in again is not asked any more; other mails go out", () => {
    const state: UserState = {
      ...someone("syncing", { ...hold("needs-reauth"), mailedAt: now }),
      duties: [asked, other],
    };
    const { duties } = wish(state, "register", { mailboxId: mailbox }).state;
    expect(duties).toEqual([other, mailOf("recovery", { key: `recovery/${now}` })]);
  });

  it("a reminder says why", () => {
    const { duties } = done(someone("syncing", hold("needs-reauth")), { type: "reminderDue" }).state;
    expect(duties).toEqual([
      mailOf("reauth", { key: `needs-reauth/${now}/1`, reason: "entra.grant-revoked" }),
    ]);
  });
});

describe("holds", () => {
  it.each<[string, HappenedEvent[], object]>([
    [
      "brake",
      [cycle({ held: "brake" })],
      { actor: "everlink", since: now, problem: null, clearedBy: "resume" },
    ],
    [
      "blocked",
      [cycle({ problem: "entra.conditional-access" })],
      { actor: "everlink", since: now, clearedBy: "good-cycle" },
    ],
    [
      "gate",
      [cycle({ problem: "entra.client-credential" })],
      { actor: "everlink", since: now, clearedBy: "good-cycle" },
    ],
    [
      "needs-reauth",
      [cycle({ problem: "entra.grant-revoked" }), cycle({ problem: "entra.grant-revoked" })],
      { actor: "everlink", since: now, clearedBy: "register", reminders: 0, reminderAt: daysLater(now, 1) },
    ],
  ])("%s says who set it, since when, and what ends it", (code, events, expected) => {
    const state = events.reduce((each, event) => done(each, event).state, someone("syncing"));
    expect(state.holds).toMatchObject([{ code, ...expected }]);
  });

  it("a hold that gets another problem is as old as it was; the same problem tells nothing new", () => {
    const old = later(now, -60_000);
    const blocked = someone("syncing", {
      ...hold("blocked"),
      since: old,
      problem: "ews.mailbox-missing",
    });
    expect(done(blocked, cycle({ problem: "entra.conditional-access" })).state.holds[0]?.since).toBe(old);
    const gate = someone("syncing", { ...hold("gate"), since: old });
    const again = done(gate, cycle({ problem: "entra.client-credential" }));
    expect([again.state.holds[0]?.since, again.commands.length]).toEqual([old, 1]);
    const same = { ...gate, holds: [{ ...gate.holds[0]!, problem: "entra.client-credential" as const }] };
    expect(done(same, cycle({ problem: "entra.client-credential" })).commands).toEqual([]);
  });

  it("a run that was fenced off is repeated, and marks nobody", () => {
    const { state, commands } = done(someone("syncing"), cycle({ problem: "lifecycle.fenced" }));
    expect([state.cycleAt, state.trouble, state.holds, commands]).toEqual([later(now, 10_000), null, [], []]);
  });

  it("a kind that is not well is tried again with the others, not sooner than it asks", () => {
    const partly = (retryAfterMs: number) =>
      done(someone("syncing"), cycle({ problem: "ews.throttled", retryAfterMs, partial: true })).state;
    expect([partly(3_600_000).cycleAt, partly(3_600_000).trouble?.attempts]).toEqual([
      later(now, 3_600_000),
      0,
    ]);
    expect(partly(1).cycleAt).toBe(done(someone("syncing"), cycle()).state.cycleAt);
  });
});

describe("leaving", () => {
  it("destroys the permission, once, by a duty of its own", () => {
    expect(wish(someone("syncing"), "disconnect").state.duties).toEqual([
      { type: "revoke", key: "revoke/command-1" },
    ]);
  });

  const removal = { copies: "remove", from: "mailbox", planId: "plan-1" } as const;

  it.each<[string, CommandBody]>([
    ["nobody says what to remove", {}],
    ["both copies stay", { ...removal, copies: "keep" }],
    ["no side is named", { copies: "remove", planId: "plan-1" }],
    ["no plan was shown", { copies: "remove", from: "mailbox" }],
  ])("keeps both copies when %s", (_what, body) => {
    expect(wish(someone("syncing"), "unlink", body).state.stage).toBe("registered");
  });

  it("with a removal says until when it can be undone", () => {
    const { state } = wish(someone("syncing"), "unlink", removal);
    expect(state.holds).toEqual([
      {
        code: "removal",
        actor: "administrator",
        since: now,
        problem: null,
        clearedBy: "undo-or-end",
        removal: removalOf(null),
      },
    ]);
    expect(mayUnlink(state, "remove")).toMatchObject({ allowed: false });
    expect([mayUnlink(state), mayUnlink(state, "keep"), mayUnlink(someone("syncing"), "remove")]).toEqual([
      { allowed: true },
      { allowed: true },
      { allowed: true },
    ]);
  });

  it("a removal waits for who has to sign in first, and goes on by itself afterwards", () => {
    const begun = { ...hold("removal"), removal: removalOf(now) };
    const waiting = { ...someone("syncing", begun, hold("needs-reauth")), cycleAt: null };
    expect(wish(waiting, "register", { mailboxId: mailbox }).state.cycleAt).toBe(now);
  });

  it("what stands in its way is over once a slice went well", () => {
    const begun = { ...hold("removal"), removal: removalOf(now) };
    const result = { type: "removalDone", problem: null, left: 1, removed: 1, stayed: 0 } as const;
    const state = someone("syncing", begun, hold("gate"), hold("blocked"));
    expect(done(state, result).state.holds.map(({ code }) => code)).toEqual(["removal"]);
    const item = done(someone("syncing", begun), { ...result, problem: "ews.request-invalid" }).state;
    expect(item.trouble).toBeNull();
  });
});
