import type { ExtendedValue, ItemView } from "../exchange/model.ts";
import { computedExtended } from "../exchange/computed-extended.ts";
import { el, type Xml } from "../exchange/xml.ts";
import { badRequest } from "./errors.ts";

export interface SingleValue {
  id: string;
  value: string;
}

/**
 * Takes the id of an extended property apart: `String {guid} Name Stamp`, `Integer {guid} Id 0x8005`, `String 0x37`.
 * @throws GraphError `ErrorInvalidProperty` for what names nothing
 * @see https://learn.microsoft.com/graph/api/resources/extended-properties-overview
 */
function attributesOf(id: string): Record<string, string> {
  const match = /^(\w+) (?:(0x[0-9a-f]+)|\{?([0-9a-f-]{36})\}? (?:Name (.+)|Id (0x[0-9a-f]+)))$/i.exec(
    id.trim(),
  );
  if (!match) throw badRequest("ErrorInvalidProperty", `The id of the extended property is not valid: ${id}`);
  const [, type = "", tag, set, name, number] = match;
  if (tag !== undefined) return { PropertyTag: tag, PropertyType: type };
  if (name !== undefined) return { PropertySetId: set ?? "", PropertyName: name, PropertyType: type };
  return { PropertySetId: set ?? "", PropertyId: String(Number(number)), PropertyType: type };
}

/** As `t:ExtendedFieldURI`, by which the store knows it too. */
export const extendedPath = (id: string): Xml => el("ExtendedFieldURI", undefined, attributesOf(id));

/** As `t:ExtendedProperty`. */
export function extendedElement({ id, value }: { id: string; value: string | string[] }): Xml {
  const values = Array.isArray(value)
    ? el(
        "Values",
        value.map((each) => el("Value", each)),
      )
    : el("Value", value);
  return el("ExtendedProperty", [extendedPath(id), values]);
}

/** The normal form of the property's identity in the store. */
export function keyOf(id: string): string {
  const { PropertyType, PropertyTag, PropertySetId, PropertyName, PropertyId } = attributesOf(id);
  if (PropertyTag !== undefined) return `tag:${Number(PropertyTag).toString(16)}/${PropertyType}`;
  return `${PropertySetId?.toLowerCase()}/${PropertyName ?? `#${PropertyId}`}/${PropertyType}`;
}

export function valueOf(view: ItemView, id: string): ExtendedValue | undefined {
  const key = keyOf(id);
  return view.data.extended.find((entry) => entry.key === key) ?? computedExtended(view, key);
}

/** The asked properties that an item has. */
export function expandSingleValues(view: ItemView, ids: string[]): SingleValue[] {
  return ids.flatMap((id) => {
    const value = valueOf(view, id);
    return value === undefined || value.type.endsWith("Array") ? [] : [{ id, value: value.values[0] ?? "" }];
  });
}
