import { z } from "zod";
import type { Contact, ContactAddress } from "../../core/items/contact.ts";
import { contactKind, emptyContact } from "../../core/items/contact-kind.ts";
import { declare } from "../../core/items/kind.ts";
import { plainTraits, type Observed } from "../../core/items/observed.ts";
import { UnreadableItem } from "../ews/values.ts";
import { nearestDay } from "../ews/days.ts";
import { displayNameOf } from "../ews/display-name.ts";
import { stampIn } from "./map.ts";

/**
 * Contacts and Graph's contacts, in both directions; pure.
 *
 * Addresses, numbers and chat names are lists without gaps: a second one without a first becomes the first. What a list
 * holds beyond our fields stays. Graph's contact has no word for other numbers, fax and the company's switchboard.
 */

const text = z.string().nullable();
const texts = z.array(z.string().nullable());
const physicalAddress = z
  .object({
    street: z.string().nullish(),
    city: z.string().nullish(),
    state: z.string().nullish(),
    countryOrRegion: z.string().nullish(),
    postalCode: z.string().nullish(),
  })
  .nullable();

/** A contact as it is asked for by `contactProperties`. */
const shape = z.object({
  id: z.string().min(1),
  changeKey: z.string().min(1),
  title: text,
  givenName: text,
  middleName: text,
  surname: text,
  companyName: text,
  department: text,
  jobTitle: text,
  birthday: text,
  emailAddresses: z.array(z.object({ address: z.string().nullish(), name: z.string().nullish() }).nullable()),
  businessPhones: texts,
  homePhones: texts,
  mobilePhone: text,
  businessAddress: physicalAddress,
  homeAddress: physicalAddress,
  otherAddress: physicalAddress,
  imAddresses: texts,
  businessHomePage: text,
  personalNotes: text,
  categories: texts,
  singleValueExtendedProperties: z.array(z.object({ id: z.string(), value: z.string() })).optional(),
});
export type GraphContact = z.infer<typeof shape>;

export const contactProperties = Object.keys(shape.shape)
  .filter((name) => name !== "singleValueExtendedProperties")
  .join(",");

/** Fields that are one text of Graph's. */
const plain = {
  "name/title": "title",
  "name/given": "givenName",
  "name/given2": "middleName",
  "name/surname": "surname",
  "organizations/company": "companyName",
  "organizations/department": "department",
  "titles/job": "jobTitle",
  "phones/mobile": "mobilePhone",
  "links/homepage": "businessHomePage",
  "notes/note": "personalNotes",
} as const satisfies Partial<Record<keyof Contact, keyof GraphContact>>;

const addresses = {
  "addresses/work": "businessAddress",
  "addresses/home": "homeAddress",
  "addresses/other": "otherAddress",
} as const;

/** Fields that stand in one list of Graph's, in its order. */
const emails = ["emails/first", "emails/second", "emails/third"] as const;
const office = ["phones/office", "phones/office2"] as const;
const home = ["phones/home"] as const;
const chat = ["onlineServices/im"] as const;
const keywords = ["keywords/category"] as const;
type ListField = (typeof emails | typeof office)[number];

/** Without gaps: what a list of these fields gives back. */
function compacted(fields: readonly ListField[], field: ListField) {
  return (_: string, item: Contact): string =>
    fields.map((each) => item[each]).filter((value) => value !== "")[fields.indexOf(field)] ?? "";
}

export const contactDeclaration = declare(contactKind, {
  "name/title": "full",
  "name/given": "full",
  "name/given2": "full",
  "name/surname": "full",
  "organizations/company": "full",
  "organizations/department": "full",
  "titles/job": "full",
  "anniversaries/birth": "full",
  "emails/first": { lossy: compacted(emails, "emails/first") },
  "emails/second": { lossy: compacted(emails, "emails/second") },
  "emails/third": { lossy: compacted(emails, "emails/third") },
  "phones/office": { lossy: compacted(office, "phones/office") },
  "phones/office2": { lossy: compacted(office, "phones/office2") },
  "phones/mobile": "full",
  "phones/home": "full",
  "phones/other": { none: "" },
  "phones/fax": { none: "" },
  "phones/company": { none: "" },
  "addresses/work": "full",
  "addresses/home": "full",
  "addresses/other": "full",
  "onlineServices/im": "full",
  "links/homepage": "full",
  "notes/note": "full",
  "keywords/category": "full",
});

/** @throws UnreadableItem when something that every contact has is missing or of another kind */
export function readContact(json: unknown): GraphContact {
  const read = shape.safeParse(json);
  if (!read.success) throw new UnreadableItem(read.error.issues[0]?.path.join(".") ?? "a contact");
  return read.data;
}

export function observedContact(read: GraphContact): Observed<Contact> {
  const item: Contact = { ...emptyContact };
  for (const [field, name] of Object.entries(plain)) item[field as keyof typeof plain] = read[name] ?? "";
  for (const [field, name] of Object.entries(addresses)) {
    item[field as keyof typeof addresses] = addressOf(read[name]);
  }
  const fill = (
    fields: readonly (ListField | "phones/home" | "onlineServices/im" | "keywords/category")[],
    list: readonly string[],
  ) => {
    for (const [index, field] of fields.entries()) item[field] = list[index] ?? "";
  };
  fill(
    emails,
    read.emailAddresses.map((entry) => entry?.address ?? ""),
  );
  fill(office, present(read.businessPhones));
  fill(home, present(read.homePhones));
  fill(chat, present(read.imAddresses));
  fill(keywords, present(read.categories));
  item["anniversaries/birth"] = dayOf(read.birthday);
  return {
    ref: read.id,
    version: read.changeKey,
    uid: null,
    key: stampIn(read.singleValueExtendedProperties),
    item: contactKind.normalize(item),
    traits: plainTraits,
  };
}

function present(list: readonly (string | null)[]): string[] {
  return list.filter((value) => value !== null && value !== "") as string[];
}

function dayOf(birthday: string | null): string | null {
  if (birthday === null) return null;
  if (Number.isNaN(Date.parse(birthday))) throw new UnreadableItem("birthday");
  return nearestDay(birthday);
}

function addressOf(address: GraphContact["homeAddress"]): ContactAddress | null {
  if (address === null) return null;
  const { street, city, state, postalCode, countryOrRegion } = address;
  return {
    street: street ?? "",
    locality: city ?? "",
    region: state ?? "",
    postcode: postalCode ?? "",
    country: countryOrRegion ?? "",
  };
}

/**
 * The body of a create or an update; what is not named stays as it is.
 *
 * @param current the contact as it is; none for a new one. Lists are written whole, from it.
 */
export function contactBody(patch: Partial<Contact>, current?: GraphContact): Record<string, unknown> {
  const was = current ? observedContact(current).item : emptyContact;
  const next = contactKind.normalize({ ...was, ...patch });
  const body: Record<string, unknown> = {};
  const named = (fields: readonly (keyof Contact)[]) => fields.some((field) => field in patch);
  for (const [field, name] of Object.entries(plain)) {
    if (field in patch) body[name] = next[field as keyof typeof plain] || null;
  }
  for (const [field, name] of Object.entries(addresses)) {
    if (field in patch) body[name] = physicalOf(next[field as keyof typeof addresses]);
  }
  if ("anniversaries/birth" in patch) {
    const day = next["anniversaries/birth"];
    body["birthday"] = day === null ? null : `${day}T00:00:00Z`;
  }
  if (named(emails)) {
    const present = current?.emailAddresses ?? [];
    const ours = emails.map((field) => next[field]).filter((address) => address !== "");
    // A person's own name for an address goes on with the address.
    body["emailAddresses"] = ours.map(
      (address) => present.find((entry) => entry?.address === address) ?? { address, name: address },
    );
  }
  const list = (
    name: "businessPhones" | "homePhones" | "imAddresses" | "categories",
    fields: readonly (keyof Contact)[],
  ) => {
    if (!named(fields)) return;
    const ours = fields.map((field) => next[field] as string).filter((value) => value !== "");
    const others = present(current?.[name] ?? []).slice(fields.length);
    body[name] = [...ours, ...others.filter((value) => !ours.includes(value))];
  };
  list("businessPhones", office);
  list("homePhones", home);
  list("imAddresses", chat);
  list("categories", keywords);
  if (named(["name/given", "name/given2", "name/surname", "organizations/company"])) {
    // Graph makes it only when it is not told.
    body["displayName"] = displayNameOf(next);
  }
  return body;
}

function physicalOf(address: ContactAddress | null): Record<string, string> {
  const { street = "", locality = "", region = "", postcode = "", country = "" } = address ?? {};
  return { street, city: locality, state: region, postalCode: postcode, countryOrRegion: country };
}
