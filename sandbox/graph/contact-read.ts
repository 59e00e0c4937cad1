import { bodyAs } from "../exchange/bodies.ts";
import type { ItemView } from "../exchange/model.ts";
import { readProperty } from "../exchange/shape.ts";
import { attribute, children, childText, type Xml } from "../exchange/xml.ts";
import { etag, type GraphRequest } from "./request.ts";
import { instant } from "./time.ts";

/** Members of a contact that are one text of the store. */
export const plainTexts: Record<string, string> = {
  assistantName: "AssistantName",
  businessHomePage: "BusinessHomePage",
  companyName: "CompanyName",
  department: "Department",
  displayName: "DisplayName",
  fileAs: "FileAs",
  generation: "Generation",
  givenName: "GivenName",
  initials: "Initials",
  jobTitle: "JobTitle",
  manager: "Manager",
  middleName: "MiddleName",
  nickName: "Nickname",
  officeLocation: "OfficeLocation",
  profession: "Profession",
  spouseName: "SpouseName",
  surname: "Surname",
  yomiCompanyName: "PhoneticFullName",
  yomiGivenName: "PhoneticFirstName",
  yomiSurname: "PhoneticLastName",
};

/** Lists of numbers and the keys under which the store keeps them. */
export const phoneKeys: Record<string, readonly string[]> = {
  businessPhones: ["BusinessPhone", "BusinessPhone2"],
  homePhones: ["HomePhone", "HomePhone2"],
  mobilePhone: ["MobilePhone"],
};

export const emailKeys = ["EmailAddress1", "EmailAddress2", "EmailAddress3"];
export const chatKeys = ["ImAddress1", "ImAddress2", "ImAddress3"];

export const addressKeys: Record<string, string> = {
  businessAddress: "Business",
  homeAddress: "Home",
  otherAddress: "Other",
};

/** Parts of an address in the order of the store's schema. */
export const addressParts: [member: string, element: string][] = [
  ["street", "Street"],
  ["city", "City"],
  ["state", "State"],
  ["countryOrRegion", "CountryOrRegion"],
  ["postalCode", "PostalCode"],
];

/** `PidTagDisplayNamePrefix`, for which EWS has no element to write. */
export const titleProperty = "String 0x3A45";
const titleKey = "tag:3a45/String";

function entries(list: Xml | undefined, keys: readonly string[]): Xml[] {
  return keys.flatMap((key) => children(list).filter((entry) => attribute(entry, "Key") === key));
}

/** Every member that a contact is answered with. */
export function readContact(view: ItemView, request: GraphRequest): Record<string, unknown> {
  const { item, data } = view;
  const text = (element: string): string | null => readProperty(view, element, request.call)?.text ?? null;
  const changeKey = request.changeKey(item);
  const emails = entries(data.values["EmailAddresses"], emailKeys).map((entry) => ({
    name: attribute(entry, "Name") ?? entry.text ?? "",
    address: entry.text ?? "",
  }));
  const phones = (keys: readonly string[]): string[] =>
    entries(data.values["PhoneNumbers"], keys).map((entry) => entry.text ?? "");
  const birthday = data.values["Birthday"]?.text;
  const addresses = Object.entries(addressKeys).map(([member, key]) => {
    const entry = entries(data.values["PhysicalAddresses"], [key])[0];
    const parts = addressParts.flatMap(([name, element]) => {
      const part = childText(entry, element);
      return part === undefined ? [] : [[name, part] as const];
    });
    return [member, Object.fromEntries(parts)] as const;
  });
  return {
    "@odata.etag": etag(changeKey),
    id: request.itemId(view),
    createdDateTime: instant(data.created),
    lastModifiedDateTime: instant(data.modified),
    changeKey,
    categories: children(data.values["Categories"]).map((category) => category.text ?? ""),
    parentFolderId: request.idOf({ kind: "folder", row: item.folder }),
    ...Object.fromEntries(Object.entries(plainTexts).map(([member, element]) => [member, text(element)])),
    displayName: text("DisplayName") ?? "",
    fileAs: text("FileAs") ?? "",
    title: data.extended.find((entry) => entry.key === titleKey)?.values[0] ?? null,
    birthday: birthday === undefined ? null : instant(Date.parse(birthday)),
    personalNotes: bodyAs(data.body, "Text").content,
    children: children(data.values["Children"]).map((child) => child.text ?? ""),
    imAddresses: entries(data.values["ImAddresses"], chatKeys).map((entry) => entry.text ?? ""),
    emailAddresses: emails,
    primaryEmailAddress: emails[0] ?? null,
    secondaryEmailAddress: emails[1] ?? null,
    tertiaryEmailAddress: emails[2] ?? null,
    businessPhones: phones(phoneKeys["businessPhones"] ?? []),
    homePhones: phones(phoneKeys["homePhones"] ?? []),
    mobilePhone: phones(phoneKeys["mobilePhone"] ?? [])[0] ?? null,
    ...Object.fromEntries(addresses),
  };
}
