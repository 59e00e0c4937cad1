import { createHash, randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSuperOfficeStore } from "../../connectors/superoffice/store.ts";
import type { OrganizationId, UserId } from "../../core/ids.ts";
import type { Appointment, RecurrenceRule } from "../../core/items/appointment.ts";
import { overridesOf } from "../../core/items/overrides.ts";
import { appointmentRules } from "../../core/sync/kinds/appointment.ts";
import { defaultSettings } from "../../core/sync/settings.ts";
import { MemoryRepository } from "../../engine/memory-repository.ts";
import { runSlice } from "../../engine/slice.ts";
import { createRandom } from "../../sandbox/seed/random.ts";
import { makeDiary } from "../../sandbox/seed/diary.ts";
import { compareDiaries } from "../../scripts/demo/compare.ts";
import { appointment, timed } from "./appointments.ts";
import { openMailbox, type EwsMailbox } from "./ews-mailbox.ts";
import { openOffice, person, signal, zone } from "./superoffice-sandbox.ts";

/**
 * Series between SuperOffice and Exchange, both pretended by the sandbox, over the real protocols: what neither
 * connector shows alone.
 */
const settings = {
  switches: [{}, { thisAndForwardSplits: true, shortMonth: "skip", restUpdateMode: "ThisAndForward" }],
};

describe.each(settings.switches)("a series between SuperOffice and Exchange (%o)", (switches) => {
  let office: Awaited<ReturnType<typeof openOffice>>;
  let mailbox: EwsMailbox;
  let repository: MemoryRepository;
  let now: number;
  let calls: number;

  beforeEach(async () => {
    office = await openOffice(switches);
    mailbox = await openMailbox();
    repository = new MemoryRepository();
    now = Date.parse("2026-03-02T06:00:00Z");
  });
  afterEach(async () => {
    const mails = [office.sandbox, mailbox.sandbox].map(({ context }) => context.attendeeMails.count());
    const counters = mailbox.counters();
    await mailbox.close();
    await office.close();
    expect(mails).toEqual([0, 0]);
    expect(counters).toMatchObject({ requestsInvalid: 0, responsesInvalid: 0 });
  });

  const weekly: RecurrenceRule = {
    frequency: "weekly",
    interval: 1,
    byDay: ["mo"],
    nthOfPeriod: null,
    byMonthDay: null,
    byMonth: null,
    end: { kind: "count", count: 12 },
  };
  const fingerprint = (field: string, value: string) =>
    createHash("sha256").update(`${field}/${value}`).digest("base64url").slice(0, 22);
  const crm = () =>
    createSuperOfficeStore({
      client: office.client,
      associateId: person.associateId,
      timeZone: zone,
      now: () => now,
    });

  /** Slices until nothing is left to do, twice; the writes they made. */
  async function sync(): Promise<number> {
    let writes = 0;
    for (let cycle = 0; cycle < 3; cycle += 1) {
      for (let slice = 0; slice < 20; slice += 1) {
        const { more, problem, counters } = await runSlice(
          {
            crm: crm(),
            mailbox: mailbox.store,
            repository,
            clock: { now: () => now },
            random: { uuid: () => randomUUID() },
            fingerprint,
            seal: async (content) => content,
            unseal: async (sealed) => sealed,
            heartbeat: () => {},
            log: () => {},
          },
          {
            organizationId: "o" as OrganizationId,
            userId: "u" as UserId,
            fence: 1,
            rules: appointmentRules,
            settings: { ...defaultSettings, privateItems: "hide" },
            budget: { ms: 60_000, writes: 100 },
          },
          signal,
        );
        expect(problem).toBeNull();
        for (const kind of ["created", "updated", "deleted"] as const)
          writes += counters[kind].crm + counters[kind].mailbox;
        now += 1_000;
        if (!more) break;
      }
      now += 60_000;
    }
    calls = writes;
    return calls;
  }

  async function all(side: "crm" | "mailbox") {
    const container = side === "crm" ? "diary" : "calendar";
    const window = { from: "2026-01-01T00:00:00Z", to: "2029-01-01T00:00:00Z" };
    const store = side === "crm" ? crm() : mailbox.store;
    const { upserts } = await store.changes({ kind: "appointment", container, window }, undefined, signal);
    return upserts;
  }

  async function one(side: "crm" | "mailbox") {
    const [found, ...others] = await all(side);
    expect(others).toEqual([]);
    if (found === undefined) throw new Error(`nothing in the ${side}`);
    return found;
  }

  /** A person's edit, over the same protocol. */
  async function edit(side: "crm" | "mailbox", patch: Partial<Appointment>) {
    const { ref, version } = await one(side);
    const store = side === "crm" ? crm() : mailbox.store;
    await store.update(ref, patch, version, signal);
  }

  const create = (item: Appointment) =>
    mailbox.store.create(
      { kind: "appointment", container: "calendar", window: { from: "", to: "" } },
      item,
      `person-${randomUUID()}`,
      signal,
    );
  const series = appointment({ title: "Status", location: "Room 1", recurrenceRule: weekly });
  const moved = timed("2026-03-17T12:00:00Z", "2026-03-17T13:00:00Z");

  it("carries occurrences that were moved, changed and cancelled, on either side, and rests", async () => {
    await create({ ...series, "recurrenceOverrides/2026-03-09": { title: "Kick-off" } });
    await sync();
    await edit("crm", {
      "recurrenceOverrides/2026-03-16": moved,
      "recurrenceOverrides/2026-03-30": {
        location: "Room 2",
        ...timed("2026-03-30T09:00:00Z", "2026-03-30T10:00:00Z"),
      },
    });
    await edit("mailbox", { "recurrenceOverrides/2026-04-06": { excluded: true }, title: "Weekly status" });
    await sync();
    const wanted = [
      ["2026-03-09", { title: "Kick-off" }],
      ["2026-03-16", moved],
      ["2026-03-30", { location: "Room 2", ...timed("2026-03-30T09:00:00Z", "2026-03-30T10:00:00Z") }],
      ["2026-04-06", { excluded: true }],
    ];
    for (const side of ["crm", "mailbox"] as const) {
      const { item } = await one(side);
      expect([side, item.title, overridesOf(item)]).toEqual([side, "Weekly status", wanted]);
    }
    expect(await sync()).toBe(0);
  });

  it("changes as a whole from the first date to come on in the CRM, exceptions kept, nothing flows back", async () => {
    await create({ ...series, "recurrenceOverrides/2026-04-06": { excluded: true } });
    await sync();
    now = Date.parse("2026-03-20T06:00:00Z");
    await edit("mailbox", { title: "Renamed" });
    await sync();
    const inMailbox = await one("mailbox");
    expect(inMailbox.item.title).toBe("Renamed");
    expect(overridesOf(inMailbox.item)).toEqual([["2026-04-06", { excluded: true }]]);
    const inCrm = await one("crm");
    expect(inCrm.item.title).toBe("Renamed");
    expect(overridesOf(inCrm.item)).toEqual([
      ["2026-03-02", { title: "Status" }],
      ["2026-03-09", { title: "Status" }],
      ["2026-03-16", { title: "Status" }],
      ["2026-04-06", { excluded: true }],
    ]);
    expect(await sync()).toBe(0);
  });

  it("without an end is kept up in the CRM, month after month, and stays as it is in the mailbox", async () => {
    const endless: RecurrenceRule = { ...weekly, end: { kind: "endless" } };
    await create({ ...series, recurrenceRule: endless });
    await sync();
    const before = await one("mailbox");
    for (let month = 1; month <= 6; month += 1) {
      now += 30 * 86_400_000;
      await sync();
      const { item } = await one("crm");
      const end = item.recurrenceRule?.end;
      const within = new Date(now + 358 * 86_400_000).toISOString().slice(0, 10);
      expect(end?.kind === "until" && end.date >= within).toBe(true);
    }
    expect(await one("mailbox")).toEqual(before);
    expect(await sync()).toBe(0);
  });

  it("of any kind in a lived-in diary is equal on both sides, as the demo compares them", async () => {
    now = Date.now();
    const topics = [{ subject: "Workshop", body: "Agenda", location: "Oslo" }];
    const diary = makeDiary({
      side: "exchange",
      person: mailbox.person,
      colleagues: [],
      count: 60,
      topics,
      now: new Date(now),
      random: createRandom("recurrence"),
    });
    const series = diary.filter(({ sample }) => sample.recurrence !== null);
    for (const { sample } of series) mailbox.samples.put(mailbox.person, { ...sample, private: false });
    expect(new Set(series.map(({ kind }) => kind))).toEqual(new Set(["series", "endless", "exceptions"]));
    await sync();
    const compared = compareDiaries(office.samples.list(person), mailbox.samples.list(mailbox.person));
    expect(compared).toEqual({ equal: series.length, onlyCrm: [], onlyMailbox: [] });
    expect(await sync()).toBe(0);
  });

  it("is split by a person in the mailbox without a copy of anything", async () => {
    await create({ ...series, "recurrenceOverrides/2026-04-13": { title: "Special" } });
    await sync();
    await edit("mailbox", { recurrenceRule: { ...weekly, end: { kind: "until", date: "2026-03-30" } } });
    await create({
      ...series,
      title: "Status, later",
      ...timed("2026-04-06T09:00:00Z", "2026-04-06T10:00:00Z"),
    });
    await sync();
    for (const side of ["crm", "mailbox"] as const) {
      const items = (await all(side)).toSorted((a, b) => a.item.title.localeCompare(b.item.title));
      expect(items.map(({ item }) => [item.title, item.recurrenceRule?.end, overridesOf(item)])).toEqual([
        ["Status", { kind: "until", date: "2026-03-30" }, []],
        ["Status, later", { kind: "count", count: 12 }, []],
      ]);
    }
    expect(await sync()).toBe(0);
  });
});
