import { parentPort } from "node:worker_threads";
import { plant } from "./planting.ts";
import { plantedBugs } from "./table.ts";

/** Plants one bug, then runs the named cases and any histories until a promise is broken or so many operations are done. */
parentPort?.on("message", ({ id, seed, operations }: { id: string; seed: number; operations: number }) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
  void hunt(id, seed, operations).then((found) => parentPort?.postMessage(found));
});

async function hunt(id: string, seed: number, operations: number): Promise<Found> {
  const bug = plantedBugs.find((each) => each.id === id);
  if (bug === undefined) throw new Error(`no planted bug ${id}`);
  plant(bug);
  // Only now: these load the code that the bug is in.
  const { historyOf } = await import("../generate.ts");
  const { runHistory } = await import("../run.ts");
  const { actsPerHistory, seedOf } = await import("../batch.ts");
  const { cases } = await import("../cases.ts");
  let done = 0;
  for (const { name, history } of cases) {
    const report = await runHistory(history);
    done += report.operations;
    const [violation] = report.violations;
    if (violation !== undefined) return { id, operations: done, history: name, violation };
  }
  for (let n = 0; done < operations; n += 1) {
    const own = seedOf(seed, n);
    const report = await runHistory(historyOf(own, actsPerHistory));
    done += report.operations;
    const [violation] = report.violations;
    if (violation !== undefined) return { id, operations: done, history: own, violation };
  }
  return { id, operations: done, history: null, violation: null };
}

/** What came of one bug. */
export interface Found {
  id: string;
  operations: number;
  /** The name of a case, or the seed of a history. */
  history: string | number | null;
  violation: { invariant: string; text: string } | null;
}
