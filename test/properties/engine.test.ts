import { describe, expect, it } from "vitest";
import { People } from "./history.ts";
import { broken } from "./invariants.ts";
import { World, type WorldOptions } from "./simulation.ts";

/** People act, slices run, things break; then everything comes to rest and every invariant is looked at. */
async function live(options: WorldOptions, acts: number): Promise<World> {
  try {
    return await liveOnce(options, acts);
  } catch (error) {
    throw new Error(`seed ${options.seed}: ${String(error)}`, { cause: error });
  }
}

async function liveOnce(options: WorldOptions, acts: number): Promise<World> {
  const world = new World(options);
  const people = new People(world);
  for (let n = 0; n < acts; n += 1) {
    people.act();
    if (world.dice.chance(0.35)) {
      await world.slice();
      world.now += world.dice.below(400_000);
    }
    approve(world);
  }
  for (let n = 0; n < 3; n += 1) {
    try {
      await world.settle();
    } catch (error) {
      throw new Error(`${String(error)}\n${broken(world, people).join("\n")}`, {
        cause: error,
      });
    }
    if (!approve(world)) break;
  }
  const problems = broken(world, people);
  if (problems.length > 0) throw new Error(`\n${problems.join("\n")}`);
  const writes = world.mutations.length;
  await world.settle();
  expect(world.mutations.length, `sync writes at rest (I3, I9)`).toBe(writes);
  return world;
}

/** The person who is asked about held deletes says yes. */
function approve(world: World): boolean {
  let asked = false;
  for (const link of world.memory.links.values()) {
    if (link.held === null) continue;
    asked = true;
    world.memory.choices.set(link.held, { planHash: "", choice: "apply" });
  }
  return asked;
}

const seeds = (count: number, from = 1) => Array.from({ length: count }, (_, n) => from + n);
const scale = Number(process.env["EVERLINK_SIM_SEEDS"] ?? 60);

describe("two systems, people at both, one user", () => {
  it("stay equal in fair weather (I1–I3, I9, I10, I16)", async () => {
    for (const seed of seeds(scale)) await live({ seed, settings: { privateItems: "hide" } }, 40);
  });

  it("stay equal with small pages and small slices (I8)", async () => {
    for (const seed of seeds(scale, 1_000))
      await live({ seed, pageSize: 3, budget: { ms: 25_000, writes: 3 } }, 40);
  });

  it("come to rest after lost answers, late writes, stale and forgotten listings (I1–I5, I16)", async () => {
    for (const seed of seeds(scale, 2_000)) await live({ seed, faults: 0.15, pageSize: 5 }, 40);
  });

  it("come to rest after empty and shortened listings (I5)", async () => {
    for (const seed of seeds(scale, 5_000))
      await live({ seed, faults: 0.2, shortened: true, pageSize: 5 }, 40);
  });

  it("come to rest after a kill at any await (I1–I3, I8, I16)", async () => {
    for (const seed of seeds(scale, 3_000)) await live({ seed, crashes: 0.04, pageSize: 5 }, 40);
  });

  it("come to rest after everything at once", async () => {
    for (const seed of seeds(scale * 2, 4_000)) {
      await live({ seed, faults: 0.1, crashes: 0.02, pageSize: 4, budget: { ms: 3_000, writes: 10 } }, 60);
    }
  });
});
