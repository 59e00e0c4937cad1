import { possible, type Call, type Fault } from "../../connectors/memory/faults.ts";
import type { MemorySystem } from "../../connectors/memory/system.ts";
import type { FaultEffect, SystemName } from "../../sandbox/context.ts";
import type { FaultRules } from "../../sandbox/faults.ts";
import { Dice } from "../simulation/dice.ts";

/** What goes wrong under a store's calls, and only under them: people and tests have the system to themselves. */
export interface Weather {
  /** A call of the store begins. */
  blow(): void;
  /** It has ended; whatever it put off has happened. */
  calm(): Promise<void>;
  /** What the calls have met so far. */
  met(): Record<string, number>;
}

/** The same calls meet the same weather. */
const seed = 20_260_401;
const effects: readonly { effect: FaultEffect; probability: number }[] = [
  { effect: { kind: "status", status: 503 }, probability: 0.07 },
  // Takes a second, which the store itself waits for.
  { effect: { kind: "status", status: 503, retryAfterSeconds: 1 }, probability: 0.01 },
  { effect: { kind: "truncate", bytes: 40 }, probability: 0.07 },
  { effect: { kind: "lostResponse" }, probability: 0.07 },
  { effect: { kind: "lateCommit", ms: 5 }, probability: 0.07 },
];

/** @param share of the usual probabilities, for stores whose calls are many requests each */
export function sandboxWeather(rules: FaultRules, system: SystemName, share = 1): Weather {
  const ids = effects.map(({ effect, probability }, index) =>
    rules.add({ system, effect, probability: probability * share, seed: seed + index * 7_919 }),
  );
  rules.pause();
  return {
    blow: () => rules.resume(),
    async calm() {
      rules.pause();
      await rules.landed();
    },
    met: () =>
      Object.fromEntries(
        rules
          .list()
          .filter(({ id }) => ids.includes(id))
          .map(({ effect, hits }) => [
            effect.kind === "status" && effect.retryAfterSeconds !== undefined ? "throttled" : effect.kind,
            hits,
          ]),
      ),
  };
}

/** Faults after which a caller tries again or looks. Waiting times are for stores with clocks. */
const uncertain: readonly Fault[] = ["unavailable", "lost-response", "late-commit"];

export function memoryWeather<Item>(
  system: MemorySystem<Item>,
): Weather & { pick(call: Call): Fault | undefined; now(): number } {
  const dice = new Dice(seed);
  const met: Record<string, number> = {};
  let blowing = false;
  let now = 0;
  return {
    blow: () => void (blowing = true),
    async calm() {
      blowing = false;
      now += system.capabilities.longestRequestMs;
      system.arrive(now);
    },
    met: () => met,
    now: () => now,
    pick(call) {
      const faults = possible[call].filter((fault) => uncertain.includes(fault));
      if (!blowing || faults.length === 0 || !dice.chance(0.3)) return undefined;
      const fault = dice.pick(faults);
      met[fault] = (met[fault] ?? 0) + 1;
      return fault;
    },
  };
}
