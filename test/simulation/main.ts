import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { actsPerHistory } from "./batch.ts";
import { historyOf } from "./generate.ts";
import { runHistory } from "./run.ts";
import { asCase, shrink } from "./shrink.ts";
import { tryListings } from "./listings.ts";
import { huntAll } from "./planted/hunt.ts";
import { plantedBugs } from "./planted/table.ts";
import { byNumber, faultCounts, type Summary } from "./summary.ts";
import { runOnThreads } from "./threads.ts";

/**
 * `npm run sim -- --ops N --seed S`: so many operations of people and administrators, with everything that can go wrong
 * below them, from one number. Exit code 1 when a promise was broken; the history that broke it is then made small and
 * printed as a case for `cases.ts`. `--history SEED` runs one of them again.
 * `--planted [ID …] --within N`: each planted bug must be found within so many operations.
 * `--postgres N --acts M`: so many histories, in memory and with PostgreSQL, must come to the same end.
 * `--listings N`: so many wrong listings, and not one delete.
 */
const { values, positionals } = parseArgs({
  options: {
    ops: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: String(Math.min(2, availableParallelism())) },
    history: { type: "string" },
    planted: { type: "boolean", default: false },
    within: { type: "string", default: "20000" },
    listings: { type: "string" },
    postgres: { type: "string" },
    acts: { type: "string", default: "40" },
  },
  allowPositionals: true,
});

process.exit(await run());

function run(): Promise<number> {
  const [seed, threads] = [Number(values.seed), Number(values.threads)];
  if (values.history !== undefined) return one(Number(values.history));
  if (values.planted) return planted(seed, Number(values.within), threads);
  if (values.listings !== undefined) return listings(seed, Number(values.listings));
  if (values.postgres !== undefined) return postgres(seed, Number(values.postgres), Number(values.acts));
  return many(seed, Number(values.ops), threads);
}

async function many(seed: number, operations: number, threads: number): Promise<number> {
  const startedAt = performance.now();
  let said = 0;
  const summary = await runOnThreads(seed, operations, threads, ({ operations: done }) => {
    if (performance.now() - said < 10_000) return;
    said = performance.now();
    console.log(`${done.toLocaleString("en")} of ${operations.toLocaleString("en")} operations`);
  });
  print(summary, seed, threads, (performance.now() - startedAt) / 1_000);
  const [failed] = summary.failed;
  return failed === undefined ? 0 : one(failed.seed);
}

function print(summary: Summary, seed: number, threads: number, seconds: number): void {
  const table = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count.toLocaleString("en")}`)
      .join(" · ");
  console.log(`seed           ${seed}, ${threads} threads`);
  console.log(`operations     ${summary.operations.toLocaleString("en")}`);
  console.log(`histories      ${summary.histories.toLocaleString("en")}`);
  console.log(`slices         ${summary.slices.toLocaleString("en")}`);
  console.log(`faults         ${table(faultCounts(summary))}`);
  console.log(`checks         ${table(byNumber(summary.checked))}`);
  console.log(`violations     ${summary.failed.length}`);
  console.log(`wall time      ${seconds.toFixed(1)} s`);
}

/** @returns the exit code */
async function one(seed: number): Promise<number> {
  const history = historyOf(seed, actsPerHistory);
  const report = await runHistory(history);
  const [violation] = report.violations;
  if (violation === undefined) {
    console.log(`History ${seed} holds: ${report.operations} operations, ${report.slices} slices.`);
    return 0;
  }
  console.log(`History ${seed} broke a promise: ${violation.text}`);
  const small = await shrink(history, report);
  const told: string[] = [];
  const again = await runHistory(small, { tell: (line) => told.push(line) });
  console.log(`It does so in ${small.steps.length} steps:`);
  console.log(told.map((line) => `  ${line}`).join("\n"));
  console.log(
    `  ${
      Object.entries(again.hit)
        .map(([place, trouble]) => `${place} ${trouble}`)
        .join(", ") || "nothing goes wrong"
    }`,
  );
  console.log(`  ${again.violations[0]?.text ?? ""}`);
  console.log(
    `A case for test/simulation/cases.ts:\n${asCase(again.violations[0]?.text.slice(0, 60) ?? "", small)}`,
  );
  return 1;
}

async function planted(seed: number, within: number, threads: number): Promise<number> {
  console.log("planted bug | what is wrong | found by | operations | history");
  const found = await huntAll(
    seed,
    within,
    threads,
    positionals,
    ({ id, operations, history, violation }) => {
      const what = plantedBugs.find((bug) => bug.id === id)?.what ?? "";
      console.log(
        `${id} | ${what} | ${violation?.invariant ?? "not found"} | ${operations} | ${history ?? ""}`,
      );
    },
  );
  const missed = found.filter(({ violation }) => violation === null);
  console.log(`${found.length - missed.length} of ${found.length} planted bugs found`);
  return missed.length === 0 ? 0 : 1;
}

async function listings(seed: number, trials: number): Promise<number> {
  const startedAt = performance.now();
  const { deletes, lost, listings: wrong, trials: made } = await tryListings(seed, trials);
  const counts = Object.entries(wrong).map(([name, count]) => `${name} ${count.toLocaleString("en")}`);
  console.log(`trials     ${made.toLocaleString("en")}`);
  console.log(`listings   ${counts.join(" · ")}`);
  console.log(`deletes    ${deletes}`);
  console.log(`lost       ${lost}`);
  console.log(`wall time  ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  return deletes + lost === 0 ? 0 : 1;
}

async function postgres(seed: number, histories: number, acts: number): Promise<number> {
  const startedAt = performance.now();
  // Only here: everything else needs no database.
  const { compareWithPostgres } = await import("./postgres.ts");
  const { operations, different, failed } = await compareWithPostgres(seed, histories, acts, (done) => {
    if (done.histories % 50 === 0) console.log(`${done.histories} of ${histories} histories`);
  });
  console.log(`histories   ${histories}`);
  console.log(`operations  ${operations}`);
  console.log(`different   ${different.length} ${different.slice(0, 10).join(" ")}`);
  for (const { seed: own, violation } of failed) console.log(`violation   ${own} ${violation.text}`);
  console.log(`wall time   ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  return different.length + failed.length === 0 ? 0 : 1;
}
