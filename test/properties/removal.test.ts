import { describe, expect, it } from "vitest";
import { otherSide, type Observed, type Ref, type Side } from "../../core/items/observed.ts";
import type { ItemLinkId } from "../../core/ids.ts";
import { isCopy, letGo } from "../../core/sync/removal.ts";
import { planRemoval, type RemovalPlan } from "../../engine/removal-plan.ts";
import { removeCopies, type Removal, type RemovalOutcome } from "../../engine/removing.ts";
import { appointment } from "../contracts/appointments.ts";
import { People } from "./history.ts";
import { World, type WorldOptions } from "./simulation.ts";

/** A user whose link ends: what was planned, and what became of each. */
class Ending {
  readonly world: World;
  readonly from: Side;
  readonly outcomes = new Map<ItemLinkId, RemovalOutcome>();
  plan: RemovalPlan = { items: [], stays: {}, samples: [] };

  constructor(world: World, from: Side) {
    this.world = world;
    this.from = from;
  }

  async look(): Promise<void> {
    const known = [...this.world.memory.links.values()];
    for (let tries = 0; tries < 50; tries += 1) {
      const result = await this.world.process((signal) =>
        planRemoval(this.world.ports(), this.world.input(), { from: this.from, known }, signal),
      );
      if (result === null || "problem" in result) continue;
      this.plan = result.plan;
      return;
    }
    throw new Error("no plan");
  }

  /** Slices until everything has an outcome, through faults and crashes. */
  async remove(between: () => void = () => {}): Promise<void> {
    const { outcomes, plan, from, world } = this;
    const removal: Removal = {
      from,
      left: async () => plan.items.filter((id) => !outcomes.has(id)),
      note: async (id, outcome) => void outcomes.set(id, outcome),
    };
    for (let slices = 0; outcomes.size < plan.items.length; slices += 1) {
      if (slices > 2_000) throw new Error("a removal must come to an end");
      await world.process((signal) =>
        removeCopies(world.ports(), world.input(), world.fragile(removal), signal),
      );
      world.now += 60_000;
      world.crm.arrive(world.now);
      world.mailbox.arrive(world.now);
      between();
    }
  }

  /** What the end of the link does with the copies that stay, and a new generation of it with the cursors. */
  relink(): void {
    const { memory } = this.world;
    for (const link of memory.links.values())
      if (isCopy(link, this.from)) memory.links.set(link.id, letGo(link, this.from, link.key));
    memory.progress.crm = null;
    memory.progress.mailbox = null;
  }
}

const pictureOf = ({ ref, item }: Observed) => `${ref} ${JSON.stringify(item)}`;

function all(world: World, side: Side): Map<Ref, string> {
  return new Map(
    world
      .system(side)
      .all()
      .map((each) => [each.ref, pictureOf(each)]),
  );
}

function counted(pictures: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const picture of pictures) counts.set(picture, (counts.get(picture) ?? 0) + 1);
  return counts;
}

/** Lives a while, comes to rest, and has a few edits that no sync has seen. */
async function lived(options: WorldOptions): Promise<World> {
  const world = new World(options);
  const people = new People(world);
  for (let n = 0; n < 30; n += 1) {
    people.act();
    if (world.dice.chance(0.4)) await world.cycle();
    for (const { held } of world.memory.links.values())
      if (held !== null) world.memory.choices.set(held, { planHash: "", choice: "apply" });
  }
  const { faults, crashes } = world;
  await world.settle();
  Object.assign(world, { faults, crashes });
  for (let n = 0; n < 3; n += 1) people.act();
  // From here on people look on: who edits meanwhile has a test of their own.
  world.overtake = () => {};
  return world;
}

describe("the end of a link, with what Everlink made on one side removed", () => {
  it.each<{ name: string; options: Omit<WorldOptions, "seed"> }>([
    { name: "in fair weather", options: {} },
    { name: "while calls fail", options: { faults: 0.15 } },
    { name: "while the process is killed", options: { crashes: 0.02 } },
    {
      name: "through everything",
      options: { faults: 0.1, crashes: 0.01, budget: { ms: 25_000, writes: 3 } },
    },
  ])("takes exactly its own unedited copies $name", async ({ options }) => {
    let taken = 0;
    for (let seed = 1; seed <= 25; seed += 1) {
      const from: Side = seed % 2 === 0 ? "crm" : "mailbox";
      const world = await lived({ ...options, seed, settings: { privateItems: "hide" } });
      const ending = new Ending(world, from);
      await ending.look();
      const mutations = world.mutations.length;
      const before = { crm: all(world, "crm"), mailbox: all(world, "mailbox") };
      const links = new Map(world.memory.links);
      await ending.remove();

      expect(all(world, otherSide(from)), `seed ${seed}: nothing happens on the other side`).toEqual(
        before[otherSide(from)],
      );
      const after = all(world, from);
      const planned = new Map(ending.plan.items.map((id) => [links.get(id)?.sides[from]?.ref, id]));
      for (const [ref, picture] of before[from]) {
        const id = planned.get(ref);
        const outcome = id === undefined ? undefined : ending.outcomes.get(id);
        if (outcome === "removed") expect(after.has(ref), `seed ${seed}: ${ref} is removed`).toBe(false);
        else expect(after.get(ref), `seed ${seed}: ${ref} ${outcome ?? "is no copy"}`).toBe(picture);
      }
      expect(
        world.mutations.slice(mutations).every(({ side, call }) => side === from && call === "remove"),
      ).toBe(true);
      // Only a call that this very item refuses leaves a planned one where it is.
      const refused = [...ending.outcomes.values()].filter((outcome) => outcome !== "removed").length;
      expect(refused).toBeLessThanOrEqual(options.faults === undefined ? 0 : ending.plan.items.length);
      expect(world.memory.intents.of(world.memory.intents.open)).toEqual([]);
      taken += planned.size - refused;

      // Whoever links again loses nothing and has nothing twice.
      const copies = new Set(
        [...links.values()]
          .filter((link) => isCopy(link, from))
          .map(({ sides }) => sides[otherSide(from)]?.ref),
      );
      const alone = world.picture(otherSide(from));
      const own = world.picture(from);
      ending.relink();
      await world.settle();
      const there = all(world, otherSide(from));
      for (const ref of before[otherSide(from)].keys())
        if (copies.has(ref))
          expect(there.has(ref), `seed ${seed}: ${ref} is lost by linking again`).toBe(true);
      for (const side of ["crm", "mailbox"] as const) {
        for (const [picture, n] of counted(world.picture(side)))
          expect(n, `seed ${seed}: ${picture} is there twice in the ${side}`).toBeLessThanOrEqual(
            Math.max(counted(alone).get(picture) ?? 0, counted(own).get(picture) ?? 0, 1),
          );
      }
    }
    expect(taken).toBeGreaterThan(50);
  });

  it("leaves what a person edits, moves or deletes meanwhile", async () => {
    let atOnce = "";
    const world: World = new World({
      seed: 31,
      through: (_side, store) => ({
        ...store,
        remove: (ref, ...more) => {
          if (ref === atOnce) world.mailbox.change(ref, { title: "In this very moment" });
          return store.remove(ref, ...more);
        },
      }),
    });
    for (let n = 0; n < 12; n += 1) world.crm.put(appointment({ title: `Item ${n}` }));
    await world.cycle();
    const own = world.mailbox.put(appointment({ title: "A person's own" }));
    await world.cycle();
    const ending = new Ending(world, "mailbox");
    await ending.look();
    expect([ending.plan.items.length, ending.plan.stays]).toEqual([12, { original: 1 }]);
    const copies = ending.plan.items.map((id) => world.memory.links.get(id)?.sides.mailbox?.ref ?? "");
    const [edited = "", deleted = "", orphan = ""] = copies;
    atOnce = copies[3] ?? "";
    world.mailbox.change(edited, { title: "Mine now" });
    world.mailbox.remove(deleted);
    world.crm.remove(
      [...world.memory.links.values()].find(({ sides }) => sides.mailbox?.ref === orphan)?.sides.crm?.ref ??
        "",
    );
    await ending.remove();
    const counts = Object.fromEntries(
      ["removed", "edited", "gone", "last"].map((outcome) => [
        outcome,
        [...ending.outcomes.values()].filter((each) => each === outcome).length,
      ]),
    );
    expect(counts).toEqual({ removed: 8, edited: 2, gone: 1, last: 1 });
    expect(
      world.mailbox
        .all()
        .map(({ ref }) => ref)
        .toSorted(),
    ).toEqual([own, edited, atOnce, orphan].toSorted());
    // Tidying up by hand after the end deletes nothing on the other side once it is linked again.
    ending.relink();
    world.mailbox.remove(edited);
    await world.settle();
    expect(world.crm.all()).toHaveLength(13);
    expect(world.picture("crm")).toEqual(world.picture("mailbox"));
  });

  it("waits while the account is not to be seen, and then goes on", async () => {
    const world = new World({ seed: 32, faults: 0 });
    for (let n = 0; n < 5; n += 1) world.crm.put(appointment({ title: `Item ${n}` }));
    await world.cycle();
    const ending = new Ending(world, "mailbox");
    await ending.look();
    world.faults = 1;
    const result = await world.process((signal) =>
      removeCopies(
        world.ports(),
        world.input(),
        { from: "mailbox", left: async () => ending.plan.items, note: async () => {} },
        signal,
      ),
    );
    expect(result?.problem).not.toBeNull();
    world.faults = 0;
    await ending.remove();
    expect(world.mailbox.all()).toEqual([]);
  });
});
