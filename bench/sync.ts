import type { Person } from "../scripts/demo/sandbox.ts";
import { until } from "../scripts/demo/report.ts";
import { fillDiary } from "./diaries.ts";
import {
  bringToRegistered,
  control,
  firstSync,
  installed,
  runCycles,
  statements,
  type Installed,
} from "./installed.ts";
import { peakMiB, pidOf, usage } from "./processes.ts";
import { callsByOperation, remote, sum } from "./traffic.ts";

const SETTLE_MS = 15_000;
/** Half of them on each side, all within the window. */
const FIRST_SYNC = 5_000;
/** A mailbox of ten years, of which one year and a month are in the window. */
const LARGE = { items: 50_000, from: -8.5 * 365, to: 1.5 * 365 };

/** What a first sync costs for each item, an idle cycle, and the memory that a worker needs for a large mailbox. */
export async function benchSync(): Promise<Record<string, unknown>> {
  return await installed(async (bench) => {
    const { installation, sandbox } = bench;
    await control(bench, "seed", {
      people: 2,
      appointmentsPerPerson: 0,
      tasksPerPerson: 0,
      contactsPerPerson: 0,
    });
    const [usual, large] = (await sandbox.people()) as [Person, Person];
    const atStart = usage(pidOf(installation.dataDir, "worker")).residentMiB;
    for (const side of ["exchange", "superoffice"] as const) {
      await fillDiary(bench, {
        side,
        associateId: usual.associateId,
        name: side,
        count: FIRST_SYNC / 2,
        from: -25,
        to: 360,
      });
    }
    const seededAt = Date.now();
    await fillDiary(bench, {
      side: "exchange",
      associateId: large.associateId,
      name: "large",
      count: LARGE.items,
      from: LARGE.from,
      to: LARGE.to,
    });
    const seedSeconds = (Date.now() - seededAt) / 1000;
    const [usualId, largeId] = (await bringToRegistered(bench, [usual, large])) as [string, string];

    const first = await measureFirst(bench, usualId, FIRST_SYNC);
    console.log(`\nFirst sync of ${FIRST_SYNC} appointments:`);
    print(first);
    const idle = await measureIdle(bench, usualId);
    console.log("\nOne idle cycle of that user:");
    print(idle);

    await restartWorker(bench);
    const worker = pidOf(installation.dataDir, "worker");
    const fresh = { residentMiB: usage(worker).residentMiB, peakMiB: peakMiB(worker) };
    const largeFirst = await measureFirst(bench, largeId, undefined);
    const afterFirst = { residentMiB: usage(worker).residentMiB, peakMiB: peakMiB(worker) };
    const largeIdle = await measureIdle(bench, largeId);
    const afterIdle = { residentMiB: usage(worker).residentMiB, peakMiB: peakMiB(worker) };
    const memory = { fresh, afterFirst, afterIdle };
    console.log(`\nA mailbox of ${LARGE.items} items, by a worker of its own; MiB of that worker:`);
    console.table({ ...memory });
    return {
      firstSync: first,
      idle,
      largeMailbox: {
        items: LARGE.items,
        seedSeconds,
        firstSync: largeFirst,
        idle: largeIdle,
        workerMiB: memory,
      },
      workerMiBAtStart: atStart,
    };
  });
}

async function measureFirst(bench: Installed, userId: string, items: number | undefined) {
  const { sandbox, sql } = bench;
  const before = await remote(sandbox);
  await sql`select pg_stat_statements_reset()`;
  const startedAt = Date.now();
  await firstSync(bench, [userId]);
  const seconds = (Date.now() - startedAt) / 1000;
  const after = await remote(sandbox);
  const sent = await statements(sql);
  const [row] = await sql<{ links: number; slices: number }[]>`
    select (select count(*)::int from item_link where user_id = ${userId} and state = 'linked') as links,
      (select sum(slices)::int from sync_hour where user_id = ${userId}) as slices`;
  const { links, slices } = row!;
  if (items !== undefined && links !== items) throw new Error(`${links} of ${items} items are linked.`);
  return {
    items: links,
    seconds: round(seconds),
    itemsPerSecond: round(links / seconds),
    slices,
    remoteCallsPerItem: round((sum(after, "calls") - sum(before, "calls")) / links, 2),
    remoteBytesPerItem: Math.round((sum(after, "bytes") - sum(before, "bytes")) / links),
    statementsPerItem: round(sent / links),
    /** For each item. */
    remoteCallsByOperation: callsByOperation(before, after, links, 3),
  };
}

async function measureIdle(bench: Installed, userId: string) {
  const { sandbox, sql } = bench;
  // SuperOffice's times have seconds: what was written is looked at once more after ten.
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  await runCycles(bench, [userId]);
  await runCycles(bench, [userId]);
  const before = await remote(sandbox);
  await sql`select pg_stat_statements_reset()`;
  const cycles = await runCycles(bench, [userId]);
  const sent = await statements(sql);
  const after = await remote(sandbox);
  return {
    remoteCalls: round((sum(after, "calls") - sum(before, "calls")) / cycles),
    remoteBytes: Math.round((sum(after, "bytes") - sum(before, "bytes")) / cycles),
    statements: round(sent / cycles),
    remoteCallsByOperation: callsByOperation(before, after, cycles),
  };
}

/** A worker that has seen nothing yet: the launcher starts it again, from what was built. */
async function restartWorker({ installation, sql }: Installed): Promise<void> {
  const before = pidOf(installation.dataDir, "worker");
  installation.kill("worker");
  await until("the worker is back", async () => {
    const port = installation.env["EVERLINK_WORKER_PORT"];
    const ready = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    return ready?.ok === true && installation.processes()["worker"] !== before;
  });
  await sql`select 1`;
}

/** Calls by operation apart: as a column each they would be wider than any screen. */
function print({
  remoteCallsByOperation: calls,
  ...rest
}: { remoteCallsByOperation: Record<string, number> } & Record<string, unknown>): void {
  console.table(rest);
  console.table(calls);
}

function round(value: number, digits = 1): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
