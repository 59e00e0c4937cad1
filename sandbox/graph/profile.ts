import { findWindows } from "windows-iana";
import type { Person } from "../context.ts";
import { GraphError } from "./errors.ts";
import { shaped } from "./query.ts";
import type { GraphRequest } from "./request.ts";

type Entity = Record<string, unknown>;

/** What `/me` holds; without `$select` only these are given, as by Graph. */
const byDefault = [
  "businessPhones",
  "displayName",
  "givenName",
  "jobTitle",
  "mail",
  "mobilePhone",
  "officeLocation",
  "preferredLanguage",
  "surname",
  "userPrincipalName",
  "id",
];

const profileOf = (person: Person): Entity => ({
  businessPhones: [],
  displayName: person.fullName,
  givenName: person.firstName,
  jobTitle: null,
  mail: person.address,
  mobilePhone: null,
  officeLocation: null,
  preferredLanguage: null,
  surname: person.lastName,
  userPrincipalName: person.userPrincipalName,
  id: person.objectId,
  proxyAddresses: person.proxyAddresses,
  userType: person.userType,
  accountEnabled: person.capabilities.enabled,
  otherMails: [],
});

/** @see https://learn.microsoft.com/graph/api/user-get */
export function getUser(request: GraphRequest): Entity {
  const all = profileOf(request.person);
  const select = request.query("$select");
  const context = `${request.base}/$metadata#users${select === undefined ? "" : `(${select})`}/$entity`;
  const entity =
    select === undefined
      ? Object.fromEntries(byDefault.map((name) => [name, all[name]]))
      : shaped({ entity: all }, request);
  return { "@odata.context": context, ...entity };
}

const zoneOf = (request: GraphRequest): string => findWindows(request.person.timeZone)[0] ?? "UTC";

/** @see https://learn.microsoft.com/graph/api/user-get-mailboxsettings */
export function getMailboxSettings(request: GraphRequest): Entity {
  const timeZone = zoneOf(request);
  return {
    "@odata.context": request.context("mailboxSettings"),
    archiveFolder: null,
    timeZone,
    delegateMeetingMessageDeliveryOptions: "sendToDelegateOnly",
    dateFormat: "yyyy-MM-dd",
    timeFormat: "HH:mm",
    userPurpose: "user",
    automaticRepliesSetting: { status: "disabled", externalAudience: "all" },
    language: { locale: "en-GB", displayName: "English (United Kingdom)" },
    workingHours: {
      daysOfWeek: ["monday", "tuesday", "wednesday", "thursday", "friday"],
      startTime: "08:00:00.0000000",
      endTime: "16:00:00.0000000",
      timeZone: { name: timeZone },
    },
  };
}

export const getTimeZone = (request: GraphRequest): Entity => ({ value: zoneOf(request) });

/** @throws GraphError 404 where Graph finds no mailbox of Exchange Online */
export function demandMailbox({ capabilities }: Person): void {
  if (capabilities.mailbox && capabilities.graph) return;
  throw new GraphError(
    404,
    "MailboxNotEnabledForRESTAPI",
    "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
  );
}
