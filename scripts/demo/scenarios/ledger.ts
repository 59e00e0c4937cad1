import { comparable, comparableWhenPrivate, compareDiaries, untouchedBecause } from "../compare.ts";
import type { Appointment, Side } from "../sandbox.ts";

/** What is read of one person's diary, on both sides. */
export type Diaries = Readonly<Record<Side, readonly Appointment[]>>;

export const bothSides = ["superoffice", "exchange"] as const satisfies readonly Side[];

export interface Count {
  expected: number;
  /** More often than expected, or not expected at all. */
  duplicates: number;
  /** Expected and not there. */
  losses: number;
  examples: string[];
}

/** A bag: how often each is there. */
type Bag = Map<string, number>;

/**
 * What both systems must hold in the end, kept from outside: what was there when both were equal, and what people have
 * done since. Items that Everlink leaves alone are expected on their own side exactly as they were.
 */
export class Ledger {
  /** Equal on both sides; in the form that both can tell. */
  readonly #synced: Bag = new Map();
  readonly #left: Record<Side, Bag> = { superoffice: new Map(), exchange: new Map() };

  /**
   * @param untouched how many items Everlink itself says it leaves alone for what they are: they stand on one side only
   * @throws when the sides are not equal but for these: there is nothing to keep then
   */
  static of(diaries: Diaries, untouched: number): Ledger {
    const ledger = new Ledger();
    const synced = { superoffice: [] as Appointment[], exchange: [] as Appointment[] };
    for (const side of bothSides) {
      for (const item of diaries[side]) {
        if (untouchedBecause(item) === undefined) synced[side].push(item);
        else add(ledger.#left[side], wholeKey(item), 1);
      }
    }
    const { onlyCrm, onlyMailbox } = compareDiaries(synced.superoffice, synced.exchange);
    const alone = [...onlyCrm, ...onlyMailbox];
    if (alone.length === untouched && alone.every(({ recurrence }) => recurrence !== null)) {
      for (const item of onlyCrm) add(ledger.#left.superoffice, wholeKey(item), 1);
      for (const item of onlyMailbox) add(ledger.#left.exchange, wholeKey(item), 1);
    }
    for (const item of synced.superoffice)
      if (!ledger.#left.superoffice.has(wholeKey(item))) add(ledger.#synced, keyOf(item), 1);
    const { duplicates, losses, examples } = ledger.count(diaries);
    if (duplicates + losses > 0)
      throw new Error(
        `Both sides are not equal: ${duplicates} too many, ${losses} missing.\n  ${examples.join("\n  ")}`,
      );
    return ledger;
  }

  /** Whether nobody has touched the item since both sides were equal: an edit may not have come over yet. */
  isUntouched(item: Appointment): boolean {
    return this.#synced.has(keyOf(item));
  }

  /** A person made it on either side. */
  made(item: Appointment): void {
    add(this.#synced, keyOf(item), 1);
  }

  changed(before: Appointment, change: Partial<Appointment>): void {
    this.deleted(before);
    this.made({ ...before, ...change });
  }

  deleted(item: Appointment): void {
    add(this.#synced, keyOf(item), -1);
  }

  /** What stood on one side only is not expected there any more. */
  forgetLeft(side: Side): void {
    this.#left[side].clear();
  }

  count(diaries: Diaries): Count {
    const result: Count = { expected: 0, duplicates: 0, losses: 0, examples: [] };
    for (const side of bothSides) {
      const synced: Bag = new Map();
      const left: Bag = new Map();
      for (const item of diaries[side]) {
        if (this.#left[side].has(wholeKey(item)) || untouchedBecause(item) !== undefined)
          add(left, wholeKey(item), 1);
        else add(synced, keyOf(item), 1);
      }
      compare(side, this.#synced, synced, result);
      compare(side, this.#left[side], left, result);
    }
    return result;
  }
}

const keyOf = (item: Appointment) => JSON.stringify(comparableWhenPrivate(item));
const wholeKey = (item: Appointment) => JSON.stringify(comparable(item));

function add(bag: Bag, key: string, by: number): void {
  const now = (bag.get(key) ?? 0) + by;
  if (now === 0) bag.delete(key);
  else bag.set(key, now);
}

function compare(side: Side, expected: Bag, present: Bag, result: Count): void {
  for (const key of new Set([...expected.keys(), ...present.keys()])) {
    const [wanted, found] = [expected.get(key) ?? 0, present.get(key) ?? 0];
    result.expected += wanted;
    result.losses += Math.max(0, wanted - found);
    result.duplicates += Math.max(0, found - wanted);
    if (wanted !== found && result.examples.length < 6)
      result.examples.push(`${side} has ${found} instead of ${wanted}: ${key.slice(0, 300)}`);
  }
}
