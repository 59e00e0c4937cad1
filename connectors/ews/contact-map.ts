import type { Contact, ContactAddress } from "../../core/items/contact.ts";
import { contactKind } from "../../core/items/contact-kind.ts";
import { displayNameOf } from "./display-name.ts";
import { declare, type FieldDeclarations } from "../../core/items/kind.ts";
import { plainTraits, type Observed } from "../../core/items/observed.ts";
import { withCategory } from "./categories.ts";
import { nearestDay } from "./days.ts";
import {
  optional,
  readBody,
  readExtended,
  readId,
  readInstant,
  readStamp,
  readTexts,
  UnreadableItem,
} from "./values.ts";
import { attribute, child, children, text, type Xml } from "./xml.ts";

/**
 * Contacts and Exchange's contacts, in both directions; pure. Addresses and numbers stand under keys of their own, so that each
 * of our fields has its place; what stands under other keys stays.
 */

/** Fields that are one text of Exchange's, by the name of its element. */
const plain = {
  "name/given": "GivenName",
  "name/given2": "MiddleName",
  "name/surname": "Surname",
  "organizations/company": "CompanyName",
  "organizations/department": "Department",
  "titles/job": "JobTitle",
  "links/homepage": "BusinessHomePage",
} as const satisfies Partial<Record<keyof Contact, string>>;

/** Fields that are entries of a dictionary, by its name and the entry's key. */
const entries = {
  "emails/first": ["EmailAddresses", "EmailAddress1"],
  "emails/second": ["EmailAddresses", "EmailAddress2"],
  "emails/third": ["EmailAddresses", "EmailAddress3"],
  "phones/office": ["PhoneNumbers", "BusinessPhone"],
  "phones/office2": ["PhoneNumbers", "BusinessPhone2"],
  "phones/mobile": ["PhoneNumbers", "MobilePhone"],
  "phones/home": ["PhoneNumbers", "HomePhone"],
  "phones/other": ["PhoneNumbers", "OtherTelephone"],
  "phones/fax": ["PhoneNumbers", "BusinessFax"],
  "phones/company": ["PhoneNumbers", "CompanyMainPhone"],
  "onlineServices/im": ["ImAddresses", "ImAddress1"],
} as const satisfies Partial<Record<keyof Contact, readonly [string, string]>>;

const addresses = {
  "addresses/work": "Business",
  "addresses/home": "Home",
  "addresses/other": "Other",
} as const satisfies Partial<Record<keyof Contact, string>>;

const addressParts = {
  street: "Street",
  locality: "City",
  region: "State",
  country: "CountryOrRegion",
  postcode: "PostalCode",
} as const satisfies Record<keyof ContactAddress, string>;

type PlainField = keyof typeof plain;
type EntryField = keyof typeof entries;
type AddressField = keyof typeof addresses;
export type EwsPlainName = (typeof plain)[PlainField];
export type EwsEntry = (typeof entries)[EntryField];
export type EwsAddressKey = (typeof addresses)[AddressField];
export type EwsAddress = Record<(typeof addressParts)[keyof ContactAddress], string>;

/** PidTagDisplayNamePrefix (MS-OXPROPS): `CompleteName` tells it too, but takes none. */
export const prefixTag = 0x3a45;

/** A contact as Exchange tells it. */
export interface EwsContact {
  id: string;
  changeKey: string;
  key: string | null;
  prefix: string;
  texts: Record<EwsPlainName, string>;
  entries: Map<string, string>;
  addresses: Map<string, ContactAddress>;
  birthday: string | null;
  body: string;
  categories: string[];
}

/** What is written of a contact; what is not named stays as it is, `null` deletes the property. */
export interface EwsContactFields {
  prefix?: string | null;
  texts?: Partial<Record<EwsPlainName, string | null>>;
  entries?: { entry: EwsEntry; value: string | null }[];
  addresses?: { key: EwsAddressKey; value: EwsAddress }[];
  /** UTC instant. */
  birthday?: string | null;
  body?: string;
  categories?: string[];
  displayName?: string;
  /** Of new ones: under which name they stand in lists. */
  fileAs?: "SurnameCommaGivenName" | "Company";
}

export const contactDeclaration = declare(
  contactKind,
  Object.fromEntries(
    contactKind.fields.map((field) => [field, "full"]),
  ) as unknown as FieldDeclarations<Contact>,
);

/** @throws UnreadableItem when something is in no known form */
export function readContact(item: Xml): EwsContact {
  if (item.localName !== "Contact") throw new UnreadableItem("not a contact");
  const birthday = optional(item, "Birthday");
  const texts = Object.values(plain).map((name) => [name, text(child(item, name))]);
  return {
    ...readId(item),
    key: readStamp(item),
    prefix: readExtended(item, (field) => Number(attribute(field, "PropertyTag")) === prefixTag) ?? "",
    texts: Object.fromEntries(texts) as EwsContact["texts"],
    entries: new Map(
      ["EmailAddresses", "PhoneNumbers", "ImAddresses"].flatMap((name) =>
        entriesOf(item, name).map(([key, entry]): [string, string] => [key, valueOf(entry)]),
      ),
    ),
    addresses: new Map(
      entriesOf(item, "PhysicalAddresses").map(([key, entry]): [string, ContactAddress] => [
        key,
        Object.fromEntries(
          Object.entries(addressParts).map(([part, name]) => [part, text(child(entry, name))]),
        ) as unknown as ContactAddress,
      ]),
    ),
    birthday: birthday === null ? null : readInstant(birthday),
    body: readBody(item),
    categories: readTexts(item, "Categories"),
  };
}

function entriesOf(item: Xml, name: string): [key: string, entry: Xml][] {
  const list = child(item, name);
  return list ? children(list, "Entry").map((entry) => [attribute(entry, "Key") ?? "", entry]) : [];
}

/** An address of the server's own directory is a path there, and no address that another system could use. */
function valueOf(entry: Xml): string {
  const routing = attribute(entry, "RoutingType");
  if (routing !== undefined && routing.toUpperCase() !== "SMTP") throw new UnreadableItem("an address");
  return text(entry);
}

export function observedContact(read: EwsContact): Observed<Contact> {
  const texts = Object.entries(plain).map(([field, name]) => [field, read.texts[name]]);
  const told = Object.entries(entries).map(([field, [, key]]) => [field, read.entries.get(key) ?? ""]);
  const places = Object.entries(addresses).map(([field, key]) => [field, read.addresses.get(key) ?? null]);
  return {
    ref: read.id,
    version: read.changeKey,
    uid: null,
    key: read.key,
    item: contactKind.normalize({
      ...(Object.fromEntries([...texts, ...told, ...places]) as Pick<
        Contact,
        PlainField | EntryField | AddressField
      >),
      "name/title": read.prefix,
      "anniversaries/birth": read.birthday && nearestDay(read.birthday),
      "notes/note": read.body,
      "keywords/category": read.categories.find((category) => category !== "") ?? "",
    }),
    traits: plainTraits,
  };
}

const nameParts = ["name/given", "name/given2", "name/surname", "organizations/company"] as const;

/** Whether writing the patch takes what is there: other categories, the other parts of the name. */
export function needsPresentContact(patch: Partial<Contact>): boolean {
  return "keywords/category" in patch || nameParts.some((field) => field in patch);
}

/**
 * The properties that a patch means; nothing else is written.
 *
 * @param present the contact as it is; none for a new one
 */
export function contactFields(patch: Partial<Contact>, present?: EwsContact): EwsContactFields {
  const isNamed = (field: keyof Contact) => patch[field] !== undefined;
  const lineOf = (field: PlainField | EntryField | "name/title") =>
    contactKind.normalizeField[field](patch[field] ?? "") || null;
  const texts = pairsOf(plain).filter(([field]) => isNamed(field));
  const told = pairsOf(entries).filter(([field]) => isNamed(field));
  const places = pairsOf(addresses).filter(([field]) => isNamed(field));
  const birth = patch["anniversaries/birth"];
  const category = patch["keywords/category"];
  return {
    ...(isNamed("name/title") ? { prefix: lineOf("name/title") } : {}),
    ...(texts.length > 0
      ? { texts: Object.fromEntries(texts.map(([field, name]) => [name, lineOf(field)])) }
      : {}),
    ...(told.length > 0 ? { entries: told.map(([field, entry]) => ({ entry, value: lineOf(field) })) } : {}),
    ...(places.length > 0
      ? { addresses: places.map(([field, key]) => ({ key, value: addressOf(patch[field] ?? null) })) }
      : {}),
    // As Outlook writes it: the same day in nearly every zone.
    ...(birth === undefined ? {} : { birthday: birth && `${birth}T11:59:00Z` }),
    ...(patch["notes/note"] === undefined ? {} : { body: patch["notes/note"] }),
    ...(category === undefined ? {} : { categories: withCategory(present?.categories ?? [], category) }),
    ...(nameParts.some((field) => isNamed(field)) ? namesOf(patch, present) : {}),
  };
}

/** What people see in lists; Exchange makes it by itself only for clients of its own. */
function namesOf(
  patch: Partial<Contact>,
  present: EwsContact | undefined,
): Pick<EwsContactFields, "displayName" | "fileAs"> {
  const item = { ...(present && observedContact(present).item), ...patch };
  const displayName = displayNameOf(item);
  if (present) return { displayName };
  const isPerson = Boolean(item["name/given"]) || Boolean(item["name/surname"]);
  return { displayName, fileAs: isPerson ? "SurnameCommaGivenName" : "Company" };
}

function addressOf(address: ContactAddress | null): EwsAddress {
  const normal = contactKind.normalizeField["addresses/work"](address);
  return Object.fromEntries(
    pairsOf(addressParts).map(([part, name]) => [name, normal?.[part] ?? ""]),
  ) as EwsAddress;
}

function pairsOf<Value extends object>(values: Value): [keyof Value, Value[keyof Value]][] {
  return Object.entries(values) as [keyof Value, Value[keyof Value]][];
}
