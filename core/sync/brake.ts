import type { ItemLinkId } from "../ids.ts";
import { sides, type Side } from "../items/observed.ts";

/** Hours over which the brake counts. */
export const brakeWindowMs = 24 * 3_600_000;

export interface CountedWrite {
  linkId: ItemLinkId;
  target: Side;
  operation: string;
}

export interface BrakeInput {
  /** Deletes, and updates that discard or empty something, that are about to be made. */
  planned: readonly CountedWrite[];
  /** Such writes made in the last 24 hours, per target. */
  executed: Readonly<Record<Side, number>>;
  /** Item links with both sides. */
  linked: number;
}

/**
 * Which sides' destructive writes are held (I14): more than max(10, 20 %) of the items in 24 hours, or all of
 * them where there are at least 3. Only these operations wait; everything else goes on.
 */
export function brake({ planned, executed, linked }: BrakeInput): Set<Side> {
  const held = new Set<Side>();
  for (const target of sides) {
    const now = planned.filter((write) => write.target === target).length;
    if (now === 0) continue;
    const total = executed[target] + now;
    const population = linked + executed[target];
    const tooMany = total > Math.max(10, population * 0.2);
    const everything = population >= 3 && total >= population;
    if (tooMany || everything) held.add(target);
  }
  return held;
}
