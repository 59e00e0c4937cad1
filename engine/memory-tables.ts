import type { IntentId, ItemLinkId } from "../core/ids.ts";
import { sides, type Ref, type Side } from "../core/items/observed.ts";
import type { Intent, IntentOutcome, ItemLink } from "../core/sync/item-link.ts";

/** Links by id, and by everything that the repository in memory is asked for: as the indexes of a database are. */
export class LinkTable extends Map<ItemLinkId, ItemLink> {
  readonly byKey = new Groups<string>();
  readonly byRef: Readonly<Record<Side, Groups<Ref>>> = { crm: new Groups(), mailbox: new Groups() };
  readonly byUid: Readonly<Record<Side, Groups<string>>> = { crm: new Groups(), mailbox: new Groups() };
  readonly byStamp: Readonly<Record<Side, Groups<string>>> = { crm: new Groups(), mailbox: new Groups() };
  readonly pending = new Set<ItemLinkId>();
  /** Of those that are pending: which have a time of their own, and which could not be read. */
  readonly timed = new Set<ItemLinkId>();
  readonly unread = new Set<ItemLinkId>();
  readonly fresh = new Set<ItemLinkId>();
  readonly unconfirmed = new Set<ItemLinkId>();
  readonly held = new Set<ItemLinkId>();
  #linked = 0;

  get linked(): number {
    return this.#linked;
  }

  override set(id: ItemLinkId, link: ItemLink): this {
    const before = this.get(id);
    if (before !== undefined) this.#index(before, false);
    this.#index(link, true);
    return super.set(id, link);
  }

  override delete(id: ItemLinkId): boolean {
    const before = this.get(id);
    if (before !== undefined) this.#index(before, false);
    return super.delete(id);
  }

  override clear(): void {
    for (const id of this.keys()) this.delete(id);
  }

  /** The links of these ids, in the order in which they came into the table. */
  of(ids: Iterable<ItemLinkId>): ItemLink[] {
    return [...this.each(ids)];
  }

  /** As `of`, one by one: whoever has seen enough stops. */
  *each(ids: Iterable<ItemLinkId>): Generator<ItemLink> {
    for (const id of ids) {
      const link = this.get(id);
      if (link !== undefined) yield link;
    }
  }

  #index(link: ItemLink, there: boolean): void {
    const { id, state } = link;
    this.byKey.note(link.key, id, there);
    for (const side of sides) {
      const known = link.sides[side];
      if (known === null) continue;
      this.byRef[side].note(known.ref, id, there);
      if (known.uid !== null) this.byUid[side].note(known.uid, id, there);
      if (known.stamp !== null) this.byStamp[side].note(known.stamp, id, there);
    }
    const { attempts, notBefore, pending } = link;
    // With nothing to do, or with nothing but an end of ours to be moved on some day.
    const unwatched = !pending || (attempts === 0 && notBefore !== null);
    const handled = state !== "deleted" && unwatched && link.held === null;
    note(this.pending, id, there && link.pending);
    note(this.timed, id, there && link.pending && notBefore !== null);
    note(this.unread, id, there && link.pending && link.reason === "unreadable");
    note(this.fresh, id, there && state === "new");
    note(this.held, id, there && link.held !== null);
    note(this.unconfirmed, id, there && handled && sides.some((side) => link.sides[side]?.unconfirmed));
    if (state === "linked") this.#linked += there ? 1 : -1;
  }
}

export interface IntentRow {
  intent: Intent;
  outcome: IntentOutcome | null;
  settledAt: number | null;
  recordedAt: number;
}

/** Intents by id; those without an outcome, and those that count for the brake, apart. */
export class IntentTable extends Map<IntentId, IntentRow> {
  readonly open = new Set<IntentId>();
  readonly counted = new Set<IntentId>();
  readonly #names = new Set<string>();

  /** Whether the same was intended before: link, target, operation and revision. */
  knows(intent: Intent): boolean {
    return this.#names.has(nameOf(intent));
  }

  of(ids: Iterable<IntentId>): IntentRow[] {
    return [...ids].flatMap((id) => this.get(id) ?? []);
  }

  override set(id: IntentId, row: IntentRow): this {
    note(this.open, id, row.outcome === null);
    note(this.counted, id, row.intent.counted);
    this.#names.add(nameOf(row.intent));
    return super.set(id, row);
  }

  override delete(id: IntentId): boolean {
    const before = this.get(id);
    if (before !== undefined) this.#names.delete(nameOf(before.intent));
    this.open.delete(id);
    this.counted.delete(id);
    return super.delete(id);
  }

  override clear(): void {
    for (const id of this.keys()) this.delete(id);
  }
}

function nameOf({ linkId, target, operation, linkRevision }: Intent): string {
  return [linkId, target, operation, linkRevision].join();
}

/** Ids by a value that several links may have. */
class Groups<Key> {
  readonly #ids = new Map<Key, Set<ItemLinkId>>();

  get(key: Key): Iterable<ItemLinkId> {
    return this.#ids.get(key) ?? [];
  }

  note(key: Key, id: ItemLinkId, there: boolean): void {
    const ids = this.#ids.get(key) ?? new Set();
    note(ids, id, there);
    if (ids.size > 0) this.#ids.set(key, ids);
    else this.#ids.delete(key);
  }
}

function note<Id>(ids: Set<Id>, id: Id, there: boolean): void {
  if (there) ids.add(id);
  else ids.delete(id);
}
