import type { FieldOf } from "../../../core/items/kind.ts";
import type { Capabilities, Observed, Side, Traits } from "../../../core/items/observed.ts";
import type { KindRules } from "../../../core/sync/rules.ts";
import type { SyncSettings } from "../../../core/sync/settings.ts";
import type { Dice } from "../dice.ts";

/** Writes a text that nobody has written before. */
export type Pen = (field: string) => string;

/** What a person may do to an item: values of some fields, and what the fields do not tell. */
export interface Edit<Item> {
  patch: Partial<Item>;
  traits?: Partial<Traits>;
}

/** One kind of item as people use it, and what the simulation expects of its sync: its own reading of the design. */
export interface KindModel<Item extends object> {
  readonly rules: KindRules<Item>;
  readonly capabilities: Readonly<Record<Side, Capabilities<Item>>>;
  /** How a user starts. */
  settings(dice: Dice): SyncSettings;
  /** The text by which people know the item again. Every item has its own. */
  readonly name: FieldOf<Item>;
  /** Fields of free text: whatever is written into one can be followed. */
  readonly texts: readonly FieldOf<Item>[];

  make(pen: Pen, dice: Dice, now: number): Item;
  /** An edit of something that is not a text. */
  change(item: Item, dice: Dice, now: number): Edit<Item>;
  /** Into the window, or out of it; `null` where a kind knows no such thing. */
  move(item: Item, where: "inside" | "outside", dice: Dice, now: number): Edit<Item> | null;
  /** What a hostile or broken program puts into an item: `null` for kinds that take anything. */
  hostile(item: Item, pen: Pen, dice: Dice): Edit<Item>;
  togglePrivate(item: Item): Edit<Item> | null;
  /** Acts that only appointments know. */
  recur?(item: Item, dice: Dice): Edit<Item>;
  changeOccurrence?(item: Item, pen: Pen, dice: Dice, now: number): Edit<Item> | null;
  /** This and the following: what becomes of the series, and the new one. */
  split?(item: Item, pen: Pen, dice: Dice): { before: Edit<Item>; after: Item } | null;

  /** Whether an item that is only here may, or must, stay without a counterpart. */
  mayStay(seen: Observed<Item>, side: Side, settings: SyncSettings): boolean;
  /** Fields in which both items differ although both systems could hold the same. */
  differences(a: Item, b: Item, now: number): FieldOf<Item>[];
}
