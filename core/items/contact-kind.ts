import type { Contact, ContactAddress } from "./contact.ts";
import { isDate, normalizeDate } from "./dates.ts";
import type { ItemKind } from "./kind.ts";
import { normalizeLine, normalizeText } from "./text.ts";
import { longest } from "./validate.ts";

const normalizeField: ItemKind<Contact>["normalizeField"] = {
  "name/title": normalizeLine,
  "name/given": normalizeLine,
  "name/given2": normalizeLine,
  "name/surname": normalizeLine,
  "organizations/company": normalizeLine,
  "organizations/department": normalizeLine,
  "titles/job": normalizeLine,
  "anniversaries/birth": normalizeDate,
  "emails/first": normalizeLine,
  "emails/second": normalizeLine,
  "emails/third": normalizeLine,
  "phones/office": normalizeLine,
  "phones/office2": normalizeLine,
  "phones/mobile": normalizeLine,
  "phones/home": normalizeLine,
  "phones/other": normalizeLine,
  "phones/fax": normalizeLine,
  "phones/company": normalizeLine,
  "addresses/work": normalizeAddress,
  "addresses/home": normalizeAddress,
  "addresses/other": normalizeAddress,
  "onlineServices/im": normalizeLine,
  "links/homepage": normalizeLine,
  "notes/note": normalizeText,
  "keywords/category": normalizeLine,
};

const fields = Object.keys(normalizeField) as (keyof Contact)[];

export const contactKind: ItemKind<Contact> = {
  kind: "contact",
  fields,
  normalizeField,
  normalize: (item) => {
    const normal = { ...item };
    const set = <Field extends keyof Contact>(field: Field) => {
      normal[field] = normalizeField[field](item[field]);
    };
    for (const field of fields) set(field);
    return normal;
  },
  compared: {
    "emails/first": comparedAddress,
    "emails/second": comparedAddress,
    "emails/third": comparedAddress,
    "phones/office": comparedPhone,
    "phones/office2": comparedPhone,
    "phones/mobile": comparedPhone,
    "phones/home": comparedPhone,
    "phones/other": comparedPhone,
    "phones/fax": comparedPhone,
    "phones/company": comparedPhone,
  },
  isValid,
  /** People are not in time. */
  touches: () => true,
};

/** A contact of which nothing is known: what a connector starts from. */
export const emptyContact: Contact = {
  "name/title": "",
  "name/given": "",
  "name/given2": "",
  "name/surname": "",
  "organizations/company": "",
  "organizations/department": "",
  "titles/job": "",
  "anniversaries/birth": null,
  "emails/first": "",
  "emails/second": "",
  "emails/third": "",
  "phones/office": "",
  "phones/office2": "",
  "phones/mobile": "",
  "phones/home": "",
  "phones/other": "",
  "phones/fax": "",
  "phones/company": "",
  "addresses/work": null,
  "addresses/home": null,
  "addresses/other": null,
  "onlineServices/im": "",
  "links/homepage": "",
  "notes/note": "",
  "keywords/category": "",
};

function normalizeAddress(address: ContactAddress | null): ContactAddress | null {
  if (address === null) return null;
  const normal: ContactAddress = {
    street: normalizeText(address.street).replace(/\n+/gu, "\n").trim(),
    locality: normalizeLine(address.locality),
    region: normalizeLine(address.region),
    postcode: normalizeLine(address.postcode),
    country: normalizeLine(address.country),
  };
  return Object.values(normal).some((part) => part !== "") ? normal : null;
}

/** Mail servers that tell `Kari@` from `kari@` are long gone, and people do not. */
function comparedAddress(address: string): string {
  return address.toLowerCase();
}

/**
 * Digits, with the international prefix as `+`, an extension after `x`; letters that somebody wrote into a number stay.
 * `(0)` after a country code is not dialled with it.
 */
function comparedPhone(number: string): string {
  const plain = number
    .toLowerCase()
    .replace(/^\s*00(?=[1-9])/u, "+")
    .replace(/(?<=^\s*\+[\d\s]{1,6})\(0\)/u, "")
    .replace(/(?:ext\.?|extension|x|#)\s*(?=\d+$)/u, "x")
    .replace(/[\s\-./()\u00a0\u2010-\u2015]/gu, "");
  return plain === "" ? number : plain;
}

function isValid(item: Contact): boolean {
  const birth = item["anniversaries/birth"];
  if (birth !== null && !isDate(birth)) return false;
  return fields.every((field) => {
    const value = item[field];
    const length = value === null ? 0 : typeof value === "string" ? value.length : addressLength(value);
    return length <= (field === "notes/note" ? longest.description : longest.title);
  });
}

function addressLength(address: ContactAddress): number {
  return Object.values(address).reduce((sum: number, part: string) => sum + part.length, 0);
}
