import type { Contact, ContactAddress } from "../../core/items/contact.ts";
import { contactKind, emptyContact } from "../../core/items/contact-kind.ts";
import { declare, type FieldDeclarations } from "../../core/items/kind.ts";
import type { Capabilities } from "../contract.ts";
import { entryNamed, type Lists } from "./lists.ts";
import { clip, lines, oneLine } from "./texts.ts";
import type { CompanyEntity, Element, PersonEntity, Street } from "./wire.ts";

/**
 * Contacts and SuperOffice's persons, in both directions; pure.
 *
 * What a person has of their company (its name, address and switchboard) belongs to everybody who works there: it is read and
 * never written. E-mails stand by rank, numbers by kind; what the lists hold beyond our fields stays.
 */

/** Lengths of database/tables/person.md, email.md, phone.md and url.md. */
const nameLength = 99;
const titleLength = 239;
const elementLength = 254;
const noteLength = 2_047;

const short = (length: number) => ({ lossy: (value: string) => clip(oneLine(value), length) });

/** A field for each list of a person's, in the list's order. */
const lists = {
  Emails: ["emails/first", "emails/second", "emails/third"],
  OfficePhones: ["phones/office", "phones/office2"],
  MobilePhones: ["phones/mobile"],
  PrivatePhones: ["phones/home"],
  OtherPhones: ["phones/other"],
  Faxes: ["phones/fax"],
  ChatEmails: ["onlineServices/im"],
  Urls: ["links/homepage"],
} as const satisfies Partial<Record<keyof PersonEntity, readonly (keyof Contact)[]>>;
type ListName = keyof typeof lists;
type ListField = (typeof lists)[ListName][number];

/** Fields that are one text of the person's. */
const plain = {
  "name/title": "Mrmrs",
  "name/given": "Firstname",
  "name/given2": "MiddleName",
  "name/surname": "Lastname",
  "titles/job": "Title",
} as const satisfies Partial<Record<keyof Contact, keyof PersonEntity>>;

/** Lists have no gaps: a second address without a first becomes the first. */
function compacted(name: ListName, field: ListField) {
  const fields: readonly ListField[] = lists[name];
  return {
    lossy: (_: string, item: Contact): string =>
      fields.map((each) => clip(oneLine(item[each]), elementLength)).filter((value) => value !== "")[
        fields.indexOf(field)
      ] ?? "",
  };
}

export function contactCapabilities(
  known: Lists,
): Pick<Capabilities<Contact>, "fields" | "project" | "follows"> {
  const declarations: FieldDeclarations<Contact> = {
    "name/title": short(titleLength),
    "name/given": short(nameLength),
    "name/given2": short(nameLength),
    "name/surname": short(nameLength),
    "organizations/company": "read-only",
    "organizations/department": "read-only",
    "titles/job": short(titleLength),
    "anniversaries/birth": "full",
    "emails/first": compacted("Emails", "emails/first"),
    "emails/second": compacted("Emails", "emails/second"),
    "emails/third": compacted("Emails", "emails/third"),
    "phones/office": compacted("OfficePhones", "phones/office"),
    "phones/office2": compacted("OfficePhones", "phones/office2"),
    "phones/mobile": short(elementLength),
    "phones/home": short(elementLength),
    "phones/other": short(elementLength),
    "phones/fax": short(elementLength),
    "phones/company": "read-only",
    "addresses/work": "read-only",
    "addresses/home": { lossy: (address) => projectAddress(address, known) },
    "addresses/other": "read-only",
    "onlineServices/im": short(elementLength),
    "links/homepage": short(elementLength),
    "notes/note": { lossy: (note) => clip(lines(note), noteLength) },
    "keywords/category": "read-only",
  };
  return {
    ...declare(contactKind, declarations),
    follows: {
      "emails/first": ["emails/second", "emails/third"],
      "emails/second": ["emails/first", "emails/third"],
      "emails/third": ["emails/first", "emails/second"],
      "phones/office": ["phones/office2"],
      "phones/office2": ["phones/office"],
    },
  };
}

export function readContact(person: PersonEntity, company: CompanyEntity | undefined): Contact {
  const item: Contact = {
    ...emptyContact,
    "organizations/company": company?.Name ?? "",
    "organizations/department": company?.Department ?? "",
    "phones/company": present(company?.Phones)[0]?.Value ?? "",
    "anniversaries/birth": readDay(person.BirthDate),
    "addresses/work": readAddress(company?.Address?.Street, company?.Country?.Name),
    "addresses/other": readAddress(company?.Address?.Postal, company?.Country?.Name),
    "addresses/home": isOwn(person.Address?.Street)
      ? readAddress(person.Address?.Street, person.Country?.Name)
      : null,
    "notes/note": person.Description ?? "",
    "keywords/category": person.Category?.Value ?? "",
  };
  for (const [field, name] of Object.entries(plain)) item[field as keyof typeof plain] = person[name] ?? "";
  for (const [name, fields] of Object.entries(lists)) {
    const values = present(person[name as ListName]);
    for (const [place, field] of fields.entries()) item[field] = values[place]?.Value ?? "";
  }
  return contactKind.normalize(item);
}

/**
 * The members of a person that a patch sets; what belongs to the company is not among them.
 *
 * @param after the whole contact as it is to be
 * @param person as it is; none for a new one. Lists are written whole, from it.
 */
export function writePerson(
  patch: Partial<Contact>,
  after: Contact,
  person: PersonEntity | undefined,
  known: Lists,
): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [field, name] of Object.entries(plain))
    if (field in patch) body[name] = after[field as keyof typeof plain];
  for (const [name, fields] of Object.entries(lists)) {
    if (fields.some((field) => field in patch))
      body[name] = writeElements(
        fields.map((field) => after[field]),
        present(person?.[name as ListName]),
      );
  }
  if ("notes/note" in patch) body["Description"] = after["notes/note"];
  if ("anniversaries/birth" in patch) body["BirthDate"] = `${after["anniversaries/birth"] ?? noDay}T00:00:00`;
  if ("addresses/home" in patch) Object.assign(body, writeAddress(after["addresses/home"], known));
  return body;
}

function present(elements: readonly Element[] | null | undefined) {
  return (elements ?? []).flatMap((element) =>
    element?.Value ? [{ ...element, Value: element.Value }] : [],
  );
}

/** A value that goes on keeps what people wrote about it, and so does one that takes another's place. */
function writeElements(values: string[], before: ReturnType<typeof present>): Record<string, unknown>[] {
  const ours = values.filter((value) => value !== "");
  const rest = before.slice(values.length).filter(({ Value }) => !ours.includes(oneLine(Value)));
  const kept = ours.map((value, place) => {
    const known = before.find(({ Value }) => oneLine(Value) === value);
    const Description = (known ?? before[place])?.Description ?? "";
    return { Value: value, Description };
  });
  return [...kept, ...rest];
}

/** `DateTime.MinValue` stands for none. */
const noDay = "0001-01-01";

function readDay(date: string | null | undefined): string | null {
  const day = date?.slice(0, 10) ?? noDay;
  return day <= "0001-12-31" ? null : day;
}

/** A person without an address of their own may be answered with the company's. */
function isOwn(street: Street): boolean {
  return !(street?.AtypeIdx ?? "").startsWith("Contact");
}

function readAddress(street: Street, country: string | null | undefined): ContactAddress | null {
  if (!street) return null;
  const { Address1, Address2, Address3, City, County, State, Zipcode } = street;
  const address: ContactAddress = {
    street: [Address1, Address2, Address3].filter(Boolean).join("\n"),
    locality: City ?? "",
    region: State || County || "",
    postcode: Zipcode ?? "",
    country: "",
  };
  // A country alone is no address: every person has one.
  if (Object.values(address).every((part) => oneLine(part) === "")) return null;
  return { ...address, country: country ?? "" };
}

/** Three lines of a street, and a country of the tenant's list. */
function projectAddress(address: ContactAddress | null, known: Lists): ContactAddress | null {
  if (address === null) return null;
  const { street, locality, region, postcode, country } = address;
  const held = {
    street: streetLines(street).join("\n"),
    locality: clip(oneLine(locality), elementLength),
    region: clip(oneLine(region), elementLength),
    postcode: clip(oneLine(postcode), elementLength),
  };
  if (Object.values(held).every((part) => part === "")) return null;
  return { ...held, country: entryNamed(known.countries, oneLine(country))?.name ?? "" };
}

function streetLines(street: string): string[] {
  const [first = "", second = "", ...others] = lines(street)
    .split("\n")
    .map(oneLine)
    .filter((line) => line !== "");
  return [first, second, others.join(", ")]
    .map((line) => clip(line, elementLength))
    .filter((line) => line !== "");
}

function writeAddress(address: ContactAddress | null, known: Lists): Record<string, unknown> {
  const [Address1 = "", Address2 = "", Address3 = ""] = streetLines(address?.street ?? "");
  const { locality: City = "", region: State = "", postcode: Zipcode = "" } = address ?? {};
  const country = entryNamed(known.countries, address?.country ?? "");
  return {
    Address: {
      Street: {
        AtypeIdx: "PersonPrivateAddress",
        Address1,
        Address2,
        Address3,
        City,
        County: "",
        State,
        Zipcode,
      },
    },
    ...(country ? { Country: { CountryId: country.id } } : {}),
  };
}
