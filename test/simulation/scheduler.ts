import type { Dice } from "./dice.ts";
import type { Place } from "./history.ts";

/** The process was killed: nothing after it runs, nothing catches it. */
export class Killed extends Error {}

/** A slice on its way. */
export class Running {
  /** The step that began it. */
  readonly id: number;
  readonly stop = new AbortController();
  /** How far the clock of its machine is off, in milliseconds. */
  readonly skewMs: number;
  killed = false;
  #awaits = 0;
  goOn: (() => void) | null = null;

  constructor(id: number, skewMs: number) {
    this.id = id;
    this.skewMs = skewMs;
  }

  throwIfKilled(): void {
    if (this.killed) throw new Killed("kill -9");
  }

  /** The name of the next await. */
  place(): Place {
    this.#awaits += 1;
    return `${this.id}.${this.#awaits}`;
  }
}

/**
 * Decides who goes on at every await. Slices run in one thread and stop wherever they wait for anything outside of
 * them; between any two of these points people may act and other slices may go on.
 */
export class Scheduler {
  readonly running = new Set<Running>();
  readonly #dice: Dice;
  #left = 0;
  #stopped: (() => void) | null = null;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** Where a slice waits. A dead process does nothing more, whatever its code would catch. */
  async pause(slice: Running): Promise<void> {
    slice.throwIfKilled();
    if (this.#left > 0 && this.running.size === 1) this.#left -= 1;
    else {
      await new Promise<void>((resolve) => {
        slice.goOn = resolve;
        this.#stopped?.();
      });
    }
    slice.throwIfKilled();
  }

  /** Lets a slice begin; it stops before its first await has answered. */
  async begin(slice: Running, work: () => Promise<void>): Promise<void> {
    this.running.add(slice);
    const stopped = this.#untilStopped();
    this.#left = 0;
    void work().finally(() => {
      this.running.delete(slice);
      this.#stopped?.();
    });
    await stopped;
  }

  /** Lets so many awaits of the running slices be answered, of whichever the dice say. */
  async pass(awaits: number): Promise<void> {
    this.#left = awaits;
    while (this.#left > 0) {
      const waiting = [...this.running].filter(({ goOn }) => goOn !== null);
      if (waiting.length === 0) break;
      const next = waiting.length === 1 ? waiting[0] : this.#dice.pick(waiting);
      const goOn = next?.goOn;
      if (!next || !goOn) break;
      next.goOn = null;
      this.#left -= 1;
      const stopped = this.#untilStopped();
      goOn();
      await stopped;
    }
    this.#left = 0;
  }

  #untilStopped(): Promise<void> {
    return new Promise((resolve) => {
      this.#stopped = () => {
        this.#stopped = null;
        resolve();
      };
    });
  }
}
