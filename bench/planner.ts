import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const sizes = [1_000, 10_000, 100_000];
/** Cost per item and per doubling: n log n itself, and a quarter for caches and the collector. */
const allowance = 1.25;

interface Cycle {
  ms: number;
  slices: number;
  calls: { crm: number; mailbox: number };
}

interface Measured {
  items: number;
  first: Cycle;
  idle: Cycle;
  changed: Cycle;
  decided: { decisions: number; ms: number };
  heapMiB: { seeded: number; synced: number };
  peakMiB: number;
}

/** What planning costs for one mailbox of 1,000, 10,000 and 100,000 items: a first sync, nothing changed, 1 % changed. */
export async function benchPlanner(): Promise<Record<string, unknown>> {
  const measured: Measured[] = [];
  for (const size of sizes) measured.push(await measure(size));
  return summary(measured);
}

function summary(measured: readonly Measured[]): Record<string, unknown> {
  const list = measured.map(({ items, first, idle, changed, decided, heapMiB, peakMiB }) => ({
    items,
    firstSyncMs: first.ms,
    firstSyncItemsPerSecond: perSecond(items, first.ms),
    firstSyncSlices: first.slices,
    idleMs: idle.ms,
    changedMs: changed.ms,
    changedItemsPerSecond: perSecond(items / 100, changed.ms),
    decisionsPerSecond: perSecond(decided.decisions, decided.ms),
    heapSeededMiB: heapMiB.seeded,
    heapSyncedMiB: heapMiB.synced,
    peakResidentMiB: peakMiB,
  }));
  console.table(list);
  const growth = measured.slice(1).map((large, index) => {
    const small = measured[index]!;
    return {
      from: small.items,
      to: large.items,
      nLogN: round(nLogN(large.items) / nLogN(small.items)),
      firstSync: round(large.first.ms / small.first.ms),
      changed: round(large.changed.ms / small.changed.ms),
      decisions: round(large.decided.ms / small.decided.ms),
    };
  });
  console.log("Growth of cost, and what n log n would be:");
  console.table(growth);
  const withinNLogN = growth.every(
    ({ nLogN: limit, firstSync, changed, decisions }) =>
      Math.max(firstSync, changed, decisions) <= limit * allowance,
  );
  return { list, growth, withinNLogN };
}

async function measure(items: number): Promise<Measured> {
  const program = fileURLToPath(new URL("./planner-mailbox.ts", import.meta.url));
  const run = promisify(execFile);
  const args = [...process.execArgv, "--expose-gc", program, String(items)];
  const { stdout } = await run(process.execPath, args, { timeout: 1_800_000 });
  return JSON.parse(stdout) as Measured;
}

function nLogN(n: number): number {
  return n * Math.log2(n);
}

function perSecond(count: number, ms: number): number {
  return Math.round((count / ms) * 1000);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
