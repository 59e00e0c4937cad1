import { spawn } from "node:child_process";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * `npm run mutate [-- FILE …]`: changes the rules in `core/sync` and `core/lifecycle` in every small way, one at a time,
 * and counts which of these mutants a test notices. One file after the other, each result written at once to
 * `bench/results/mutate.json`; files given by name are measured anew, the others stay as they are there.
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
  survived: number;
  score: number;
  seconds: number;
  measuredAt: string;
  survivors: string[];
}

const program = join(root, "node_modules/.bin/stryker");
if (!existsSync(program)) {
  console.error("Stryker is not installed: it is an optional package. `npm install` brings it.");
  process.exit(2);
}

const files =
  process.argv.length > 2
    ? process.argv.slice(2)
    : globSync("core/{sync,lifecycle}/**/*.ts", { cwd: root })
        .filter((file) => !/\.(test|testing)\.ts$/.test(file))
        .toSorted();

for (const file of files) {
  const startedAt = Date.now();
  const code = await stryker(file);
  if (code !== 0) {
    console.error(`${file}: Stryker ended with exit code ${code}.`);
    process.exit(1);
  }
  const mutants = mutantsOf(file);
  if (mutants.length === 0) continue;
  const result = resultOf(mutants, Math.round((Date.now() - startedAt) / 1000));
  const before = existsSync(results) ? (JSON.parse(readFileSync(results, "utf8")) as Written) : { files: {} };
  write({ ...before.files, [file]: result });
  console.log(`${file}: ${result.killed} of ${result.killed + result.survived} killed (${result.score} %)`);
  for (const survivor of result.survivors) console.log(`  ${survivor}`);
}

interface Written {
  files: Record<string, FileResult>;
}

function stryker(file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ["run", "--mutate", file], {
      cwd: root,
      stdio: "inherit",
    });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

function mutantsOf(file: string): Mutant[] {
  const { files: reported } = JSON.parse(readFileSync(report, "utf8")) as {
    files: Record<string, { mutants: Mutant[] }>;
  };
  return reported[file]?.mutants ?? [];
}

/** A mutant that never ends was noticed. One that cannot run, or is made once when a file is loaded, does not count. */
function resultOf(mutants: readonly Mutant[], seconds: number): FileResult {
  const killed = mutants.filter(({ status }) => status === "Killed" || status === "Timeout").length;
  const left = mutants.filter(({ status }) => status === "Survived" || status === "NoCoverage");
  const all = killed + left.length;
  return {
    killed,
    survived: left.length,
    score: all === 0 ? 100 : Math.round((killed / all) * 1_000) / 10,
    seconds,
    measuredAt: new Date().toISOString(),
    survivors: left.map(
      ({ location: { start }, mutatorName, replacement = "", status }) =>
        `${start.line}:${start.column} ${mutatorName} → ${replacement.replaceAll(/\s+/g, " ").slice(0, 80)}${status === "NoCoverage" ? " (no test runs it)" : ""}`,
    ),
  };
}

function write(measured: Record<string, FileResult>): void {
  const entries = Object.entries(measured).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const scoreOf = (folder: string) => {
    const own = entries.filter(([file]) => file.startsWith(folder)).map(([, result]) => result);
    const killed = own.reduce((sum, each) => sum + each.killed, 0);
    const all = own.reduce((sum, each) => sum + each.killed + each.survived, 0);
    return all === 0 ? null : Math.round((killed / all) * 1_000) / 10;
  };
  const folders = { "core/sync": scoreOf("core/sync"), "core/lifecycle": scoreOf("core/lifecycle") };
  const text = JSON.stringify({ bench: "mutate", folders, files: Object.fromEntries(entries) }, null, 2);
  writeFileSync(results, `${text}\n`);
}
