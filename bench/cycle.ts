import { untouchedBecause } from "../scripts/demo/compare.ts";
import type { Sandbox, Person } from "../scripts/demo/sandbox.ts";
import {
  bringToRegistered,
  control,
  firstSync,
  installed,
  runCycles,
  statements,
  type Installed,
} from "./installed.ts";
import { pidOf, usage } from "./processes.ts";
import { callsByOperation, remote, sum } from "./traffic.ts";

const EDITS_PER_SIDE = 5;
const SETTLE_MS = 15_000;
const processes = ["worker", "temporal", "postgres", "api"] as const;

/** What one cycle costs when nothing changed, and when ten items of a user did; for 1 user and for 200. */
export async function benchCycle(): Promise<Record<string, unknown>> {
  const figures: Record<string, unknown> = {};
  for (const users of [1, 200]) {
    const measured = await withUsers(users);
    figures[`${users} ${users === 1 ? "user" : "users"}`] = measured;
    console.log(`\n${users} ${users === 1 ? "user" : "users"}, per cycle:`);
    console.table({ idle: flatten(measured.idle), busy: flatten(measured.busy) });
    console.log("Idle, remote calls by operation:", measured.idle.remoteCallsByOperation);
    console.log("Resident MiB afterwards:", measured.residentMiB);
  }
  return figures;
}

async function withUsers(count: number) {
  return await installed(async (bench) => {
    const { installation, sandbox } = bench;
    if (count > 25) await control(bench, "seed", { people: count, randomSeed: 1, appointmentsPerPerson: 30 });
    const people = (await sandbox.people()).slice(0, count);
    const userIds = await bringToRegistered(bench, people);
    await firstSync(bench, userIds);
    // SuperOffice's times have seconds: what was written is looked at once more after ten. The round that does so, and
    // sees the echoes of the first sync, is not an idle one.
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    await runCycles(bench, userIds);
    await runCycles(bench, userIds);
    const idle = await measure(bench, () => runCycles(bench, userIds));
    for (const person of people) await edit(sandbox, person);
    const busy = await measure(bench, () => runCycles(bench, userIds));
    const residentMiB = Object.fromEntries(
      processes.map((name) => [name, usage(pidOf(installation.dataDir, name)).residentMiB]),
    );
    return { idle, busy, residentMiB };
  });
}

async function measure({ installation, sandbox, sql }: Installed, work: () => Promise<number>) {
  const cpu = () => processes.map((name) => usage(pidOf(installation.dataDir, name)).cpuSeconds);
  const remoteBefore = await remote(sandbox);
  await sql`select pg_stat_statements_reset()`;
  const cpuBefore = cpu();
  const startedAt = Date.now();
  const cycles = await work();
  const seconds = (Date.now() - startedAt) / 1000;
  const cpuAfter = cpu();
  const sent = await statements(sql);
  const remoteAfter = await remote(sandbox);
  const each = (value: number) => Math.round((value / cycles) * 10) / 10;
  return {
    cycles,
    cyclesPerSecond: Math.round((cycles / seconds) * 10) / 10,
    cpuMs: Object.fromEntries(
      processes.map((name, index) => [name, each((cpuAfter[index]! - cpuBefore[index]!) * 1000)]),
    ),
    remoteCalls: each(sum(remoteAfter, "calls") - sum(remoteBefore, "calls")),
    remoteBytes: Math.round((sum(remoteAfter, "bytes") - sum(remoteBefore, "bytes")) / cycles),
    remoteCallsByOperation: callsByOperation(remoteBefore, remoteAfter, cycles),
    databaseStatements: each(sent),
  };
}

async function edit(sandbox: Sandbox, person: Person): Promise<void> {
  for (const side of ["superoffice", "exchange"] as const) {
    const items = (await sandbox.items(side, person.associateId)).filter(
      (item) => !item.recurrence && untouchedBecause(item) === undefined,
    );
    const chosen = side === "superoffice" ? items.slice(0, EDITS_PER_SIDE) : items.slice(-EDITS_PER_SIDE);
    for (const item of chosen) {
      await sandbox.edit(side, person.associateId, {
        action: "change",
        id: item.id,
        item: { subject: `${item.subject} (changed)`.slice(0, 200) },
      });
    }
  }
}

function flatten({
  cpuMs,
  remoteCallsByOperation: _listed,
  ...rest
}: { cpuMs: Record<string, number> } & Record<string, unknown>): Record<string, unknown> {
  return {
    ...rest,
    ...Object.fromEntries(Object.entries(cpuMs).map(([name, ms]) => [`${name} CPU ms`, ms])),
  };
}
