import { EwsError } from "./errors.ts";
import type { ExtendedValue } from "./model.ts";
import { attribute, child, children, el, type Xml } from "./xml.ts";

/** GUIDs behind `DistinguishedPropertySetId`, so that both spellings name the same property (MS-OXPROPS 1.3.2). */
const distinguishedSets: Record<string, string> = {
  Meeting: "6ed8da90-450b-101b-98da-00aa003f1305",
  Appointment: "00062002-0000-0000-c000-000000000046",
  Common: "00062008-0000-0000-c000-000000000046",
  PublicStrings: "00020329-0000-0000-c000-000000000046",
  Address: "00062004-0000-0000-c000-000000000046",
  InternetHeaders: "00020386-0000-0000-c000-000000000046",
  CalendarAssistant: "11000e07-b51b-40d6-af21-caa85edab1d0",
  UnifiedMessaging: "4442858e-a9e3-4e80-b900-317a210cc15b",
  Task: "00062003-0000-0000-c000-000000000046",
  Sharing: "00062040-0000-0000-c000-000000000046",
};

/**
 * The identity of an extended property in a normal form.
 * @throws EwsError `ErrorInvalidExtendedProperty` for combinations that name nothing
 */
export function extendedKey(path: Xml): string {
  const type = attribute(path, "PropertyType") ?? "";
  const tag = attribute(path, "PropertyTag");
  const set = attribute(path, "PropertySetId")?.toLowerCase();
  const distinguished = attribute(path, "DistinguishedPropertySetId");
  const name = attribute(path, "PropertyName");
  const id = attribute(path, "PropertyId");
  if (tag !== undefined) {
    if (set !== undefined || distinguished !== undefined || name !== undefined || id !== undefined)
      throw invalid();
    return `tag:${Number(tag).toString(16)}/${type}`;
  }
  const guid = set ?? distinguishedSets[distinguished ?? ""];
  const bothSets = set !== undefined && distinguished !== undefined;
  const bothNames = name !== undefined && id !== undefined;
  if (guid === undefined || bothSets || bothNames || (name === undefined && id === undefined))
    throw invalid();
  return `${guid}/${name ?? `#${id}`}/${type}`;
}

function invalid(): EwsError {
  return new EwsError(
    "ErrorInvalidExtendedProperty",
    "The extended property attribute combination is invalid.",
  );
}

/**
 * Reads `t:ExtendedProperty`.
 * @throws EwsError `ErrorInvalidExtendedPropertyValue` when a value does not fit its type
 */
export function readExtended(property: Xml): ExtendedValue {
  const path = child(property, "ExtendedFieldURI");
  if (!path) throw invalid();
  const type = attribute(path, "PropertyType") ?? "String";
  const list = child(property, "Values");
  if (type.endsWith("Array") !== (list !== undefined))
    throw new EwsError("ErrorInvalidExtendedPropertyValue");
  const values = list
    ? children(list).map((value) => value.text ?? "")
    : [child(property, "Value")?.text ?? ""];
  const single = type.replace(/Array$/, "");
  return { key: extendedKey(path), type, values: values.map((value) => canonical(single, value)) };
}

function canonical(type: string, value: string): string {
  const trimmed = value.trim();
  const fits = shapes[type];
  if (fits && !fits.test(trimmed)) {
    throw new EwsError("ErrorInvalidExtendedPropertyValue", "The extended property value is invalid.");
  }
  if (type === "Boolean") return trimmed === "1" || trimmed === "true" ? "true" : "false";
  if (type === "SystemTime") return new Date(Date.parse(trimmed)).toISOString().replace(".000Z", "Z");
  return fits ? trimmed : value;
}

const shapes: Record<string, RegExp> = {
  Boolean: /^(true|false|1|0)$/,
  Integer: /^[+-]?\d{1,10}$/,
  Short: /^[+-]?\d{1,5}$/,
  Long: /^[+-]?\d{1,19}$/,
  Currency: /^[+-]?\d{1,19}$/,
  Double: /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/,
  Float: /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/,
  CLSID: /^[0-9a-fA-F-]{36}$/,
  Binary: /^[A-Za-z0-9+/\s]*={0,2}$/,
  SystemTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/,
};

/** Writes `t:ExtendedProperty` with the path spelt as the request spelt it. */
export function writeExtended(path: Xml, value: ExtendedValue): Xml {
  const uri: Xml = { ...path, name: "ExtendedFieldURI" };
  const values = value.values.map((text) => el("Value", text));
  return el("ExtendedProperty", [
    uri,
    value.type.endsWith("Array") ? el("Values", values) : el("Value", value.values[0] ?? ""),
  ]);
}

/** Sets or replaces a value in a list of extended properties. */
export function setExtended(list: ExtendedValue[], value: ExtendedValue): void {
  const at = list.findIndex((entry) => entry.key === value.key);
  if (at === -1) list.push(value);
  else list[at] = value;
}
