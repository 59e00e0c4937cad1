import type { SampleAddress, SampleContact, SamplePhone } from "../samples.ts";
import type { ItemData } from "./model.ts";
import {
  body,
  categories,
  day,
  isPrivate,
  put,
  readFields,
  text,
  wordOf,
  writeFields,
  type Field,
  type Fields,
} from "./sample-fields.ts";
import { attribute, children, childText, el } from "./xml.ts";

/** Keys of the phone dictionary by kind, in the order in which they are filled. */
const phoneKeys: Record<SamplePhone["kind"], string[]> = {
  business: ["BusinessPhone", "BusinessPhone2"],
  home: ["HomePhone", "HomePhone2"],
  mobile: ["MobilePhone"],
  other: ["OtherTelephone"],
  businessFax: ["BusinessFax"],
  homeFax: ["HomeFax"],
  otherFax: ["OtherFax"],
  pager: ["Pager"],
  assistant: ["AssistantPhone"],
  company: ["CompanyMainPhone"],
  car: ["CarPhone"],
  primary: ["PrimaryPhone"],
};
/** Where a number goes whose own keys are taken. */
const sparePhoneKeys = ["OtherTelephone", "Callback", "RadioPhone"];

const phones: Field<SamplePhone[]> = {
  read: (data) =>
    children(data.values["PhoneNumbers"]).flatMap((entry) => {
      const key = attribute(entry, "Key") ?? "";
      const kind = (Object.keys(phoneKeys) as SamplePhone["kind"][]).find((each) =>
        phoneKeys[each].includes(key),
      );
      if (entry.text === undefined) return [];
      return [{ kind: kind ?? "other", number: entry.text }];
    }),
  write(data, value) {
    const known = new Set([...Object.values(phoneKeys).flat(), ...sparePhoneKeys]);
    const taken = new Map<string, string>();
    for (const { kind, number } of value) {
      const key = [...phoneKeys[kind], ...sparePhoneKeys].find((each) => !taken.has(each));
      if (key !== undefined) taken.set(key, number);
    }
    const kept = children(data.values["PhoneNumbers"]).filter(
      (entry) => !known.has(attribute(entry, "Key") ?? ""),
    );
    const entries = [...kept, ...[...taken].map(([Key, number]) => el("Entry", number, { Key }))];
    put(data, "PhoneNumbers", entries.length > 0 ? el("PhoneNumbers", entries) : undefined);
  },
};

const addressKeys = { business: "Business", home: "Home", other: "Other" } as const;
const addressParts = [
  ["street", "Street"],
  ["city", "City"],
  ["state", "State"],
  ["country", "CountryOrRegion"],
  ["postalCode", "PostalCode"],
] as const;

const addresses: Field<SampleAddress[]> = {
  read: (data) =>
    children(data.values["PhysicalAddresses"]).flatMap((entry) => {
      const kind = wordOf(addressKeys, attribute(entry, "Key"));
      if (kind === undefined) return [];
      const parts = addressParts.map(([part, element]) => [part, childText(entry, element) ?? ""]);
      return [{ kind, ...Object.fromEntries(parts) } as SampleAddress];
    }),
  write(data, value) {
    const entries = (Object.keys(addressKeys) as SampleAddress["kind"][]).flatMap((kind) => {
      const given = value.find((address) => address.kind === kind);
      if (!given) return [];
      const parts = addressParts
        .filter(([part]) => given[part] !== "")
        .map(([part, element]) => el(element, given[part]));
      return [el("Entry", parts, { Key: addressKeys[kind] })];
    });
    put(data, "PhysicalAddresses", entries.length > 0 ? el("PhysicalAddresses", entries) : undefined);
  },
};

/** A dictionary with numbered keys, three at most. */
const numbered = (element: string, key: string): Field<string[]> => ({
  read: (data) =>
    children(data.values[element]).flatMap((entry) => (entry.text === undefined ? [] : [entry.text])),
  write(data, value) {
    const entries = value.slice(0, 3).map((each, at) => el("Entry", each, { Key: `${key}${at + 1}` }));
    put(data, element, entries.length > 0 ? el(element, entries) : undefined);
  },
});

const fields: Fields<Omit<SampleContact, "retired">> = {
  givenName: text("GivenName"),
  middleName: text("MiddleName"),
  surname: text("Surname"),
  displayName: {
    read: (data) => data.values["DisplayName"]?.text ?? "",
    write(data, value) {
      put(data, "DisplayName", value);
      put(data, "Subject", value);
    },
  },
  nickname: text("Nickname"),
  suffix: text("Generation"),
  companyName: text("CompanyName"),
  department: text("Department"),
  jobTitle: text("JobTitle"),
  profession: text("Profession"),
  officeLocation: text("OfficeLocation"),
  manager: text("Manager"),
  assistant: text("AssistantName"),
  spouse: text("SpouseName"),
  emails: numbered("EmailAddresses", "EmailAddress"),
  phones,
  addresses,
  im: numbered("ImAddresses", "ImAddress"),
  webPage: text("BusinessHomePage"),
  // Outlook and Exchange keep these days as 11:59 UTC (exchangelib, fields of Contact).
  birthday: day("Birthday", "11:59:00"),
  anniversary: day("WeddingAnniversary", "11:59:00"),
  notes: body,
  categories,
  private: isPrivate,
};

export const readContact = (data: ItemData): SampleContact => readFields(fields, data);

export const writeContact = (data: ItemData, given: Partial<SampleContact>): void =>
  writeFields(fields, data, given);
