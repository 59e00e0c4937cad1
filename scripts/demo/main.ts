import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { parseArgs } from "node:util";
import { startInstallation, type Installation } from "./installation.ts";
import { mainJob } from "./main-job.ts";
import { Report } from "./report.ts";

/**
 * `npm run demo [-- --json FILE] [--scenario NAME]`: the whole main job through the public surfaces, verified by reading
 * both systems from outside. Exit code 0 only if everything held. `--keep` leaves a failed installation running.
 */
const scenarios: Record<string, (installation: Installation, report: Report) => Promise<void>> = {
  main: mainJob,
};

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    scenario: { type: "string", default: "main" },
    keep: { type: "boolean" },
  },
});
const scenario = scenarios[values.scenario];
if (!scenario) {
  console.error(`There is no scenario "${values.scenario}". Known: ${Object.keys(scenarios).join(", ")}.`);
  process.exit(2);
}

const report = new Report();
let installation: Installation | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => void (installation?.stop() ?? Promise.resolve()).finally(() => process.exit(1)));
}
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
  await scenario(installation, report);
  report.write(values.json, { ok: true });
  console.log("Everything was verified by reading both sides.");
} catch (error) {
  const problem = error instanceof Error ? error.message : String(error);
  report.write(values.json, { ok: false, problem });
  console.error(`\n${error instanceof Error ? (error.stack ?? problem) : problem}`);
  if (installation) console.error(`Logs: ${join(installation.dataDir, "logs")}`);
  process.exitCode = 1;
  if (installation && values.keep) {
    console.error("The installation is kept running; Ctrl-C stops it.");
    await new Promise(() => setInterval(() => {}, 60_000));
  }
} finally {
  await installation?.stop();
}
process.exit();
