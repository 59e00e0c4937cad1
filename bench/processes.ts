import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Clock ticks of Linux's accounting: 100 per second on every platform we run on. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  cpuSeconds: number;
  residentMiB: number;
}

/** What a process and its descendants have used so far. */
export function usage(pid: number): Usage {
  const family = descendants(pid);
  let ticks = 0;
  let kiB = 0;
  for (const member of family) {
    try {
      const stat = readFileSync(`/proc/${member}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      // utime, stime, and those of children that have ended (proc(5))
      ticks += Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]);
      // Shared pages are divided among those who share them: PostgreSQL's processes share most of theirs.
      kiB += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${member}/smaps_rollup`, "utf8"))?.[1] ?? 0);
    } catch {
      // ended meanwhile
    }
  }
  return { cpuSeconds: ticks / TICKS_PER_SECOND, residentMiB: Math.round(kiB / 1024) };
}

export function pidOf(dataDir: string, service: string): number {
  return (JSON.parse(readFileSync(join(dataDir, "run", `${service}.json`), "utf8")) as { pid: number }).pid;
}

function descendants(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
    } catch {
      // ended meanwhile
    }
  }
  const family = [pid];
  for (const member of family) family.push(...(parents.get(member) ?? []));
  return family;
}

/** The most that a process has had resident so far, pages of files that it shares with others included. */
export function peakMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
}
