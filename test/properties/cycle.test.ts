import { describe, expect, it } from "vitest";
import { appointment } from "../contracts/appointments.ts";
import { World } from "./simulation.ts";

describe("a cycle between two systems", () => {
  it("creates on each side what is new on the other, and then rests", async () => {
    const world = new World({ seed: 1, settings: { privateItems: "hide" } });
    for (let n = 0; n < 5; n += 1) {
      world.crm.put(appointment({ title: `From the CRM ${n}` }));
      world.mailbox.put(appointment({ title: `From the mailbox ${n}` }));
    }
    const first = await world.cycle();
    expect(first).toMatchObject({ problem: null, more: false, held: null });
    expect(first?.counters.created).toEqual({ crm: 5, mailbox: 5 });
    expect(world.picture("crm")).toHaveLength(10);
    expect(world.picture("crm")).toEqual(world.picture("mailbox"));
    const writes = world.mutations.length;
    await world.cycle();
    await world.cycle();
    expect(world.mutations).toHaveLength(writes);
  });

  it("carries edits and deletes both ways", async () => {
    const world = new World({ seed: 2 });
    const a = world.crm.put(appointment({ title: "A" }));
    const b = world.mailbox.put(appointment({ title: "B" }));
    for (let n = 0; n < 6; n += 1) world.crm.put(appointment({ title: `Other ${n}` }));
    const c = world.crm.put(appointment({ title: "C" }));
    await world.cycle();
    world.crm.change(a, { location: "Oslo" });
    const inMailbox = world.counterpart("crm", a);
    world.mailbox.change(inMailbox?.ref ?? "", { title: "A, renamed" });
    world.mailbox.change(b, { description: "More" });
    world.crm.remove(c);
    await world.cycle();
    expect(world.picture("crm")).toEqual(world.picture("mailbox"));
    expect(world.crm.get(a)?.item).toMatchObject({ title: "A, renamed", location: "Oslo" });
    expect(world.picture("mailbox")).toHaveLength(8);
    const writes = world.mutations.length;
    await world.settle();
    expect(world.mutations).toHaveLength(writes);
  });

  it("carries the delete of an item that came by sync and went before the next reading told it", async () => {
    for (const side of ["crm", "mailbox"] as const) {
      const world = new World({ seed: 3 });
      const other = side === "crm" ? "mailbox" : "crm";
      for (let n = 0; n < 8; n += 1) world.system(other).put(appointment({ title: `Item ${n}` }));
      await world.cycle();
      const [made] = world.system(side).all();
      world.system(side).remove(made?.ref ?? "");
      await world.settle();
      expect(world.picture(other)).toHaveLength(7);
      expect(world.picture(side)).toEqual(world.picture(other));
    }
  });
});
