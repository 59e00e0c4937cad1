import { Worker } from "node:worker_threads";
import { actsPerHistory } from "../batch.ts";
import { cases } from "../cases.ts";
import { historyOf } from "../generate.ts";
import { runHistory } from "../run.ts";
import { plantedBugs } from "./table.ts";
import type { Found } from "./worker.ts";

/** Hunts every planted bug, each in a thread of its own. @param told after each */
export async function huntAll(
  seed: number,
  operations: number,
  threads: number,
  only: readonly string[],
  told: (found: Found) => void,
): Promise<Found[]> {
  const waiting = plantedBugs.map(({ id }) => id).filter((id) => only.length === 0 || only.includes(id));
  const found: Found[] = [];
  const one = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const result = await confirmed(await hunt(id, seed, operations));
      found.push(result);
      told(result);
    }
  };
  await Promise.all(Array.from({ length: threads }, one));
  return found;
}

/** A history that breaks a promise without the bug as well has found nothing. */
async function confirmed(result: Found): Promise<Found> {
  const { history } = result;
  if (history === null) return result;
  const named = cases.find(({ name }) => name === history)?.history;
  const { violations } = await runHistory(named ?? historyOf(Number(history), actsPerHistory));
  return violations.length === 0 ? result : { ...result, violation: null };
}

async function hunt(id: string, seed: number, operations: number): Promise<Found> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { execArgv: [] });
  try {
    return await new Promise<Found>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
      worker.postMessage({ id, seed, operations });
    });
  } finally {
    await worker.terminate();
  }
}
