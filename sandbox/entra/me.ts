import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { findWindows } from "windows-iana";
import type { Answer, Person, SandboxContext, TokenVerifier } from "../context.ts";
import { graphResource } from "./scopes.ts";

/** What `/me` holds; without `$select` only the first ones are given, as by Graph. */
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

export const ownsMe = (path: string): boolean =>
  /^\/v1\.0\/me(\/mailboxSettings(\/timeZone)?)?\/?$/i.test(path);

/**
 * Graph's `/me` and `/me/mailboxSettings`.
 *
 * @see https://learn.microsoft.com/graph/api/user-get
 * @see https://learn.microsoft.com/graph/api/user-get-mailboxsettings
 */
export function answerMe(context: SandboxContext, bearer: TokenVerifier, request: IncomingMessage): Answer {
  const url = new URL(request.url ?? "/", "https://graph.microsoft.com");
  const now = context.clock.now();
  const authorization = request.headers.authorization;
  const checked = bearer.verify(authorization, graphResource);
  if ("refused" in checked) {
    return failure(
      now,
      401,
      "InvalidAuthenticationToken",
      `Access token validation failure: ${checked.refused}.`,
    );
  }
  if (request.method !== "GET") return failure(now, 405, "Request_BadRequest", "Only GET is answered here.");
  const { person, scopes } = checked;
  const [, settings, part] = /\/me(\/mailboxSettings)?(\/timeZone)?\/?$/i.exec(url.pathname)!;
  if (settings === undefined) {
    if (!scopes.includes("User.Read")) {
      return failure(
        now,
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
      );
    }
    return profile(context, person, url, now);
  }
  if (!scopes.includes("MailboxSettings.Read")) {
    return failure(now, 403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
  }
  if (!person.capabilities.mailbox || !person.capabilities.graph) {
    return failure(
      now,
      404,
      "MailboxNotEnabledForRESTAPI",
      "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
    );
  }
  const timeZone = findWindows(person.timeZone)[0] ?? "UTC";
  if (part !== undefined) return json({ value: timeZone });
  return json({
    "@odata.context": `${context.origin()}/v1.0/$metadata#users('${person.objectId}')/mailboxSettings`,
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
  });
}

function profile(context: SandboxContext, person: Person, url: URL, now: Date): Answer {
  const all: Record<string, unknown> = {
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
  };
  const select = url.searchParams.get("$select");
  const wanted = select === null ? byDefault : select.split(",").map((each) => each.trim());
  const given: Record<string, unknown> = {
    "@odata.context": `${context.origin()}/v1.0/$metadata#users${select === null ? "" : `(${select})`}/$entity`,
  };
  for (const name of wanted) {
    const known = Object.keys(all).find((each) => each.toLowerCase() === name.toLowerCase());
    if (known === undefined) {
      return failure(
        now,
        400,
        "BadRequest",
        `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.user'.`,
      );
    }
    given[known] = all[known];
  }
  return json(given);
}

const json = (body: unknown, status = 200): Answer => ({
  status,
  headers: {
    "content-type":
      "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
    "request-id": randomUUID(),
  },
  body: JSON.stringify(body),
});

/** Graph's error body; a 401 also carries the challenge header. */
function failure(now: Date, status: number, code: string, message: string): Answer {
  const requestId = randomUUID();
  const answer = json(
    {
      error: {
        code,
        message,
        innerError: {
          date: now.toISOString().slice(0, 19),
          "request-id": requestId,
          "client-request-id": requestId,
        },
      },
    },
    status,
  );
  if (status === 401) {
    answer.headers["www-authenticate"] = 'Bearer realm="", error="invalid_token"';
  }
  return answer;
}
