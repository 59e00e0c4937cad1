import { spawn } from "node:child_process";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * `npm run mutate [-- FILE …]`: changes the rules in `core/sync` and `core/lifecycle` in every small way, one at a time,
 * and counts which of these mutants a test notices. The result is written to `bench/results/mutate.json`; what neither
 * the rules nor the tests have changed since the last run on this machine is not run again (Stryker's incremental file).
 * With files, only those are measured, and the others stay as they are in the result.
 */
const root = new URL("../", import.meta.url).pathname;
const results = join(root, "bench/results/mutate.json");
const report = join(root, "dist/mutation.json");

interface Mutant {
  status: "Killed" | "Survived" | "Timeout" | "NoCoverage" | "RuntimeError" | "CompileError" | "Ignored";
  mutatorName: string;
  replacement?: string;
  location: { start: { line: number; column: number } };
}

interface FileResult {
  killed: number;
  /** Mutants that never end: noticed too, yet not by what a test asks. */
  timedOut: number;
  survived: number;
  score: number;
  measuredAt: string;
  survivors: string[];
}

const program = join(root, "node_modules/.bin/stryker");
// An npm under a Node older than ours leaves optional packages out that need a newer one; ours does not.
if (!existsSync(program)) await run("npm", ["install", "--no-save", "--no-audit", "--no-fund"]);

const named = process.argv.slice(2);
const files = named.length > 0 ? named : rules();
const code = await run(program, ["run", "--mutate", files.join(",")]);
if (code !== 0) {
  console.error(`Stryker ended with exit code ${code}.`);
  process.exit(1);
}
const { files: reported } = JSON.parse(readFileSync(report, "utf8")) as {
  files: Record<string, { mutants: Mutant[] }>;
};
const before = existsSync(results) ? (JSON.parse(readFileSync(results, "utf8")) as Written).files : {};
const kept = Object.fromEntries(rules().flatMap((file) => (before[file] ? [[file, before[file]]] : [])));
const measured = files.flatMap((file) => {
  const mutants = reported[file]?.mutants ?? [];
  return mutants.length === 0 ? [] : [[file, resultOf(mutants)] as const];
});
write({ ...kept, ...Object.fromEntries(measured) });

interface Written {
  files: Record<string, FileResult>;
}

function rules(): string[] {
  return globSync("core/{sync,lifecycle}/**/*.ts", { cwd: root })
    .filter((file) => !/\.(test|testing)\.ts$/.test(file))
    .toSorted();
}

function run(command: string, options: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, options, { cwd: root, stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (exitCode) => resolve(exitCode ?? 1));
  });
}

/** One that cannot run, or is made once when a file is loaded, does not count. */
function resultOf(mutants: readonly Mutant[]): FileResult {
  const killed = mutants.filter(({ status }) => status === "Killed").length;
  const timedOut = mutants.filter(({ status }) => status === "Timeout").length;
  const left = mutants.filter(({ status }) => status === "Survived" || status === "NoCoverage");
  return {
    killed,
    timedOut,
    survived: left.length,
    score: percent(killed + timedOut, left.length),
    measuredAt: new Date().toISOString(),
    survivors: left.map(
      ({ location: { start }, mutatorName, replacement = "", status }) =>
        `${start.line}:${start.column} ${mutatorName} → ${replacement.replaceAll(/\s+/g, " ").slice(0, 80)}${status === "NoCoverage" ? " (no test runs it)" : ""}`,
    ),
  };
}

function write(all: Record<string, FileResult>): void {
  const entries = Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const folders = Object.fromEntries(
    ["core/sync", "core/lifecycle"].map((folder) => {
      const own = entries.filter(([file]) => file.startsWith(`${folder}/`)).map(([, result]) => result);
      const sum = (key: "killed" | "timedOut" | "survived") => own.reduce((n, each) => n + each[key], 0);
      const [killed, timedOut, survived] = [sum("killed"), sum("timedOut"), sum("survived")];
      return [folder, { killed, timedOut, survived, score: percent(killed + timedOut, survived) }];
    }),
  );
  writeFileSync(
    results,
    `${JSON.stringify({ bench: "mutate", folders, files: Object.fromEntries(entries) }, null, 2)}\n`,
  );
  for (const [file, { killed, timedOut, survived, score }] of entries)
    console.log(`${file}: ${killed} killed, ${timedOut} timed out, ${survived} survived (${score} %)`);
  console.log(JSON.stringify(folders, null, 2));
}

function percent(noticed: number, survived: number): number {
  return noticed + survived === 0 ? 100 : Math.round((noticed / (noticed + survived)) * 1_000) / 10;
}
