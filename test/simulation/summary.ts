import type { Report } from "./run.ts";
import { faultOf, type TroubleName } from "./troubles.ts";
import type { Violation } from "./world.ts";

/** What many histories came to. */
export interface Summary {
  operations: number;
  histories: number;
  slices: number;
  troubles: Partial<Record<TroubleName, number>>;
  checked: Record<string, number>;
  /** Histories that broke a promise, with the first sentence about it. */
  failed: { seed: number; violation: Violation }[];
}

export function emptySummary(): Summary {
  return { operations: 0, histories: 0, slices: 0, troubles: {}, checked: {}, failed: [] };
}

export function add(summary: Summary, seed: number, report: Report): void {
  summary.operations += report.operations;
  summary.histories += 1;
  summary.slices += report.slices;
  addCounts(summary.troubles, report.troubles);
  addCounts(summary.checked, report.checked);
  const [violation] = report.violations;
  if (violation !== undefined) summary.failed.push({ seed, violation });
}

export function merge(into: Summary, other: Summary): void {
  into.operations += other.operations;
  into.histories += other.histories;
  into.slices += other.slices;
  addCounts(into.troubles, other.troubles);
  addCounts(into.checked, other.checked);
  into.failed.push(...other.failed);
}

function addCounts(into: Record<string, number>, counts: Readonly<Record<string, number | undefined>>): void {
  for (const [name, count] of Object.entries(counts)) into[name] = (into[name] ?? 0) + (count ?? 0);
}

/** Faults by their number in the reliability plan. */
export function faultCounts({ troubles }: Summary): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [name, count] of Object.entries(troubles)) {
    const number: string = faultOf[name as TroubleName];
    counts[number] = (counts[number] ?? 0) + count;
  }
  return byNumber(counts);
}

export function byNumber(counts: Readonly<Record<string, number>>): Record<string, number> {
  const number = (name: string) => Number(/\d+/u.exec(name)?.[0] ?? 99);
  return Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => number(a) - number(b)));
}
