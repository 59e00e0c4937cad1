import { blankContact, type SampleAddress, type SampleContact, type SamplePhone } from "../samples.ts";
import { all, first, partsOf, textOf, type Component, type Line } from "./content-lines.ts";
import { Broken } from "./dates.ts";
import { categoriesOf, isPrivate, type Imported } from "./event.ts";
import { NotHeld } from "./rules.ts";

/** A vCard of any version. @throws Broken for one that names nobody, NotHeld for groups */
export function readCard(card: Component): Imported<SampleContact> {
  const kind = textOf(first(card, "KIND") ?? first(card, "X-ADDRESSBOOKSERVER-KIND")).toLowerCase();
  if (kind === "group") throw new NotHeld("a group of contacts");
  const said = (name: string): string => textOf(first(card, name)).trim();
  const [surname = "", givenName = "", middleName = "", prefix = "", suffix = ""] = partsOf(
    first(card, "N")?.value ?? "",
    ";",
  );
  const [companyName = "", ...units] = partsOf(first(card, "ORG")?.value ?? "", ";");
  const left: string[] = prefix === "" ? [] : ["N prefix"];
  const emails = [
    ...new Set(
      all(card, "EMAIL").map((line) =>
        textOf(line)
          .trim()
          .replace(/^mailto:/i, ""),
      ),
    ),
  ];
  const addresses = addressesOf(card, left);
  const sample: SampleContact = {
    ...blankContact,
    givenName,
    middleName,
    surname,
    suffix,
    companyName,
    department: units.filter((unit) => unit !== "").join(", "),
    displayName: said("FN") || [givenName, middleName, surname].filter(Boolean).join(" ") || companyName,
    nickname: partsOf(first(card, "NICKNAME")?.value ?? "", ",")[0] ?? "",
    jobTitle: said("TITLE"),
    profession: said("ROLE"),
    manager: said("X-MS-MANAGER") || said("X-MANAGER") || said("X-EVOLUTION-MANAGER"),
    assistant: said("X-MS-ASSISTANT") || said("X-ASSISTANT") || said("X-EVOLUTION-ASSISTANT"),
    spouse: said("X-MS-SPOUSE") || said("X-SPOUSE") || said("X-EVOLUTION-SPOUSE"),
    emails: emails.filter((email) => email !== "").slice(0, 3),
    phones: all(card, "TEL").flatMap(phoneOf),
    addresses,
    im: imOf(card).slice(0, 3),
    webPage: addressOfPage(said("URL")),
    birthday: dayOf(first(card, "BDAY"), left),
    anniversary: dayOf(first(card, "ANNIVERSARY") ?? first(card, "X-ANNIVERSARY"), left),
    notes: all(card, "NOTE").map(textOf).join("\n").trim(),
    categories: categoriesOf(card),
    private: isPrivate(card),
  };
  const nobody = sample.displayName === "" && sample.emails.length === 0 && sample.phones.length === 0;
  if (nobody) throw new Broken("a card that names nobody");
  if (emails.length > 3) left.push("EMAIL beyond the third");
  if (imOf(card).length > 3) left.push("IMPP beyond the third");
  if (all(card, "URL").length > 1) left.push("URL beyond the first");
  for (const name of ["PHOTO", "LOGO", "SOUND", "KEY", "GEO", "RELATED", "AGENT", "TZ", "GENDER", "LANG"])
    if (first(card, name)) left.push(name);
  return { sample, left };
}

/** A URL as an `xs:anyURI` may be: stray backslashes go, what is no character of a URL is written by its code. */
function addressOfPage(said: string): string {
  return said
    .replaceAll("\\", "")
    .replace(/%(?![0-9a-f]{2})/gi, "%25")
    .replace(/[^\u0021-\u007E]|[<>"{}|^`[\]]/gu, encodeURIComponent);
}

const typesOf = (line: Line): string[] =>
  (line.params.get("TYPE") ?? []).flatMap((each) => each.toUpperCase().split(","));

function phoneOf(line: Line): SamplePhone[] {
  const number = textOf(line).trim().replace(/^tel:/i, "");
  if (number === "") return [];
  const types = new Set(typesOf(line));
  const home = types.has("HOME");
  const work = types.has("WORK");
  const kind = (): SamplePhone["kind"] => {
    if (types.has("FAX")) return home ? "homeFax" : work ? "businessFax" : "otherFax";
    if (types.has("PAGER")) return "pager";
    if (types.has("CELL") || types.has("IPHONE")) return "mobile";
    if (types.has("CAR")) return "car";
    if (types.has("MAIN")) return "primary";
    return work ? "business" : home ? "home" : "other";
  };
  return [{ kind: kind(), number }];
}

/** One address of each kind; more of a kind are left. */
function addressesOf(card: Component, left: string[]): SampleAddress[] {
  const found = new Map<SampleAddress["kind"], SampleAddress>();
  for (const line of all(card, "ADR")) {
    const types = typesOf(line);
    const kind = types.includes("WORK") ? "business" : types.includes("HOME") ? "home" : "other";
    const [box = "", extended = "", street = "", city = "", state = "", postalCode = "", country = ""] =
      partsOf(line.value, ";");
    const lines = [box, extended, street].filter((part) => part !== "");
    if (found.has(kind)) left.push(`ADR beyond the first of ${kind}`);
    else found.set(kind, { kind, street: lines.join("\n"), city, state, postalCode, country });
  }
  return [...found.values()].filter((each) =>
    [each.street, each.city, each.state, each.postalCode, each.country].some((part) => part !== ""),
  );
}

function imOf(card: Component): string[] {
  const services = /^(X-(AIM|ICQ|JABBER|MSN|YAHOO|SKYPE|SKYPE-USERNAME|GOOGLE-TALK|QQ|GADUGADU|GROUPWISE))$/;
  const named = card.lines.filter((line) => line.name === "IMPP" || services.test(line.name));
  return [...new Set(named.map((line) => textOf(line).trim()).filter((address) => address !== ""))];
}

/** A whole day; one without its year, or a text, is left. */
function dayOf(line: Line | undefined, left: string[]): string | null {
  if (!line || line.value.trim() === "") return null;
  const match = /^(\d{4})-?(\d\d)-?(\d\d)/.exec(line.value.trim());
  const day = match ? `${match[1]}-${match[2]}-${match[3]}` : "";
  const time = Date.parse(`${day}T00:00:00Z`);
  const real = !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
  // Apple writes 1604 for a day without a year.
  if (real && !day.startsWith("1604") && !line.params.has("X-APPLE-OMIT-YEAR")) return day;
  left.push(line.name);
  return null;
}
