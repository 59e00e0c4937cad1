import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Ref, Side } from "../../core/items/observed.ts";
import { appointment } from "../contracts/appointments.ts";
import { World } from "./simulation.ts";

/** A world at rest with these items on both sides, half of them made on either. */
async function worldOf(titles: readonly string[], seed = 3): Promise<World> {
  const world = new World({ seed });
  for (const [index, title] of titles.entries())
    world.system(index % 2 === 0 ? "crm" : "mailbox").put(appointment({ title }));
  await world.settle();
  return world;
}

function titled(world: World, side: Side, title: string): Ref {
  const found = world
    .system(side)
    .all()
    .filter(({ item }) => item.title === title);
  if (found.length !== 1) throw new Error(`${found.length} items of the ${side} are called ${title}`);
  return found[0]!.ref;
}

const titles = (world: World, side: Side) =>
  world
    .system(side)
    .all()
    .map(({ item }) => item.title)
    .toSorted();

/** As the event of a restored backup does it: `markUnverified` of `db/incarnation.ts`. */
async function tellRestored(world: World, side: Side): Promise<void> {
  await world.memory.unverify(side);
  const progress = world.memory.progress[side];
  if (progress !== null) world.memory.progress[side] = { ...progress, cursor: null, thorough: true };
}

const few = ["a", "b", "c", "d", "e", "f", "g", "h"];

describe("a CRM restored from a backup", () => {
  it("gets again what was changed since: the older values do not flow (row 95)", async () => {
    const world = await worldOf(few);
    const backup = world.crm.backup();
    world.crm.change(titled(world, "crm", "a"), { title: "a, later" });
    world.mailbox.change(titled(world, "mailbox", "b"), { title: "b, later" });
    await world.settle();

    world.crm.restoreBackup(backup);
    await tellRestored(world, "crm");
    await world.settle();

    const expected = ["a, later", "b, later", "c", "d", "e", "f", "g", "h"];
    expect(titles(world, "crm")).toEqual(expected);
    expect(titles(world, "mailbox")).toEqual(expected);
    expect(world.memory.events.some(({ row }) => row === 95)).toBe(true);
    // What the backup had is in the archive: it may have been an edit since.
    expect(world.memory.archive.map(({ side, row }) => [side, row])).toEqual([
      ["crm", 95],
      ["crm", 95],
    ]);
  });

  it("gets again what was made since, and nothing is deleted in the mailbox (row 96)", async () => {
    const world = await worldOf(few);
    const backup = world.crm.backup();
    world.crm.put(appointment({ title: "made in the CRM" }));
    world.mailbox.put(appointment({ title: "made in the mailbox" }));
    await world.settle();
    const before = titles(world, "mailbox");

    world.crm.restoreBackup(backup);
    await tellRestored(world, "crm");
    const removed = world.mutations.filter(({ call }) => call === "remove").length;
    await world.settle();

    expect(titles(world, "crm")).toEqual(before);
    expect(titles(world, "mailbox")).toEqual(before);
    expect(world.mutations.filter(({ call }) => call === "remove")).toHaveLength(removed);
    expect(world.memory.events.filter(({ row }) => row === 96)).toHaveLength(2);
  });

  it("does not bring back what had been deleted on both sides (row 98)", async () => {
    const world = await worldOf(few);
    const backup = world.crm.backup();
    world.crm.remove(titled(world, "crm", "a"));
    world.mailbox.remove(titled(world, "mailbox", "b"));
    await world.settle();

    world.crm.restoreBackup(backup);
    await tellRestored(world, "crm");
    await world.settle();

    expect(titles(world, "crm")).toEqual(few.slice(2));
    expect(titles(world, "mailbox")).toEqual(few.slice(2));
    expect(world.memory.events.filter(({ row }) => row === 98)).toHaveLength(2);
  });

  it("is held by the brake when most of what was deleted would have to be deleted again (I14)", async () => {
    const many = Array.from({ length: 30 }, (_, index) => `item ${index}`);
    const world = await worldOf(many);
    const backup = world.crm.backup();
    for (const title of many.slice(0, 5)) world.crm.remove(titled(world, "crm", title));
    await world.settle();
    world.now += 25 * 3_600_000;
    for (const title of many.slice(5, 9)) world.crm.remove(titled(world, "crm", title));
    await world.settle();
    world.now += 25 * 3_600_000;
    for (const title of many.slice(9, 12)) world.crm.remove(titled(world, "crm", title));
    await world.settle();
    world.now += 25 * 3_600_000;

    world.crm.restoreBackup(backup);
    await tellRestored(world, "crm");
    await world.settle();

    const held = [...world.memory.links.values()].filter((link) => link.held === "crm");
    expect(held).toHaveLength(12);
    expect(titles(world, "crm")).toHaveLength(30);
    expect(titles(world, "mailbox")).toHaveLength(18);
  });

  it("may give a ref out again: the item that has it now is not mistaken for the one before (row 97)", async () => {
    const world = await worldOf(few);
    const backup = world.crm.backup();
    const lost = world.crm.put(appointment({ title: "lost" }), { uid: null });
    await world.settle();

    world.crm.restoreBackup(backup);
    const made = world.crm.put(appointment({ title: "another", location: "elsewhere" }), { uid: null });
    expect(made).toBe(lost);
    await tellRestored(world, "crm");
    await world.settle();

    const expected = [...few, "another", "lost"].toSorted();
    expect(titles(world, "crm")).toEqual(expected);
    expect(titles(world, "mailbox")).toEqual(expected);
    expect(world.memory.events.filter(({ row }) => row === 97)).toHaveLength(1);
  });

  it("is noticed without an event by a ref that was given out again", async () => {
    const world = await worldOf(few);
    const backup = world.crm.backup();
    world.crm.change(titled(world, "crm", "a"), { title: "a, later" });
    world.crm.put(appointment({ title: "lost" }), { uid: null });
    await world.settle();

    world.crm.restoreBackup(backup);
    world.crm.put(appointment({ title: "another", location: "elsewhere" }), { uid: null });
    await world.settle();

    const expected = ["a, later", "another", ...few.slice(1), "lost"].toSorted();
    expect(titles(world, "crm")).toEqual(expected);
    expect(titles(world, "mailbox")).toEqual(expected);
  });

  it("takes for the lost one what a person has made again by hand", async () => {
    const world = await worldOf(few);
    const backup = world.crm.backup();
    const lost = world.crm.put(appointment({ title: "lost", location: "Room 1" }), { uid: null });
    world.crm.put(appointment({ title: "takes the ref" }), { uid: null });
    await world.settle();

    world.crm.restoreBackup(backup);
    world.crm.put(appointment({ title: "takes the first ref" }), { uid: null });
    const again = world.crm.put(appointment({ title: "lost", location: "Room 1" }), { uid: null });
    expect(again).not.toBe(lost);
    await tellRestored(world, "crm");
    await world.settle();

    const expected = [...few, "lost", "takes the first ref", "takes the ref"].toSorted();
    expect(titles(world, "crm")).toEqual(expected);
    expect(titles(world, "mailbox")).toEqual(expected);
  });

  it("edits of the mailbox since then stand, deletes of the mailbox too", async () => {
    const world = await worldOf(few);
    const backup = world.crm.backup();
    world.crm.change(titled(world, "crm", "a"), { title: "a, later" });
    await world.settle();
    world.crm.restoreBackup(backup);
    await tellRestored(world, "crm");
    world.mailbox.change(titled(world, "mailbox", "a, later"), { location: "Room 2" });
    world.mailbox.remove(titled(world, "mailbox", "b"));
    await world.settle();

    const expected = ["a, later", ...few.slice(2)];
    expect(titles(world, "crm")).toEqual(expected);
    expect(titles(world, "mailbox")).toEqual(expected);
    expect(world.crm.get(titled(world, "crm", "a, later"))?.item.location).toBe("Room 2");
  });

  it("counts as any other store once its items were found again: later edits and deletes flow", async () => {
    const world = await worldOf(few);
    world.crm.restoreBackup(world.crm.backup());
    await tellRestored(world, "crm");
    await world.settle();
    expect([...world.memory.links.values()].filter((link) => link.sides.crm?.unverified)).toEqual([]);
    world.crm.change(titled(world, "crm", "c"), { title: "c, later" });
    world.crm.remove(titled(world, "crm", "d"));
    await world.settle();
    expect(titles(world, "mailbox")).toEqual(["a", "b", "c, later", "e", "f", "g", "h"]);
  });

  it("where nothing may flow to it, goes on as before: what it says is what the mailbox follows", async () => {
    const world = new World({ seed: 5, settings: { direction: "crm-to-mailbox" } });
    for (const title of few) world.crm.put(appointment({ title }));
    await world.settle();
    const backup = world.crm.backup();
    world.crm.change(titled(world, "crm", "a"), { title: "a, later" });
    world.crm.put(appointment({ title: "made since" }));
    await world.settle();
    world.crm.restoreBackup(backup);
    await tellRestored(world, "crm");
    await world.settle();
    expect(titles(world, "crm")).toEqual(few);
    // What was made since and is lost stays in the mailbox.
    expect(titles(world, "mailbox")).toEqual([...few, "made since"]);
  });
});

describe("a mailbox that was replaced by an empty one", () => {
  it("is filled again, and nothing is deleted in the CRM", async () => {
    const world = await worldOf(few);
    world.mailbox.replace();
    const removed = world.mutations.filter(({ call }) => call === "remove").length;
    await world.settle();
    expect(titles(world, "crm")).toEqual(few);
    expect(titles(world, "mailbox")).toEqual(few);
    expect(world.mutations.filter(({ call }) => call === "remove")).toHaveLength(removed);
  });

  it("into which a person has imported some of the old items: they are adopted, not doubled", async () => {
    const world = await worldOf(few);
    const old = world.mailbox.all().filter(({ item }) => item.title < "d");
    world.mailbox.replace();
    for (const { item, uid, key } of old) world.mailbox.put(item, { uid, key });
    world.mailbox.put(appointment({ title: "e" }), { uid: null });
    await world.settle();
    expect(titles(world, "crm")).toEqual(few);
    expect(titles(world, "mailbox")).toEqual(few);
  });
});

describe("for any history, any backup and any faults", () => {
  const letters = fc.integer({ min: 0, max: 9 });
  const deed = fc.record({
    side: fc.constantFrom("crm" as const, "mailbox" as const),
    what: fc.constantFrom("change" as const, "make" as const, "remove" as const, "place" as const),
    which: letters,
  });

  it("the company has in the end what it had before the backup was put back, and what the mailbox was told since", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(deed, { maxLength: 8 }),
        fc.array(deed, { maxLength: 4 }),
        fc.nat(10_000),
        fc.boolean(),
        async (since, meanwhile, seed, stormy) => {
          const world = await worldOf(few, seed);
          const backup = world.crm.backup();
          let made = 0;
          const carryOut = ({ side, what, which }: (typeof since)[number]) => {
            const system = world.system(side);
            const all = system.all();
            const ref = all[which % Math.max(1, all.length)]?.ref;
            made += 1;
            if (what === "make" || ref === undefined) system.put(appointment({ title: `made ${made}` }));
            else if (what === "change") system.change(ref, { title: `changed ${made}` });
            else if (what === "place") system.change(ref, { location: `Room ${made}` });
            else system.remove(ref);
          };
          for (const one of since) {
            carryOut(one);
            await world.settle();
          }
          // The brake waits for a person: those histories are not what this is about.
          fc.pre([...world.memory.links.values()].every(({ held }) => held === null));
          fc.pre(since.filter(({ what }) => what === "remove").length <= 4);

          world.crm.restoreBackup(backup);
          await tellRestored(world, "crm");
          for (const one of meanwhile.filter(({ what }) => what !== "remove"))
            carryOut({ ...one, side: "mailbox" });
          const wanted = world.picture("mailbox");
          // A person of the CRM makes something under a ref that is given out again.
          world.crm.put(appointment({ title: "since" }), { uid: null });
          if (stormy) Object.assign(world, { faults: 0.1, crashes: 0.02 });
          if (stormy) for (let cycle = 0; cycle < 4; cycle += 1) await world.cycle().catch(() => null);
          await world.settle();
          fc.pre([...world.memory.links.values()].every(({ held }) => held === null));

          const picture = world.picture("mailbox").filter((text) => !text.includes('"since"'));
          expect(picture).toEqual(wanted);
          expect(world.picture("crm")).toEqual(world.picture("mailbox"));
        },
      ),
      {
        numRuns: 60,
        examples: [
          // What was deleted on both sides cannot be read when the restored store tells it.
          [[{ side: "mailbox", what: "remove", which: 2 }], [], 5219, true],
          // Refs and UIDs of what was made since are given out again.
          [
            [
              { side: "crm", what: "change", which: 0 },
              { side: "crm", what: "make", which: 0 },
              { side: "crm", what: "make", which: 0 },
            ],
            [],
            0,
            false,
          ],
        ],
      },
    );
  }, 120_000);
});
