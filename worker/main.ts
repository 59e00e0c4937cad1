import { setTimeout as pause } from "node:timers/promises";
import { Client, Connection } from "@temporalio/client";
import { NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { createActivities } from "../activities/activities.ts";
import { ConfigError, readConfig, type Config } from "../platform/config.ts";
import { createLogger, type Logger } from "../platform/logger.ts";
import { registerSearchAttributes, temporalOptions } from "../platform/temporal.ts";
import { trustSandbox } from "../platform/trust.ts";
import { TASK_QUEUE } from "../workflows/messages.ts";
import { prebuiltWorkflows } from "./bundle.ts";
import { wire } from "./deps.ts";
import { forgetOnce } from "./forget.ts";
import { serveHealth } from "./health.ts";
import { reconcileOnce } from "./reconcile.ts";
import { relayOnce } from "./relay.ts";
import { repeat } from "./repeat.ts";
import { temporalLogger } from "./temporal-logger.ts";

const relayEveryMs = 1_000;
const reconcileEveryMs = 600_000;
const forgetEveryMs = 86_400_000;
/** Slices under way may end by themselves for so long; then they are aborted, and run again elsewhere. */
const graceMs = 10_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger("worker", config.logLevel);
  Runtime.install({ logger: temporalLogger(log) });

  const { connection: connectionOptions, namespace } = temporalOptions(config);
  const connection = Connection.lazy(connectionOptions);
  const temporal = new Client({ connection, namespace });
  let state = "starting";
  let database: Awaited<ReturnType<typeof wire>>["database"] | undefined;
  const health = await serveHealth(config.host, config.workerPort, {
    worker: () => (state === "RUNNING" ? Promise.resolve() : Promise.reject(new Error(state))),
    temporal: async () => {
      await temporal.workflowService.getSystemInfo({});
    },
    database: async () => {
      if (!database) throw new Error("not connected");
      await database.sql`select 1`;
    },
  });

  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
  const { signal } = stopping;
  trustWhenThere(config, signal);

  const bundle = prebuiltWorkflows();
  // Awaited below, after what may take longer.
  bundle.catch(() => {});
  const dependencies = await until("PostgreSQL", log, signal, () => wire(config, temporal, log));
  database = dependencies.database;
  const nativeConnection = await until("Temporal", log, signal, () =>
    NativeConnection.connect(connectionOptions),
  );
  await until("Temporal", log, signal, () => registerSearchAttributes(connection, namespace));

  const worker = await Worker.create({
    connection: nativeConnection,
    namespace,
    taskQueue: TASK_QUEUE,
    workflowBundle: await bundle,
    activities: createActivities(dependencies),
    maxConcurrentActivityTaskExecutions: 50,
    // A killed worker still owns its cached workflows for so long: others wait for that before they take over.
    stickyQueueScheduleToStartTimeout: "4 seconds",
    shutdownGraceTime: graceMs,
    // Code that no longer fits a running history fails that run in sight of everybody; reconcile starts it anew.
    workflowFailureErrorTypes: { "*": ["NondeterminismError"] },
  });
  const watch = setInterval(() => (state = worker.getState()), 250);
  const background = [
    repeat("relay", relayEveryMs, signal, log, () => relayOnce(dependencies)),
    repeat("reconcile", reconcileEveryMs, signal, log, () => reconcileOnce(dependencies)),
    repeat("forgetting", forgetEveryMs, signal, log, () => forgetOnce(dependencies)),
  ];
  try {
    await worker.run();
  } finally {
    state = "stopped";
    stopping.abort();
    clearInterval(watch);
    await Promise.all(background);
    health.close();
    await dependencies.database.close();
    await nativeConnection.close();
    await connection.close();
  }
}

/** Tries until it works: whatever it needs may come up after us. What can never work ends the process. */
async function until<Result>(
  what: string,
  log: Logger,
  signal: AbortSignal,
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let waitMs = 250; ; waitMs = Math.min(waitMs * 2, 5_000)) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || !mayPass(error)) throw error;
      log.warn({ reason: error instanceof Error ? error.message : "unknown" }, `waiting for ${what}`);
      await pause(waitMs, undefined, { signal });
    }
  }
}

/** Connections that fail may come; a database of another mode or root key stays what it is. */
function mayPass(error: unknown): boolean {
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (name === "Failure") return false;
  return code !== undefined || name === "TransportError" || name === "ServiceError";
}

/** The sandbox makes its certificate authority at its first start, perhaps after ours. */
function trustWhenThere(config: Config, signal: AbortSignal): void {
  if (config.mode !== "sandbox" || trustSandbox(config)) return;
  const timer = setInterval(() => {
    if (trustSandbox(config)) clearInterval(timer);
  }, 1_000);
  signal.addEventListener("abort", () => clearInterval(timer));
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    if (error instanceof Error && error.name === "AbortError") process.exit(0); // stopped while starting
    if (error instanceof ConfigError) {
      console.error(error.message);
      process.exit(2);
    }
    console.error(error);
    process.exit(1);
  },
);
