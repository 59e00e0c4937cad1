import type { Call } from "../call.ts";
import { EwsError } from "../errors.ts";
import { extendedKey } from "../extended.ts";
import type { ItemKind } from "../model.ts";
import { dictionaryPath, propertyByElement, propertyByUri } from "../properties.ts";
import { attribute, children, type Xml } from "../xml.ts";
import { settleCalendar } from "./calendar.ts";
import { dictionaryDelete, dictionarySet } from "./dictionary.ts";
import { newDraft, type Draft } from "./draft.ts";
import { appendField, deleteField, setField } from "./fields.ts";
import { settleTask } from "./task.ts";

/**
 * A new item from an element of CreateItem.
 * @throws EwsError `ErrorInvalidPropertySet` for properties that are the server's own
 */
export function draftFrom(element: Xml, kind: ItemKind, call: Call): Draft {
  const draft = newDraft(kind, call);
  for (const value of children(element)) {
    const property = propertyByElement(kind, value.name);
    if (!property?.settable) throw refused("ErrorInvalidPropertySet", value.name);
    setField(draft, value, call);
  }
  settle(draft, call, true);
  return draft;
}

/** Applies the `Updates` of one item change, all or nothing. */
export function applyUpdates(draft: Draft, updates: Xml[], call: Call): void {
  for (const update of updates) applyUpdate(draft, update, call);
  settle(draft, call, false);
}

function settle(draft: Draft, call: Call, isNew: boolean): void {
  if (draft.kind === "CalendarItem") settleCalendar(draft, call, isNew);
  if (draft.kind === "Task") settleTask(draft, call);
}

function applyUpdate(draft: Draft, update: Xml, call: Call): void {
  const [path, item] = children(update);
  if (!path) throw new EwsError("ErrorUpdatePropertyMismatch");
  if (path.name === "ExtendedFieldURI") {
    updateExtended(draft, update.name, path, item, call);
    return;
  }
  const uri = attribute(path, "FieldURI") ?? "";
  if (path.name === "IndexedFieldURI") {
    updateDictionary(draft, update.name, uri, attribute(path, "FieldIndex") ?? "", item);
    return;
  }
  const property = propertyByUri(draft.kind, uri);
  if (update.name === "DeleteItemField") {
    if (!property?.updatable) throw refused("ErrorInvalidPropertyDelete", uri);
    deleteField(draft, property.element);
    return;
  }
  if (!property?.updatable) throw refused("ErrorInvalidPropertySet", uri);
  const value = onlyValue(item);
  if (value.name !== property.element) throw new EwsError("ErrorUpdatePropertyMismatch");
  if (update.name === "AppendToItemField") appendField(draft, value);
  else setField(draft, value, call);
}

function updateExtended(draft: Draft, action: string, path: Xml, item: Xml | undefined, call: Call): void {
  const key = extendedKey(path);
  if (action === "AppendToItemField") throw new EwsError("ErrorInvalidPropertyAppend");
  if (action === "DeleteItemField") {
    draft.data.extended = draft.data.extended.filter((entry) => entry.key !== key);
    draft.touchedExtended.add(key);
    return;
  }
  const value = onlyValue(item);
  const valuePath = children(value).find((part) => part.name === "ExtendedFieldURI");
  if (value.name !== "ExtendedProperty" || !valuePath || extendedKey(valuePath) !== key) {
    throw new EwsError("ErrorUpdatePropertyMismatch");
  }
  setField(draft, value, call);
}

function updateDictionary(
  draft: Draft,
  action: string,
  uri: string,
  index: string,
  item: Xml | undefined,
): void {
  const path = dictionaryPath(uri);
  if (!path || draft.kind !== "Contact") throw refused("ErrorInvalidPropertySet", uri);
  if (action === "AppendToItemField") throw new EwsError("ErrorInvalidPropertyAppend");
  if (action === "DeleteItemField") {
    dictionaryDelete(draft, path, index);
    return;
  }
  const value = onlyValue(item);
  const entry = children(value)[0];
  if (
    value.name !== path.element ||
    !entry ||
    attribute(entry, "Key") !== index ||
    children(value).length > 1
  ) {
    throw new EwsError("ErrorUpdatePropertyMismatch");
  }
  dictionarySet(draft, path, entry);
}

function onlyValue(item: Xml | undefined): Xml {
  const values = children(item);
  const value = values[0];
  if (!value || values.length > 1) {
    throw new EwsError(
      "ErrorIncorrectUpdatePropertyCount",
      "An object within a change description must contain one property.",
    );
  }
  return value;
}

function refused(code: string, name: string): EwsError {
  return new EwsError(code, `The action is invalid for the property ${name}.`);
}
