import { appointmentRules } from "../../core/sync/kinds/appointment.ts";
import { describe, expect, it } from "vitest";
import type { Weather } from "../../connectors/memory/faults.ts";
import { createMemoryStore } from "../../connectors/memory/store.ts";
import type { Account, ItemStore } from "../../connectors/contract.ts";
import { Failure } from "../../core/errors/failure.ts";
import type { OrganizationId, UserId } from "../../core/ids.ts";
import { defaultSettings } from "../../core/sync/settings.ts";
import { noCounters } from "../../engine/counters.ts";
import type { End } from "../../engine/repository.ts";
import { runSlice, type SliceInput, type SlicePorts } from "../../engine/slice.ts";
import { appointment, timed } from "../contracts/appointments.ts";
import { weekly } from "./appointments.ts";
import { fingerprint, World } from "./simulation.ts";

const signal = new AbortController().signal;
const nothing: End = {
  cursors: {},
  listed: {},
  passed: {},
  relisted: [],
  unhandled: [],
  counters: noCounters(),
};

/** A slice over a world's systems with ports of one's own. */
function ports(world: World, own: Partial<SlicePorts> = {}, weather: Weather = () => undefined): SlicePorts {
  const store = (side: "crm" | "mailbox") =>
    createMemoryStore({
      system: world.system(side),
      weather,
      now: () => world.now,
      onWrite: (call, subject) => world.mutations.push({ side, call, subject }),
    });
  let ids = 0;
  return {
    crm: store("crm"),
    mailbox: store("mailbox"),
    repository: world.memory,
    clock: { now: () => world.now },
    random: {
      uuid: () =>
        `30000000-0000-4000-8000-${String(++ids + world.mutations.length * 1_000).padStart(12, "0")}`,
    },
    fingerprint,
    seal: async (content) => content,
    unseal: async (sealed) => sealed,
    heartbeat: () => {},
    log: () => {},
    ...own,
  };
}

const input = (patch: Partial<SliceInput> = {}): SliceInput => ({
  organizationId: "o" as OrganizationId,
  userId: "u" as UserId,
  fence: 1,
  rules: appointmentRules,
  settings: defaultSettings,
  budget: { ms: 25_000, writes: 100 },
  ...patch,
});

/** A world whose sides have these numbers of linked items. */
async function worldOf(count: number): Promise<World> {
  const world = new World({ seed: 7 });
  for (let n = 0; n < count; n += 1) world.crm.put(appointment({ title: `Item ${n}` }));
  await world.cycle();
  return world;
}

describe("what a slice costs", () => {
  it("is two calls and two transactions when nothing happened", async () => {
    const world = await worldOf(50);
    const used: string[] = [];
    const repository = new Proxy(world.memory, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        used.push(String(name));
        return (value as (...inputs: unknown[]) => unknown).bind(target);
      },
    });
    await runSlice(ports(world, { repository }), input(), signal); // the echo of our own creates
    used.length = 0;
    const result = await runSlice(ports(world, { repository }), input(), signal);
    expect(result.counters.calls).toEqual({ crm: 1, mailbox: 1 });
    expect(used).toEqual(["begin"]);
    expect(result).toMatchObject({ more: false, problem: null, held: null });
  });

  it("does not read an item back that it has just written (I9)", async () => {
    const world = await worldOf(3);
    const echo = await world.slice();
    expect(echo?.counters.read.mailbox).toBe(3);
    expect(echo?.counters.calls).toEqual({ crm: 1, mailbox: 1 });
    expect(world.mutations).toHaveLength(3);
  });

  it("stays within its budget of writes and asks for another", async () => {
    const world = new World({ seed: 1, budget: { ms: 25_000, writes: 10 } });
    for (let n = 0; n < 25; n += 1) world.crm.put(appointment({ title: `Item ${n}` }));
    expect((await world.slice())?.counters.created.mailbox).toBe(10);
    expect((await world.slice())?.more).toBe(true);
    await world.slice();
    expect(world.mailbox.all()).toHaveLength(25);
  });

  it("ends early and in order when its time is used up", async () => {
    const world = new World({ seed: 1, budget: { ms: 300, writes: 100 } });
    for (let n = 0; n < 25; n += 1) world.crm.put(appointment({ title: `Item ${n}` }));
    const first = await world.slice();
    expect(first).toMatchObject({ more: true, problem: null });
    expect(world.mailbox.all().length).toBeLessThan(25);
    await world.cycle();
    expect(world.mailbox.all()).toHaveLength(25);
  });

  it("gives a sign of life after every call and stops when told to", async () => {
    const world = new World({ seed: 1 });
    for (let n = 0; n < 5; n += 1) world.crm.put(appointment({ title: `Item ${n}` }));
    const stop = new AbortController();
    let beats = 0;
    const heartbeat = () => {
      beats += 1;
      // Two readings, a look at the account that listed nothing, two creates.
      if (beats === 5) stop.abort(new Error("cancelled"));
    };
    await expect(runSlice(ports(world, { heartbeat }), input(), stop.signal)).rejects.toThrow("cancelled");
    expect(world.mailbox.all()).toHaveLength(2);
    world.now += 600_000;
    await world.settle();
    expect(world.mailbox.all()).toHaveLength(5);
  });
});

describe("what one item cannot do", () => {
  it("block the rest: a poison item is set aside with a finding and tried again later (I13)", async () => {
    const world = new World({ seed: 1 });
    for (let n = 0; n < 5; n += 1) world.crm.put(appointment({ title: `Item ${n}` }));
    let refusing = true;
    let creates = 0;
    const weather: Weather = (call) =>
      refusing && call === "create" && ++creates === 2 ? "poison" : undefined;
    const first = await runSlice(ports(world, {}, weather), input(), signal);
    expect(first).toMatchObject({ problem: null, counters: { parked: 1, created: { mailbox: 4 } } });
    expect([...world.memory.findings.values()].flatMap((codes) => [...codes])).toEqual(["refused"]);
    expect(first.dueAgainMs).toBe(60_000);
    refusing = false;
    world.now += 60_000;
    await world.cycle();
    expect(world.mailbox.all()).toHaveLength(5);
    expect([...world.memory.findings.values()].flatMap((codes) => [...codes])).toEqual([]);
  });

  it("be written for ever: the loop breaker sets it aside", async () => {
    const world = await worldOf(1);
    const [item] = world.crm.all();
    for (let n = 0; n < 40; n += 1) {
      world.crm.change(item?.ref ?? "", { title: `Again ${n}` });
      await world.slice();
      world.now += 30_000;
    }
    expect(world.mutations.filter(({ call }) => call === "update").length).toBeLessThan(15);
    expect([...world.memory.findings.values()].flatMap((codes) => [...codes])).toEqual(["loop"]);
    await world.settle();
    expect(world.mailbox.all()[0]?.item.title).toBe("Again 39");
    expect([...world.memory.findings.values()].flatMap((codes) => [...codes])).toEqual([]);
  });
});

describe("what a system cannot do", () => {
  it("lose work by failing in the middle: what was done is kept, the problem and its waiting time are told", async () => {
    const world = new World({ seed: 1 });
    for (let n = 0; n < 5; n += 1) world.crm.put(appointment({ title: `Item ${n}` }));
    let creates = 0;
    const weather: Weather = (call) => (call === "create" && ++creates > 2 ? "throttled" : undefined);
    const result = await runSlice(ports(world, {}, weather), input(), signal);
    expect(result).toMatchObject({ problem: "ews.throttled", retryAfterMs: 5_000, more: false });
    expect(result.counters.created.mailbox).toBe(2);
    await world.settle();
    expect(world.mailbox.all()).toHaveLength(5);
  });

  it("put off the delete of an endless series until the day on which its end would be moved on", async () => {
    const world = new World({ seed: 1 });
    const ref = world.mailbox.put(appointment({ recurrenceRule: { ...weekly, end: { kind: "endless" } } }));
    await world.settle();
    expect(world.crm.all()).toHaveLength(1);
    world.mailbox.remove(ref);
    const weather: Weather = (call) => (call === "remove" ? "unavailable" : undefined);
    await runSlice(ports(world, {}, weather), input(), signal);
    expect(world.crm.all()).toHaveLength(1);
    await world.settle();
    expect(world.crm.all()).toEqual([]);
  });

  it.each(["empty", "truncated", "partial"] as const)(
    "make us delete by an %s listing (I5)",
    async (fault) => {
      const world = await worldOf(30);
      world.mailbox.forgetCursors();
      world.crm.forgetCursors();
      const weather: Weather = (call) => (call === "changes" ? fault : undefined);
      for (let n = 0; n < 5; n += 1) {
        await runSlice(ports(world, {}, weather), input(), signal);
        world.now += 400_000;
      }
      expect([world.crm.all().length, world.mailbox.all().length]).toEqual([30, 30]);
      expect(world.mutations.filter(({ call }) => call === "remove")).toEqual([]);
    },
  );

  it("make us delete by saying 'not found' while the account is refused (I5)", async () => {
    const world = await worldOf(20);
    const hidden = world.mailbox
      .all()
      .slice(0, 2)
      .map((item) => item.ref);
    const sighted = ports(world).mailbox;
    const blind: ItemStore & Account = {
      ...sighted,
      changes: async () => ({
        upserts: world.mailbox.all().filter((item) => !hidden.includes(item.ref)),
        gone: [],
        failed: [],
        listing: "complete",
        reset: true,
        next: "1/delta/0",
        more: false,
      }),
      get: async (ref) => (hidden.includes(ref) ? undefined : sighted.get(ref, signal)),
      probe: async () => ({ ok: false, code: "ews.access-denied" }),
    };
    await runSlice(ports(world, { mailbox: blind }), input(), signal);
    expect(world.crm.all()).toHaveLength(20);
    await world.settle();
    expect([world.crm.all().length, world.mailbox.all().length]).toEqual([20, 20]);
  });

  it("hide a new item for long by one shortened listing: what should be in it and is not gives it away", async () => {
    const world = await worldOf(10);
    world.mailbox.put(appointment({ title: "New, and last in the list" }));
    world.mailbox.forgetCursors();
    let lists = 0;
    const weather: Weather = (call) => (call === "changes" && ++lists <= 2 ? "truncated" : undefined);
    await runSlice(ports(world, {}, weather), input(), signal);
    await runSlice(ports(world, {}, weather), input(), signal);
    expect(world.crm.all().map((item) => item.item.title)).toContain("New, and last in the list");
  });

  it("hide an edit outside of the window by losing our cursor", async () => {
    const world = await worldOf(3);
    const [item] = world.mailbox.all();
    world.mailbox.change(item?.ref ?? "", timed("2031-01-01T08:00:00Z", "2031-01-01T09:00:00Z"));
    await world.cycle();
    world.mailbox.change(item?.ref ?? "", { title: "Edited far away" });
    world.mailbox.forgetCursors();
    await world.cycle();
    expect(world.picture("crm")).toEqual(world.picture("mailbox"));
  });

  it("hide the delete of an item that we had seen before we were killed", async () => {
    const world = await worldOf(5);
    await world.cycle();
    const ref = world.mailbox.put(appointment({ title: "Short-lived" }));
    const killed = new Error("kill -9");
    const finish = async () => Promise.reject(killed);
    const repository = new Proxy(world.memory, {
      get: (target, name) => {
        const value: unknown = name === "finish" ? finish : Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    await expect(runSlice(ports(world, { repository }), input(), signal)).rejects.toBe(killed);
    expect(world.crm.all()).toHaveLength(6);
    world.mailbox.remove(ref);
    await world.settle();
    expect([world.crm.all().length, world.mailbox.all().length]).toEqual([5, 5]);
  });

  it("double a create: two requests with the same stamp are one item (I2)", async () => {
    const world = new World({ seed: 1 });
    world.crm.put(appointment());
    const lost: Weather = (call) => (call === "create" ? "lost-response" : undefined);
    const first = await runSlice(ports(world, {}, lost), input(), signal);
    expect(first.problem).toBe("network.timeout");
    for (let n = 0; n < 4; n += 1) {
      world.now += 60_000;
      await runSlice(ports(world, {}, lost), input(), signal);
    }
    await world.settle();
    expect([world.crm.all().length, world.mailbox.all().length]).toEqual([1, 1]);
  });
});

describe("what nobody can tell from the outside", () => {
  const later = 10 * 60_000;

  it("an uncertain update that a person has overwritten in part is still ours in the rest (I1)", async () => {
    const world = new World({ seed: 1 });
    const crm = world.crm.put(appointment({ title: "Budget", location: "Oslo" }));
    await world.cycle();
    const mailbox = world.mailbox.all()[0]!.ref;
    world.crm.change(crm, { title: "Budget 2027", location: "Bergen" });
    const lost: Weather = (call) => (call === "update" ? "lost-response" : undefined);
    await runSlice(ports(world, {}, lost), input(), signal);
    expect(world.mailbox.get(mailbox)?.item).toMatchObject({ title: "Budget 2027", location: "Bergen" });
    world.mailbox.change(mailbox, { location: "Tromsø" });
    // The owner of the CRM's item thinks better of it before sync has found out.
    world.crm.change(crm, { title: "Budget" });
    world.now += later;
    await world.settle();
    const [here, there] = [world.crm.get(crm)?.item, world.mailbox.get(mailbox)?.item];
    expect([here?.title, there?.title]).toEqual(["Budget", "Budget"]);
    expect(here?.location).toBe(there?.location);
  });

  /** An item of the mailbox, which sync made in the CRM, and a copy of that without a UID, with its stamp. */
  async function copied() {
    const world = new World({ seed: 1 });
    world.mailbox.put(appointment({ title: "Original" }));
    await world.cycle();
    await world.cycle();
    const [original] = world.crm.all();
    world.crm.put(original!.item, { key: original!.key, uid: null });
    return { world, ref: original!.ref };
  }

  function expectTwo(world: World, ref: string): void {
    expect([world.crm.all().length, world.mailbox.all().length]).toEqual([2, 2]);
    const links = [...world.memory.links.values()].filter(({ state }) => state === "linked");
    const refs = links.map(({ sides }) => sides.crm?.ref ?? "");
    expect(new Set(refs)).toEqual(new Set(world.crm.all().map((item) => item.ref)));
    expect(links.find(({ sides }) => sides.crm?.ref === ref)?.sides.mailbox?.ref).toBe("mailbox-000001");
  }

  it("a copy that carries the stamp of an item that is still there is another item (I2)", async () => {
    const { world, ref } = await copied();
    await world.settle();
    expectTwo(world, ref);
  });

  it("also when its account sees nothing just now (I2)", async () => {
    const { world, ref } = await copied();
    const whole = ports(world);
    const blind = new Proxy(whole.crm, {
      get: (target, name) => {
        if (name === "get") return async () => undefined;
        if (name === "probe") return async () => ({ ok: false, code: "entra.grant-revoked" });
        return Reflect.get(target, name, target) as unknown;
      },
    });
    await runSlice({ ...whole, crm: blind }, input(), signal);
    world.now += later;
    await world.settle();
    expectTwo(world, ref);
  });
});

describe("the brake (I14)", () => {
  it("holds a mass delete and nothing else, until a person applies it", async () => {
    const world = await worldOf(60);
    await world.cycle();
    const refs = world.mailbox.all().map((item) => item.ref);
    for (const ref of refs.slice(0, 30)) world.mailbox.remove(ref);
    world.mailbox.change(refs[40] ?? "", { title: "Edited meanwhile" });
    const result = await world.cycle();
    expect(result).toMatchObject({ held: "brake", problem: null });
    expect(world.crm.all()).toHaveLength(60);
    expect(world.crm.all().filter((item) => item.item.title === "Edited meanwhile")).toHaveLength(1);
    const [hold] = (await world.memory.finish(nothing, world.now)).holds;
    expect(hold).toMatchObject({ target: "crm", count: 30, choice: null });
    const calls = (await world.cycle())?.counters.calls;
    expect(calls).toEqual({ crm: 1, mailbox: 1 });
    world.memory.choices.set("crm", { planHash: hold?.planHash ?? "", choice: "apply" });
    expect((await world.cycle())?.held).toBeNull();
    expect(world.crm.all()).toHaveLength(30);
  });

  it("restores the emptied side when the person wants that", async () => {
    const world = await worldOf(20);
    await world.cycle();
    for (const { ref } of world.mailbox.all()) world.mailbox.remove(ref);
    expect(await world.cycle()).toMatchObject({ held: "brake" });
    world.memory.choices.set("crm", { planHash: "", choice: "restore" });
    await world.cycle();
    expect([world.crm.all().length, world.mailbox.all().length]).toEqual([20, 20]);
    await world.settle();
    expect(world.mutations.filter(({ call }) => call === "remove")).toEqual([]);
  });

  it("waits for the next reading before it believes that an item is gone of which no system has told", async () => {
    const world = await worldOf(3);
    const [ref = ""] = world.mailbox.all().map((item) => item.ref);
    // Made by us and not told yet: nothing tells that it went, and a look cannot tell where to.
    world.mailbox.readdress(ref);
    world.mailbox.remove(world.mailbox.all().at(-1)?.ref ?? "");
    await world.cycle();
    expect(world.crm.all()).toHaveLength(3);
    world.now += 60_000;
    await world.cycle();
    expect(world.crm.all()).toHaveLength(2);
  });

  it("counts over 24 hours, so that a slow leak is noticed as well", async () => {
    const world = await worldOf(30);
    const refs = world.mailbox.all().map((item) => item.ref);
    for (const [index, ref] of refs.slice(0, 12).entries()) {
      world.mailbox.remove(ref);
      const result = await world.cycle();
      expect(result?.held).toBe(index < 10 ? null : "brake");
      world.now += 600_000;
    }
    expect(world.crm.all()).toHaveLength(20);
  });
});

describe("identity", () => {
  it("survives the loss of every table: stamps bring the pairs together again, nothing is doubled", async () => {
    const world = await worldOf(12);
    for (let n = 0; n < 12; n += 1) world.mailbox.put(appointment({ title: `Mine ${n}` }));
    await world.cycle();
    world.mailbox.change(world.mailbox.all()[0]?.ref ?? "", { title: "Edited while we were away" });
    for (const table of [world.memory.links, world.memory.intents, world.memory.findings]) table.clear();
    world.memory.progress.crm = null;
    world.memory.progress.mailbox = null;
    const result = await world.cycle();
    expect(result?.problem).toBeNull();
    expect([world.crm.all().length, world.mailbox.all().length]).toEqual([24, 24]);
    expect(world.picture("crm")).toEqual(world.picture("mailbox"));
    expect(world.memory.archive.map(({ sealed }) => sealed).join()).toContain("Edited while we were away");
  });

  it("adopts what is equal on both sides at the first sync, and creates only the rest", async () => {
    const world = new World({ seed: 1 });
    for (let n = 0; n < 10; n += 1) {
      world.crm.put(appointment({ title: `Both ${n}` }));
      world.mailbox.put(
        appointment({ title: `Both ${n}`, freeBusyStatus: "tentative", timeZone: "Europe/Paris" }),
      );
    }
    world.crm.put(appointment({ title: "Only there" }));
    const result = await world.cycle();
    expect(result?.counters).toMatchObject({ adopted: 10, created: { crm: 0, mailbox: 1 } });
    expect(world.mailbox.all()[0]?.item).toMatchObject({
      freeBusyStatus: "tentative",
      timeZone: "Europe/Paris",
    });
  });

  it("compares only when both sides are read to the end, however many slices that takes (I2)", async () => {
    const world = new World({ seed: 1, pageSize: 2, budget: { ms: 100, writes: 100 } });
    for (let n = 0; n < 20; n += 1) world.crm.put(appointment({ title: `Both ${n}` }));
    for (let n = 19; n >= 0; n -= 1) world.mailbox.put(appointment({ title: `Both ${n}` }));
    const first = await world.slice();
    expect(first).toMatchObject({ more: true, counters: { adopted: 0 } });
    await world.cycle();
    expect(world.mutations).toEqual([]);
    expect([...world.memory.links.values()].every((link) => link.state === "linked")).toBe(true);
  });

  it("makes another mailbox a new beginning, never a mass delete (I5)", async () => {
    const world = await worldOf(15);
    const other = new World({ seed: 2 });
    const elsewhere = createMemoryStore({ system: other.mailbox });
    const moved = ports(world, { mailbox: { ...elsewhere, identity: "memory/another mailbox" } });
    for (let n = 0; n < 3; n += 1) await runSlice(moved, input(), signal);
    expect(world.crm.all()).toHaveLength(15);
    expect(other.mailbox.all()).toHaveLength(15);
  });

  it("follows an item to another ref (row 71)", async () => {
    const world = await worldOf(5);
    const [item] = world.mailbox.all();
    const moved = world.mailbox.readdress(item?.ref ?? "");
    world.mailbox.change(moved, { title: "Moved there and back" });
    await world.settle();
    expect([world.crm.all().length, world.mailbox.all().length]).toEqual([5, 5]);
    expect(world.picture("crm")).toEqual(world.picture("mailbox"));
    expect(world.mutations.map(({ call }) => call).filter((call) => call !== "create")).toEqual(["update"]);
  });

  it("treats a copy as an item of its own although it carries the stamp", async () => {
    const world = await worldOf(2);
    world.mailbox.copy(world.mailbox.all()[0]?.ref ?? "");
    await world.settle();
    expect([world.crm.all().length, world.mailbox.all().length]).toEqual([3, 3]);
  });
});

describe("what is left alone", () => {
  it("meetings, series that the CRM has no words for or are not told in full: one finding each, nothing written", async () => {
    const world = new World({ seed: 1 });
    world.mailbox.put(appointment(), { traits: { participants: 4 } });
    world.mailbox.put(
      appointment({
        ...timed("2026-03-01T20:00:00Z", "2026-03-01T21:00:00Z"),
        timeZone: "Pacific/Auckland",
        recurrenceRule: weekly,
      }),
    );
    const series = world.mailbox.put(appointment({ title: "Series", recurrenceRule: weekly }), {
      traits: { exceptions: 1 },
    });
    const result = await world.cycle();
    expect(result?.counters).toMatchObject({
      findings: 3,
      skipped: { meeting: 1, "unsupported-recurrence": 1, "series-with-exceptions": 1 },
    });
    await world.settle();
    expect(world.mutations).toEqual([]);
    world.mailbox.change(series, {}, { exceptions: 0 });
    await world.settle();
    expect(world.crm.all().map((item) => item.item.title)).toEqual(["Series"]);
    expect([...world.memory.findings.values()].flatMap((codes) => [...codes]).toSorted()).toEqual([
      "meeting",
      "unsupported-recurrence",
    ]);
  });

  it("everything, when the direction is off", async () => {
    const world = new World({ seed: 1, settings: { direction: "off" } });
    world.crm.put(appointment());
    expect((await world.slice())?.counters.calls).toEqual({ crm: 0, mailbox: 0 });
  });
});

it("a newer run takes over: the slice ends with lifecycle.fenced and writes no more (I11)", async () => {
  const world = new World({ seed: 1 });
  for (let n = 0; n < 5; n += 1) world.crm.put(appointment({ title: `Item ${n}` }));
  let beats = 0;
  const heartbeat = () => {
    beats += 1;
    if (beats === 5) world.memory.fence += 1;
  };
  const repository = world.memory.under(1);
  const failure = await runSlice(ports(world, { heartbeat, repository }), input(), signal).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(Failure);
  expect((failure as Failure).code).toBe("lifecycle.fenced");
  expect(world.mailbox.all()).toHaveLength(2);
  await world.settle();
  expect(world.mailbox.all()).toHaveLength(5);
});
