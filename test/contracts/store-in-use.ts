import { expect } from "vitest";
import type { Account, Changes, Cursor, ItemStore, Observed, Ref, Scope } from "../../connectors/contract.ts";
import { Failure } from "../../core/errors/failure.ts";
import { differences, held } from "../../core/items/compare.ts";
import type { FieldOf, ItemKind } from "../../core/items/kind.ts";
import type { Weather } from "./weather.ts";

/** One system of its own, empty, and a way to use it as a person would: past the connector. */
export interface StoreHarness<Item> {
  store: ItemStore<Item> & Account;
  /** The container; its window must hold the whole of 2026. */
  scope: Scope;
  outside: {
    /** Makes an item and answers its ref as the store knows it. */
    put(item: Item): Promise<Ref>;
    change(ref: Ref, patch: Partial<Item>): Promise<void>;
    remove(ref: Ref): Promise<void>;
    /** Copies an item together with everything hidden on it. Absent where people cannot. */
    copy?(ref: Ref): Promise<Ref>;
    /** Makes the system forget every cursor. Absent where it cannot. */
    forgetCursors?(): Promise<void>;
    /** Gives the item data that Everlink does not map, and reads it back. Absent where there is none. */
    unmapped?: { set(ref: Ref, value: string): Promise<void>; read(ref: Ref): Promise<string | undefined> };
    /** Invitations, updates and cancellations that the system has sent so far. */
    mailsSent?(): Promise<number>;
  };
  /** Makes calls of the store meet faults. Absent where only the contract without faults is checked. */
  weather?(): Weather;
  close(): Promise<void>;
}

/** What the tests of one store do again and again; `open` once before them, `close` after them. */
export class StoreInUse<Item extends object, Harness extends StoreHarness<Item>> {
  readonly signal = new AbortController().signal;
  readonly #kind: ItemKind<Item>;
  readonly #makeHarness: () => Promise<Harness>;
  #harness: Harness | undefined;
  #made = 0;

  constructor(kind: ItemKind<Item>, makeHarness: () => Promise<Harness>) {
    this.#kind = kind;
    this.#makeHarness = makeHarness;
  }

  async open(): Promise<void> {
    this.#harness = await this.#makeHarness();
  }

  async close(): Promise<void> {
    await this.#harness?.close();
  }

  get harness(): Harness {
    if (this.#harness === undefined) throw new Error("the system did not open");
    return this.#harness;
  }

  get outside(): Harness["outside"] {
    return this.harness.outside;
  }

  get store(): ItemStore<Item> & Account {
    return this.harness.store;
  }

  get scope(): Scope {
    return this.harness.scope;
  }

  newKey(): string {
    this.#made += 1;
    return `el.contract-${Date.now().toString(36)}-${this.#made}`;
  }

  create(item: Item, key = this.newKey()): Promise<Observed<Item>> {
    return this.store.create(this.scope, item, key, this.signal);
  }

  get(ref: Ref): Promise<Observed<Item> | undefined> {
    return this.store.get(ref, this.signal);
  }

  update(ref: Ref, patch: Partial<Item>, version: string): Promise<Observed<Item>> {
    return this.store.update(ref, patch, version, this.signal);
  }

  remove(ref: Ref, version: string): Promise<void> {
    return this.store.remove(ref, version, this.signal);
  }

  findByKey(key: string): Promise<Observed<Item>[]> {
    return this.store.findByKey(this.scope, key, this.signal);
  }

  /** All pages from a cursor. */
  async read(cursor?: Cursor): Promise<Changes<Item> & { pages: Changes<Item>[] }> {
    const pages: Changes<Item>[] = [];
    let next = cursor;
    do {
      const page = await this.store.changes(this.scope, next, this.signal);
      pages.push(page);
      next = page.next;
    } while (pages.at(-1)?.more);
    const last = pages.at(-1);
    if (last === undefined) throw new Error("no page");
    return {
      ...last,
      pages,
      upserts: pages.flatMap((page) => page.upserts),
      gone: pages.flatMap((page) => page.gone),
      failed: pages.flatMap((page) => page.failed),
    };
  }

  /** What the store's capabilities say becomes of the item. */
  held(item: Item): Item {
    return held(this.#kind, item, this.store.capabilities);
  }

  same(actual: Item | undefined, wanted: Item): void {
    expect(actual).toBeDefined();
    expect(this.writable(differences(this.#kind, actual as Item, this.held(wanted)))).toEqual([]);
  }

  /** Fields on which a write has a say. */
  writable(fields: FieldOf<Item>[]): FieldOf<Item>[] {
    return fields.filter((field) => this.store.capabilities.fields[field] !== "read-only");
  }

  /** Fields that the system cannot be without, and that are empty. */
  lacks(item: Item): FieldOf<Item>[] {
    const { requires = [] } = this.store.capabilities;
    return (requires as FieldOf<Item>[]).filter((field) => item[field] === null || item[field] === "");
  }

  /** The code with which the work is refused. */
  async refusal(work: Promise<unknown>): Promise<string> {
    const failure = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Failure);
    return (failure as Failure).code;
  }
}
