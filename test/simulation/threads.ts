import { Worker } from "node:worker_threads";
import { emptySummary, merge, type Summary } from "./summary.ts";

const batch = 25;

/**
 * Histories on several threads, until so many operations are done or one has failed.
 *
 * @param progress told after every batch
 */
export async function runOnThreads(
  seed: number,
  operations: number,
  threads: number,
  progress: (summary: Summary) => void,
): Promise<Summary> {
  const summary = emptySummary();
  let next = 0;
  const one = async (): Promise<void> => {
    // Node reads TypeScript by itself: nothing stands between the thread and the code.
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { execArgv: [] });
    try {
      while (summary.operations < operations && summary.failed.length === 0) {
        const from = next;
        next += batch;
        const answer = new Promise<Summary>((resolve, reject) => {
          worker.once("message", resolve);
          worker.once("error", reject);
        });
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
        worker.postMessage({ seed, from, count: batch });
        merge(summary, await answer);
        worker.removeAllListeners("error");
        progress(summary);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: threads }, one));
  return summary;
}
