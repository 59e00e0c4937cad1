import type { Call } from "./call.ts";
import { computedExtended } from "./computed-extended.ts";
import { extendedKey, writeExtended } from "./extended.ts";
import type { ItemKind, ItemView } from "./model.ts";
import { dictionaryPath, propertiesOf, propertyByUri, timeProperties, type Property } from "./properties.ts";
import { readers, type ReadOptions } from "./readers/index.ts";
import { formatTime } from "./timezones.ts";
import { attribute, child, children, childText, write, type Xml } from "./xml.ts";

/** Which properties of an item an answer holds. */
export class ItemShape {
  readonly #base: string;
  readonly #paths: Xml[];
  readonly #extended: { path: Xml; key: string }[];
  readonly #options: ReadOptions;
  /** FindItem and SyncFolderItems leave out what only GetItem answers. */
  readonly #listing: boolean;
  readonly #plans = new Map<ItemKind, Property[]>();

  /** @throws EwsError `ErrorInvalidExtendedProperty` */
  constructor(request: Xml | undefined, listing: boolean) {
    const shape = child(request, "ItemShape");
    this.#base = childText(shape, "BaseShape") ?? "IdOnly";
    this.#paths = children(child(shape, "AdditionalProperties"));
    this.#extended = this.#paths
      .filter((path) => path.name === "ExtendedFieldURI")
      .map((path) => ({ path, key: extendedKey(path) }));
    this.#options = { bodyType: (childText(shape, "BodyType") ?? "Best") as ReadOptions["bodyType"] };
    this.#listing = listing;
  }

  /** True when an answer needs nothing but ids, so that a listing need not read items. */
  get idsOnly(): boolean {
    return this.#base === "IdOnly" && this.#paths.length === 0;
  }

  /** Writes the item as one element of the types namespace. */
  write(view: ItemView, call: Call): string {
    const name = `t:${view.item.kind}`;
    let content = "";
    for (const property of this.#plan(view.item.kind)) {
      if (property.element === "ExtendedProperty") content += this.#writeExtended(view);
      else {
        const value = this.#dictionary(property, readProperty(view, property.element, call, this.#options));
        if (value) content += write(value);
      }
    }
    return `<${name}>${content}</${name}>`;
  }

  #plan(kind: ItemKind): Property[] {
    let plan = this.#plans.get(kind);
    if (!plan) {
      const named = new Set<string>();
      for (const path of this.#paths) {
        const uri = attribute(path, "FieldURI") ?? "";
        const element =
          path.name === "IndexedFieldURI" ? dictionaryPath(uri)?.element : propertyByUri(kind, uri)?.element;
        if (element !== undefined) named.add(element);
      }
      if (this.#extended.length > 0) named.add("ExtendedProperty");
      plan = propertiesOf(kind).filter((property) => {
        if (this.#listing && property.bindOnly) return false;
        if (property.element === "ItemId" || named.has(property.element)) return true;
        return (
          (this.#base === "Default" && property.byDefault) ||
          (this.#base === "AllProperties" && property.inAll)
        );
      });
      this.#plans.set(kind, plan);
    }
    return plan;
  }

  #writeExtended(view: ItemView): string {
    let out = "";
    for (const { path, key } of this.#extended) {
      const value = view.data.extended.find((entry) => entry.key === key) ?? computedExtended(view, key);
      if (value) out += write(writeExtended(path, value));
    }
    return out;
  }

  /** Keeps only the asked entries of a dictionary when it was asked for by index. */
  #dictionary(property: Property, value: Xml | undefined): Xml | undefined {
    if (!value || this.#base === "AllProperties" || (this.#base === "Default" && property.byDefault))
      return value;
    const asked = this.#paths.filter(
      (path) =>
        path.name === "IndexedFieldURI" &&
        dictionaryPath(attribute(path, "FieldURI") ?? "")?.element === property.element,
    );
    if (asked.length === 0) return value;
    const keys = new Set(asked.map((path) => attribute(path, "FieldIndex")));
    const entries = children(value).filter((entry) => keys.has(attribute(entry, "Key")));
    return entries.length > 0 ? { ...value, children: entries } : undefined;
  }
}

/** One property of an item as an answer holds it, or undefined when the item has none. */
export function readProperty(
  view: ItemView,
  element: string,
  call: Call,
  options: ReadOptions = { bodyType: "Best" },
): Xml | undefined {
  const reader = readers[view.item.kind][element];
  if (reader) {
    const value = reader(view, call, options);
    if (value === undefined) return undefined;
    return typeof value === "string" ? { name: element, text: value } : { ...value, name: element };
  }
  const stored = view.data.values[element];
  if (stored?.text !== undefined && timeProperties.has(element)) {
    return { name: element, text: formatTime(Date.parse(stored.text), call.zone) };
  }
  return stored;
}
