import { possible, type Call, type Fault } from "../../connectors/memory/faults.ts";
import { diceOf } from "./dice.ts";
import type { History, Place, Weather } from "./history.ts";

/** What may go wrong in a transaction. */
export type DatabaseTrouble = "database-lost" | "database-answer-lost" | "disk-full";
/** What may end a slice at an await: its own process, or the worker with all that runs on it. */
export type Kill = "kill" | "kill-worker";
export type AnyTrouble = Fault | DatabaseTrouble | Kill;

/** The faults of the reliability plan (F1–F19), as the simulation knows them. */
export const faultOf = {
  kill: "F1",
  replay: "F2",
  "second-start": "F2",
  "lost-response": "F3",
  "late-commit": "F4",
  unavailable: "F5",
  throttled: "F5",
  "cursor-invalid": "F6",
  "forgotten-cursors": "F6",
  skew: "F7",
  unauthorized: "F8",
  blind: "F8",
  partial: "F9",
  "kill-worker": "F10",
  "database-lost": "F11",
  "database-answer-lost": "F11",
  restart: "F12",
  cancel: "F12",
  zombie: "F13",
  stale: "F14",
  empty: "F15",
  truncated: "F15",
  conflict: "F16",
  readdress: "F16",
  "save-unchanged": "F16",
  poison: "F18",
  hostile: "F18",
  "disk-full": "F19",
  /** Not in the list: a person acts between a write and its answer. */
  overtaken: "–",
} as const satisfies Record<AnyTrouble, string> & Record<string, string>;
export type TroubleName = keyof typeof faultOf;

const databaseTroubles: readonly DatabaseTrouble[] = ["database-lost", "database-answer-lost", "disk-full"];

/** Decides what goes wrong, and keeps the list of it. */
export class Troubles {
  readonly hit = new Map<Place, AnyTrouble>();
  readonly counts: Partial<Record<TroubleName, number>> = {};
  /** Nothing goes wrong while everything comes to rest. */
  calm = false;
  readonly #seed: number;
  readonly #weather: Weather;
  readonly #given: History["troubles"];
  readonly #calls: Readonly<Record<Call, readonly Fault[]>>;

  constructor({ seed, weather, troubles }: History) {
    this.#seed = seed;
    this.#weather = weather;
    this.#given = troubles;
    const cut: readonly Fault[] = ["empty", "truncated"];
    const calls = Object.entries(possible).map(([call, faults]) => [
      call,
      weather.shortened ? faults : faults.filter((fault) => !cut.includes(fault)),
    ]);
    this.#calls = Object.fromEntries(calls) as Record<Call, readonly Fault[]>;
  }

  /** At a remote call. */
  inCall(place: Place, call: Call): Fault | Kill | undefined {
    return this.#at(place, this.#weather.faults, this.#calls[call]);
  }

  /** At a transaction. */
  inTransaction(place: Place): DatabaseTrouble | Kill | undefined {
    return this.#at(place, this.#weather.database, databaseTroubles);
  }

  count(name: TroubleName): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
  }

  #at<Name extends AnyTrouble>(
    place: Place,
    probability: number,
    names: readonly Name[],
  ): Name | Kill | undefined {
    if (this.calm) return undefined;
    const trouble = this.#given === undefined ? this.#drawn(place, probability, names) : this.#given[place];
    if (trouble === undefined) return undefined;
    this.hit.set(place, trouble as Name);
    this.count(trouble as Name);
    return trouble as Name;
  }

  #drawn<Name extends AnyTrouble>(
    place: Place,
    probability: number,
    names: readonly Name[],
  ): Name | Kill | undefined {
    const { kills } = this.#weather;
    if (probability + kills === 0) return undefined;
    const [id, number] = place.split(".");
    const dice = diceOf(this.#seed, Number(id), Number(number), 7);
    const roll = dice.next();
    if (roll < kills) return dice.chance(0.8) ? "kill" : "kill-worker";
    return roll < kills + probability && names.length > 0 ? dice.pick(names) : undefined;
  }
}
