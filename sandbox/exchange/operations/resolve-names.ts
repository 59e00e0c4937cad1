import type { Person } from "../../context.ts";
import { answerOne, warning } from "../answers.ts";
import type { Call } from "../call.ts";
import { EwsError } from "../errors.ts";
import { attribute, childText, el, write, type Xml } from "../xml.ts";

/** The directory answers at most a hundred people. */
const MOST = 100;

/**
 * Looks people up in the caller's own tenant by the beginning of a name, alias or address.
 * @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/resolvenames-operation
 */
export function resolveNames(request: Xml, call: Call): string {
  const entry = childText(request, "UnresolvedEntry") ?? "";
  const full = ["true", "1"].includes(attribute(request, "ReturnFullContactData") ?? "");
  const sought = entry
    .replace(/^smtp:/i, "")
    .trim()
    .toLowerCase();
  const found = call.server.context.directory
    .people()
    .filter(
      (person) => person.tenant === call.person.tenant && person.capabilities.mailbox && fits(person, sought),
    );
  const people = found.slice(0, MOST);
  const content = `<m:ResolutionSet TotalItemsInView="${people.length}" IncludesLastItemInRange="${found.length <= MOST}">${people
    .map((person) => write(resolution(person, full)))
    .join("")}</m:ResolutionSet>`;
  if (people.length > 1) {
    return warning(
      "ResolveNames",
      "ErrorNameResolutionMultipleResults",
      "Multiple results were found.",
      content,
    );
  }
  return answerOne("ResolveNames", () => {
    if (people.length === 0) throw new EwsError("ErrorNameResolutionNoResults");
    return content;
  });
}

function fits(person: Person, sought: string): boolean {
  const addresses = [person.address, person.userPrincipalName, ...person.proxyAddresses];
  const names = [person.fullName, person.firstName, person.lastName, ...addresses];
  return (
    sought !== "" &&
    names.some((name) =>
      name
        .toLowerCase()
        .replace(/^smtp:/, "")
        .startsWith(sought),
    )
  );
}

function resolution(person: Person, full: boolean): Xml {
  const mailbox = el("Mailbox", [
    el("Name", person.fullName),
    el("EmailAddress", person.address),
    el("RoutingType", "SMTP"),
    el("MailboxType", "Mailbox"),
  ]);
  if (!full) return el("Resolution", [mailbox]);
  const contact = el("Contact", [
    el("Culture", "en-US"),
    el("DisplayName", person.fullName),
    el("GivenName", person.firstName),
    el("EmailAddresses", [el("Entry", `SMTP:${person.address}`, { Key: "EmailAddress1" })]),
    el("ContactSource", "ActiveDirectory"),
    el("Surname", person.lastName),
  ]);
  return el("Resolution", [mailbox, contact]);
}
