import { diceOf } from "./dice.ts";
import { historyOf } from "./generate.ts";
import { runHistory } from "./run.ts";
import { add, emptySummary, type Summary } from "./summary.ts";

/** Acts of one history: enough for much to happen, few enough to be understood. */
export const actsPerHistory = 150;

/** The seed of the n-th history of a run. */
export function seedOf(seed: number, n: number): number {
  return diceOf(seed, n, 11).below(2 ** 31);
}

/** Some histories of a run, one after the other. */
export async function runBatch(seed: number, from: number, count: number): Promise<Summary> {
  const summary = emptySummary();
  for (let n = from; n < from + count; n += 1) {
    const own = seedOf(seed, n);
    add(summary, own, await runHistory(historyOf(own, actsPerHistory)));
  }
  return summary;
}
