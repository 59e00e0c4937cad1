import { bodyAs, bodyToStore } from "./bodies.ts";
import type { ItemData } from "./model.ts";
import { children, el, type Xml } from "./xml.ts";

/** How one member of a neutral item stands in an Exchange item; writing it leaves all else of the item alone. */
export interface Field<T> {
  read(data: ItemData): T;
  write(data: ItemData, value: T): void;
}

export type Fields<Sample> = { [Name in keyof Sample]-?: Field<Exclude<Sample[Name], undefined>> };

/** Writes the members that `sample` has. */
export function writeFields<Sample extends object>(
  fields: Fields<Sample>,
  data: ItemData,
  sample: Partial<Sample>,
): void {
  for (const name of Object.keys(fields) as (keyof Sample)[]) {
    const value = sample[name];
    if (value !== undefined) fields[name].write(data, value as Exclude<Sample[keyof Sample], undefined>);
  }
}

export function readFields<Sample extends object>(fields: Fields<Sample>, data: ItemData): Required<Sample> {
  const entries = (Object.keys(fields) as (keyof Sample)[]).map((name) => [name, fields[name].read(data)]);
  return Object.fromEntries(entries) as Required<Sample>;
}

/** Sets an element, or takes it away. */
export function put(data: ItemData, element: string, value: Xml | string | undefined): void {
  if (value === undefined || value === "") delete data.values[element];
  else data.values[element] = typeof value === "string" ? el(element, value) : value;
}

export const text = (element: string): Field<string> => ({
  read: (data) => data.values[element]?.text ?? "",
  write: (data, value) => put(data, element, value),
});

export const body: Field<string> = {
  read: (data) => bodyAs(data.body, "Text").content.replace(/\r\n/g, "\n"),
  write: (data, value) => void (data.body = bodyToStore("Text", value)),
};

export const categories: Field<string[]> = {
  read: (data) => children(data.values["Categories"]).map((entry) => entry.text ?? ""),
  write: (data, value) =>
    put(
      data,
      "Categories",
      value.length === 0
        ? undefined
        : el(
            "Categories",
            value.map((name) => el("String", name)),
          ),
    ),
};

export const isPrivate: Field<boolean> = {
  read: (data) => (data.values["Sensitivity"]?.text ?? "Normal") !== "Normal",
  write: (data, value) => put(data, "Sensitivity", value ? "Private" : undefined),
};

const importanceNames = { low: "Low", normal: "Normal", high: "High" } as const;

export const importance: Field<"low" | "normal" | "high"> = {
  read: (data) => wordOf(importanceNames, data.values["Importance"]?.text) ?? "normal",
  write: (data, value) => put(data, "Importance", importanceNames[value]),
};

/** A day that stands in the item as an instant at `time` (UTC). */
export const day = (element: string, time = "00:00:00"): Field<string | null> => ({
  read: (data) => data.values[element]?.text?.slice(0, 10) ?? null,
  write: (data, value) => put(data, element, value === null ? undefined : `${value.slice(0, 10)}T${time}Z`),
});

/** Our word for one of Exchange's. */
export function wordOf<Word extends string>(
  names: Record<Word, string>,
  name: string | undefined,
): Word | undefined {
  return (Object.keys(names) as Word[]).find((word) => names[word] === name);
}
