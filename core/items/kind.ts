import type { Capabilities, FieldSupport, Kind, Window } from "./observed.ts";

export type FieldOf<Item> = keyof Item & string;

/** What the rules of sync need to know of a kind of item, in one value; pure and without any system's name. */
export interface ItemKind<Item> {
  readonly kind: Kind;
  /** In the order in which people are told about them. */
  readonly fields: readonly FieldOf<Item>[];
  /**
   * Names the fields that only some items have, the members of a collection under a key of their own. One that is absent
   * on both sides is no difference; `null` in a patch takes it away.
   */
  readonly isElement?: (name: string) => name is FieldOf<Item>;
  /** The one spelling of a value, per field: idempotent, total for values of the type. */
  readonly normalizeField: { readonly [Field in keyof Item]: (value: Item[Field]) => Item[Field] };
  /** The normal form of a whole item. Idempotent. */
  normalize(item: Item): Item;
  /**
   * What of a value in normal form is compared, where that is less than all of it: two spellings of a telephone number
   * are one number. What is written is the value itself.
   */
  readonly compared: { readonly [Field in keyof Item]?: (value: Item[Field]) => unknown };
  /** Whether an item in normal form can be held by any system at all. */
  isValid(item: Item): boolean;
  /** Whether a store lists the item for that window. */
  touches(item: Item, window: Window): boolean;
}

type Prints = Readonly<Record<string, string | undefined>>;

/** All fields of a kind, with the elements that any of these has by name: items, or what is kept per field. */
export function fieldsIn<Item>(
  kind: ItemKind<Item>,
  ...holders: readonly (Item | Prints)[]
): FieldOf<Item>[] {
  const { isElement } = kind;
  if (isElement === undefined) return [...kind.fields];
  const elements = holders.flatMap((holder) =>
    Object.entries(holder as Prints).flatMap(([name, value]) =>
      isElement(name) && value !== undefined && value !== null ? [name] : [],
    ),
  );
  return [...kind.fields, ...new Set(elements)];
}

/** How a system holds one field: see `FieldSupport`; `lossy` says what a value becomes, `none` what it always is. */
export type FieldDeclaration<Item, Field extends keyof Item> =
  "full" | "read-only" | { lossy: (value: Item[Field], item: Item) => Item[Field] } | { none: Item[Field] };

export type FieldDeclarations<Item> = { readonly [Field in keyof Item]: FieldDeclaration<Item, Field> };

/**
 * A connector's word on every field of a kind, as capabilities. Projections must be idempotent and total; they are
 * given the item in normal form.
 */
export function declare<Item extends object>(
  kind: ItemKind<Item>,
  declarations: FieldDeclarations<Item>,
): Pick<Capabilities<Item>, "fields" | "project"> {
  const support = (field: FieldOf<Item>): FieldSupport => {
    const declared: FieldDeclaration<Item, FieldOf<Item>> = declarations[field];
    if (typeof declared === "string") return declared;
    return "lossy" in declared ? "lossy" : "none";
  };
  const projectField = <Field extends FieldOf<Item>>(field: Field, item: Item): Item[Field] => {
    const declared: FieldDeclaration<Item, Field> = declarations[field];
    if (typeof declared === "string") return item[field];
    return "lossy" in declared ? declared.lossy(item[field], item) : declared.none;
  };
  return {
    fields: Object.fromEntries(
      kind.fields.map((field) => [field, support(field)]),
    ) as Capabilities<Item>["fields"],
    project: (given) => {
      const item = kind.normalize(given);
      const entries = kind.fields.map((field) => [field, projectField(field, item)] as const);
      return kind.normalize(Object.fromEntries(entries) as Item);
    },
  };
}
