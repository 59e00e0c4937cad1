import type { History, Place, Step } from "./history.ts";
import { runHistory, type Report } from "./run.ts";

/**
 * The fewest steps and the fewest troubles with which a history still breaks the same promise. What goes wrong is first
 * written down place by place, so that taking one thing out leaves the others where they are.
 *
 * @param deadlineMs how long to look for less
 */
export async function shrink(history: History, report: Report, deadlineMs = 30_000): Promise<History> {
  const wanted = gist(report);
  const until = Date.now() + deadlineMs;
  let best: History = { ...history, troubles: report.hit };
  const fails = async (candidate: History): Promise<boolean> => {
    if (Date.now() > until) return false;
    return gist(await runHistory(candidate)) === wanted;
  };
  if (!(await fails(best))) return history;
  for (let smaller = true; smaller && Date.now() < until;) {
    const before = size(best);
    best = await fewer(best, best.steps, (steps) => ({ ...best, steps }), fails);
    const places = Object.keys(best.troubles ?? {}) as Place[];
    const only = (kept: readonly Place[]): History => ({
      ...best,
      troubles: Object.fromEntries(kept.map((place) => [place, best.troubles?.[place] ?? ""])),
    });
    best = await fewer(best, places, only, fails);
    smaller = size(best) < before;
  }
  return best;
}

/** The sentence without what differs from history to history. */
function gist({ violations: [first] }: Report): string | undefined {
  return first?.text.replaceAll(/[a-z]+-\d+|"[^"]*"|[\d-]+|\{.*/gu, "").slice(0, 80);
}

function size({ steps, troubles }: History): number {
  return steps.length + Object.keys(troubles ?? {}).length;
}

/** Takes out halves, quarters … single elements, as long as it still fails without them. */
async function fewer<Part extends Step | Place>(
  history: History,
  parts: readonly Part[],
  withOnly: (parts: readonly Part[]) => History,
  fails: (history: History) => Promise<boolean>,
): Promise<History> {
  let [best, kept] = [history, [...parts]];
  for (let chunk = Math.ceil(kept.length / 2); chunk >= 1; chunk = Math.floor(chunk / 2)) {
    for (let from = 0; from < kept.length;) {
      const without = kept.toSpliced(from, chunk);
      const candidate = withOnly(without);
      if (await fails(candidate)) [best, kept] = [candidate, without];
      else from += chunk;
    }
  }
  return best;
}

/** A history as it can be pasted into `cases.ts`. */
export function asCase(name: string, { seed, weather, lanes, steps, troubles }: History): string {
  const lines = steps.map((step) => `      ${JSON.stringify(step)},`);
  return [
    `  {`,
    `    name: ${JSON.stringify(name)},`,
    `    history: {`,
    `      seed: ${seed},`,
    `      weather: ${JSON.stringify(weather)},`,
    `      lanes: ${JSON.stringify(lanes)},`,
    `      troubles: ${JSON.stringify(troubles ?? {})},`,
    `      steps: [`,
    ...lines,
    `      ],`,
    `    },`,
    `  },`,
  ].join("\n");
}
