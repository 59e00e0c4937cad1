import { attribute, child, children, text, type Xml } from "./xml.ts";

/** How the properties of items of any kind are read: positively, or not at all. */

/** The extended property that carries our stamp: a namespace and a name of our own. */
export const stamp = { propertySetId: "8a0b6a1c-5d0e-4f0b-9c53-6c1f0f3a7e21", name: "EverlinkKey" } as const;

/** An item that lacks what every calendar item has, or has it in no known form. */
export class UnreadableItem extends Error {}

/** The item cannot be written as it is wished: Exchange has no word for it, or the present one was not understood. */
export class UnwritableItem extends Error {}

/** `ItemId` of an item element. @throws UnreadableItem */
export function readId(item: Xml): { id: string; changeKey: string } {
  const element = child(item, "ItemId");
  const id = element && attribute(element, "Id");
  const changeKey = element && attribute(element, "ChangeKey");
  if (!id || !changeKey) throw new UnreadableItem("ItemId");
  return { id, changeKey };
}

export function required(item: Xml, name: string): string {
  const value = optional(item, name);
  if (value === null) throw new UnreadableItem(name);
  return value;
}

export function optional(item: Xml, name: string): string | null {
  const element = child(item, name);
  return element ? text(element).trim() : null;
}

/** With an offset or without (then UTC, see "Time zones and EWS in Exchange"); to the second. */
export function readInstant(value: string): string {
  const zoned = /(?:Z|[+-]\d{2}:\d{2})$/u.test(value) ? value : `${value}Z`;
  const at = Date.parse(zoned);
  if (Number.isNaN(at)) throw new UnreadableItem("a time");
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

export function readBoolean(value: string): boolean {
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  throw new UnreadableItem("a boolean");
}

export function readInteger(value: string | null): number | undefined {
  return value !== null && /^-?\d{1,9}$/u.test(value) ? Number(value) : undefined;
}

export function readBody(item: Xml): string {
  const body = child(item, "Body");
  if (!body) return "";
  // Text was asked for; markup taken for text would be written to the other system as it stands.
  if (attribute(body, "BodyType") !== "Text") throw new UnreadableItem("Body");
  return text(body);
}

export function readStamp(item: Xml): string | null {
  return readExtended(
    item,
    (field) =>
      attribute(field, "PropertySetId")?.toLowerCase() === stamp.propertySetId &&
      attribute(field, "PropertyName") === stamp.name,
  );
}

/** The value of an extended property; `null` where the item has none. */
export function readExtended(item: Xml, isMeant: (field: Xml) => boolean): string | null {
  for (const property of children(item, "ExtendedProperty")) {
    const field = child(property, "ExtendedFieldURI");
    const value = child(property, "Value");
    if (field && value && isMeant(field)) return text(value);
  }
  return null;
}

/** A list of texts, `<Categories><String>…`. */
export function readTexts(item: Xml, name: string): string[] {
  const list = child(item, name);
  return list ? children(list, "String").map(text) : [];
}
