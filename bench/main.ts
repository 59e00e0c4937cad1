import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { benchCycle } from "./cycle.ts";
import { benchPlanner } from "./planner.ts";
import { benchSync } from "./sync.ts";

/** `npm run bench [-- NAME …]`: prints a table and writes `bench/results/NAME.json`. */
const benches: Record<string, () => Promise<Record<string, unknown>>> = {
  cycle: benchCycle,
  planner: benchPlanner,
  sync: benchSync,
};

const names = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
for (const name of names.length > 0 ? names : Object.keys(benches)) {
  const bench = benches[name];
  if (!bench) {
    console.error(`There is no benchmark "${name}". Known: ${Object.keys(benches).join(", ")}.`);
    process.exit(2);
  }
  console.log(`Benchmark ${name}`);
  const figures = await bench();
  const folder = new URL("./results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const result = {
    bench: name,
    measuredAt: new Date().toISOString(),
    machine: { cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version },
    ...figures,
  };
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(result, null, 2)}\n`);
}
process.exit();
