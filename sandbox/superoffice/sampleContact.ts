import { blankContact, type ListedContact, type SampleAddress, type SampleContact } from "../samples.ts";
import { element } from "./associates.ts";
import { countryNamed } from "./countries.ts";
import type { ContactRow, PersonRow } from "./peopleRows.ts";
import { fullName } from "./peopleRows.ts";
import { NO_DATE } from "./time.ts";

type Json = Record<string, unknown>;
type Phones = SampleContact["phones"];

/** Which of a person's lists holds numbers of which kinds; the first is what they are read back as. */
const PHONE_LISTS: [list: string, ...kinds: Phones[number]["kind"][]][] = [
  ["OfficePhones", "business", "company", "assistant"],
  ["MobilePhones", "mobile"],
  ["PrivatePhones", "home"],
  ["Faxes", "businessFax", "homeFax", "otherFax"],
  ["OtherPhones", "other", "car", "pager", "primary"],
];

/** Writes what is given into a person's row; the company is not part of it. */
export function fillPerson(row: PersonRow, given: Partial<SampleContact>): PersonRow {
  const kept = JSON.parse(row.fields) as Json;
  const { phones, addresses, emails } = given;
  if (emails) kept["Emails"] = emails.map((email) => element(email));
  if (phones) {
    for (const [list, ...kinds] of PHONE_LISTS) {
      kept[list] = phones.filter(({ kind }) => kinds.includes(kind)).map(({ number }) => element(number));
    }
  }
  if (addresses) Object.assign(kept, homeOf(addresses.find(({ kind }) => kind === "home")));
  if (given.webPage !== undefined) kept["Urls"] = given.webPage === "" ? [] : [element(given.webPage)];
  if (given.notes !== undefined) kept["Description"] = given.notes;
  if (given.birthday !== undefined)
    kept["BirthDate"] = given.birthday === null ? NO_DATE : `${given.birthday.slice(0, 10)}T00:00:00`;
  return {
    ...row,
    first_name: given.givenName ?? row.first_name,
    middle_name: given.middleName ?? row.middle_name,
    last_name: given.surname ?? row.last_name,
    title: given.jobTitle ?? row.title,
    retired: given.retired === undefined ? row.retired : Number(given.retired),
    email: emails ? (emails[0] ?? "") : row.email,
    fields: JSON.stringify(kept),
  };
}

/** The company's card of a person: its department and, as its street address, the business address. */
export function fillCompany(row: ContactRow, given: Partial<SampleContact>): ContactRow {
  const kept = JSON.parse(row.fields) as Json;
  const business = given.addresses?.find(({ kind }) => kind === "business");
  if (business) Object.assign(kept, addressOf(business, "ContactStreetAddress"));
  return {
    ...row,
    name: given.companyName ?? row.name,
    department: given.department ?? row.department,
    fields: JSON.stringify(kept),
  };
}

export function readPerson(row: PersonRow, company: ContactRow | undefined): ListedContact {
  const kept = JSON.parse(row.fields) as Json;
  const values = (list: unknown): string[] =>
    ((list ?? []) as ({ Value?: string | null } | null)[]).flatMap((each) =>
      each?.Value ? [each.Value] : [],
    );
  const birth = kept["BirthDate"];
  const business = company && readAddress(JSON.parse(company.fields) as Json, "business");
  const home = readAddress(kept, "home");
  return {
    ...blankContact,
    id: String(row.person_id),
    givenName: row.first_name,
    middleName: row.middle_name,
    surname: row.last_name,
    displayName: fullName(row),
    companyName: company?.name ?? "",
    department: company?.department ?? "",
    jobTitle: row.title,
    emails: values(kept["Emails"]),
    phones: PHONE_LISTS.flatMap(([list, kind = "other"]) =>
      values(kept[list]).map((number) => ({ kind, number })),
    ),
    addresses: [business, home].filter((each) => each !== undefined),
    webPage: values(kept["Urls"])[0] ?? "",
    birthday: typeof birth === "string" && !birth.startsWith("0001") ? birth.slice(0, 10) : null,
    notes: typeof kept["Description"] === "string" ? kept["Description"] : "",
    retired: row.retired === 1,
  };
}

function homeOf(address: SampleAddress | undefined): Json {
  if (!address) return { Address: null, UsePersonAddress: false };
  return { ...addressOf(address, "PersonPrivateAddress"), UsePersonAddress: true };
}

function addressOf(address: SampleAddress, AtypeIdx: string): Json {
  const [Address1 = "", Address2 = "", ...others] = address.street.split(/\r?\n/);
  const country = countryNamed(address.country);
  return {
    Address: {
      LocalizedAddress: null,
      Street: {
        AtypeIdx,
        Address1,
        Address2,
        Address3: others.join(", "),
        City: address.city,
        County: "",
        State: address.state,
        Zipcode: address.postalCode,
      },
      Postal: null,
      Formatted: "",
    },
    ...(country ? { Country: country } : {}),
  };
}

function readAddress(kept: Json, kind: SampleAddress["kind"]): SampleAddress | undefined {
  const street = (kept["Address"] as { Street?: Record<string, string | null> | null } | null | undefined)
    ?.Street;
  if (!street) return undefined;
  const part = (name: string): string => street[name] ?? "";
  const lines = [part("Address1"), part("Address2"), part("Address3")].filter((line) => line !== "");
  const country = kept["Country"] as { Name?: string | null } | null | undefined;
  const address: SampleAddress = {
    kind,
    street: lines.join("\n"),
    city: part("City"),
    state: part("State"),
    postalCode: part("Zipcode"),
    country: country?.Name ?? "",
  };
  return Object.entries(address).some(([name, value]) => name !== "kind" && value !== "")
    ? address
    : undefined;
}
