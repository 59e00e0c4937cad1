import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, readConfig, type Config } from "../platform/config.ts";
import { buildConsole } from "./launcher/console-build.ts";
import { runEverlink } from "./launcher/everlink-cli.ts";
import { endLeftovers, forgetProcess, recordProcess, runningLauncher } from "./launcher/leftovers.ts";
import { isTaken } from "./launcher/ports.ts";
import {
  apiService,
  postgresService,
  sandboxService,
  temporalService,
  workerService,
} from "./launcher/services.ts";
import { buildWorker } from "./launcher/worker-build.ts";
import { startService, type Service, type ServiceDefinition } from "./launcher/service.ts";
import { ProvisionError } from "./provision/cache.ts";
import { provideTemporal } from "./provision/temporal.ts";

/** `npm start`: sets up what is missing, runs everything, watches over it, and stops all of it on Ctrl-C. */

const say = (message: string) => console.log(message);
const running: Service[] = [];

let config: Config;
try {
  config = readConfig(process.env);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exit(2);
}
const runDir = join(config.dataDir, "run");
const logDir = join(config.dataDir, "logs");
const env: NodeJS.ProcessEnv = { ...process.env, EVERLINK_DATA_DIR: config.dataDir };

let ending: Promise<void> | undefined;
const end = (exitCode: number): Promise<void> =>
  (ending ??= (async () => {
    for (const service of running.toReversed()) await service.stop();
    forgetProcess(runDir, "launcher");
    process.exit(exitCode);
  })());
const askedToEnd = () => {
  if (!ending) say("\nStopping everything …");
  void end(0);
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, askedToEnd);
// Whoever read the output may be gone; everything must be stopped in order all the same.
for (const output of [process.stdout, process.stderr]) output.on("error", () => {});
// When whoever started this process is killed, nobody can press Ctrl-C any more: stop as well.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) askedToEnd();
}, 1_000).unref();

try {
  await start();
} catch (error) {
  if (ending) await ending;
  console.error(`\n${error instanceof ProvisionError ? error.message : describe(error)}`);
  console.error(`Logs are in ${logDir}.`);
  await end(1);
}

async function start(): Promise<void> {
  const startedAt = Date.now();
  mkdirSync(config.dataDir, { recursive: true });
  const other = runningLauncher(runDir);
  if (other !== undefined) {
    throw new ProvisionError(
      `Everlink already runs on ${config.dataDir} (process ${other}). Stop it first, or set EVERLINK_DATA_DIR and the ports for a second one.`,
    );
  }
  recordProcess(runDir, "launcher", process.pid);
  const leftovers = await endLeftovers(runDir);
  if (leftovers.length > 0) say(`Ended what an earlier start left running: ${leftovers.join(", ")}.`);
  await assertPortsFree();

  const temporalExecutable = config.temporalEmbedded ? await provideTemporal(say) : undefined;
  const sandboxed = config.mode === "sandbox";
  const [worker] = await Promise.all([
    buildWorker(say),
    (async () => {
      if (config.databaseEmbedded) await run("PostgreSQL", await postgresService(config));
    })(),
    temporalExecutable === undefined
      ? undefined
      : run("Temporal", temporalService(config, temporalExecutable)),
    sandboxed ? run("Sandbox", sandboxService(config, env)) : undefined,
    buildConsole(say),
  ]);
  await runEverlink(env, ["install"]);
  await run("Worker", workerService(config, env, worker));
  await run("API and console", apiService(config, env));
  const link = await runEverlink(env, ["admin", "link"]);

  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  say("");
  say(`Everlink is ready (${seconds} s)`);
  say(`  Console             ${link}`);
  say(
    "                      (this link signs you in once, within 15 minutes; `npx everlink admin link` makes another)",
  );
  if (config.temporalEmbedded) say(`  Temporal Web UI     http://localhost:${config.temporalUiPort}`);
  if (sandboxed) say(`  Sandbox inbox       https://localhost:${config.sandboxPort}/mail/`);
  say(`  Logs                ${logDir}`);
  say("Ctrl-C stops everything; the next start goes on where it was.");
}

async function run(title: string, definition: ServiceDefinition): Promise<void> {
  const startedAt = Date.now();
  const service = await startService(definition, {
    logFile: join(logDir, `${definition.name}.log`),
    runDir,
    onRestart: say,
  }).catch((error: unknown) => {
    throw new ProvisionError(
      `${title} could not be started: ${describe(error)} See ${join(logDir, `${definition.name}.log`)}.`,
    );
  });
  running.push(service);
  say(`  ${title.padEnd(18)} ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

async function assertPortsFree(): Promise<void> {
  const wanted: [string, number, boolean][] = [
    ["EVERLINK_PORT", config.port, true],
    ["EVERLINK_WORKER_PORT", config.workerPort, true],
    ["POSTGRES_PORT", config.postgresPort, config.databaseEmbedded],
    ["TEMPORAL_PORT", config.temporalPort, config.temporalEmbedded],
    ["TEMPORAL_UI_PORT", config.temporalUiPort, config.temporalEmbedded],
    ["SANDBOX_PORT", config.sandboxPort, config.mode === "sandbox"],
    ["SANDBOX_SMTP_PORT", config.sandboxSmtpPort, config.mode === "sandbox"],
  ];
  const taken: string[] = [];
  for (const [name, port, needed] of wanted) {
    if (needed && (await isTaken(port))) {
      taken.push(`Port ${port} is taken by another program. Set ${name} to a free port and start again.`);
    }
  }
  if (taken.length > 0) throw new ProvisionError(taken.join("\n"));
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
