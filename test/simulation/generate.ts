import { kinds } from "../../core/items/kinds.ts";
import { diceOf, type Dice } from "./dice.ts";
import type { Act, History, Step, Weather } from "./history.ts";

/** How often people do what: edits most of all. */
const often: Readonly<Record<Act, number>> = {
  create: 16,
  // Only before anything was synced.
  twin: 0,
  import: 0.8,
  edit: 24,
  "edit-both": 6,
  change: 10,
  "change-both": 3,
  "leave-window": 1.5,
  "enter-window": 2,
  remove: 7,
  "remove-both": 1,
  restore: 1.2,
  copy: 4,
  "save-unchanged": 4,
  readdress: 3,
  recur: 3,
  "change-occurrence": 4,
  split: 1,
  attend: 1.5,
  "make-private": 1.5,
  hostile: 1,
  "rename-company": 0.7,
  "set-settings": 0.8,
  "choose-held": 1,
  relink: 0.4,
  "rotate-key": 0.3,
  "forget-cursors": 1.2,
  blind: 0.5,
};

/** A history from a number: the same number gives the same history. */
export function historyOf(seed: number, acts: number): History {
  const dice = diceOf(seed, 1);
  const weather = weatherOf(dice);
  const lanes = dice.chance(0.4)
    ? kinds.toSorted(() => (dice.chance(0.5) ? 1 : -1))
    : [dice.pick(["appointment", "appointment", "task", "contact"] as const)];
  const steps: Step[] = [];
  const add = (step: Pick<Step, "do"> & Partial<Step>) =>
    steps.push({
      id: steps.length,
      after: 0,
      lane: dice.below(lanes.length),
      side: dice.chance(0.5) ? "crm" : "mailbox",
      nth: Math.round(dice.next() * 1_000) / 1_000,
      roll: dice.below(1_000_000),
      ...step,
    });
  // Some acts come only where the dice let them, so that most histories can be judged strictly.
  const weights: Record<Act, number> = {
    ...often,
    ...(dice.chance(0.4) ? {} : { "set-settings": 0 }),
    ...(dice.chance(0.7) ? {} : { relink: 0 }),
    ...(dice.chance(0.5) ? {} : { blind: 0 }),
  };
  // Both sides were kept alike by hand, or by another program, before sync began. What a first listing hides is doubled.
  const twins = !weather.shortened && dice.chance(0.5) ? 1 + dice.below(6) : 0;
  if (twins > 0 && dice.chance(0.5)) add({ do: "import", after: 9_999 });
  for (let twin = 0; twin < twins; twin += 1) add({ do: "twin", after: 9_999 });
  const restEvery = 50 + dice.below(60);
  let sinceRest = 0;
  let sinceSlice = 0;
  for (let act = 0; act < acts; act += 1) {
    const meeting = sinceSlice < 4 && dice.chance(0.6);
    add({ do: dice.weighted(weights), after: meeting ? dice.below(14) : 9_999 });
    sinceSlice += 1;
    sinceRest += 1;
    if (dice.chance(0.22)) {
      add({ do: "slice", after: dice.chance(0.5) ? dice.below(20) : 9_999 });
      sinceSlice = 0;
      if (dice.chance(0.7)) add({ do: "wait", after: dice.chance(0.3) ? dice.below(10) : 9_999 });
    }
    if (weather.kills > 0 && dice.chance(0.02))
      add({ do: dice.pick(["cancel", "restart"]), after: dice.below(10) });
    if (sinceRest >= restEvery) {
      add({ do: "rest" });
      sinceRest = 0;
    }
  }
  if (sinceRest > 0) add({ do: "rest" });
  return { seed, weather, lanes, steps };
}

function weatherOf(dice: Dice): Weather {
  return {
    faults: dice.pick([0, 0.05, 0.1, 0.2]),
    kills: dice.pick([0, 0, 0.01, 0.03]),
    database: dice.pick([0, 0, 0.01, 0.03]),
    shortened: dice.chance(0.3),
    skewed: dice.chance(0.2),
    zombies: dice.chance(0.4),
    pageSize: dice.pick([3, 5, 20, 512]),
    budget: dice.pick([
      { ms: 25_000, writes: 100 },
      { ms: 25_000, writes: 100 },
      { ms: 3_000, writes: 10 },
      { ms: 25_000, writes: 3 },
      { ms: 300, writes: 10 },
    ]),
  };
}
