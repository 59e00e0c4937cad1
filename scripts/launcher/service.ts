import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, openSync, closeSync } from "node:fs";
import { dirname } from "node:path";
import { forgetProcess, recordProcess } from "./leftovers.ts";

/** One long-running process that the launcher watches over. */
export interface ServiceDefinition {
  name: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  uid?: number | undefined;
  gid?: number | undefined;
  /** Asks it to end in order; PostgreSQL wants SIGINT for a fast shutdown. */
  stopSignal?: NodeJS.Signals;
  /** Resolves when the service answers; called again after each start until it does. */
  ready(): Promise<boolean>;
}

export interface Service {
  readonly name: string;
  /** Ends the process and waits for it; `kill -9` after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
// PostgreSQL refuses to start until the last process of a killed predecessor has noticed and ended.
const DEATHS_FORGIVEN_FOR_MS = 30_000;
const STABLE_AFTER_MS = 30_000;
const BACKOFF_MS = [250, 500, 1_000, 1_000, 2_000, 5_000, 10_000];

/**
 * Starts a service and keeps it running: when it dies it is started again, at once the first time and ever later
 * while it keeps dying. Its output goes to `logFile`.
 *
 * @returns when it is ready for the first time
 * @throws when it ends or stays silent before it was ready once
 */
export async function startService(
  definition: ServiceDefinition,
  surroundings: { logFile: string; runDir: string; onRestart?: (message: string) => void },
): Promise<Service> {
  let child: ChildProcess;
  let stopping = false;
  let deaths = 0;
  let startedAt = 0;
  let restart: NodeJS.Timeout | undefined;

  const start = () => {
    mkdirSync(dirname(surroundings.logFile), { recursive: true });
    const log = openSync(surroundings.logFile, "a");
    startedAt = Date.now();
    child = spawn(definition.command, [...definition.args], {
      // A group of its own: Ctrl-C reaches the launcher only, which then stops everything in order.
      detached: true,
      stdio: ["ignore", log, log],
      env: definition.env ?? process.env,
      ...(definition.uid === undefined ? {} : { uid: definition.uid, gid: definition.gid ?? definition.uid }),
    });
    closeSync(log);
    if (child.pid !== undefined) recordProcess(surroundings.runDir, definition.name, child.pid);
    child.once("exit", died);
    child.once("error", () => died(null, null));
  };

  const died = (code: number | null, signal: NodeJS.Signals | null) => {
    forgetProcess(surroundings.runDir, definition.name);
    if (stopping) return;
    if (Date.now() - startedAt > STABLE_AFTER_MS) deaths = 0;
    const delayMs = BACKOFF_MS[Math.min(deaths, BACKOFF_MS.length - 1)]!;
    deaths += 1;
    surroundings.onRestart?.(
      `${definition.name} ended (${signal ?? `exit code ${code}`}) and is started again in ${delayMs / 1000} s.`,
    );
    restart = setTimeout(start, delayMs);
  };

  const stop = async (graceMs = 10_000) => {
    stopping = true;
    clearTimeout(restart);
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(definition.stopSignal ?? "SIGTERM");
    const killer = setTimeout(() => killGroup(child.pid!), graceMs);
    await ended;
    clearTimeout(killer);
  };

  start();
  try {
    await untilReady(definition, () => deaths);
  } catch (error) {
    await stop();
    throw error;
  }
  return { name: definition.name, stop };
}

async function untilReady(definition: ServiceDefinition, deaths: () => number): Promise<void> {
  const startedAt = Date.now();
  while (!(await definition.ready().catch(() => false))) {
    const waitedMs = Date.now() - startedAt;
    if (deaths() >= 3 && waitedMs > DEATHS_FORGIVEN_FOR_MS)
      throw new Error(`${definition.name} ends again and again as soon as it is started.`);
    if (waitedMs > READY_WITHIN_MS)
      throw new Error(`${definition.name} did not become ready within a minute.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // already gone
  }
}
