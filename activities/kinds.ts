import { Failure } from "../core/errors/failure.ts";
import type { Kind } from "../core/items/observed.ts";
import type { KindEnd } from "../core/lifecycle/index.ts";
import type { Counters } from "../engine/counters.ts";
import type { SliceResult } from "../engine/ports.ts";
import type { CycleProgress } from "./contract.ts";

export interface Budget {
  ms: number;
  writes: number;
}

/** Below this a kind waits for the next slice: it could hardly do more than connect. */
const leastMs = 1_000;

/**
 * One slice of a user's cycle: a part of it for each kind that is left, in turn, within one budget. Each gets an even
 * share of what the ones before it have left; whoever is not reached is the first next time. What goes wrong with one
 * kind is its end in this cycle and nothing to the others.
 *
 * @throws Failure `lifecycle.fenced`, and whatever `failed` does not take for an answer
 */
export async function sliceOfKinds(
  progress: CycleProgress,
  budget: Budget,
  clock: { now(): number },
  slice: (kind: Kind, share: Budget) => Promise<SliceResult>,
  failed: (error: unknown, kind: Kind) => KindEnd,
): Promise<{ progress: CycleProgress; counters: Counters[] }> {
  const startedAt = clock.now();
  const counters: Counters[] = [];
  const unfinished: Kind[] = [];
  const ended = { ...progress.ended };
  let { writes } = budget;
  for (const [index, kind] of progress.left.entries()) {
    const waiting = progress.left.length - index;
    const share = {
      ms: Math.floor((budget.ms - (clock.now() - startedAt)) / waiting),
      writes: Math.ceil(writes / waiting),
    };
    if (index > 0 && (share.ms < leastMs || share.writes < 1)) {
      return { progress: { left: [...progress.left.slice(index), ...unfinished], ended }, counters };
    }
    try {
      const result = await slice(kind, share);
      counters.push(result.counters);
      writes -= written(result.counters);
      if (result.more) unfinished.push(kind);
      else ended[kind] = endOf(result);
    } catch (error) {
      if (error instanceof Failure && error.code === "lifecycle.fenced") throw error;
      ended[kind] = failed(error, kind);
    }
  }
  return { progress: { left: unfinished, ended }, counters };
}

function endOf({ problem, retryAfterMs, held, dueAgainMs }: SliceResult): KindEnd {
  return {
    problem,
    held,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(dueAgainMs === undefined ? {} : { dueAgainMs }),
  };
}

function written({ created, updated, deleted }: Counters): number {
  return [created, updated, deleted].reduce((sum, { crm, mailbox }) => sum + crm + mailbox, 0);
}
