import { parentPort } from "node:worker_threads";
import { runBatch } from "./batch.ts";

/** Runs batches of histories for `main.ts`, one at a time. */
parentPort?.on("message", ({ seed, from, count }: { seed: number; from: number; count: number }) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
  void runBatch(seed, from, count).then((summary) => parentPort?.postMessage(summary));
});
