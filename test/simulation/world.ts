import { Dice, diceOf } from "./dice.ts";
import type { History } from "./history.ts";
import { Scheduler } from "./scheduler.ts";
import { Troubles } from "./troubles.ts";

/** A broken promise, in a sentence. */
export interface Violation {
  invariant: string;
  text: string;
}

/** What all lanes of a history share: time, chance, what goes wrong, and the list of broken promises. */
export class World {
  readonly history: History;
  readonly scheduler: Scheduler;
  readonly troubles: Troubles;
  readonly violations: Violation[] = [];
  /** How often each invariant was looked at. */
  readonly checked: Record<string, number> = {};
  /** The true time; the clocks of slices may be off. */
  now = Date.parse("2026-03-02T06:00:00Z");
  readonly startedAt = this.now;

  constructor(history: History) {
    this.history = history;
    this.scheduler = new Scheduler(new Dice(history.seed ^ 0x5ca1ab1e));
    this.troubles = new Troubles(history);
  }

  diceFor(...numbers: number[]): Dice {
    return diceOf(this.history.seed, ...numbers);
  }

  check(invariant: string, holds: boolean, text: () => string): void {
    this.checked[invariant] = (this.checked[invariant] ?? 0) + 1;
    if (!holds) this.violations.push({ invariant, text: `${invariant}: ${text()}` });
  }
}
