import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { stamp } from "../../connectors/ews/reading.ts";
import { createEwsStore } from "../../connectors/ews/store.ts";
import type { Changes, Scope } from "../../connectors/contract.ts";
import { Failure } from "../../core/errors/failure.ts";
import type { FaultEffect } from "../../sandbox/context.ts";
import { appointment, appointmentExamples } from "./appointments.ts";
import { openMailbox, sampleOf, samplePatch, type EwsMailbox } from "./ews-mailbox.ts";
import { itemStoreContract } from "./item-store.suite.ts";
import { recurrenceContract, type RecurrenceHarness } from "./recurrence.suite.ts";

const scope: Scope = {
  kind: "appointment",
  container: "calendar",
  window: { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" },
};
const signal = new AbortController().signal;

async function calendar(): Promise<RecurrenceHarness> {
  const mailbox = await openMailbox();
  const { store, samples, person, soap } = mailbox;
  return {
    store,
    scope,
    outside: {
      put: async (item) => samples.put(person, sampleOf(item)),
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
      async changeOccurrence(ref, date, to) {
        const number = (Date.parse(date) - Date.parse("2026-03-02")) / (7 * 86_400_000) + 1;
        const id = `<t:OccurrenceItemId RecurringMasterId="${ref}" InstanceIndex="${number}"/>`;
        if (to.excluded === true) {
          await soap(
            `<m:DeleteItem DeleteType="MoveToDeletedItems" SendMeetingCancellations="SendToNone"><m:ItemIds>${id}` +
              `</m:ItemIds></m:DeleteItem>`,
          );
          return;
        }
        const set = (field: string, element: string) =>
          `<t:SetItemField><t:FieldURI FieldURI="${field}"/><t:CalendarItem>${element}</t:CalendarItem></t:SetItemField>`;
        const updates =
          (to.title === undefined ? "" : set("item:Subject", `<t:Subject>${to.title}</t:Subject>`)) +
          (to.time === undefined
            ? ""
            : set("calendar:Start", `<t:Start>${to.time.start}</t:Start>`) +
              set("calendar:End", `<t:End>${to.time.end}</t:End>`));
        await soap(
          `<m:UpdateItem ConflictResolution="AlwaysOverwrite" SendMeetingInvitationsOrCancellations="SendToNone">` +
            `<m:ItemChanges><t:ItemChange>${id}<t:Updates>${updates}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
        );
      },
      async forgetCursors() {
        const effect = { kind: "ewsFault", code: "ErrorInvalidSyncStateData" } as const;
        mailbox.sandbox.rules.add({ system: "exchange", operation: "SyncFolderItems", effect, times: 1 });
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
      mailsSent: async () => mailbox.sandbox.context.attendeeMails.count(),
    },
    async close() {
      const counters = mailbox.counters();
      await mailbox.close();
      expect(counters).toMatchObject({ requestsInvalid: 0, responsesInvalid: 0 });
      expect(counters["requestsValid"]).toBeGreaterThan(50);
    },
  };
}

itemStoreContract("Exchange Web Services: appointments", appointmentExamples, calendar);
recurrenceContract("Exchange Web Services", calendar);

describe("Exchange in trouble", () => {
  let mailbox: EwsMailbox;
  afterEach(() => mailbox?.close());

  async function troubled(operation: string, effect: FaultEffect, options: { timeoutMs?: number } = {}) {
    mailbox = await openMailbox(options);
    mailbox.sandbox.rules.add({ system: "exchange", operation, effect, times: 1 });
    return mailbox;
  }

  function put(count: number): string[] {
    const { samples, person } = mailbox;
    return Array.from({ length: count }, (_, index) =>
      samples.put(person, sampleOf(appointment({ title: `No. ${index}` }))),
    );
  }

  /** Every page of a listing; a call that fails is made again with the same cursor. */
  async function list(): Promise<{ pages: Changes[]; failures: string[] }> {
    const pages: Changes[] = [];
    const failures: string[] = [];
    do {
      try {
        pages.push(await mailbox.store.changes(scope, pages.at(-1)?.next, signal));
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        failures.push(error.code);
        await delay((error.retryAfterMs ?? 0) + 2);
      }
    } while ((pages.at(-1)?.more ?? true) && failures.length < 5);
    return { pages, failures };
  }

  it.each<[string, FaultEffect, string]>([
    ["SyncFolderItems", { kind: "truncate", bytes: 900 }, "remote.malformed"],
    ["SyncFolderItems", { kind: "lostResponse" }, "network.unreachable"],
    ["SyncFolderItems", { kind: "status", status: 503, retryAfterSeconds: 0 }, "ews.unavailable"],
    ["SyncFolderItems", { kind: "ewsFault", code: "ErrorServerBusy", backOffMs: 1 }, "ews.throttled"],
    ["GetItem", { kind: "truncate", bytes: 4000 }, "none: the call ends with what it has"],
    ["GetItem", { kind: "ewsFault", code: "ErrorServerBusy", backOffMs: 1 }, "ews.throttled"],
    ["GetItem", { kind: "status", status: 500, body: "" }, "none: the call ends with what it has"],
  ])("%s with %o loses and doubles nothing", async (operation, effect, failure) => {
    await troubled(operation, effect);
    const ids = put(35);
    const { pages, failures } = await list();
    expect(failures.filter((code) => code !== failure)).toEqual([]);
    expect(failures.length).toBeLessThan(5);
    expect(pages.flatMap((page) => page.upserts.map((item) => item.ref)).toSorted()).toEqual(ids.toSorted());
    expect(new Set(pages.map((page) => page.listing))).toEqual(new Set(["complete"]));
  });

  it("lists more than one page of Exchange's, each item once", async () => {
    mailbox = await openMailbox();
    const ids = put(530);
    const { pages } = await list();
    expect(pages.flatMap((page) => page.upserts.map((item) => item.ref)).toSorted()).toEqual(ids.toSorted());
    expect(pages.length).toBeGreaterThan(1);
  });

  it.each<FaultEffect>([{ kind: "lostResponse" }, { kind: "truncate", bytes: 500 }])(
    "a create whose answer is %o is found by its stamp, once",
    async (effect) => {
      const { store } = await troubled("CreateItem", effect);
      await expect(store.create(scope, appointment(), "el.lost", signal)).rejects.toThrow(/network|remote/u);
      expect(await store.findByKey(scope, "el.lost", signal)).toHaveLength(1);
    },
  );

  it("an update that lands late is a conflict for whoever writes after it", async () => {
    const { store } = await troubled("UpdateItem", { kind: "lateCommit", ms: 20 });
    const made = await store.create(scope, appointment(), "el.late", signal);
    const patch = { title: "Late" };
    await expect(store.update(made.ref, patch, made.version, signal)).rejects.toThrow("network.unreachable");
    await expect.poll(async () => (await store.get(made.ref, signal))?.item.title).toBe("Late");
    await expect(store.update(made.ref, { title: "x" }, made.version, signal)).rejects.toThrow(
      "item.version-conflict",
    );
  });

  it("a server that is too slow is given up on", async () => {
    const { store } = await troubled("GetFolder", { kind: "latency", ms: 60_000 }, { timeoutMs: 200 });
    expect(await store.probe(signal)).toEqual({ ok: false, code: "network.timeout" });
  });

  it("a mailbox without EWS is refused as such", async () => {
    mailbox = await openMailbox();
    const { sandbox, person, store } = mailbox;
    sandbox.context.directory.save({ ...person, capabilities: { ...person.capabilities, ews: false } });
    expect(await store.probe(signal)).toEqual({ ok: false, code: "ews.forbidden" });
  });
});

describe("what a person makes in Outlook", () => {
  it("shows other people, exceptions, and series without an end", async () => {
    const mailbox = await openMailbox();
    try {
      const { samples, person, store } = mailbox;
      const meeting = samples.put(person, {
        ...sampleOf(appointment()),
        attendees: ["ola@nordlys.example", "kari@example.com"],
      });
      const series = samples.put(person, {
        ...sampleOf(appointment()),
        recurrence: {
          frequency: "daily",
          interval: 1,
          end: { kind: "endless" },
          deleted: ["2026-03-04T09:00:00"],
          modified: [{ originalStart: "2026-03-05T09:00:00", subject: "Elsewhere" }],
        },
      });
      expect((await store.get(meeting, signal))?.traits).toMatchObject({ participants: 2, invited: false });
      const read = await store.get(series, signal);
      expect(read?.traits).toMatchObject({ exceptions: 0, recurrenceUnknown: false });
      expect(read?.item).toMatchObject({
        "recurrenceOverrides/2026-03-04": { excluded: true },
        "recurrenceOverrides/2026-03-05": { title: "Elsewhere" },
      });
      expect(read?.item.recurrenceRule).toMatchObject({ frequency: "daily", end: { kind: "endless" } });
    } finally {
      await mailbox.close();
    }
  });
});

it("needs one way to sign in, over TLS", () => {
  const options = { url: "https://localhost/", mailboxAddress: "a@b.example", userAgent: "test" };
  expect(() => createEwsStore(options)).toThrow("token or basic");
  const basic = { user: "a", password: "b" };
  expect(() => createEwsStore({ ...options, basic, url: "http://mail.example/" })).toThrow("https only");
});
