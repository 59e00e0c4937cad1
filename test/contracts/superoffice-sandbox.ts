import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { DateTime } from "luxon";
import type { Scope } from "../../connectors/contract.ts";
import { createSuperOfficeClient, type SuperOfficeClient } from "../../connectors/superoffice/client.ts";
import { createSuperOfficeContactStore } from "../../connectors/superoffice/contacts.ts";
import { readLists } from "../../connectors/superoffice/lists.ts";
import { createSuperOfficeStore } from "../../connectors/superoffice/store.ts";
import { createSuperOfficeTaskStore } from "../../connectors/superoffice/tasks.ts";
import type { Appointment } from "../../core/items/appointment.ts";
import type { Person, SampleAppointment } from "../../sandbox/context.ts";
import { startSandbox } from "../../sandbox/server.ts";
import { createSuperOffice, type SuperOffice } from "../../sandbox/superoffice/index.ts";

/** Where no document settles what SuperOffice does, the connector must do with the other answer too. */
export const otherWay = {
  utcOffsetStyle: "+00:00",
  updatedDateFilterZone: "request",
  afterIncludesDay: true,
  primaryKeyAs: "text",
  slimAssociate: "id",
  lastPageNextLink: "null",
  agentMemberCase: "pascal",
  idListBody: "any",
  unknownUid: "null",
  allDayEnd: "next-midnight",
  restUpdateMode: "ThisAndForward",
  thisAndForwardSplits: true,
  shortMonth: "skip",
  expiredCredentialStatus: 403,
  slavesOfDeletedMother: "removed",
  restDeleteMails: false,
  membersQuery: "columns",
  defaultTop: 3,
};

export const zone = "Europe/Oslo";

export const person: Person = {
  associateId: 101,
  personId: 1101,
  contactId: 5,
  loginName: "ADA",
  firstName: "Ada",
  lastName: "Aas",
  fullName: "Ada Aas",
  address: "ada.aas@nordlys.example",
  userPrincipalName: "ada.aas@nordlys.example",
  proxyAddresses: ["ada.aas@nordlys.example"],
  userType: "Member",
  objectId: "00000000-0000-4000-8000-000000000101",
  tenant: "11111111-1111-4111-8111-111111111111",
  password: "pw-ada",
  timeZone: zone,
  capabilities: { mailbox: true, ews: true, graph: true, enabled: true, retired: false },
};

export const colleague: Person = {
  ...person,
  associateId: 102,
  personId: 1102,
  loginName: "BEN",
  firstName: "Ben",
  lastName: "Berg",
  fullName: "Ben Berg",
  address: "ben.berg@nordlys.example",
  userPrincipalName: "ben.berg@nordlys.example",
  proxyAddresses: ["ben.berg@nordlys.example"],
  objectId: "00000000-0000-4000-8000-000000000102",
};

export function sampleOf(patch: Partial<Appointment>): Partial<SampleAppointment> {
  const { title, description, location, time, freeBusyStatus, privacy, alertMinutes, recurrenceRule } = patch;
  const local = (instant: string) => DateTime.fromISO(instant, { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ss");
  return {
    ...(title === undefined ? {} : { subject: title }),
    ...(description === undefined ? {} : { body: description }),
    ...(location === undefined ? {} : { location }),
    ...(time === undefined
      ? {}
      : {
          allDay: time.showWithoutTime,
          start: time.showWithoutTime ? `${time.start}T00:00:00` : local(time.start),
          end: time.showWithoutTime ? `${time.end}T00:00:00` : local(time.end),
          timeZone: zone,
        }),
    ...(freeBusyStatus === undefined ? {} : { busy: freeBusyStatus === "free" ? "free" : "busy" }),
    ...(privacy === undefined ? {} : { private: privacy === "private" }),
    ...(alertMinutes === undefined ? {} : { reminderMinutes: alertMinutes }),
    ...(recurrenceRule === undefined
      ? {}
      : {
          recurrence: recurrenceRule && {
            frequency: recurrenceRule.frequency,
            interval: recurrenceRule.interval,
            byDay: recurrenceRule.byDay.map((day) => day.toUpperCase() as "MO"),
            ...(recurrenceRule.nthOfPeriod === null ? {} : { position: recurrenceRule.nthOfPeriod }),
            ...(recurrenceRule.byMonthDay === null ? {} : { dayOfMonth: recurrenceRule.byMonthDay }),
            ...(recurrenceRule.byMonth === null ? {} : { month: recurrenceRule.byMonth }),
            end: recurrenceRule.end,
          },
        }),
  };
}

export const signal = new AbortController().signal;
export const scope: Scope = {
  kind: "appointment",
  container: "diary",
  window: { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" },
};

/** A sandbox with two associates and a client of it that counts its requests. */
export async function openOffice(switches: Record<string, unknown> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), "superoffice-contract-"));
  const sandbox = await startSandbox({ dataDir, systems: [createSuperOffice], seed: false });
  const trusted = tls.getCACertificates("default");
  tls.setDefaultCACertificates([...trusted, readFileSync(sandbox.caFile, "utf8")]);
  const office = sandbox.systems[0] as SuperOffice;
  sandbox.context.directory.saveTenant({ id: person.tenant, name: "Nordlys", domain: "nordlys.example" });
  for (const each of [person, colleague]) {
    sandbox.context.directory.save(each);
    office.admit?.(each);
  }
  office.configure(switches);
  const { samples } = office;
  if (!samples) throw new Error("the sandbox has no samples");
  const requests: string[] = [];
  const client = clientOf(office, (input, init) => {
    requests.push(`${init?.method} ${new URL(input instanceof Request ? input.url : input).pathname}`);
    return fetch(input, init);
  });
  const options = {
    client,
    associateId: person.associateId,
    timeZone: zone,
    lists: await readLists(client, signal),
    selections: ["Contacts I favour"],
  };
  const store = createSuperOfficeStore(options);
  const tasks = createSuperOfficeTaskStore(options);
  const contacts = createSuperOfficeContactStore(options);
  requests.length = 0;
  const refOfSample = (id: string) => (id.startsWith("series-") ? id.replace("-", ":") : `appointment:${id}`);
  const put = (item: Appointment, whose = person, attendees?: string[]) =>
    refOfSample(
      samples.put(whose, { ...(sampleOf(item) as SampleAppointment), ...(attendees ? { attendees } : {}) }),
    );
  return {
    sandbox,
    office,
    samples,
    requests,
    client,
    options,
    store,
    tasks,
    contacts,
    put,
    close: async () => {
      await sandbox.close();
      tls.setDefaultCACertificates(trusted);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export function clientOf(office: SuperOffice, counting: typeof fetch): SuperOfficeClient {
  const connection = office.connection() as Record<
    "tenant" | "loginUrl" | "baseUrl" | "clientSecret" | "systemUserToken" | "privateKeyPem",
    string
  >;
  return createSuperOfficeClient({
    tenant: connection.tenant,
    loginUrl: connection.loginUrl,
    baseUrl: connection.baseUrl,
    fetch: counting,
    secrets: {
      applicationToken: connection.clientSecret,
      systemUserToken: connection.systemUserToken,
      privateKeyPem: connection.privateKeyPem,
    },
  });
}
