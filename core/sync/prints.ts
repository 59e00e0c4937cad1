import type { Appointment } from "../items/appointment.ts";
import { canonical, inCommon } from "../items/compare.ts";
import { fieldsIn, type ItemKind } from "../items/kind.ts";
import { otherSide, type Capabilities, type Observed, type Side } from "../items/observed.ts";
import type { Prints } from "./item-link.ts";

/** Keyed hash of one field's canonical value. */
export type Hash = (field: string, canonicalValue: string) => string;

/** An item as just read, with the hashes of its own values and of its values in the narrower projection. */
export interface Seen<Item = Appointment> {
  observed: Observed<Item>;
  /** In normal form. */
  item: Item;
  own: Prints;
  narrow: Prints;
  /** The item ends in its system on this date, which is our doing (`rolling.ts`); `item` is endless. */
  rolledTo?: string;
}

export type BothCapabilities<Item = Appointment> = Readonly<Record<Side, Capabilities<Item>>>;

export function look<Item>(
  kind: ItemKind<Item>,
  observed: Observed<Item>,
  side: Side,
  capabilities: BothCapabilities<Item>,
  hash: Hash,
): Seen<Item> {
  const item = kind.normalize(observed.item);
  const once = hashOnce(hash);
  const own = printsOf(kind, item, once);
  return { observed, item, own, narrow: narrowPrints(kind, item, side, capabilities, once) };
}

/** Most values are the same in the narrower projection: each is hashed once. Keyed hashes are what planning costs. */
function hashOnce(hash: Hash): Hash {
  const known = new Map<string, { value: string; print: string }>();
  return (field, value) => {
    const before = known.get(field);
    if (before?.value === value) return before.print;
    const print = hash(field, value);
    known.set(field, { value, print });
    return print;
  };
}

export function printsOf<Item>(kind: ItemKind<Item>, item: Item, hash: Hash): Prints {
  return Object.fromEntries(
    fieldsIn(kind, item).map((field) => [field, hash(field, canonical(kind, field, item))]),
  );
}

/** Hashes of what both systems can hold of an item that is now on `side`. */
export function narrowPrints<Item>(
  kind: ItemKind<Item>,
  item: Item,
  side: Side,
  capabilities: BothCapabilities<Item>,
  hash: Hash,
): Prints {
  return printsOf(kind, inCommon(kind, item, capabilities[side], capabilities[otherSide(side)]), hash);
}

export function samePrints(fields: readonly string[], a: Prints, b: Prints): boolean {
  return fields.every((field) => a[field] === b[field]);
}

export function only(prints: Prints, fields: readonly string[]): Prints {
  return Object.fromEntries(fields.map((field) => [field, prints[field]]));
}

/** What is known, with these fields as they are in `now`: those that are not there any more are forgotten. */
export function taking(known: Prints, now: Prints, fields: readonly string[]): Prints {
  return Object.fromEntries(
    Object.entries({ ...known, ...only(now, fields) }).filter(([, print]) => print !== undefined),
  );
}
