import { mkdtemp, rm } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { DateTime } from "luxon";
import { expect, it } from "vitest";
import { stamp } from "../../connectors/ews/reading.ts";
import { createEwsStore } from "../../connectors/ews/store.ts";
import type { Appointment, RecurrenceRule } from "../../core/items/appointment.ts";
import type { SampleAppointment, SampleRecurrence } from "../../sandbox/context.ts";
import { createExchange } from "../../sandbox/exchange/index.ts";
import { startSandbox } from "../../sandbox/server.ts";
import { samplePerson, sampleTenant } from "../../sandbox/testing/people.ts";
import { itemStoreContract, type StoreHarness } from "./item-store.suite.ts";

const busy = {
  free: "free",
  tentative: "tentative",
  busy: "busy",
  "out-of-office": "oof",
  "working-elsewhere": "elsewhere",
} as const;

function sampleTimes(item: Pick<Appointment, "time" | "timeZone">): Partial<SampleAppointment> {
  const zone = item.timeZone ?? "Europe/Oslo";
  if (item.time.showWithoutTime) {
    return {
      allDay: true,
      start: `${item.time.start}T00:00:00`,
      end: `${item.time.end}T00:00:00`,
      timeZone: zone,
    };
  }
  const local = (at: string) => DateTime.fromISO(at, { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ss");
  return { allDay: false, start: local(item.time.start), end: local(item.time.end), timeZone: zone };
}

function sampleRecurrence(rule: RecurrenceRule): SampleRecurrence {
  return {
    frequency: rule.frequency,
    interval: rule.interval,
    end: rule.end,
    byDay: rule.byDay.map((day) => day.toUpperCase() as "MO"),
    ...(rule.nthOfPeriod === null ? {} : { position: rule.nthOfPeriod }),
    ...(rule.byMonthDay === null ? {} : { dayOfMonth: rule.byMonthDay }),
    ...(rule.byMonth === null ? {} : { month: rule.byMonth }),
  };
}

function samplePatch(patch: Partial<Appointment>): Partial<SampleAppointment> {
  const {
    title,
    description,
    location,
    time,
    timeZone,
    freeBusyStatus,
    privacy,
    alertMinutes,
    recurrenceRule,
  } = patch;
  return {
    ...(title === undefined ? {} : { subject: title }),
    ...(description === undefined ? {} : { body: description }),
    ...(location === undefined ? {} : { location }),
    ...(time === undefined ? {} : sampleTimes({ time, timeZone: timeZone ?? null })),
    ...(freeBusyStatus === undefined ? {} : { busy: busy[freeBusyStatus] }),
    ...(privacy === undefined ? {} : { private: privacy === "private" }),
    ...(alertMinutes === undefined ? {} : { reminderMinutes: alertMinutes }),
    ...(recurrenceRule === undefined
      ? {}
      : { recurrence: recurrenceRule ? sampleRecurrence(recurrenceRule) : null }),
  };
}

const types = "http://schemas.microsoft.com/exchange/services/2006/types";
const messages = "http://schemas.microsoft.com/exchange/services/2006/messages";
const counted = { exchanges: 0 };

async function harness(): Promise<StoreHarness> {
  const dataDir = await mkdtemp(join(tmpdir(), "everlink-ews-"));
  const sandbox = await startSandbox({ dataDir, port: 0, seed: false, systems: [createExchange] });
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(sandbox.caFile, "utf8")]);
  const person = samplePerson(1);
  const { context } = sandbox;
  context.directory.saveTenant(sampleTenant);
  context.directory.save(person);
  const exchange = sandbox.systems[0];
  exchange?.admit?.(person);
  const samples = exchange?.samples;
  if (!samples) throw new Error("the sandbox has no samples");

  const url = `${sandbox.origin}/EWS/Exchange.asmx`;
  const store = createEwsStore({
    url,
    mailboxAddress: person.address,
    basic: { user: person.address, password: person.password },
    userAgent: "Everlink test",
    timeZone: person.timeZone,
    identity: `entra/${person.tenant}/${person.objectId}`,
    onExchange: () => (counted.exchanges += 1),
  });
  const signal = new AbortController().signal;

  /** What another EWS client does. */
  async function soap(body: string): Promise<string> {
    const answer = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "text/xml; charset=utf-8",
        authorization: `Basic ${Buffer.from(`${person.address}:${person.password}`).toString("base64")}`,
      },
      body:
        `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="${types}" xmlns:m="${messages}">` +
        `<s:Header><t:RequestServerVersion Version="Exchange2016"/></s:Header><s:Body>${body}</s:Body></s:Envelope>`,
    });
    const text = await answer.text();
    if (!text.includes('ResponseClass="Success"')) throw new Error(text);
    return text;
  }

  return {
    store,
    scope: {
      kind: "appointment",
      container: "calendar",
      window: { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" },
    },
    outside: {
      put: async (item) => samples.put(person, samplePatch(item) as SampleAppointment),
      change: async (ref, patch) => samples.change(person, ref, samplePatch(patch)),
      remove: async (ref) => samples.remove(person, ref),
      async copy(ref) {
        const key = (await store.get(ref, signal))?.key;
        const answer = await soap(
          `<m:CreateItem SendMeetingInvitations="SendToNone"><m:SavedItemFolderId>` +
            `<t:DistinguishedFolderId Id="calendar"/></m:SavedItemFolderId><m:Items><t:CalendarItem>` +
            `<t:Subject>Copy</t:Subject><t:ExtendedProperty><t:ExtendedFieldURI PropertySetId="${stamp.propertySetId}" ` +
            `PropertyName="${stamp.name}" PropertyType="String"/><t:Value>${key}</t:Value></t:ExtendedProperty>` +
            `<t:Start>2026-03-09T08:00:00Z</t:Start><t:End>2026-03-09T09:00:00Z</t:End>` +
            `</t:CalendarItem></m:Items></m:CreateItem>`,
        );
        return /ItemId Id="([^"]+)"/u.exec(answer)?.[1] ?? "";
      },
      async forgetCursors() {
        const effect = { kind: "ewsFault", code: "ErrorInvalidSyncStateData" } as const;
        sandbox.rules.add({ system: "exchange", operation: "SyncFolderItems", effect, times: 1 });
      },
      unmapped: {
        async set(ref, value) {
          await soap(
            `<m:UpdateItem ConflictResolution="AlwaysOverwrite" SendMeetingInvitationsOrCancellations="SendToNone">` +
              `<m:ItemChanges><t:ItemChange><t:ItemId Id="${ref}"/><t:Updates><t:SetItemField>` +
              `<t:FieldURI FieldURI="item:Categories"/><t:CalendarItem><t:Categories><t:String>${value}</t:String>` +
              `</t:Categories></t:CalendarItem></t:SetItemField></t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
          );
        },
        async read(ref) {
          const answer = await soap(
            `<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>` +
              `<t:FieldURI FieldURI="item:Categories"/></t:AdditionalProperties></m:ItemShape>` +
              `<m:ItemIds><t:ItemId Id="${ref}"/></m:ItemIds></m:GetItem>`,
          );
          return /<t:String>([^<]*)</u.exec(answer)?.[1];
        },
      },
      mailsSent: async () => context.attendeeMails.count(),
    },
    async close() {
      const counters = exchange?.counters?.() ?? {};
      await sandbox.close();
      await rm(dataDir, { recursive: true, force: true });
      expect(counted.exchanges).toBeGreaterThan(100);
      expect(counters).toMatchObject({ requestsInvalid: 0, responsesInvalid: 0 });
    },
  };
}

itemStoreContract("Exchange Web Services, on the sandbox", harness);

it("needs one way to sign in", () => {
  const options = { url: "https://localhost/", mailboxAddress: "a@b.example", userAgent: "test" };
  expect(() => createEwsStore(options)).toThrow("token or basic");
});
