import { describe, expect, it } from "vitest";
import type { ItemLinkId } from "../../core/ids.ts";
import type { Ref } from "../../core/items/observed.ts";
import type { ItemChoice } from "../../core/sync/choice.ts";
import { withoutChoice, type ItemLink } from "../../core/sync/item-link.ts";
import type { SyncSettings } from "../../core/sync/settings.ts";
import { appointment } from "../contracts/appointments.ts";
import { World } from "./simulation.ts";

const titles = (world: World) => [
  world.crm.all().map(({ item }) => item.title),
  world.mailbox.all().map(({ item }) => item.title),
];
const rows = (world: World) => world.memory.events.map(({ row, action }) => `${row} ${action}`);
const findings = (world: World) => [...world.memory.findings.values()].flatMap((codes) => [...codes]);

function only(world: World): ItemLink {
  const [link] = world.memory.links.values();
  if (link === undefined) throw new Error("no item");
  return link;
}

/** What the database does when a decision is carried out. */
function decide(world: World, choice: ItemChoice): void {
  const link = only(world);
  world.memory.links.set(link.id, { ...link, choice, pending: true, notBefore: null });
}

async function meeting(settings: Partial<SyncSettings> = {}, crashes = 0, seed = 11) {
  const world = new World({ seed, settings });
  const crm = world.crm.put(appointment({ title: "Budget" }));
  await world.cycle();
  await world.cycle();
  const mailbox = world.mailbox.all()[0]!.ref;
  world.crashes = crashes;
  return { world, crm, mailbox };
}

/** Both people change the title before sync comes by. */
async function conflicting(settings: Partial<SyncSettings>, crashes = 0, seed = 11) {
  const { world, crm, mailbox } = await meeting(settings, 0, seed);
  world.crm.change(crm, { title: "Budget 2027" });
  world.mailbox.change(mailbox, { title: "Budget, moved" });
  await world.cycle();
  world.crashes = crashes;
  return { world, crm, mailbox };
}

/** Cycles, however often the process is killed meanwhile. */
async function untilDone(world: World): Promise<void> {
  for (let tries = 0; tries < 60 && only(world).choice !== undefined; tries += 1) {
    await world.cycle();
    world.now += 30 * 60_000;
  }
  await world.settle();
}

describe("a conflict that waits for a person (policy ask)", () => {
  it("writes nothing, tells which field, and names what both sides hold", async () => {
    const { world } = await conflicting({ conflict: "ask" });
    expect(titles(world)).toEqual([["Budget 2027"], ["Budget, moved"]]);
    expect(findings(world)).toEqual(["conflict"]);
    await world.settle();
    expect(titles(world)).toEqual([["Budget 2027"], ["Budget, moved"]]);
  });

  it.each([
    ["crm", "Budget 2027"],
    ["mailbox", "Budget, moved"],
  ] as const)(
    "%s is taken: both sides say so, the loser is in the archive, nothing is asked any more",
    async (side, title) => {
      const { world } = await conflicting({ conflict: "ask" });
      decide(world, { kind: "take", side, state: world.memory.states.get(only(world).id) ?? {} });
      await world.settle();
      expect(titles(world)).toEqual([[title], [title]]);
      const lost = title === "Budget 2027" ? "Budget, moved" : "Budget 2027";
      expect(world.memory.archive.map(({ sealed }) => JSON.parse(sealed) as unknown)).toEqual([
        { title: lost },
      ]);
      expect([findings(world), only(world).choice]).toEqual([[], undefined]);
    },
  );

  it("a decision about values that have changed since is not carried out: it is asked anew", async () => {
    const { world, crm } = await conflicting({ conflict: "ask" });
    const state = world.memory.states.get(only(world).id) ?? {};
    world.crm.change(crm, { title: "Budget 2028" });
    decide(world, { kind: "take", side: "mailbox", state });
    await world.settle();
    expect(titles(world)).toEqual([["Budget 2028"], ["Budget, moved"]]);
    expect([findings(world), only(world).choice]).toEqual([["conflict"], undefined]);
  });

  it.each([1, 2, 3, 4, 5, 6])(
    "is carried out once, wherever the process is killed (seed %i)",
    async (seed) => {
      const { world } = await conflicting({ conflict: "ask" }, 0.08, seed);
      decide(world, { kind: "take", side: "mailbox", state: world.memory.states.get(only(world).id) ?? {} });
      await untilDone(world);
      expect(titles(world)).toEqual([["Budget, moved"], ["Budget, moved"]]);
      // Archived before each try to write: never less than once.
      const archived = new Set(world.memory.archive.map(({ sealed }) => sealed));
      expect([...archived]).toEqual([JSON.stringify({ title: "Budget 2027" })]);
    },
  );
});

describe("having a conflict's loser back (rows 91 and 92)", () => {
  const restore: ItemChoice = { kind: "restore", archiveId: "0" };

  it("gives it back to its side, from where it flows as an edit; what it replaces is archived in turn", async () => {
    const { world } = await conflicting({ conflict: "crm" });
    expect(titles(world)).toEqual([["Budget 2027"], ["Budget 2027"]]);
    decide(world, restore);
    await world.settle();
    expect(titles(world)).toEqual([["Budget, moved"], ["Budget, moved"]]);
    expect(rows(world).slice(-2)).toEqual(["91 update", "12 update"]);
    decide(world, { kind: "restore", archiveId: "1" });
    await world.settle();
    expect(titles(world)).toEqual([["Budget 2027"], ["Budget 2027"]]);
  });

  it("leaves alone what was edited since in other fields", async () => {
    const { world, mailbox } = await conflicting({ conflict: "crm" });
    world.mailbox.change(mailbox, { location: "Room 4" });
    decide(world, restore);
    await world.settle();
    const [{ item } = { item: appointment() }] = world.crm.all();
    expect([item.title, item.location]).toEqual(["Budget, moved", "Room 4"]);
  });

  it.each(["crm", "mailbox"] as const)(
    "never writes over an edit that came since on %s (row 92)",
    async (side) => {
      const { world, crm, mailbox } = await conflicting({ conflict: "crm" });
      world.system(side).change(side === "crm" ? crm : mailbox, { title: "Newest" });
      decide(world, restore);
      await world.settle();
      expect(titles(world)).toEqual([["Newest"], ["Newest"]]);
      expect(rows(world)).toContain("92 not-restored");
      expect(only(world).choice).toBeUndefined();
    },
  );

  it("is not possible for an item that is gone, and loses nothing", async () => {
    const { world, crm } = await conflicting({ conflict: "crm" });
    world.crm.remove(crm);
    decide(world, restore);
    await world.settle();
    expect(titles(world)).toEqual([[], []]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "is carried out once, wherever the process is killed (seed %i)",
    async (seed) => {
      const { world } = await conflicting({ conflict: "crm" }, 0.08, seed);
      const before = world.memory.archive.length;
      decide(world, restore);
      await untilDone(world);
      expect(titles(world)).toEqual([["Budget, moved"], ["Budget, moved"]]);
      expect(world.memory.archive.length - before).toBeLessThanOrEqual(2);
      expect(rows(world).filter((row) => row === "91 update")).toHaveLength(1);
    },
  );
});

it("a decision that no slice can use any more does not stay on the link", async () => {
  const { world } = await meeting();
  decide(world, { kind: "take", side: "crm", state: {} });
  await world.settle();
  expect(only(world)).toEqual(withoutChoice(only(world)));
});

it("what the brake holds is told in the item's timeline, once", async () => {
  const world = new World({ seed: 5 });
  const refs: Ref[] = [];
  for (let n = 0; n < 12; n += 1) refs.push(world.crm.put(appointment({ title: `Item ${n}` })));
  await world.cycle();
  await world.cycle();
  for (const ref of refs) world.crm.remove(ref);
  await world.cycle();
  await world.cycle();
  expect(rows(world).filter((row) => row === "31 held")).toHaveLength(12);
  const held = new Set(
    world.memory.events.filter(({ action }) => action === "held").map(({ linkId }) => linkId),
  );
  expect(held.size satisfies number).toBe(12);
  expect([...held].every((id: ItemLinkId) => world.memory.links.get(id)?.held === "mailbox")).toBe(true);
});
