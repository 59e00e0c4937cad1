import { setTimeout as delay } from "node:timers/promises";
import type { Account, ItemStore, Observed, Ref, Scope, Version } from "../../connectors/contract.ts";
import { Failure } from "../../core/errors/failure.ts";
import { errorRow } from "../../core/errors/table.ts";
import { differences, held } from "../../core/items/compare.ts";
import type { ItemKind } from "../../core/items/kind.ts";
import type { StoreHarness } from "./store-in-use.ts";
import type { Weather } from "./weather.ts";

type Make<Item, Harness extends StoreHarness<Item>> = () => Promise<Harness>;

/** The same system twice: as it is, and where calls fail on their way there and on their way back. */
export function inAnyWeather<Item extends object, Harness extends StoreHarness<Item>>(
  name: string,
  kind: ItemKind<Item>,
  make: Make<Item, Harness>,
): [string, Make<Item, Harness>][] {
  return [
    [name, make],
    [`${name}, in bad weather`, () => inBadWeather(name, kind, make)],
  ];
}

async function inBadWeather<Item extends object, Harness extends StoreHarness<Item>>(
  name: string,
  kind: ItemKind<Item>,
  make: Make<Item, Harness>,
): Promise<Harness> {
  const harness = await make();
  const weather = harness.weather?.();
  if (weather === undefined) throw new Error(`${name} has no weather`);
  const persistent = new PersistentStore(kind, harness.store, weather);
  return {
    ...harness,
    store: persistent,
    async close() {
      const { calls, tries, lookedUp } = persistent;
      const met = Object.entries(weather.met()).map(([fault, times]) => `${fault} ${times}`);
      console.log(
        `${name} in bad weather: ${calls} calls in ${tries} tries, ${lookedUp} found done; met ${met.join(", ")}`,
      );
      await harness.close();
      // Weather in which nothing happens proves nothing.
      const times = Object.values(weather.met()).reduce((sum, each) => sum + each, 0);
      if (times < calls / 20) throw new Error(`${name}: ${times} faults in ${calls} calls`);
    },
  };
}

/**
 * Uses a store as the engine does whose answer was lost: reads are made again; after a write it is looked whether that was
 * made, and what is missing of it is made then.
 */
class PersistentStore<Item extends object> implements ItemStore<Item>, Account {
  calls = 0;
  tries = 0;
  lookedUp = 0;
  readonly #kind: ItemKind<Item>;
  readonly #store: ItemStore<Item> & Account;
  readonly #weather: Weather;
  /** What was made under a stamp before: another create under it makes another item, or gives the same one. */
  readonly #made = new Map<string, Set<Ref>>();

  constructor(kind: ItemKind<Item>, store: ItemStore<Item> & Account, weather: Weather) {
    this.#kind = kind;
    this.#store = store;
    this.#weather = weather;
  }

  get capabilities() {
    return this.#store.capabilities;
  }

  get identity(): string {
    return this.#store.identity ?? "";
  }

  changes(...[scope, cursor, signal]: Parameters<ItemStore<Item>["changes"]>) {
    return this.#again(() => this.#store.changes(scope, cursor, signal));
  }

  get(ref: Ref, signal: AbortSignal) {
    return this.#again(() => this.#store.get(ref, signal));
  }

  findByKey(scope: Scope, key: string, signal: AbortSignal) {
    return this.#again(() => this.#store.findByKey(scope, key, signal));
  }

  async probe(signal: AbortSignal) {
    return this.#again(async () => {
      const answer = await this.#store.probe(signal);
      if (!answer.ok && isTransient(new Failure(answer.code))) throw new Failure(answer.code);
      return answer;
    });
  }

  async create(scope: Scope, item: Item, key: string, signal: AbortSignal): Promise<Observed<Item>> {
    const made = this.#made.get(key) ?? new Set();
    this.#made.set(key, made);
    const created = await this.#write(
      () => this.#store.create(scope, item, key, signal),
      async () => {
        const found = await this.findByKey(scope, key, signal);
        const ours = found.find(({ ref }) => !made.has(ref));
        return ours && this.#complete(ours, item, signal);
      },
    );
    made.add(created.ref);
    return created;
  }

  async update(
    ref: Ref,
    patch: Partial<Item>,
    version: Version,
    signal: AbortSignal,
  ): Promise<Observed<Item>> {
    const before = await this.get(ref, signal);
    // Somebody else was there: whatever is written is refused, however often.
    const stale = before?.version !== version;
    const wanted = { ...before?.item, ...patch } as Item;
    let [at, rest] = [version, patch];
    return this.#write(
      () => this.#store.update(ref, rest, at, signal),
      async () => {
        if (stale) return undefined;
        const now = await this.get(ref, signal);
        if (now === undefined || now.version === at) return undefined;
        at = now.version;
        // A write of several requests may have ended in between, and have taken away for a moment what it did not name.
        rest = this.#rest(now.item, wanted);
        return Object.keys(rest).length === 0 ? now : undefined;
      },
    );
  }

  async remove(ref: Ref, version: Version, signal: AbortSignal): Promise<void> {
    const before = await this.get(ref, signal);
    let at = version;
    await this.#write<true>(
      async () => {
        await this.#store.remove(ref, at, signal);
        return true;
      },
      async () => {
        const now = await this.get(ref, signal);
        if (now === undefined) return true;
        if (before?.version === version) at = now.version;
        return undefined;
      },
    );
  }

  /** A create of several requests may have ended in between. */
  async #complete(found: Observed<Item>, item: Item, signal: AbortSignal): Promise<Observed<Item>> {
    const rest = this.#rest(found.item, item);
    return Object.keys(rest).length === 0 ? found : this.update(found.ref, rest, found.version, signal);
  }

  /** The patch that makes the item as it was to be, of the fields on which a write has a say. */
  #rest(actual: Item, wanted: Item): Partial<Item> {
    const { fields } = this.capabilities;
    const missing = differences(this.#kind, actual, held(this.#kind, wanted, this.capabilities)).filter(
      (field) => fields[field] !== "read-only",
    );
    return Object.fromEntries(missing.map((field) => [field, wanted[field] ?? null])) as Partial<Item>;
  }

  /** @param look what a write that failed has done; `undefined` asks for another one */
  async #write<Answer>(
    send: () => Promise<Answer>,
    look: () => Promise<Answer | undefined>,
  ): Promise<Answer> {
    this.calls += 1;
    for (;;) {
      try {
        return await this.#once(send);
      } catch (error) {
        if (!isTransient(error)) throw error;
        await waitFor(error);
        const done = await look();
        if (done === undefined) continue;
        this.lookedUp += 1;
        return done;
      }
    }
  }

  #again<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    return this.#write(send, async () => undefined);
  }

  async #once<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    this.tries += 1;
    if (this.tries > 5 * this.calls + 100) throw new Error("it never gets through");
    this.#weather.blow();
    try {
      return await send();
    } finally {
      await this.#weather.calm();
    }
  }
}

/** A store that was told to wait refuses everything until then. */
async function waitFor({ retryAfterMs }: Failure): Promise<void> {
  if (retryAfterMs !== undefined) await delay(retryAfterMs);
}

/** Nothing of the item's own: another try may go through. */
function isTransient(error: unknown): error is Failure {
  return error instanceof Failure && errorRow(error.code).scope !== "item";
}
