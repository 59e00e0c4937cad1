import type { Appointment } from "../../core/items/appointment.ts";
import type { ItemKind } from "../../core/items/kind.ts";
import { plainTraits } from "../../core/items/observed.ts";
import type { Capabilities, Observed, Ref, Traits } from "../contract.ts";

/** What stands in the journal: that something happened to an item, in order. */
export interface Entry {
  seq: number;
  ref: Ref;
  /** Told together with the entry before, or not at all: an item got another ref. */
  joined?: true;
}

interface Late {
  dueAt: number;
  land(): void;
}

/** A copy of everything, as it was. */
export interface Backup<Item> {
  readonly items: ReadonlyMap<Ref, Observed<Item>>;
  readonly next: number;
}

/**
 * The system behind a memory store, as the person at its screen knows it. Everything here happens at once and
 * cannot fail; `store.ts` adds the network.
 */
export class MemorySystem<Item = Appointment> {
  readonly name: string;
  readonly capabilities: Capabilities<Item>;
  readonly kind: ItemKind<Item>;
  readonly journal: Entry[] = [];
  /** Data that no connector maps, by item: it must survive every write (I10). */
  readonly unmapped = new Map<Ref, string>();
  /** What the system itself says of an item that somebody else makes: values of fields that are read-only. */
  given: Partial<Item> = {};
  /** Grows when the system forgets every cursor it gave out. */
  epoch = 1;
  /** Another one is another store under the same name. */
  incarnation = 1;
  readonly #items = new Map<Ref, Observed<Item>>();
  readonly #late: Late[] = [];
  readonly #bin = new Map<Ref, Observed<Item>>();
  /** The place in the journal at which an item first came. */
  readonly #cameAt = new Map<Ref, number>();
  /** Came during a listing of several pages, and was told by it. */
  readonly listed = new Set<Ref>();
  readonly #byKey = new Map<string, Set<Ref>>();
  #sorted: Observed<Item>[] | undefined;
  #next = 1;
  #births = 0;

  constructor(name: string, capabilities: Capabilities<Item>, kind: ItemKind<Item>) {
    this.name = name;
    this.capabilities = capabilities;
    this.kind = kind;
  }

  /** A person makes an item. */
  put(item: Item, more: { traits?: Partial<Traits>; uid?: string | null; key?: string | null } = {}): Ref {
    const number = this.#next++;
    const ref = `${this.name}-${String(number).padStart(6, "0")}`;
    this.unmapped.set(ref, `unmapped ${ref}`);
    this.#write({
      ref,
      version: "",
      uid: more.uid === undefined ? `uid-${ref}` : more.uid,
      key: more.key ?? null,
      item: this.#held(item),
      traits: { ...plainTraits, ...more.traits },
      born: `birth ${++this.#births}`,
    });
    return ref;
  }

  /** A person edits an item. */
  change(ref: Ref, patch: Partial<Item>, traits: Partial<Traits> = {}): void {
    const present = this.#present(ref);
    this.#write({
      ...present,
      item: this.#held({ ...present.item, ...patch }),
      traits: { ...present.traits, ...traits },
    });
  }

  remove(ref: Ref): void {
    const present = this.#items.get(ref);
    if (present !== undefined) this.#bin.set(ref, present);
    this.#items.delete(ref);
    this.#sorted = undefined;
    if (typeof present?.key === "string") this.#byKey.get(present.key)?.delete(ref);
    this.#journal(ref);
  }

  /** What can be brought back. */
  get deleted(): readonly Ref[] {
    return [...this.#bin.keys()];
  }

  /** A person brings a deleted item back, under the same ref. */
  restore(ref: Ref): void {
    const before = this.#bin.get(ref);
    if (before === undefined) throw new Error(`${this.name} has not deleted ${ref}`);
    this.#bin.delete(ref);
    this.#write(before);
  }

  /** A person copies an item; the stamp is copied with it. */
  copy(ref: Ref): Ref {
    const { item, traits, key } = this.#present(ref);
    return this.put(item, { traits, key });
  }

  /** The version changes, the content does not: somebody saved without editing, an index was rebuilt. */
  touch(ref: Ref): void {
    this.#write(this.#present(ref));
  }

  /** The system gives an item another ref (a move there and back). */
  readdress(ref: Ref): Ref {
    const { item, traits, key, uid } = this.#present(ref);
    const unmapped = this.unmapped.get(ref) ?? "";
    this.remove(ref);
    this.#bin.delete(ref);
    const moved = this.put(item, { traits, key, uid });
    this.unmapped.set(moved, unmapped);
    const entry = this.journal.at(-1);
    if (entry !== undefined) entry.joined = true;
    return moved;
  }

  /** The system forgets how far anybody had read. */
  forgetCursors(): void {
    this.epoch += 1;
  }

  backup(): Backup<Item> {
    return { items: new Map(this.#items), next: this.#next };
  }

  /** Puts a copy back: what came since is gone, what was deleted is back, and refs are given out again. */
  restoreBackup({ items, next }: Backup<Item>): void {
    const before = new Map(this.#items);
    this.#items.clear();
    for (const [ref, item] of items) this.#items.set(ref, item);
    this.#bin.clear();
    this.#next = next;
    for (const ref of new Set([...before.keys(), ...items.keys()]))
      if (before.get(ref)?.version !== items.get(ref)?.version) this.#journal(ref);
  }

  /** A new, empty store under the same name; nothing of the old one is valid any more. */
  replace(): void {
    for (const ref of this.#items.keys()) this.remove(ref);
    this.#bin.clear();
    this.epoch += 1;
    this.incarnation += 1;
  }

  get(ref: Ref): Observed<Item> | undefined {
    return this.#items.get(ref);
  }

  /** In the order of their refs. */
  all(): readonly Observed<Item>[] {
    return (this.#sorted ??= [...this.#items.values()].toSorted((a, b) => (a.ref < b.ref ? -1 : 1)));
  }

  withKey(key: string): Observed<Item>[] {
    const refs = [...(this.#byKey.get(key) ?? [])].toSorted();
    return refs.flatMap((ref) => this.#items.get(ref) ?? []);
  }

  /** The index in the journal of the item's first entry. */
  cameAt(ref: Ref): number {
    return this.#cameAt.get(ref) ?? -1;
  }

  /** A write of Everlink's that arrives after Everlink gave up on it. */
  later(dueAt: number, land: () => void): void {
    this.#late.push({ dueAt, land });
  }

  /** Lets every late write land whose time has come. */
  arrive(now: number): void {
    for (const late of this.#late.splice(0)) {
      if (late.dueAt <= now) late.land();
      else this.#late.push(late);
    }
  }

  #present(ref: Ref): Observed<Item> {
    const present = this.#items.get(ref);
    if (present === undefined) throw new Error(`${this.name} has no item ${ref}`);
    return present;
  }

  #held(item: Item): Item {
    return this.kind.normalize(this.capabilities.project(item));
  }

  #write(observed: Observed<Item>): void {
    const seq = this.#journal(observed.ref);
    this.#items.set(observed.ref, { ...observed, version: `v${seq}` });
    this.#sorted = undefined;
    if (observed.key === null) return;
    const holders = this.#byKey.get(observed.key) ?? new Set();
    this.#byKey.set(observed.key, holders.add(observed.ref));
  }

  #journal(ref: Ref): number {
    const seq = this.journal.length + 1;
    if (!this.#cameAt.has(ref)) this.#cameAt.set(ref, seq - 1);
    this.journal.push({ seq, ref });
    return seq;
  }
}
