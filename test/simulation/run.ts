import type { Kind } from "../../core/items/observed.ts";
import type { Clock } from "../../engine/ports.ts";
import type { SliceResult } from "../../engine/slice.ts";
import { Dice } from "./dice.ts";
import { isAct, type History, type Place, type Step } from "./history.ts";
import { inhabited, type InhabitedLane } from "./inhabited.ts";
import { appointments } from "./kinds/appointments.ts";
import { contacts } from "./kinds/contacts.ts";
import { tasks } from "./kinds/tasks.ts";
import { inMemory, type Memory } from "./memory.ts";
import { Running } from "./scheduler.ts";
import type { AnyTrouble, TroubleName } from "./troubles.ts";
import { World, type Violation } from "./world.ts";

/** What came of a history. */
export interface Report {
  /** Acts of people and administrators that found something to do. */
  operations: number;
  slices: number;
  troubles: Partial<Record<TroubleName, number>>;
  checked: Record<string, number>;
  violations: Violation[];
  /** What went wrong where, for a history that is to run again without the dice. */
  hit: Record<Place, AnyTrouble>;
  /** What each lane holds in the end, for a comparison. */
  pictures: string[];
}

export interface RunOptions {
  memory?: (lane: number, kind: Kind, clock: Clock) => Promise<Memory>;
  /** Told what is done, in words. */
  tell?: (line: string) => void;
}

/** Lives through a history: people act, slices run, things break; then everything comes to rest and is looked at. */
export async function runHistory(history: History, options: RunOptions = {}): Promise<Report> {
  const run = new HistoryRun(history, options);
  await run.prepare();
  for (const step of history.steps) {
    if (run.world.violations.length > 0) break;
    await run.step(step);
  }
  return run.report();
}

class HistoryRun {
  readonly world: World;
  readonly #options: RunOptions;
  readonly #lanes: InhabitedLane[] = [];
  /** Slices on their way, and of which lane they are. */
  readonly #ofLane = new Map<Running, number>();
  #operations = 0;
  #slices = 0;

  constructor(history: History, options: RunOptions) {
    this.world = new World(history);
    this.#options = options;
  }

  async prepare(): Promise<void> {
    const clock: Clock = { now: () => this.world.now };
    const { memory = async () => inMemory(clock) } = this.#options;
    for (const [number, kind] of this.world.history.lanes.entries()) {
      const remembered = await memory(number, kind, clock);
      this.#lanes.push(
        kind === "appointment"
          ? inhabited(this.world, number, appointments, remembered)
          : kind === "task"
            ? inhabited(this.world, number, tasks, remembered)
            : inhabited(this.world, number, contacts, remembered),
      );
    }
  }

  async step(step: Step): Promise<void> {
    const { world } = this;
    await world.scheduler.pass(step.after);
    const lane = this.#lanes[step.lane % this.#lanes.length];
    if (lane === undefined) return;
    const { do: deed } = step;
    let said: string | undefined;
    if (isAct(deed)) {
      said = await lane.act({ ...step, do: deed });
      if (said !== undefined) this.#operations += 1;
    } else {
      switch (deed) {
        case "slice":
          said = "a slice begins";
          await this.#begin(step, lane);
          break;
        case "wait":
          world.now += new Dice(step.roll).below(400_000);
          said = "time passes";
          break;
        case "cancel":
          said = this.#cancel();
          break;
        case "restart":
          said = this.#restart();
          break;
        case "rest":
          said = "everything comes to rest";
          await this.#rest();
      }
    }
    if (said !== undefined) this.#options.tell?.(`${step.id} (lane ${lane.number}) ${said}`);
  }

  /** Slices of the same lane are serialized, unless an older one lives on unnoticed (F13). */
  async #begin(step: Step, lane: InhabitedLane): Promise<void> {
    const { world } = this;
    if ([...this.#ofLane.values()].includes(lane.number)) {
      if (world.history.weather.zombies) world.troubles.count("zombie");
      else await world.scheduler.pass(Number.POSITIVE_INFINITY);
    }
    const dice = new Dice(step.roll);
    const skewMs = world.history.weather.skewed ? dice.pick([-48, -3, 0, 0, 3, 48]) * 3_600_000 : 0;
    if (skewMs !== 0) world.troubles.count("skew");
    const running = new Running(step.id, skewMs);
    this.#ofLane.set(running, lane.number);
    await world.scheduler.begin(running, async () => {
      await this.#slice(running, lane);
    });
  }

  async #slice(running: Running, lane: InhabitedLane): Promise<SliceResult | null> {
    this.#slices += 1;
    try {
      return await lane.slice(running);
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.world.check("failure", false, () => `lane ${lane.number}: a slice ended with ${text}`);
      return null;
    } finally {
      this.#ofLane.delete(running);
    }
  }

  #cancel(): string | undefined {
    const [slice] = this.world.scheduler.running;
    if (slice === undefined) return undefined;
    slice.stop.abort(new Error("cancelled"));
    this.world.troubles.count("cancel");
    return "a slice is told to stop";
  }

  /** Temporal, or the worker, starts anew: nobody goes on, nobody is told. */
  #restart(): string | undefined {
    if (this.world.scheduler.running.size === 0) return undefined;
    for (const slice of this.world.scheduler.running) slice.killed = true;
    this.world.troubles.count("restart");
    return "everything is restarted";
  }

  /** The weather clears, late writes land, waiting times pass: cycles until one changes nothing. */
  async #rest(): Promise<void> {
    const { world } = this;
    world.troubles.calm = true;
    await world.scheduler.pass(Number.POSITIVE_INFINITY);
    for (const lane of this.#lanes) {
      lane.clear();
      await this.#settle(lane);
      if (world.violations.length > 0) return;
      await lane.lookAtRest();
      await lane.rested();
    }
    world.troubles.calm = false;
  }

  async #settle(lane: InhabitedLane): Promise<void> {
    const { world } = this;
    let quiet = 0;
    for (let cycle = 0; cycle < 16; cycle += 1) {
      // With the long wait go the days after which everything is listed anew.
      const long = cycle === 1 && (world.history.weather.shortened || world.history.weather.skewed);
      world.now += long ? 8 * 86_400_000 : 7 * 3_600_000;
      lane.clear();
      const before = lane.writes();
      const result = await this.#cycle(lane);
      if (world.violations.length > 0) return;
      const asked = [await lane.choose("crm", "apply"), await lane.choose("mailbox", "apply")];
      const still = lane.writes() === before && result?.problem === null && !asked.includes(true);
      quiet = still ? quiet + 1 : 0;
      if (quiet >= 2 && cycle > 2) {
        world.check("I9", true, () => "");
        return;
      }
    }
    world.check("I3", false, () => `lane ${lane.number}: sync does not come to rest`);
  }

  /** Slices until nothing is left to do at once. */
  async #cycle(lane: InhabitedLane): Promise<SliceResult | null> {
    for (let slice = 0; slice < 200; slice += 1) {
      const running = new Running(-1, 0);
      let result: SliceResult | null = null;
      await this.world.scheduler.begin(running, async () => {
        result = await this.#slice(running, lane);
      });
      await this.world.scheduler.pass(Number.POSITIVE_INFINITY);
      this.world.now += 1_000;
      if ((result as SliceResult | null)?.more !== true) return result;
    }
    this.world.check("I3", false, () => `lane ${lane.number}: a cycle does not come to an end`);
    return null;
  }

  async report(): Promise<Report> {
    const { world } = this;
    // What still runs is let go: its promises must not outlive the history.
    for (const slice of world.scheduler.running) slice.killed = true;
    await world.scheduler.pass(Number.POSITIVE_INFINITY);
    return {
      operations: this.#operations,
      slices: this.#slices,
      troubles: world.troubles.counts,
      checked: world.checked,
      violations: world.violations,
      hit: Object.fromEntries(world.troubles.hit),
      pictures: await Promise.all(this.#lanes.map((lane) => lane.picture())),
    };
  }
}
