import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The launcher notes each process it starts, so that the next start can end what a killed launcher left running.
 * A process is known by its id and its start time: ids are used again.
 */
export function recordProcess(runDir: string, name: string, pid: number): void {
  mkdirSync(runDir, { recursive: true });
  writeFileSync(join(runDir, `${name}.json`), JSON.stringify({ pid, startTime: startTime(pid) ?? null }));
}

export function forgetProcess(runDir: string, name: string): void {
  rmSync(join(runDir, `${name}.json`), { force: true });
}

/** Ends every noted process that still runs, with what it started. @returns their names */
export async function endLeftovers(runDir: string): Promise<string[]> {
  const ended: string[] = [];
  for (const file of listing(runDir)) {
    const noted = parse(join(runDir, file));
    if (noted && isRunning(noted)) {
      // PostgreSQL's children end by themselves when the postmaster is asked to; a kill could leave them behind.
      signalGroup(noted.pid, file === "postgres.json" ? "SIGINT" : "SIGTERM");
      const deadline = Date.now() + 8_000;
      while (isRunning(noted) && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 50));
      if (isRunning(noted)) signalGroup(noted.pid, "SIGKILL");
      ended.push(file.replace(/\.json$/, ""));
    }
    rmSync(join(runDir, file), { force: true });
  }
  return ended;
}

/** Is a launcher of this data folder running just now? */
export function runningLauncher(runDir: string): number | undefined {
  const noted = parse(join(runDir, "launcher.json"));
  return noted && noted.pid !== process.pid && isRunning(noted) ? noted.pid : undefined;
}

interface Noted {
  pid: number;
  startTime: string | null;
}

function listing(runDir: string): string[] {
  try {
    return readdirSync(runDir).filter((name) => name.endsWith(".json") && name !== "launcher.json");
  } catch {
    return [];
  }
}

function parse(file: string): Noted | undefined {
  try {
    const { pid, startTime: started } = JSON.parse(readFileSync(file, "utf8")) as Noted;
    return Number.isInteger(pid) && pid > 1 ? { pid, startTime: started } : undefined;
  } catch {
    return undefined;
  }
}

function isRunning({ pid, startTime: noted }: Noted): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const now = startTime(pid);
  return now === undefined || noted === null || now === noted;
}

/** Clock ticks since boot (field 22 of /proc/PID/stat); undefined where there is no /proc, and for zombies. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "zombie" : fields[19];
  } catch {
    return undefined;
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch {
      // no such group: try the process itself
    }
  }
}
