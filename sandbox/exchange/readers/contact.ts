import type { ItemView } from "../model.ts";
import { el, type Xml } from "../xml.ts";
import type { Readers } from "./reader.ts";

function part(view: ItemView, element: string): string {
  return view.data.values[element]?.text ?? "";
}

/** The name that Exchange makes from its parts when no display name was given. */
function displayName(view: ItemView): string {
  const given = part(view, "DisplayName");
  if (given !== "") return given;
  const names = [part(view, "GivenName"), part(view, "MiddleName"), part(view, "Surname")]
    .filter(Boolean)
    .join(" ");
  return names || part(view, "CompanyName");
}

function fileAs(view: ItemView): string | undefined {
  const [first, last, company] = [part(view, "GivenName"), part(view, "Surname"), part(view, "CompanyName")];
  const lastCommaFirst = [last, first].filter(Boolean).join(", ");
  switch (part(view, "FileAsMapping")) {
    case "LastCommaFirst":
      return lastCommaFirst;
    case "FirstSpaceLast":
      return [first, last].filter(Boolean).join(" ");
    case "Company":
      return company;
    case "LastCommaFirstCompany":
      return [lastCommaFirst, company].filter(Boolean).join("\r\n");
    case "CompanyLastCommaFirst":
      return [company, lastCommaFirst].filter(Boolean).join("\r\n");
    case "LastSpaceFirst":
      return [last, first].filter(Boolean).join(" ");
    case "DisplayName":
      return displayName(view);
    default:
      return view.data.values["FileAs"]?.text;
  }
}

const nameParts: [element: string, from: string][] = [
  ["FirstName", "GivenName"],
  ["MiddleName", "MiddleName"],
  ["LastName", "Surname"],
  ["Suffix", "Generation"],
  ["Initials", "Initials"],
];

function completeName(view: ItemView): Xml | undefined {
  const parts = nameParts
    .filter(([, from]) => part(view, from) !== "")
    .map(([element, from]) => el(element, part(view, from)));
  const full = displayName(view);
  if (full !== "") parts.push(el("FullName", full));
  if (part(view, "Nickname") !== "") parts.push(el("Nickname", part(view, "Nickname")));
  return parts.length > 0 ? el("CompleteName", parts) : undefined;
}

export const contactReaders: Readers = {
  Subject: (view) => view.data.values["Subject"]?.text ?? (displayName(view) || undefined),
  DisplayName: (view) => displayName(view) || undefined,
  FileAs: fileAs,
  FileAsMapping: (view) => view.data.values["FileAsMapping"] ?? "None",
  CompleteName: completeName,
  EmailAddresses: (view) => {
    const entries = view.data.values["EmailAddresses"]?.children ?? [];
    if (entries.length === 0) return undefined;
    const complete = entries.map((entry) => {
      const address = entry.text ?? "";
      return el("Entry", address, { Name: address, RoutingType: "SMTP", ...entry.attributes });
    });
    return el("EmailAddresses", complete);
  },
  HasPicture: () => "false",
  PostalAddressIndex: (view) => view.data.values["PostalAddressIndex"] ?? "None",
  Notes: (view) => view.data.body?.content,
};
