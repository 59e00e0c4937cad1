import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { DateTime } from "luxon";
import { createSuperOfficeClient, type SuperOfficeClient } from "../../connectors/superoffice/client.ts";
import { createSuperOfficeStore } from "../../connectors/superoffice/store.ts";
import type { Appointment } from "../../core/items/appointment.ts";
import type { Person, SampleAppointment } from "../../sandbox/context.ts";
import { startSandbox } from "../../sandbox/server.ts";
import { createSuperOffice, type SuperOffice } from "../../sandbox/superoffice/index.ts";
import { itemStoreContract, type StoreHarness } from "./item-store.suite.ts";

const zone = "Europe/Oslo";

const person: Person = {
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

function sampleOf(patch: Partial<Appointment>): Partial<SampleAppointment> {
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

function harness(switches: Record<string, unknown>): () => Promise<StoreHarness> {
  return async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "superoffice-contract-"));
    const sandbox = await startSandbox({ dataDir, systems: [createSuperOffice], seed: false });
    const trusted = tls.getCACertificates("default");
    tls.setDefaultCACertificates([...trusted, readFileSync(sandbox.caFile, "utf8")]);
    const office = sandbox.systems[0] as SuperOffice;
    sandbox.context.directory.saveTenant({ id: person.tenant, name: "Nordlys", domain: "nordlys.example" });
    sandbox.context.directory.save(person);
    office.admit?.(person);
    office.configure(switches);
    const client = clientOf(office);
    const { samples } = office;
    if (!samples) throw new Error("the sandbox has no samples");
    const sampleId = (ref: string) => ref.replace(/^appointment:/, "").replace(/^series:/, "series-");
    const rowId = (ref: string) => {
      if (!ref.startsWith("appointment:")) throw new Error(`${ref} is no single row`);
      return Number(ref.slice("appointment:".length));
    };
    const signal = new AbortController().signal;
    return {
      store: createSuperOfficeStore({ client, associateId: person.associateId, timeZone: zone }),
      scope: {
        kind: "appointment",
        container: "diary",
        window: { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" },
      },
      outside: {
        put: async (item) => {
          const id = samples.put(person, { ...(sampleOf(item) as SampleAppointment) });
          return id.startsWith("series-") ? id.replace("-", ":") : `appointment:${id}`;
        },
        change: async (ref, patch) => samples.change(person, sampleId(ref), sampleOf(patch)),
        remove: async (ref) => samples.remove(person, sampleId(ref)),
        mailsSent: async () => sandbox.context.attendeeMails.count(),
        unmapped: {
          set: async (ref, value) => {
            const path = `Appointment/${rowId(ref)}`;
            await client.call({
              method: "PATCH",
              path,
              body: { Agenda: value, InternalNotes: value },
              signal,
            });
          },
          read: async (ref) => {
            const { value } = await client.call({ method: "GET", path: `Appointment/${rowId(ref)}`, signal });
            const { Agenda, InternalNotes } = value as Record<string, string>;
            return Agenda === InternalNotes ? Agenda : undefined;
          },
        },
      },
      close: async () => {
        await sandbox.close();
        tls.setDefaultCACertificates(trusted);
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  };
}

function clientOf(office: SuperOffice): SuperOfficeClient {
  const connection = office.connection() as Record<
    "tenant" | "loginUrl" | "baseUrl" | "clientSecret" | "systemUserToken" | "privateKeyPem",
    string
  >;
  return createSuperOfficeClient({
    tenant: connection.tenant,
    loginUrl: connection.loginUrl,
    baseUrl: connection.baseUrl,
    secrets: {
      applicationToken: connection.clientSecret,
      systemUserToken: connection.systemUserToken,
      privateKeyPem: connection.privateKeyPem,
    },
  });
}

itemStoreContract("SuperOffice", harness({}));

// Where no document settles what SuperOffice does, the connector must do with the other answer too.
itemStoreContract(
  "SuperOffice, everything undocumented the other way round",
  harness({
    utcOffsetStyle: "+00:00",
    updatedDateFilterZone: "request",
    afterIncludesDay: true,
    primaryKeyAs: "text",
    slimAssociate: "id",
    lastPageNextLink: "null",
    agentMemberCase: "pascal",
    allDayEnd: "next-midnight",
    restUpdateMode: "ThisAndForward",
    thisAndForwardSplits: true,
    shortMonth: "skip",
    expiredCredentialStatus: 403,
    slavesOfDeletedMother: "removed",
    restDeleteMails: false,
  }),
);
