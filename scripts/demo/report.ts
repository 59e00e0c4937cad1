import { writeFileSync } from "node:fs";

interface Step {
  step: string;
  seconds: number;
  counts: Record<string, unknown>;
}

export interface Outcome {
  ok: boolean;
  problem?: string;
  seconds: number;
  steps: Step[];
}

/** Counts and times of a run, printed as it goes and written as JSON at the end. */
export class Report {
  readonly #startedAt = Date.now();
  readonly #steps: Step[] = [];

  /** Does one step, prints what came of it, and keeps both. */
  async step<Counts extends Record<string, unknown>>(
    name: string,
    work: () => Promise<Counts>,
  ): Promise<Counts> {
    const startedAt = Date.now();
    process.stdout.write(`${name} …\n`);
    const counts = await work();
    const seconds = Math.round((Date.now() - startedAt) / 100) / 10;
    this.#steps.push({ step: name, seconds, counts });
    const told = Object.entries(counts)
      .map(
        ([key, value]) =>
          `${key.replaceAll(/([A-Z])/g, " $1").toLowerCase()} ${typeof value === "string" ? value : JSON.stringify(value)}`,
      )
      .join(", ");
    console.log(`  ${told} (${seconds} s)`);
    return counts;
  }

  /** @param problem what did not hold */
  outcome(problem?: string): Outcome {
    const seconds = Math.round((Date.now() - this.#startedAt) / 100) / 10;
    return {
      ok: problem === undefined,
      ...(problem === undefined ? {} : { problem }),
      seconds,
      steps: this.#steps,
    };
  }
}

/** Writes one outcome as it is, several by their names. */
export function writeOutcomes(file: string | undefined, outcomes: Readonly<Record<string, Outcome>>): void {
  if (!file) return;
  const all = Object.values(outcomes);
  const content = all.length === 1 ? all[0] : { ok: all.every(({ ok }) => ok), scenarios: outcomes };
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}

/** A promise of the demo that did not hold. */
export function verify(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new Error(`Not true: ${promise}`);
}

/** Asks until the answer is there. @throws naming what was waited for */
export async function until<Found>(
  what: string,
  ask: () => Promise<Found | undefined | false>,
  withinMs = 120_000,
  everyMs = 500,
): Promise<Found> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await ask();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs / 1000} s in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
