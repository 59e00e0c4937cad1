import { parentPort } from "node:worker_threads";
import { runBatch } from "./batch.ts";

/** Runs batches of histories for `main.ts`, one at a time. */
parentPort?.on("message", ({ seed, from, count }: { seed: number; from: number; count: number }) => {
  void runBatch(seed, from, count).then((summary) => parentPort?.postMessage(summary));
});
