import { expect, it } from "vitest";
import { createMemoryStore } from "../../connectors/memory/store.ts";
import type { OrganizationId, UserId } from "../../core/ids.ts";
import { appointmentRules } from "../../core/sync/kinds/appointment.ts";
import { rehearse, type Rehearsal } from "../../engine/rehearse.ts";
import { appointment, timed } from "../contracts/appointments.ts";
import { fingerprint, World } from "./simulation.ts";

async function rehearsed(world: World): Promise<Rehearsal> {
  const store = (side: "crm" | "mailbox") =>
    createMemoryStore({
      system: world.system(side),
      weather: () => undefined,
      pageSize: 7,
      now: () => world.now,
      onWrite: (call, subject) => world.mutations.push({ side, call, subject }),
    });
  let ids = 0;
  const result = await rehearse(
    {
      crm: store("crm"),
      mailbox: store("mailbox"),
      clock: { now: () => world.now },
      random: { uuid: () => `40000000-0000-4000-8000-${String(++ids).padStart(12, "0")}` },
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
      settings: world.settings,
      budget: { ms: 600_000, writes: Number.POSITIVE_INFINITY },
    },
    [...world.memory.links.values()],
    new AbortController().signal,
  );
  if ("problem" in result) throw new Error(result.problem);
  return result.rehearsal;
}

/** Some only here, some only there, some on both, one meeting, one private. */
function mixed(): World {
  const world = new World({ seed: 21 });
  for (let n = 0; n < 30; n += 1) world.crm.put(appointment({ title: `CRM ${n}` }));
  for (let n = 0; n < 12; n += 1) world.mailbox.put(appointment({ title: `Mailbox ${n}` }));
  for (let n = 0; n < 5; n += 1) {
    world.crm.put(appointment({ title: `Both ${n}` }));
    world.mailbox.put(appointment({ title: `Both ${n}` }));
  }
  world.mailbox.put(appointment({ title: "Meeting" }), { traits: { participants: 2 } });
  world.mailbox.put(appointment({ title: "Secret", privacy: "private" }));
  return world;
}

it("a rehearsal writes nothing, tells counts, and the sync then does exactly that", async () => {
  const world = mixed();
  const told = await rehearsed(world);
  expect([world.mutations, world.memory.links.size]).toEqual([[], 0]);
  expect(told).toMatchObject({
    complete: true,
    adopted: 5,
    held: 0,
    writes: { crm: { create: 13, update: 0, delete: 0 }, mailbox: { create: 30, update: 0, delete: 0 } },
    left: { meeting: 1 },
  });
  await world.cycle();
  const made = (side: "crm" | "mailbox") => world.mutations.filter((each) => each.side === side).length;
  expect([made("crm"), made("mailbox")]).toEqual([told.writes.crm.create, told.writes.mailbox.create]);
  const again = await rehearsed(world);
  expect([again.writes, again.adopted]).toEqual([
    { crm: { create: 0, update: 0, delete: 0 }, mailbox: { create: 0, update: 0, delete: 0 } },
    0,
  ]);
});

it("samples tell row, operation and time; no content, and nothing of private items", async () => {
  const world = new World({ seed: 22 });
  const day = appointment({ title: "Canary", ...timed("2026-03-05T09:00:00Z", "2026-03-05T10:00:00Z") });
  world.crm.put(day);
  world.mailbox.put({ ...day, title: "Private canary", privacy: "private" });
  const { samples } = await rehearsed(world);
  expect(samples).toEqual([
    { row: 41, operation: "create", target: "mailbox", when: "2026-03-05T09:00:00Z" },
  ]);
});

it("tells what the brake would hold", async () => {
  const world = new World({ seed: 23 });
  const refs = Array.from({ length: 12 }, (_, n) => world.crm.put(appointment({ title: `Item ${n}` })));
  await world.cycle();
  await world.cycle();
  for (const ref of refs) world.crm.remove(ref);
  const before = world.mutations.length;
  const { held, writes } = await rehearsed(world);
  expect([held, writes.mailbox.delete, world.mutations.length]).toEqual([12, 0, before]);
});
