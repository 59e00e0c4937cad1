import { connect } from "node:net";
import { join } from "node:path";
import type { Config } from "../../platform/config.ts";
import { initialiseCluster, postgresCommand, type Cluster } from "../provision/postgres.ts";
import { isTaken } from "./ports.ts";
import type { ServiceDefinition } from "./service.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Our own programs, under this very Node and with this process's settings. */
function own(
  name: string,
  file: string,
  env: NodeJS.ProcessEnv,
  ready: () => Promise<boolean>,
): ServiceDefinition {
  return {
    name,
    command: process.execPath,
    args: ["--import", import.meta.resolve("tsx"), join(root, file)],
    env: inUtc(env),
    ready,
  };
}

/** Dates of ews-javascript-api follow the process's zone (facts of the library): all of ours run in UTC. */
function inUtc(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, TZ: "UTC" };
}

export async function postgresService(config: Config): Promise<ServiceDefinition> {
  const cluster: Cluster = {
    dataDir: join(config.dataDir, "postgres"),
    port: config.postgresPort,
    user: "everlink",
    password: "everlink",
  };
  await initialiseCluster(cluster);
  return {
    name: "postgres",
    // Statement statistics cost next to nothing and answer most questions of an operator.
    ...(await postgresCommand(cluster, ["-c", "shared_preload_libraries=pg_stat_statements"])),
    stopSignal: "SIGINT",
    ready: () => answersPostgres(config.postgresPort),
  };
}

/** PostgreSQL answers an SSL request with one byte as soon as it takes connections (protocol 3.0, SSLRequest). */
function answersPostgres(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => {
      socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
    });
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once("data", () => {
      resolve(true);
      socket.destroy();
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}

const searchAttributes = ["EverlinkState", "EverlinkProblem", "EverlinkOrganization"];

export function temporalService(config: Config, executable: string): ServiceDefinition {
  return {
    name: "temporal",
    command: executable,
    args: [
      "server",
      "start-dev",
      "--ip",
      "127.0.0.1",
      "--port",
      String(config.temporalPort),
      "--ui-port",
      String(config.temporalUiPort),
      "--namespace",
      config.temporalNamespace,
      "--db-filename",
      join(config.dataDir, "temporal.db"),
      "--sqlite-pragma",
      "journal_mode=WAL",
      "--sqlite-pragma",
      "synchronous=NORMAL",
      "--ui-disable-news-fetch",
      "--log-level",
      "warn",
      ...searchAttributes.flatMap((name) => ["--search-attribute", `${name}=Keyword`]),
    ],
    ready: async () =>
      (await isTaken(config.temporalPort)) && (await answers(`http://127.0.0.1:${config.temporalUiPort}/`)),
  };
}

export function sandboxService(config: Config, env: NodeJS.ProcessEnv): ServiceDefinition {
  return own("sandbox", "sandbox/main.ts", env, () => isTaken(config.sandboxPort));
}

/**
 * V8 lets garbage grow with the machine's memory: on a large one a worker would take many times what it needs. Sync makes
 * much garbage and keeps little, so small steps cost next to nothing (measured: bench/README.md).
 */
const frugal = ["--max-semi-space-size=8", "--heap-growing-percent=40"];

/** @param program as `buildWorker` made it: no compiler and no bundler in a process that runs for months */
export function workerService(config: Config, env: NodeJS.ProcessEnv, program: string): ServiceDefinition {
  return {
    name: "worker",
    command: process.execPath,
    args: [...frugal, program],
    // glibc keeps freed memory apart for every thread; Temporal's core has many.
    env: { ...inUtc(env), MALLOC_ARENA_MAX: "2" },
    ready: () => answers(`http://127.0.0.1:${config.workerPort}/health/ready`),
  };
}

export function apiService(config: Config, env: NodeJS.ProcessEnv): ServiceDefinition {
  return own("api", "api/main.ts", env, () => answers(`http://${config.host}:${config.port}/health/live`));
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await response.body?.cancel();
  return response.ok;
}
