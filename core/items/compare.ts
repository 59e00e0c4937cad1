import { fieldsIn, type FieldOf, type ItemKind } from "./kind.ts";
import type { Capabilities } from "./observed.ts";

type Projecting<Item> = Pick<Capabilities<Item>, "project">;

/** Stands where some program could not read a character: one more or less is nobody's edit. */
const unreadable = "\uFFFD";

/** One text per value: equal exactly when the values say the same. Fingerprints are taken of it. */
export function canonical<Item>(kind: ItemKind<Item>, field: FieldOf<Item>, item: Item): string {
  const compared = kind.compared[field];
  const text = stable(compared === undefined ? item[field] : compared(item[field]));
  return text.includes(unreadable) ? text.replaceAll(unreadable, "") : text;
}

/** What one system holds of an item, in normal form. Idempotent. */
export function held<Item>(kind: ItemKind<Item>, item: Item, system: Projecting<Item>): Item {
  return kind.normalize(system.project(kind.normalize(item)));
}

/** What both systems can hold of an item: the ground on which their values are compared. Idempotent. */
export function inCommon<Item>(
  kind: ItemKind<Item>,
  item: Item,
  one: Projecting<Item>,
  other: Projecting<Item>,
): Item {
  return held(kind, held(kind, item, one), other);
}

/** The fields in which two items differ, each in its normal form. */
export function differences<Item>(kind: ItemKind<Item>, a: Item, b: Item): FieldOf<Item>[] {
  const [left, right] = [kind.normalize(a), kind.normalize(b)];
  return fieldsIn(kind, left, right).filter(
    (field) => canonical(kind, field, left) !== canonical(kind, field, right),
  );
}

/** JSON with sorted names, so that the order in which an object was built says nothing. */
function stable(value: unknown): string {
  if (value === undefined) return "null";
  if (Array.isArray(value)) return `[${value.map(stable).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, part]) => `${JSON.stringify(name)}:${stable(part)}`).join(",")}}`;
}
