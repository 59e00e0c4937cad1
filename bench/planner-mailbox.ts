import { createHmac, createSecretKey, randomBytes } from "node:crypto";
import { crmLike, mailboxLike } from "../connectors/memory/flavours.ts";
import { createMemoryStore } from "../connectors/memory/store.ts";
import { MemorySystem } from "../connectors/memory/system.ts";
import type { OrganizationId, UserId } from "../core/ids.ts";
import type { Appointment } from "../core/items/appointment.ts";
import { appointmentKind } from "../core/items/appointment-kind.ts";
import { appointmentRules } from "../core/sync/kinds/appointment.ts";
import { observe } from "../core/sync/evidence.ts";
import type { ItemLink } from "../core/sync/item-link.ts";
import { decide, type PlanContext } from "../core/sync/plan.ts";
import { look } from "../core/sync/prints.ts";
import { defaultSettings } from "../core/sync/settings.ts";
import { MemoryRepository } from "../engine/memory-repository.ts";
import type { SliceInput, SlicePorts } from "../engine/ports.ts";
import { runSlice } from "../engine/slice.ts";
import { peakMiB } from "./processes.ts";

/**
 * One mailbox of so many items, synced by the real engine over systems and a repository in memory: nothing is measured
 * but planning, and what keeps account of it. A process of its own for each size, so that its memory is its own.
 */
const items = Number(process.argv[2]);
const startAt = Date.parse("2026-03-02T06:00:00Z");
const dayMs = 86_400_000;
const key = createSecretKey(randomBytes(32));

const crm = new MemorySystem<Appointment>("crm", crmLike, appointmentKind);
const mailbox = new MemorySystem<Appointment>("mailbox", mailboxLike, appointmentKind);
const repository = new MemoryRepository();
let now = startAt;
let ids = 0;

const ports: SlicePorts = {
  crm: createMemoryStore({ system: crm }),
  mailbox: createMemoryStore({ system: mailbox }),
  repository,
  clock: { now: () => now },
  random: { uuid: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, "0")}` },
  fingerprint: (field, value) =>
    createHmac("sha256", key).update(field).update("\0").update(value).digest("base64url"),
  seal: (content) => Promise.resolve(content),
  unseal: (sealed) => Promise.resolve(sealed),
  heartbeat: () => {},
  log: () => {},
};
const input: SliceInput = {
  organizationId: "00000000-0000-4000-8000-00000000000a" as OrganizationId,
  userId: "00000000-0000-4000-8000-00000000000b" as UserId,
  fence: 1,
  rules: appointmentRules,
  settings: defaultSettings,
  budget: { ms: 25_000, writes: 100 },
};

for (let index = 0; index < items; index += 1) mailbox.put(appointment(index));
const seeded = heapMiB();
const first = await cycle();
if (crm.all().length !== items) throw new Error(`${crm.all().length} of ${items} items were made.`);
// The echoes of the first sync are told, and looked at, in the second.
await cycle();
const idle = await cycle();
for (let index = 0; index < items / 100; index += 1) {
  const one = mailbox.all()[index * 100]!;
  mailbox.change(one.ref, { title: `${one.item.title} (moved)`, location: "Bergen" });
}
const changed = await cycle();
const decided = decisions();
console.log(
  JSON.stringify({
    items,
    first,
    idle,
    changed,
    decided,
    heapMiB: { seeded, synced: heapMiB() },
    peakMiB: peakMiB(process.pid),
  }),
);

/** Slices until there is nothing to do. @returns what that took; an operation is one decision about one item */
async function cycle() {
  const startedAt = cpuMs();
  const calls = { crm: 0, mailbox: 0 };
  let slices = 0;
  for (let more = true; more; slices += 1) {
    const result = await runSlice(ports, input, new AbortController().signal);
    if (result.problem !== null) throw new Error(result.problem);
    calls.crm += result.counters.calls.crm;
    calls.mailbox += result.counters.calls.mailbox;
    more = result.more;
    now += 1_000;
  }
  return { ms: round(cpuMs() - startedAt), slices, calls };
}

/** The planner alone: each item, seen on both sides, is compared with what is known of it and decided about. */
function decisions() {
  const context: PlanContext = {
    rules: appointmentRules,
    settings: defaultSettings,
    capabilities: { crm: crmLike, mailbox: mailboxLike },
    window: {
      from: new Date(now - 30 * dayMs).toISOString(),
      to: new Date(now + 366 * dayMs).toISOString(),
    },
    hash: ports.fingerprint,
    restore: new Set(),
    nextKey: (link) => link.key,
  };
  const { kind } = appointmentRules;
  const told = (link: ItemLink, side: "crm" | "mailbox") => {
    const observed = (side === "crm" ? crm : mailbox).get(link.sides[side]?.ref ?? "")!;
    const seen = look(kind, observed, side, context.capabilities, context.hash);
    return observe(kind, link.sides[side], { kind: "present", seen });
  };
  const startedAt = cpuMs();
  for (const link of repository.links.values()) {
    const { row } = decide(link, told(link, "crm"), told(link, "mailbox"), context);
    if (row !== 11) throw new Error(`Row ${row} at rest.`);
  }
  return { decisions: items, ms: round(cpuMs() - startedAt) };
}

function appointment(index: number): Appointment {
  const from = startAt + (index % 380) * dayMs - 25 * dayMs + (index % 40) * 900_000;
  const iso = (ms: number) => new Date(ms).toISOString().replace(".000Z", "Z");
  return {
    title: `Visit ${index}`,
    description: `Number ${index}.\nWhat was agreed upon stands in the offer, see there.`,
    location: `Room ${index % 23}`,
    time: { showWithoutTime: false, start: iso(from), end: iso(from + 1_800_000) },
    timeZone: "Europe/Oslo",
    freeBusyStatus: index % 7 === 0 ? "tentative" : "busy",
    privacy: "public",
    alertMinutes: index % 3 === 0 ? 15 : null,
    recurrenceRule: null,
  };
}

/** CPU time: what others do on the machine meanwhile does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function heapMiB(): number {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 2 ** 20);
}
