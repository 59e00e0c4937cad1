import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { parseArgs } from "node:util";
import { startInstallation, type Installation } from "./installation.ts";
import { mainJob } from "./main-job.ts";
import { Report, writeOutcomes, type Outcome } from "./report.ts";
import { identityScenarios } from "./scenarios/index.ts";

/**
 * `npm run demo [-- --json FILE] [--scenario NAME]`: the whole main job through the public surfaces, or what may happen to
 * the identity of items (`--scenario all`: each of them, with an installation of its own), verified by reading both systems
 * from outside. Exit code 0 only if everything held. `--keep` leaves a failed installation running.
 */
const scenarios: Record<string, (installation: Installation, report: Report) => Promise<void>> = {
  main: mainJob,
  ...identityScenarios,
};

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    scenario: { type: "string", default: "main" },
    keep: { type: "boolean" },
  },
});
const names = values.scenario === "all" ? Object.keys(identityScenarios) : [values.scenario];
for (const name of names) {
  if (name in scenarios) continue;
  console.error(`There is no scenario "${name}". Known: ${Object.keys(scenarios).join(", ")}, all.`);
  process.exit(2);
}

let installation: Installation | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => void (installation?.stop() ?? Promise.resolve()).finally(() => process.exit(1)));
}
const outcomes: Record<string, Outcome> = {};
for (const name of names) {
  if (names.length > 1) console.log(`\nScenario ${name}`);
  outcomes[name] = await play(name);
  if (!outcomes[name].ok) process.exitCode = 1;
}
writeOutcomes(values.json, outcomes);
process.exit();

async function play(name: string): Promise<Outcome> {
  const report = new Report();
  try {
    const startedAt = Date.now();
    installation = await startInstallation({
      syncIntervalSeconds: 15,
      onOutput: (line) => console.log(`  ${line.trim()}`),
    });
    console.log(`Installation ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    // This process alone trusts the sandbox's certificate authority.
    const authority = readFileSync(join(installation.dataDir, "tls/ca.pem"), "utf8");
    setDefaultCACertificates([...getCACertificates("default"), authority]);
    await scenarios[name]!(installation, report);
    console.log("Everything was verified by reading both sides.");
    return report.outcome();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    console.error(`\n${error instanceof Error ? (error.stack ?? problem) : problem}`);
    if (installation) console.error(`Logs: ${join(installation.dataDir, "logs")}`);
    if (installation && values.keep) {
      console.error("The installation is kept running; Ctrl-C stops it.");
      await new Promise(() => setInterval(() => {}, 60_000));
    }
    return report.outcome(problem);
  } finally {
    await installation?.stop();
    installation = undefined;
  }
}
