import type { DictionaryPath } from "../properties.ts";
import { attribute, children, el, type Xml } from "../xml.ts";
import type { Draft } from "./draft.ts";

const addressParts = ["Street", "City", "State", "CountryOrRegion", "PostalCode"];

/** Sets one entry of a contact's addresses or numbers; of a physical address only the named part. */
export function dictionarySet(draft: Draft, path: DictionaryPath, entry: Xml): void {
  const key = attribute(entry, "Key") ?? "";
  let next = entry;
  if (path.part !== undefined) {
    const before = children(find(draft, path, key)).filter((part) => part.name !== path.part);
    const parts = [...before, ...children(entry).filter((part) => part.name === path.part)];
    parts.sort((a, b) => addressParts.indexOf(a.name) - addressParts.indexOf(b.name));
    next = { ...entry, children: parts };
  }
  write(draft, path, key, next);
}

export function dictionaryDelete(draft: Draft, path: DictionaryPath, key: string): void {
  if (path.part === undefined) {
    write(draft, path, key, undefined);
    return;
  }
  const present = find(draft, path, key);
  if (!present) return;
  const parts = children(present).filter((part) => part.name !== path.part);
  write(draft, path, key, parts.length > 0 ? { ...present, children: parts } : undefined);
}

function find(draft: Draft, path: DictionaryPath, key: string): Xml | undefined {
  return children(draft.data.values[path.element]).find((entry) => attribute(entry, "Key") === key);
}

function write(draft: Draft, path: DictionaryPath, key: string, entry: Xml | undefined): void {
  draft.touched.add(path.element);
  const entries = children(draft.data.values[path.element]).filter(
    (other) => attribute(other, "Key") !== key,
  );
  if (entry) entries.push(entry);
  entries.sort((a, b) => (attribute(a, "Key") ?? "").localeCompare(attribute(b, "Key") ?? ""));
  if (entries.length > 0) draft.data.values[path.element] = el(path.element, entries);
  else delete draft.data.values[path.element];
}
