import type { Call } from "./call.ts";
import { computedExtended } from "./computed-extended.ts";
import { EwsError } from "./errors.ts";
import { extendedKey } from "./extended.ts";
import type { Folder } from "./folders.ts";
import type { ItemView } from "./model.ts";
import { dictionaryPath, propertyByUri } from "./properties.ts";
import { readProperty } from "./shape.ts";
import { attribute, child, children, type Xml } from "./xml.ts";

/** The values of one property of something, as texts; empty when it has none. */
type Read<T> = (subject: T) => string[];

/** Builds a reader for a path element; refuses paths that cannot be searched. */
type Paths<T> = (path: Xml) => Read<T>;

/**
 * Properties that the server cannot search or sort by (as measured by client libraries; `UID` is found through
 * the extended property GlobalObjectId instead).
 */
const unsearchable = new Set([
  "calendar:UID",
  "calendar:Recurrence",
  "calendar:RequiredAttendees",
  "calendar:OptionalAttendees",
  "calendar:Resources",
  "calendar:StartTimeZone",
  "calendar:EndTimeZone",
  "calendar:MeetingTimeZone",
  "calendar:ModifiedOccurrences",
  "calendar:DeletedOccurrences",
  "calendar:FirstOccurrence",
  "calendar:LastOccurrence",
  "calendar:IsResponseRequested",
  "calendar:AllowNewTimeProposal",
  "item:MimeContent",
  "item:Attachments",
  "item:ResponseObjects",
  "item:EffectiveRights",
  "task:Recurrence",
  "task:Status",
  "task:PercentComplete",
]);

/** How the properties of items are read for searching and sorting. */
export function itemPaths(call: Call, refusal: string): Paths<ItemView> {
  return (path) => {
    if (path.name === "ExtendedFieldURI") {
      const key = extendedKey(path);
      return (view) => {
        const value = view.data.extended.find((entry) => entry.key === key) ?? computedExtended(view, key);
        return value?.values ?? [];
      };
    }
    const uri = attribute(path, "FieldURI") ?? "";
    if (path.name === "IndexedFieldURI") return dictionaryReader(uri, attribute(path, "FieldIndex") ?? "");
    if (unsearchable.has(uri) && !(uri === "calendar:UID" && call.switches.uidSearchable))
      throw new EwsError(refusal);
    return (view) => {
      const property = propertyByUri(view.item.kind, uri);
      return property ? texts(readProperty(view, property.element, call)) : [];
    };
  };
}

function dictionaryReader(uri: string, index: string): Read<ItemView> {
  const path = dictionaryPath(uri);
  if (!path) throw new EwsError("ErrorUnsupportedPathForQuery");
  return (view) => {
    const entries = children(view.data.values[path.element]);
    const entry = entries.find((candidate) => attribute(candidate, "Key") === index);
    return texts(path.part === undefined ? entry : child(entry, path.part));
  };
}

/** Text of an element; of a list, the texts of its entries; of a mailbox, its name and address. */
function texts(xml: Xml | undefined): string[] {
  if (!xml) return [];
  if (xml.attributes?.["Id"] !== undefined) return [xml.attributes["Id"]];
  if (xml.children && xml.children.length > 0) return xml.children.flatMap(texts);
  return [xml.text ?? ""];
}

const folderPaths: Paths<Folder> = (path) => {
  if (path.name === "ExtendedFieldURI") {
    const key = extendedKey(path);
    return (folder) => folder.extended.find((entry) => entry.key === key)?.values ?? [];
  }
  const uri = attribute(path, "FieldURI");
  if (uri === "folder:DisplayName") return (folder) => [folder.name];
  if (uri === "folder:FolderClass") return (folder) => [folder.class];
  throw new EwsError("ErrorUnsupportedPathForQuery");
};

export function folderPredicate(restriction: Xml | undefined): (folder: Folder) => boolean {
  const expression = children(restriction)[0];
  return expression ? predicate(expression, folderPaths) : () => true;
}

/** @throws EwsError `ErrorUnsupportedPathForQuery`, `ErrorInvalidRestriction` */
export function itemPredicate(restriction: Xml | undefined, call: Call): (view: ItemView) => boolean {
  const expression = children(restriction)[0];
  return expression ? predicate(expression, itemPaths(call, "ErrorUnsupportedPathForQuery")) : () => true;
}

function predicate<T>(expression: Xml, paths: Paths<T>): (subject: T) => boolean {
  const parts = children(expression);
  const first = parts[0] as Xml;
  switch (expression.name) {
    case "And": {
      const all = parts.map((part) => predicate(part, paths));
      return (subject) => all.every((matches) => matches(subject));
    }
    case "Or": {
      const any = parts.map((part) => predicate(part, paths));
      return (subject) => any.some((matches) => matches(subject));
    }
    case "Not": {
      const matches = predicate(first, paths);
      return (subject) => !matches(subject);
    }
    case "Exists": {
      const read = paths(first);
      return (subject) => read(subject).length > 0;
    }
    case "Contains":
      return contains(expression, paths(first));
    case "Excludes": {
      const read = paths(first);
      const mask = BigInt(attribute(parts[1], "Value") ?? "0");
      return (subject) => read(subject).every((value) => (BigInt(value || "0") & mask) === 0n);
    }
    default:
      return comparison(expression, paths);
  }
}

const tests: Record<string, (order: number) => boolean> = {
  IsEqualTo: (order) => order === 0,
  IsNotEqualTo: (order) => order !== 0,
  IsGreaterThan: (order) => order > 0,
  IsGreaterThanOrEqualTo: (order) => order >= 0,
  IsLessThan: (order) => order < 0,
  IsLessThanOrEqualTo: (order) => order <= 0,
};

function comparison<T>(expression: Xml, paths: Paths<T>): (subject: T) => boolean {
  const [path, operand] = children(expression);
  const test = tests[expression.name];
  const right = children(operand)[0];
  if (!path || !right || !test) throw new EwsError("ErrorInvalidRestriction");
  const read = paths(path);
  const constant = attribute(right, "Value");
  const other: Read<T> = right.name === "Constant" ? () => [constant ?? ""] : paths(right);
  const unequal = expression.name === "IsNotEqualTo";
  return (subject) => {
    const values = read(subject);
    const against = other(subject);
    // A property that is not there differs from everything and is neither less nor greater.
    if (values.length === 0 || against.length === 0) return unequal;
    const holds = (value: string): boolean => against.some((text) => test(compareValues(value, text)));
    return unequal ? values.every(holds) : values.some(holds);
  };
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/;
const numeric = /^[+-]?\d+(\.\d+)?$/;
const truth: Record<string, string> = { "1": "true", "0": "false" };

/** Compares as instants, numbers or truth values where both are such, else as text without regard to case. */
export function compareValues(a: string, b: string): number {
  if (instant.test(a) && instant.test(b)) return Math.sign(toInstant(a) - toInstant(b));
  if (a === "true" || a === "false") return a.localeCompare(truth[b] ?? b.toLowerCase());
  if (numeric.test(a) && numeric.test(b)) return Math.sign(Number(a) - Number(b));
  return a.localeCompare(b, "en", { sensitivity: "accent" });
}

function toInstant(text: string): number {
  return Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
}

function contains<T>(expression: Xml, read: Read<T>): (subject: T) => boolean {
  const comparisonMode = attribute(expression, "ContainmentComparison") ?? "Exact";
  const mode = attribute(expression, "ContainmentMode") ?? "FullString";
  const fold = (text: string): string => {
    const plain =
      /NonSpac/.test(comparisonMode) || comparisonMode === "Loose"
        ? text.normalize("NFD").replace(/\p{M}/gu, "")
        : text;
    return /IgnoreCase|Loose/.test(comparisonMode) ? plain.toLowerCase() : plain;
  };
  const sought = fold(attribute(child(expression, "Constant"), "Value") ?? "");
  const matches = (text: string): boolean => {
    switch (mode) {
      case "FullString":
        return text === sought;
      case "Prefixed":
        return text.startsWith(sought);
      case "PrefixOnWords":
        return text.split(/\s+/).some((word) => word.startsWith(sought));
      case "ExactPhrase":
        return ` ${text.replace(/\W+/g, " ")} `.includes(` ${sought.replace(/\W+/g, " ")} `);
      default:
        return text.includes(sought);
    }
  };
  return (subject) => read(subject).some((value) => matches(fold(value)));
}

/** @throws EwsError `ErrorUnsupportedPathForSortGroup` */
export function itemOrder(sortOrder: Xml, call: Call): (a: ItemView, b: ItemView) => number {
  const paths = itemPaths(call, "ErrorUnsupportedPathForSortGroup");
  const orders = children(sortOrder).map((order) => ({
    read: paths(children(order)[0] as Xml),
    sign: attribute(order, "Order") === "Descending" ? -1 : 1,
  }));
  return (a, b) => {
    for (const { read, sign } of orders) {
      const result = compareOptional(read(a)[0], read(b)[0]);
      if (result !== 0) return result * sign;
    }
    return 0;
  };
}

/** Things without the property come first. */
function compareOptional(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  return compareValues(a, b);
}
