import { describe, expect, it } from "vitest";
import { crmLike, mailboxLike } from "../../connectors/memory/flavours.ts";
import type { Appointment } from "../../core/items/appointment.ts";
import { appointmentFields } from "../../core/items/normalize.ts";
import type { Traits } from "../../core/items/observed.ts";
import { untold } from "../../core/sync/evidence.ts";
import type { ItemLink, LinkSide } from "../../core/sync/item-link.ts";
import { applied } from "../../core/sync/outcome.ts";
import { unrolled, unrolledTold } from "../../core/sync/rolling.ts";
import type { Write } from "../../core/sync/plan.ts";
import type { SyncSettings } from "../../core/sync/settings.ts";
import { allDay, appointment, timed } from "../contracts/appointments.ts";
import { weekly } from "./appointments.ts";
import { base, carryOut, context, gone, linked, plan, see, single, told, wishes } from "./links.ts";

describe("the decision table", () => {
  const retitled = { ...base, title: "Retitled" };
  const moved = { ...base, location: "Bergen" };

  it("11: same on both sides: nothing", () => {
    const decision = plan(linked(base), told("crm", base), untold);
    expect([decision.row, wishes(decision)]).toEqual([11, []]);
    expect(plan(linked(base), untold, untold).row).toBe(11);
  });

  it("12: changed in the mailbox: its changed fields go to the CRM", () => {
    const decision = plan(linked(base), untold, told("mailbox", retitled));
    expect([decision.row, wishes(decision)]).toEqual([12, ["update crm title"]]);
    expect(decision.writes[0]?.values).toEqual({ title: "Retitled" });
    expect(decision.writes[0]?.counted).toBe(false);
  });

  it("13: deleted in the mailbox: deleted in the CRM", () => {
    const decision = plan(linked(base), untold, gone);
    expect([decision.row, wishes(decision)]).toEqual([13, ["delete crm "]]);
    expect(decision.writes[0]?.counted).toBe(true);
  });

  it("14: a held delete that a person wants undone: created in the mailbox again", () => {
    const decision = plan(
      { ...linked(base), held: "crm" },
      told("crm", base),
      gone,
      context({}, ["mailbox"]),
    );
    expect([decision.row, decision.writes[0]?.target, decision.writes[0]?.operation]).toEqual([
      14,
      "mailbox",
      "create",
    ]);
  });

  it("21: changed in the CRM: its changed fields go to the mailbox", () => {
    const decision = plan(linked(base), told("crm", { ...retitled, location: "Bergen" }), untold);
    expect([decision.row, wishes(decision)]).toEqual([21, ["update mailbox location,title"]]);
  });

  it("22: different fields changed on both sides: merged, nothing is lost", () => {
    const decision = plan(linked(base), told("crm", retitled), told("mailbox", moved));
    expect([decision.row, wishes(decision)]).toEqual([22, ["update crm location", "update mailbox title"]]);
    expect(decision.losses).toEqual([]);
  });

  it("22: the same field changed alike on both sides: they have converged", () => {
    const decision = plan(linked(base), told("crm", retitled), told("mailbox", retitled));
    expect([decision.row, wishes(decision)]).toEqual([22, []]);
    expect(plan(decision.link, told("crm", retitled), told("mailbox", retitled)).row).toBe(11);
  });

  it("22: the same field changed differently: the CRM wins, the mailbox's value is archived, the brake counts it", () => {
    const other = { ...base, title: "Mine" };
    const decision = plan(linked(base), told("crm", retitled), told("mailbox", other));
    expect(wishes(decision)).toEqual(["update mailbox title"]);
    expect(decision.losses).toEqual([
      { side: "mailbox", row: 22, fields: ["title"], values: { title: "Mine" } },
    ]);
    expect(decision.writes[0]?.counted).toBe(true);
  });

  it("22: or the mailbox wins, when set so", () => {
    const other = { ...base, title: "Mine" };
    const decision = plan(
      linked(base),
      told("crm", retitled),
      told("mailbox", other),
      context({ conflict: "mailbox" }),
    );
    expect(wishes(decision)).toEqual(["update crm title"]);
    expect(decision.losses[0]?.side).toBe("crm");
  });

  it("22: or a person is asked, and both stay as they are until one of them changes the field", () => {
    const ask = context({ conflict: "ask" });
    const other = { ...moved, title: "Mine" };
    const decision = plan(linked(base), told("crm", retitled), told("mailbox", other), ask);
    expect(wishes(decision)).toEqual(["update crm location"]);
    expect(decision.open).toMatchObject([{ code: "conflict", fields: ["title"] }]);
    const { link, pictures } = carryOut(decision, { crm: retitled, mailbox: other });
    const again = plan(link, told("crm", pictures.crm as Appointment), told("mailbox", other), ask);
    expect([wishes(again), again.open.length]).toEqual([[], 1]);
    const agreed = plan(
      again.link,
      told("crm", { ...retitled, location: "Bergen" }),
      told("mailbox", { ...other, title: "Retitled" }),
      ask,
    );
    expect([wishes(agreed), agreed.lift]).toEqual([[], ["conflict"]]);
  });

  it("23: changed in the CRM, deleted in the mailbox: the edit wins, under a new stamp (I6)", () => {
    const decision = plan(linked(base), told("crm", retitled), gone);
    expect([decision.row, decision.writes[0]?.operation, decision.writes[0]?.target]).toEqual([
      23,
      "create",
      "mailbox",
    ]);
    expect(decision.writes[0]?.key).toBe("el.key.again");
  });

  it("31: deleted in the CRM: deleted in the mailbox", () => {
    const decision = plan(linked(base), gone, told("mailbox", base));
    expect([decision.row, wishes(decision)]).toEqual([31, ["delete mailbox "]]);
  });

  it("32: deleted in the CRM, changed in the mailbox: the edit wins (I6)", () => {
    const decision = plan(linked(base), gone, told("mailbox", retitled));
    expect([decision.row, decision.writes[0]?.operation, decision.writes[0]?.target]).toEqual([
      32,
      "create",
      "crm",
    ]);
  });

  it("33: deleted on both sides: the link is forgotten", () => {
    const decision = plan(linked(base), gone, gone);
    expect([decision.row, wishes(decision), decision.link.state]).toEqual([33, [], "deleted"]);
  });

  it("34: a held delete that a person wants undone: created in the CRM again", () => {
    const decision = plan(
      { ...linked(base), held: "mailbox" },
      gone,
      told("mailbox", base),
      context({}, ["crm"]),
    );
    expect([decision.row, decision.writes[0]?.target, decision.writes[0]?.operation]).toEqual([
      34,
      "crm",
      "create",
    ]);
  });

  it("41 and 42: new on one side: created on the other, whole", () => {
    const there = plan(single("crm", base), told("crm", base), untold);
    expect([there.row, wishes(there)]).toEqual([
      41,
      [`create mailbox ${appointmentFields.toSorted().join()}`],
    ]);
    const here = plan(single("mailbox", base), untold, told("mailbox", base));
    expect([here.row, here.writes[0]?.target]).toEqual([42, "crm"]);
  });

  it("43: adopted: equal fields are agreed, others are a conflict with no base", () => {
    const both: ItemLink = { ...linked(base), state: "single", agreed: {} };
    const link: ItemLink = {
      ...both,
      sides: {
        crm: { ...(both.sides.crm as LinkSide), base: {} },
        mailbox: { ...(both.sides.mailbox as LinkSide), base: {} },
      },
    };
    const equal = plan(link, told("crm", base), told("mailbox", base));
    expect([equal.row, wishes(equal), equal.link.state]).toEqual([43, [], "linked"]);
    const unequal = plan(link, told("crm", base), told("mailbox", { ...base, title: "Older" }));
    expect([unequal.row, wishes(unequal)]).toEqual([43, ["update mailbox title"]]);
    expect(unequal.losses[0]?.values).toEqual({ title: "Older" });
  });

  it("44: gone before it had a counterpart: forgotten", () => {
    expect(plan(single("crm", base), gone, untold)).toMatchObject({
      row: 44,
      writes: [],
      link: { state: "deleted" },
    });
  });
});

describe("single dates of a series are fields of their own", () => {
  const third = "recurrenceOverrides/2026-03-16";
  const fourth = "recurrenceOverrides/2026-03-23";
  const series = appointment({ title: "Status", recurrenceRule: weekly });
  const cancelled = { ...series, [third]: { excluded: true } } satisfies Appointment;

  it("12, 21: one that changed goes over, alone", () => {
    const toCrm = plan(linked(series), untold, told("mailbox", cancelled));
    expect([toCrm.row, wishes(toCrm)]).toEqual([12, [`update crm ${third}`]]);
    expect(toCrm.writes[0]?.values).toEqual({ [third]: { excluded: true } });
    const back = plan(linked(cancelled), told("crm", series), untold);
    expect([back.row, wishes(back)]).toEqual([21, [`update mailbox ${third}`]]);
    expect(back.writes[0]?.values).toEqual({ [third]: null });
  });

  it("22: two dates on two sides go both ways, before what changes the series' shape", () => {
    const crm = { ...series, [fourth]: { title: "Retrospective" }, alertMinutes: 5 };
    const decision = plan(
      linked(series),
      told("crm", crm),
      told("mailbox", { ...cancelled, ...timed("2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z") }),
    );
    expect([decision.row, wishes(decision), decision.losses]).toEqual([
      22,
      [`update crm ${third},time`, `update mailbox alertMinutes,${fourth}`],
      [],
    ]);
  });

  it("42: come with their series, masked where it is", () => {
    const hidden = { ...series, privacy: "private" as const, [third]: { title: "Secret", alertMinutes: 1 } };
    const { row, writes } = plan(single("mailbox", hidden), untold, told("mailbox", hidden));
    expect([row, writes[0]?.values]).toMatchObject([42, { title: "Private", [third]: { alertMinutes: 1 } }]);
    expect(JSON.stringify(writes[0]?.values)).not.toContain("Secret");
  });

  it("52: of a side that cannot tell them they leave the series alone, unless they are known and old", () => {
    const given = {
      ...context(),
      capabilities: {
        crm: crmLike,
        mailbox: { ...mailboxLike, recurrence: { endless: true, exceptions: false } },
      },
    };
    const renamed = { ...cancelled, title: "Renamed" };
    expect(plan(linked(cancelled), told("crm", renamed), untold, given).row).toBe(21);
    expect(plan(linked(series), told("crm", cancelled), untold, given).row).toBe(52);
  });

  it("72: the end of an endless series that is ours is moved on in the CRM", () => {
    const endless = appointment({ recurrenceRule: { ...weekly, end: { kind: "endless" } } });
    const { writes } = plan(single("mailbox", endless), untold, told("mailbox", endless));
    const [create] = writes;
    const made = see("crm", { ...endless, ...create?.values });
    const meant = unrolled(made, "crm", create?.expected ?? {}, context());
    expect([made.rolledTo, meant.rolledTo, meant.item.recurrenceRule?.end]).toEqual([
      undefined,
      "2027-03-01",
      { kind: "endless" },
    ]);
    const after = applied(single("mailbox", endless), create as Write, meant);
    const later = { ...context(), window: { from: "2026-06-01T00:00:00Z", to: "2027-06-01T00:00:00Z" } };
    const sides = unrolledTold(
      after,
      { crm: { kind: "present", seen: made }, mailbox: told("mailbox", endless) },
      later,
    );
    const rests = plan(after, sides.crm, sides.mailbox);
    expect([rests.row, rests.link.notBefore]).toEqual([11, Date.parse("2027-03-08") - 364 * 86_400_000]);
    const moved = plan(after, sides.crm, sides.mailbox, later);
    expect([moved.row, wishes(moved)]).toEqual([72, ["update crm recurrenceRule"]]);
    expect(moved.writes[0]?.values.recurrenceRule?.end).toEqual({ kind: "until", date: "2027-07-26" });
  });
});

describe("what is left untouched on both sides", () => {
  // Monday there, Sunday here.
  const elsewhere = appointment({
    ...timed("2026-03-01T20:00:00Z", "2026-03-01T21:00:00Z"),
    timeZone: "Pacific/Auckland",
    recurrenceRule: weekly,
  });
  const cases: [
    row: number,
    why: string,
    item: Appointment,
    traits: Partial<Traits>,
    settings: Partial<SyncSettings>,
  ][] = [
    [51, "unsupported-recurrence", elsewhere, {}, {}],
    [52, "series-with-exceptions", appointment({ recurrenceRule: weekly }), { exceptions: 2 }, {}],
    [53, "unknown-recurrence", base, { recurrenceUnknown: true }, {}],
    [54, "meeting", base, { participants: 3 }, {}],
    [55, "invited", base, { participants: 3, invited: true }, {}],
    [56, "private", appointment({ privacy: "private" }), {}, { privateItems: "skip" }],
    [60, "malformed", appointment(timed("2026-03-02T09:00:00Z", "2026-03-02T08:00:00Z")), {}, {}],
  ];

  it.each(cases)("%i: %s, new or linked", (row, why, item, traits, settings) => {
    for (const link of [single("mailbox", item), linked(base)]) {
      const decision = plan(link, untold, told("mailbox", item, traits), context(settings));
      expect(decision).toMatchObject({ row, writes: [], link: { state: "untouched", reason: why } });
    }
  });

  it("is told once, and lifted when a later change makes the item simple again", () => {
    const first = plan(linked(base), untold, told("mailbox", base, { participants: 2 }));
    expect(first.open).toEqual([{ code: "meeting", fields: [] }]);
    const second = plan(
      first.link,
      told("crm", base),
      told("mailbox", { ...base, title: "B" }, { participants: 2 }),
    );
    expect([second.row, second.open]).toEqual([54, []]);
    const third = plan(
      second.link,
      told("crm", { ...base, location: "C" }),
      told("mailbox", { ...base, title: "B" }),
    );
    expect([third.row, third.lift, wishes(third)]).toEqual([
      22,
      ["meeting"],
      ["update crm title", "update mailbox location"],
    ]);
  });

  it("57–59: new items that are free, last all day or lie outside of the window stay where they are", () => {
    const free = appointment({ freeBusyStatus: "free" });
    const day = appointment(allDay("2026-05-01", "2026-05-02"));
    const far = appointment(timed("2030-01-01T08:00:00Z", "2030-01-01T09:00:00Z"));
    const row = (item: Appointment, settings: Partial<SyncSettings> = {}) =>
      plan(single("crm", item), told("crm", item), untold, context(settings)).row;
    expect([row(free, { skipFree: true }), row(day, { skipAllDay: true }), row(far)]).toEqual([57, 58, 59]);
    expect([row(free), row(day)]).toEqual([41, 41]);
  });

  it("a linked item that comes under a filter, or leaves the window, is neither deleted nor forgotten", () => {
    const far = { ...base, ...timed("2030-01-01T08:00:00Z", "2030-01-01T09:00:00Z") };
    const decision = plan(linked(base), told("crm", far), untold, context({ skipFree: true }));
    expect([decision.row, wishes(decision)]).toEqual([21, ["update mailbox time"]]);
  });

  it("61: nothing goes against the direction, not even a delete or a restore", () => {
    const oneWay = context({ direction: "crm-to-mailbox" });
    const edited = plan(linked(base), untold, told("mailbox", { ...base, title: "Mine" }), oneWay);
    expect([edited.row, wishes(edited)]).toEqual([12, []]);
    const deleted = plan(linked(base), untold, gone, oneWay);
    expect(deleted).toMatchObject({
      row: 61,
      writes: [],
      link: { state: "untouched", sides: { mailbox: null } },
    });
    const touched = plan(deleted.link, told("crm", base), untold, oneWay);
    expect([touched.row, wishes(touched)]).toEqual([61, []]);
    const changed = plan(deleted.link, told("crm", { ...base, title: "New" }), untold, oneWay);
    expect([changed.row, changed.writes[0]?.target]).toEqual([41, "mailbox"]);
    const created = plan(single("mailbox", base), untold, told("mailbox", base), oneWay);
    expect([created.row, wishes(created)]).toEqual([61, []]);
  });
});

describe("appointments that are private in the mailbox", () => {
  const secret = appointment({
    title: "Doctor",
    description: "Knee",
    location: "Clinic",
    privacy: "private",
  });

  it("reach the CRM without content, and keep it in the mailbox", () => {
    const decision = plan(single("mailbox", secret), untold, told("mailbox", secret));
    expect(decision.writes[0]?.values).toMatchObject({
      title: "Private",
      description: "",
      location: "",
      privacy: "private",
    });
    const { link, pictures } = carryOut(decision, { crm: null, mailbox: secret });
    expect(link.masked).toBe(true);
    const quiet = plan(link, told("crm", pictures.crm as Appointment), told("mailbox", secret));
    expect(wishes(quiet)).toEqual([]);
    const moved = { ...secret, title: "Dentist", ...timed("2026-03-03T08:00:00Z", "2026-03-03T09:00:00Z") };
    expect(wishes(plan(link, told("crm", pictures.crm as Appointment), told("mailbox", moved)))).toEqual([
      "update crm time",
    ]);
  });

  it("are emptied there when made private, and filled again when made public", () => {
    const open = { ...secret, privacy: "public" as const };
    const hidden = plan(linked(open), untold, told("mailbox", secret));
    expect(hidden.writes[0]?.values).toMatchObject({ title: "Private", description: "", location: "" });
    const { link, pictures } = carryOut(hidden, { crm: open, mailbox: secret });
    const shown = plan(link, told("crm", pictures.crm as Appointment), told("mailbox", open));
    expect(shown.writes[0]?.values).toMatchObject({
      title: "Doctor",
      description: "Knee",
      privacy: "public",
    });
    expect(carryOut(shown, { crm: pictures.crm, mailbox: open }).link.masked).toBe(false);
  });

  it("never have their content overwritten by the copy", () => {
    const { link } = carryOut(plan(single("mailbox", secret), untold, told("mailbox", secret)), {
      crm: null,
      mailbox: secret,
    });
    const copy = { ...secret, title: "Edited in the CRM", description: "", location: "" };
    expect(wishes(plan(link, told("crm", copy), told("mailbox", secret)))).toEqual([]);
  });
});
