import { describe, expect, it } from "vitest";
import type { Account, ItemStore } from "../../connectors/contract.ts";
import type { MemorySystem } from "../../connectors/memory/system.ts";
import { Failure } from "../../core/errors/failure.ts";
import type { ErrorCode } from "../../core/errors/table.ts";
import type { Appointment, RecurrenceRule } from "../../core/items/appointment.ts";
import { datesNamed, overrideField, overridesOf, withoutOverrides } from "../../core/items/overrides.ts";
import type { Ref, Side } from "../../core/items/observed.ts";
import { appointment, timed } from "../contracts/appointments.ts";
import { weekly } from "./appointments.ts";
import { World } from "./simulation.ts";

const dayMs = 86_400_000;
const moved = timed("2026-03-17T12:00:00Z", "2026-03-17T13:00:00Z");
const cancelled = { excluded: true } as const;
const third = "recurrenceOverrides/2026-03-16";
const fourth = "recurrenceOverrides/2026-03-23";
const ten: RecurrenceRule = { ...weekly, end: { kind: "count", count: 10 } };
const endless: RecurrenceRule = { ...weekly, end: { kind: "endless" } };
const bothSides = ["crm", "mailbox"] as const satisfies readonly Side[];

/** A series on both sides, by sync. */
async function synced(item: Partial<Appointment> = {}, from: Side = "mailbox", seed = 1) {
  const world = new World({ seed, settings: { privateItems: "hide" } });
  const made = world.system(from).put(appointment({ title: "Status", recurrenceRule: ten, ...item }));
  await world.settle();
  const other = from === "crm" ? "mailbox" : "crm";
  const refs = {
    [from]: made,
    [other]: world.counterpart(from, made)?.ref ?? "",
  } as Record<Side, Ref>;
  const read = (side: Side) => world.system(side).get(refs[side])?.item as Appointment;
  return { world, refs, read };
}

async function rests(world: World): Promise<void> {
  const writes = world.mutations.length;
  await world.settle();
  expect(world.mutations).toHaveLength(writes);
}

describe("an occurrence", () => {
  const changes: [string, Partial<Appointment>][] = [
    ["moved", { [third]: moved }],
    ["changed", { [third]: { title: "Retrospective", alertMinutes: null } }],
    ["cancelled", { [third]: cancelled }],
    ["moved, and another one cancelled", { [third]: moved, [fourth]: cancelled }],
  ];

  describe.each(bothSides)("on the side of the %s", (side) => {
    const other = side === "crm" ? "mailbox" : "crm";

    it.each(changes)("%s before the first sync comes with its series", async (_, patch) => {
      const { world, read } = await synced(patch, side);
      expect(overridesOf(read(other))).toEqual(overridesOf({ ...patch }));
      expect([world.crm.all().length, world.mailbox.all().length]).toEqual([1, 1]);
      await rests(world);
    });

    it.each(changes)("%s is so on the other side, and regular again when it is", async (_, patch) => {
      const { world, refs, read } = await synced();
      world.system(side).change(refs[side], patch);
      await world.settle();
      expect(overridesOf(read(other))).toEqual(overridesOf({ ...patch }));
      await rests(world);
      const regular = Object.fromEntries(Object.keys(patch).map((field) => [field, null]));
      world.system(side).change(refs[side], regular);
      await world.settle();
      expect(overridesOf(read(other))).toEqual([]);
      expect([world.crm.all().length, world.mailbox.all().length]).toEqual([1, 1]);
      await rests(world);
    });
  });

  it("changed on one side and another one on the other: both stand on both", async () => {
    const { world, refs, read } = await synced();
    world.crm.change(refs.crm, { [third]: moved });
    world.mailbox.change(refs.mailbox, { [fourth]: cancelled, title: "Weekly status" });
    await world.settle();
    for (const side of bothSides) {
      expect(read(side).title).toBe("Weekly status");
      expect(overridesOf(read(side))).toEqual([
        ["2026-03-16", moved],
        ["2026-03-23", cancelled],
      ]);
    }
    expect(world.memory.archive).toEqual([]);
    await rests(world);
  });

  it("changed on both sides differently is one conflict; the loser's is archived", async () => {
    const { world, refs, read } = await synced();
    world.crm.change(refs.crm, { [third]: { title: "The CRM's" } });
    world.mailbox.change(refs.mailbox, { [third]: { title: "The mailbox's" }, [fourth]: cancelled });
    await world.settle();
    for (const side of bothSides) {
      expect(overridesOf(read(side))).toEqual([
        ["2026-03-16", { title: "The CRM's" }],
        ["2026-03-23", cancelled],
      ]);
    }
    expect(world.memory.archive.map(({ sealed }) => sealed).join()).toContain("The mailbox's");
    await rests(world);
  });

  it("that the CRM cannot tell from the regular one is no change there, and stays in the mailbox", async () => {
    const { world, refs, read } = await synced();
    world.mailbox.change(refs.mailbox, { [third]: { freeBusyStatus: "out-of-office" } });
    await world.settle();
    expect(overridesOf(read("crm"))).toEqual([]);
    world.crm.change(refs.crm, { [third]: { location: "Room 2" } });
    await world.settle();
    expect(overridesOf(read("crm"))).toEqual([["2026-03-16", { location: "Room 2" }]]);
    await rests(world);
  });

  it("that becomes like its series, as the CRM sees it, keeps what only the mailbox can hold", async () => {
    for (const side of bothSides) {
      const { world, refs, read } = await synced({
        freeBusyStatus: "free",
        [third]: { freeBusyStatus: "working-elsewhere" },
      });
      expect(overridesOf(read("crm"))).toEqual([["2026-03-16", { freeBusyStatus: "busy" }]]);
      world.system(side).change(refs[side], { freeBusyStatus: "busy" });
      await world.settle();
      expect(overridesOf(read("crm"))).toEqual([]);
      expect(read("mailbox")).toMatchObject({
        freeBusyStatus: "busy",
        [third]: { freeBusyStatus: "working-elsewhere" },
      });
      await rests(world);
    }
  });

  it("is gone with the rule, which goes over as ever", async () => {
    const { world, refs, read } = await synced({ [third]: moved });
    world.mailbox.change(refs.mailbox, { recurrenceRule: null });
    await world.settle();
    expect(read("crm").recurrenceRule).toBeNull();
    expect(overridesOf(read("crm"))).toEqual([]);
    await rests(world);
  });

  it("before the window stays as it is on either side", async () => {
    const { world, refs, read } = await synced({
      ...timed("2025-10-06T08:00:00Z", "2025-10-06T09:00:00Z"),
      recurrenceRule: { ...weekly, end: { kind: "count", count: 60 } },
    });
    world.mailbox.change(refs.mailbox, { [overrideField("2025-10-13")]: cancelled });
    await world.settle();
    expect(overridesOf(read("crm"))).toEqual([]);
    await rests(world);
  });

  it("of a private series shows nothing of its content in the CRM, and loses none in the mailbox", async () => {
    const world = new World({ seed: 3 });
    const ref = world.mailbox.put(
      appointment({
        title: "Therapy",
        privacy: "private",
        recurrenceRule: ten,
        [third]: { ...moved, title: "Secret", location: "Hidden" },
      }),
    );
    const open = world.mailbox.put(
      appointment({
        title: "Open",
        recurrenceRule: ten,
        [fourth]: { privacy: "private", title: "Secret too" },
      }),
    );
    await world.settle();
    const told = JSON.stringify(world.crm.all().map(({ item }) => item));
    expect(told).not.toMatch(/Secret|Hidden|Therapy/);
    const inCrm = world.counterpart("mailbox", ref);
    expect(overridesOf(inCrm?.item ?? {})).toEqual([["2026-03-16", moved]]);
    const later = timed("2026-03-17T14:00:00Z", "2026-03-17T15:00:00Z");
    world.crm.change(inCrm?.ref ?? "", { [third]: later });
    await world.settle();
    expect(world.mailbox.get(ref)?.item[third]).toEqual({ ...later, title: "Secret", location: "Hidden" });
    world.mailbox.change(open, { privacy: "private", title: "Closed" });
    world.mailbox.change(open, { [fourth]: { title: "Secret three" } });
    await world.settle();
    expect(JSON.stringify(world.crm.all().map(({ item }) => item))).not.toMatch(/Secret|Closed/);
    await rests(world);
  });
});

/** Like real systems, in several calls: the series' shape first, which takes its single dates away, then these again. */
function interrupted(after: "the shape" | "one date", code: ErrorCode, times = 1) {
  let left = times;
  return (side: Side, store: ItemStore & Account, system: MemorySystem): ItemStore & Account => ({
    ...store,
    async update(ref, patch, version, signal) {
      const dates = datesNamed({ ...system.get(ref)?.item, ...patch });
      if (side !== "crm" || left === 0 || dates.length === 0)
        return store.update(ref, patch, version, signal);
      left -= 1;
      const regular = Object.fromEntries(dates.map((date) => [overrideField(date), null]));
      const [first] = datesNamed(patch);
      const field = first === undefined ? undefined : overrideField(first);
      if (after === "the shape") system.change(ref, { ...withoutOverrides(patch), ...regular });
      else if (field !== undefined) system.change(ref, { [field]: patch[field] });
      throw new Failure(code);
    },
  });
}

describe("a write of several calls that ends in the middle", () => {
  const codes = ["network.timeout", "item.version-conflict", "ews.request-invalid"] as const;

  it.each(codes)("after the shape, by %s: no date is lost on either side", async (code) => {
    const { world, refs, read } = await synced({ [third]: moved, [fourth]: cancelled });
    world.options.through = interrupted("the shape", code);
    world.mailbox.change(refs.mailbox, timed("2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"));
    await world.settle();
    for (const side of bothSides) {
      expect(read(side).time).toMatchObject({ start: "2026-03-02T10:00:00Z" });
      expect(overridesOf(read(side))).toEqual([
        ["2026-03-16", moved],
        ["2026-03-23", cancelled],
      ]);
    }
    await rests(world);
  });

  it.each(codes)(
    "after one of two dates, by %s: both arrive, and what was written meanwhile stays",
    async (code) => {
      const { world, refs, read } = await synced({ [third]: { title: "Before" } });
      world.options.through = interrupted("one date", code);
      world.mailbox.change(refs.mailbox, { [third]: moved, [fourth]: cancelled });
      world.crm.change(refs.crm, { location: "Room 3" });
      await world.settle();
      for (const side of bothSides) {
        expect(read(side).location).toBe("Room 3");
        expect(overridesOf(read(side))).toEqual([
          ["2026-03-16", moved],
          ["2026-03-23", cancelled],
        ]);
      }
      await rests(world);
    },
  );

  it("while a person at the target changes another date: all stand", async () => {
    const { world, refs, read } = await synced({ [third]: moved });
    world.options.through = interrupted("the shape", "network.timeout");
    world.mailbox.change(refs.mailbox, {
      location: "Room 4",
      ...timed("2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"),
    });
    world.crm.change(refs.crm, { [fourth]: cancelled });
    await world.settle();
    for (const side of bothSides) {
      expect(read(side).location).toBe("Room 4");
      expect(overridesOf(read(side))).toEqual([
        ["2026-03-16", moved],
        ["2026-03-23", cancelled],
      ]);
    }
    await rests(world);
  });
});

describe("a split, this and following", () => {
  it.each(bothSides)(
    "by a person at the %s: the old series ends, the new one begins, nothing twice",
    async (side) => {
      const { world, refs } = await synced({ [third]: moved, [fourth]: cancelled });
      world
        .system(side)
        .change(refs[side], { recurrenceRule: { ...ten, end: { kind: "until", date: "2026-03-22" } } });
      const rest = appointment({
        title: "Status, later",
        ...timed("2026-03-23T10:00:00Z", "2026-03-23T11:00:00Z"),
        recurrenceRule: { ...ten, end: { kind: "count", count: 7 } },
        [overrideField("2026-04-06")]: cancelled,
      });
      world.system(side).put(rest);
      await world.settle();
      expect(world.picture("crm")).toEqual(world.picture("mailbox"));
      for (const each of bothSides) {
        const [old, later] = world
          .system(each)
          .all()
          .toSorted((a, b) => (a.item.title < b.item.title ? -1 : 1));
        expect(world.system(each).all()).toHaveLength(2);
        expect(overridesOf(old?.item ?? {})).toEqual([["2026-03-16", moved]]);
        expect(overridesOf(later?.item ?? {})).toEqual([["2026-04-06", cancelled]]);
      }
      await rests(world);
    },
  );
});

describe("an endless series in a CRM that has none", () => {
  const lastOf = (item: Appointment) =>
    item.recurrenceRule?.end.kind === "until" ? item.recurrenceRule.end.date : "";

  it("lives there as far as the window and some time more; the end does not flow back", async () => {
    const { world, read } = await synced({ recurrenceRule: endless });
    const horizon = new Date(world.now + 366 * dayMs).toISOString().slice(0, 10);
    expect(lastOf(read("crm")) >= horizon).toBe(true);
    expect(read("mailbox").recurrenceRule).toEqual(endless);
    expect([...world.memory.findings.values()].flatMap((codes) => [...codes])).toEqual([]);
    await rests(world);
  });

  it("is kept up for years, a write every other month, and never changes in the mailbox", async () => {
    const { world, read } = await synced({ recurrenceRule: endless });
    const begun = world.mutations.length;
    const versions = world.mailbox.journal.length;
    for (let week = 0; week < 104; week += 1) {
      world.now += 7 * dayMs;
      await world.cycle();
      await world.cycle();
      const within = new Date(world.now + 358 * dayMs).toISOString().slice(0, 10);
      expect(lastOf(read("crm")) >= within).toBe(true);
    }
    expect(world.mailbox.journal).toHaveLength(versions);
    expect(read("mailbox").recurrenceRule).toEqual(endless);
    const writes = world.mutations.length - begun;
    expect(writes).toBeGreaterThan(8);
    expect(writes).toBeLessThan(16);
    await rests(world);
  });

  it("of rare dates has two of them at least, and rests", async () => {
    const yearly: RecurrenceRule = {
      ...endless,
      frequency: "yearly",
      byDay: [],
      byMonth: 3,
      byMonthDay: 2,
    };
    const { world, read } = await synced({ recurrenceRule: yearly });
    expect(lastOf(read("crm")) >= "2027-03-02").toBe(true);
    await rests(world);
    for (let month = 0; month < 30; month += 1) {
      world.now += 30 * dayMs;
      await world.cycle();
    }
    expect(lastOf(read("crm")) >= "2029-03-02").toBe(true);
    expect(read("mailbox").recurrenceRule).toEqual(yearly);
  });

  it("gets what changes there: another day keeps it endless, another end ends it", async () => {
    const { world, refs, read } = await synced({ recurrenceRule: endless });
    const inCrm = read("crm").recurrenceRule as RecurrenceRule;
    world.crm.change(refs.crm, { recurrenceRule: { ...inCrm, interval: 2 }, title: "Every other week" });
    await world.settle();
    expect(read("mailbox")).toMatchObject({
      title: "Every other week",
      recurrenceRule: { ...endless, interval: 2 },
    });
    expect(lastOf(read("crm")) > "2027-01-01").toBe(true);
    await rests(world);
    const ended: RecurrenceRule = { ...weekly, interval: 2, end: { kind: "until", date: "2026-08-31" } };
    world.crm.change(refs.crm, { recurrenceRule: ended });
    await world.settle();
    expect(read("mailbox").recurrenceRule).toEqual(ended);
    await rests(world);
    world.now += 400 * dayMs;
    await world.settle();
    expect(read("crm").recurrenceRule).toEqual(ended);
  });

  it("becomes finite in the mailbox, and endless again", async () => {
    const { world, refs, read } = await synced({ recurrenceRule: endless });
    world.mailbox.change(refs.mailbox, { recurrenceRule: ten });
    await world.settle();
    expect(read("crm").recurrenceRule).toEqual(ten);
    world.mailbox.change(refs.mailbox, { recurrenceRule: endless });
    await world.settle();
    expect(lastOf(read("crm")) > "2027-01-01").toBe(true);
    expect(read("mailbox").recurrenceRule).toEqual(endless);
    await rests(world);
  });

  it("has its far exceptions in the CRM when the window reaches them, and not before", async () => {
    const { world, refs, read } = await synced({ recurrenceRule: endless });
    const near = new Date(Date.parse("2026-03-02") + 40 * 7 * dayMs).toISOString().slice(0, 10);
    const far = new Date(Date.parse("2026-03-02") + 90 * 7 * dayMs).toISOString().slice(0, 10);
    world.mailbox.change(refs.mailbox, {
      [overrideField(near)]: cancelled,
      [overrideField(far)]: { title: "Far away" },
    });
    await world.settle();
    expect(overridesOf(read("crm"))).toEqual([[near, cancelled]]);
    for (let month = 0; month < 14; month += 1) {
      world.now += 30 * dayMs;
      await world.cycle();
    }
    expect(overridesOf(read("crm"))).toEqual([
      [near, cancelled],
      [far, { title: "Far away" }],
    ]);
    await rests(world);
  });

  it("stays one series, endless, when every table is lost", async () => {
    const { world, read } = await synced({ recurrenceRule: endless, [third]: moved });
    for (const table of [world.memory.links, world.memory.intents, world.memory.findings]) table.clear();
    world.memory.progress.crm = null;
    world.memory.progress.mailbox = null;
    await world.settle();
    expect([world.crm.all().length, world.mailbox.all().length]).toEqual([1, 1]);
    expect(read("mailbox").recurrenceRule).toEqual(endless);
    world.now += 100 * dayMs;
    await world.settle();
    expect(lastOf(read("crm")) >= new Date(world.now + 358 * dayMs).toISOString().slice(0, 10)).toBe(true);
    expect(read("mailbox").recurrenceRule).toEqual(endless);
    await rests(world);
  });
});
