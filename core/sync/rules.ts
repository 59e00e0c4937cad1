import type { FieldOf, ItemKind } from "../items/kind.ts";
import type { Side } from "../items/observed.ts";
import type { UntouchedReason } from "./item-link.ts";
import type { BothCapabilities, Seen } from "./prints.ts";
import type { SyncSettings } from "./settings.ts";

/** What sync does differently for one kind of item. The decision table is the same for all of them (`plan.ts`). */
export interface KindRules<Item> {
  readonly kind: ItemKind<Item>;
  /** The fields that tell what an item is about: the CRM's copy of a private one is without them. */
  readonly content: readonly FieldOf<Item>[];
  /** The field that says whether an item is private; `null` for kinds that have no such thing. */
  readonly privacy: FieldOf<Item> | null;
  isPrivate(item: Item): boolean;
  /** The item without its content, under that title. */
  mask(item: Item, title: string): Item;
  /** The item with what is private in it, while the whole is not, without content. */
  readonly maskParts?: (item: Item, title: string) => Item;
  /** The elements of a masked copy with the content that they have in `present`, so that writing them takes none away. */
  readonly keepContent?: (masked: Item, present: Item) => Item;
  /** Canonical texts of what is empty, for the fields whose emptying counts for the brake. */
  readonly emptied: Readonly<Partial<Record<FieldOf<Item>, string>>>;
  /** Why an item of this kind is left alone wherever it is: what one of the systems could not hold without harm. */
  whyUntouched(seen: Seen<Item>, capabilities: BothCapabilities<Item>): UntouchedReason | null;
  /** The user's own filters: they keep new items where they are. */
  whyFiltered(item: Item, settings: SyncSettings): UntouchedReason | null;
  /**
   * Items on this side are the user's chosen extract of something larger: a delete on the other side, or leaving the
   * extract, ends the subscription of one item and deletes nothing of it here (rows 81–85). `null`: two equal sides.
   */
  readonly subscribes: Side | null;
  /** How items without an end are cut to a window and known again; absent for kinds that have none. */
  readonly rolling?: Rolling<Item>;
  /** Elements that belong to a time: outside of these dates (both included) they stay where they are. */
  readonly elementDate?: (field: FieldOf<Item>) => string | null;
}

/** Dates are local ones, `2026-03-02`. */
export interface Rolling<Item> {
  /** An endless item, ended on its last date not after `until` (or its first one); `null` when it is not endless. */
  bound(item: Item, until: string): { item: Item; end: string } | null;
  /** The date on which the item ends; `null` when it does not end on a date. */
  endOf(item: Item): string | null;
  unbound(item: Item): Item;
  /** The first date of an endless item after that one; `null` when there is none. */
  nextAfter(item: Item, date: string): string | null;
}
