import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listAssociates } from "../../connectors/superoffice/associates.ts";
import { createSuperOfficeStore } from "../../connectors/superoffice/store.ts";
import type { Observed } from "../../connectors/contract.ts";
import type { Appointment } from "../../core/items/appointment.ts";
import { overridesOf } from "../../core/items/overrides.ts";
import { allDay, appointment, timed } from "./appointments.ts";
import { colleague, openOffice, person, sampleOf, scope, signal, zone } from "./superoffice-sandbox.ts";

describe("SuperOffice's diary", () => {
  let open: Awaited<ReturnType<typeof openOffice>>;
  beforeEach(async () => {
    open = await openOffice();
    // Past the seconds in which another write would not show in a row's update time.
    open.sandbox.context.clock.advance(-60_000);
  });
  afterEach(() => open.close());

  const weekly: Appointment["recurrenceRule"] = {
    frequency: "weekly",
    interval: 1,
    byDay: ["mo"],
    nthOfPeriod: null,
    byMonthDay: null,
    byMonth: null,
    end: { kind: "count", count: 5 },
  };
  const read = (cursor?: string) => open.store.changes(scope, cursor, signal);
  const rows = async (ref: string) => {
    const $filter = `recurrenceRuleId eq ${ref.replace("series:", "")}`;
    const query = { $select: "appointmentId,date", $filter, $orderBy: "appointmentId" };
    const { value } = await open.client.call({ method: "GET", path: "Appointment", query, signal });
    return (value as { value: { appointmentId: number; date: string }[] }).value;
  };

  it("costs an idle cycle one request, and a change two more", async () => {
    const refs = Array.from({ length: 30 }, (_, day) => open.put(appointment({ title: `Day ${day}` })));
    const { next } = await read();
    open.requests.length = 0;
    const idle = await read(next);
    expect([idle.upserts, idle.gone, idle.more, idle.listing]).toEqual([[], [], false, "delta"]);
    expect(open.requests).toEqual(["GET /Cust12345/api/v1/Appointment"]);
    open.sandbox.context.clock.advance(1_000);
    open.samples.change(person, refs[7]?.replace("appointment:", "") ?? "", { subject: "Moved" });
    expect((await read(idle.next)).upserts.map((item) => item.item.title)).toEqual(["Moved"]);
    expect(open.requests).toHaveLength(4);
  });

  it("sees a second write within the second that was already told", async () => {
    open.sandbox.context.clock.reset();
    const ref = open.put(appointment());
    const id = ref.replace("appointment:", "");
    const first = await read();
    open.samples.change(person, id, { subject: "The same second" });
    const second = await read(first.next);
    expect(second.upserts.map((item) => item.item.title)).toEqual(["The same second"]);
    expect((await read(second.next)).upserts).toEqual([]);
  });

  it("tells a long diary in pages, each item once, and calls the listing complete", async () => {
    for (let day = 0; day < 230; day += 1) open.put(appointment({ title: `Day ${day}` }));
    const refs: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    for (;;) {
      const page = await read(cursor);
      pages += 1;
      expect(page.listing).toBe("complete");
      refs.push(...page.upserts.map((item) => item.ref));
      cursor = page.next;
      if (!page.more) break;
    }
    expect([pages, refs.length, new Set(refs).size]).toEqual([3, 230, 230]);
    expect((await read(cursor)).listing).toBe("delta");
  });

  it("does not take an empty listing for deletes (I5)", async () => {
    const refs = [open.put(appointment()), open.put(appointment({ recurrenceRule: weekly }))];
    const { next } = await read();
    open.sandbox.rules.add({
      system: "superoffice",
      operation: "GET /Appointment",
      effect: { kind: "empty" },
      times: 1,
    });
    const lied = await read(next);
    expect([lied.gone, lied.upserts, lied.listing, lied.more]).toEqual([[], [], "partial", false]);
    for (const ref of refs)
      open.samples.remove(person, ref.replace("appointment:", "").replace("series:", "series-"));
    expect((await read(lied.next)).gone).toEqual(
      expect.arrayContaining(refs.map((ref) => ({ ref, why: "deleted" }))),
    );
  });

  it("does not take a tenant that is switched off for deletes, whatever it answers", async () => {
    open.put(appointment());
    const { next } = await read();
    for (const unavailableStatus of [404, 403, 503]) {
      open.office.configure({ tenantState: "Suspended", unavailableStatus });
      await expect(read(next)).rejects.toMatchObject({ code: "superoffice.tenant-suspended" });
    }
    expect(await open.store.probe(signal)).toEqual({ ok: false, code: "superoffice.tenant-suspended" });
  });

  it("tells what left the window or the diary apart from what was deleted", async () => {
    const [moved, given] = [open.put(appointment()), open.put(appointment({ title: "Ben's now" }))];
    const { next } = await read();
    open.samples.change(
      person,
      moved.replace("appointment:", ""),
      sampleOf(timed("2028-03-02T08:00:00Z", "2028-03-02T09:00:00Z")),
    );
    const path = given.replace("appointment:", "Appointment/");
    const body = { Associate: { AssociateId: colleague.associateId } };
    await open.client.call({ method: "PATCH", path, body, signal });
    expect((await read(next)).gone.toSorted((a, b) => a.ref.localeCompare(b.ref))).toEqual([
      { ref: moved, why: "left-scope" },
      { ref: given, why: "left-scope" },
    ]);
  });

  it("keeps days and zone of what lasts all day, whatever end SuperOffice gives it", async () => {
    for (const allDayEnd of ["23:59:59", "23:59:00", "next-midnight"]) {
      open.office.configure({ allDayEnd });
      const ref = open.put(appointment({ ...allDay("2026-03-28", "2026-03-30") }));
      expect((await open.store.get(ref, signal))?.item).toMatchObject(allDay("2026-03-28", "2026-03-30"));
    }
  });

  it("tells the dates of a series that were removed, moved or edited", async () => {
    const ref = open.put(appointment({ recurrenceRule: weekly }));
    const told = async () => {
      const { item, traits } = (await open.store.get(ref, signal)) as Observed;
      expect(traits.exceptions).toBe(0);
      expect(item).toMatchObject({
        ...timed("2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z"),
        title: "Site visit",
        recurrenceRule: weekly,
      });
      return overridesOf(item);
    };
    expect(await told()).toEqual([]);
    const [first, second, third] = await rows(ref);
    const patch = (row: { appointmentId: number } | undefined, body: unknown) =>
      open.client.call({ method: "PATCH", path: `Appointment/${row?.appointmentId}`, body, signal });
    await patch(third, { Title: "Only this one" });
    expect(await told()).toEqual([["2026-03-16", { title: "Only this one" }]]);
    await patch(third, { Title: "Site visit" });
    expect(await told()).toEqual([]);
    await patch(second, { StartDate: "2026-03-10T12:00:00Z", EndDate: "2026-03-10T13:00:00Z" });
    const moved = ["2026-03-09", timed("2026-03-10T12:00:00Z", "2026-03-10T13:00:00Z")];
    expect(await told()).toEqual([moved]);
    // Onto the date of another one, and past it.
    await patch(second, { StartDate: "2026-03-16T12:00:00Z", EndDate: "2026-03-16T13:00:00Z" });
    expect(await told()).toEqual([["2026-03-09", timed("2026-03-16T12:00:00Z", "2026-03-16T13:00:00Z")]]);
    await patch(second, { StartDate: "2026-03-18T12:00:00Z", EndDate: "2026-03-18T13:00:00Z" });
    expect(await told()).toEqual([["2026-03-09", timed("2026-03-18T12:00:00Z", "2026-03-18T13:00:00Z")]]);
    open.samples.remove(person, String(first?.appointmentId));
    expect((await told()).map(([date]) => date)).toEqual(["2026-03-02", "2026-03-09"]);
  });

  describe("a change of a whole series", () => {
    const at = (now: string) =>
      createSuperOfficeStore({
        client: open.client,
        associateId: person.associateId,
        timeZone: zone,
        now: () => Date.parse(now),
      });
    const long = { ...weekly, end: { kind: "count" as const, count: 10 } };
    const titles = async (ref: string) => {
      const $filter = `recurrenceRuleId eq ${ref.replace("series:", "")}`;
      const query = { $select: "appointmentId,date,text", $filter, $orderBy: "date" };
      const { value } = await open.client.call({ method: "GET", path: "Appointment", query, signal });
      return (value as { value: { date: string; text: string }[] }).value.map(
        (row) => `${row.date.slice(5, 16)} ${row.text}`,
      );
    };

    it("leaves the dates that have been as they were, and the exceptions", async () => {
      const store = at("2026-03-20T12:00:00Z");
      const made = await store.create(
        scope,
        {
          ...appointment({ title: "Old", recurrenceRule: long }),
          "recurrenceOverrides/2026-04-06": { excluded: true },
        },
        "el.history",
        signal,
      );
      const named = await store.update(
        made.ref,
        { "recurrenceOverrides/2026-03-30": { title: "Special" } },
        made.version,
        signal,
      );
      const after = await store.update(
        named.ref,
        { title: "New", ...timed("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z") },
        named.version,
        signal,
      );
      expect(after.item).toMatchObject({ title: "New", recurrenceRule: long });
      expect(await titles(after.ref)).toEqual([
        "03-02T08:00 Old",
        "03-09T08:00 Old",
        "03-16T08:00 Old",
        "03-23T09:00 New",
        "03-30T08:00 Special",
        "04-13T08:00 New",
        "04-20T08:00 New",
        "04-27T08:00 New",
        "05-04T08:00 New",
      ]);
      expect(overridesOf(after.item).map(([date]) => date)).toEqual([
        "2026-03-02",
        "2026-03-09",
        "2026-03-16",
        "2026-03-30",
        "2026-04-06",
      ]);
      expect(await at("2031-01-01T00:00:00Z").get(after.ref, signal)).toEqual(after);
    });

    it("leaves them also when the rule changes", async () => {
      const store = at("2026-03-20T12:00:00Z");
      const made = await store.create(scope, appointment({ recurrenceRule: long }), "el.rule", signal);
      const tuesdays = { ...long, byDay: ["tu" as const] };
      const after = await store.update(made.ref, { recurrenceRule: tuesdays }, made.version, signal);
      expect(after.item.recurrenceRule).toEqual(tuesdays);
      const dates = (await titles(after.ref)).map((text) => text.slice(0, 5));
      expect(dates.slice(0, 4)).toEqual(["03-02", "03-09", "03-16", "03-24"]);
      expect(after.traits.exceptions).toBe(0);
    });

    it("is written to all dates when none is to come, or too few to tell what the series is like", async () => {
      for (const [now, key] of [
        ["2026-09-01T00:00:00Z", "el.past"],
        ["2026-05-01T00:00:00Z", "el.few"],
      ] as const) {
        const store = at(now);
        const made = await store.create(scope, appointment({ recurrenceRule: long }), key, signal);
        const after = await store.update(made.ref, { title: "New" }, made.version, signal);
        expect(after.item.title).toBe("New");
        expect(new Set((await titles(after.ref)).map((text) => text.slice(12)))).toEqual(new Set(["New"]));
      }
    });
  });

  it("keeps the clock of a series over the change to summer time", async () => {
    const ref = open.put(
      appointment({ recurrenceRule: { ...weekly, end: { kind: "until", date: "2026-04-13" } } }),
    );
    expect((await open.store.get(ref, signal))?.traits.exceptions).toBe(0);
    expect((await rows(ref)).map((row) => row.date.slice(11, 16))).toEqual([
      "08:00",
      "08:00",
      "08:00",
      "08:00",
      "07:00",
      "07:00",
      "07:00",
    ]);
  });

  it("tells a repetition of hand-picked dates as one that it cannot tell", async () => {
    const template = (await open.client.call({ method: "GET", path: "Appointment/default", signal })).value;
    const { _Links, ...entity } = template as Record<string, unknown>;
    const Dates = ["2026-06-01", "2026-06-05"].map((day) => ({ Date: `${day}T08:00:00Z` }));
    const Recurrence = { Pattern: "Custom", RecurrenceEndType: "Unknown", IsRecurrence: true, Dates };
    const times = { StartDate: "2026-06-01T08:00:00Z", EndDate: "2026-06-01T09:00:00Z" };
    const body = { ...entity, ...times, Associate: { AssociateId: person.associateId }, Recurrence };
    await open.client.call({ method: "POST", path: "Appointment", body, signal });
    const [item] = (await read()).upserts;
    expect(item).toMatchObject({ item: { recurrenceRule: null }, traits: { recurrenceUnknown: true } });
  });

  it("tells meetings by their participants, and accepted invitations as somebody else's", async () => {
    const mine = open.put(appointment({ title: "Mine" }), person, [person.address, colleague.address]);
    open.put(appointment({ title: "Ben's" }), colleague, [colleague.address, person.address]);
    expect((await open.store.get(mine, signal))?.traits).toMatchObject({ participants: 1, invited: false });
    expect((await read()).upserts.map((item) => item.item.title)).toEqual(["Mine"]);
    const invitation = open.samples.list(person).find((sample) => sample.subject === "Ben's")?.id;
    const accept = { AppointmentId: Number(invitation), UpdateMode: "OnlyThis" };
    await open.client.call({ method: "POST", path: "Agents/Appointment/Accept", body: accept, signal });
    const accepted = (await read()).upserts.find((item) => item.item.title === "Ben's");
    expect(accepted?.traits).toMatchObject({ invited: true });
  });

  it("refuses what SuperOffice cannot hold before it writes anything", async () => {
    const endless = { ...weekly, end: { kind: "endless" as const } };
    await expect(
      open.store.create(scope, appointment({ recurrenceRule: endless }), "k", signal),
    ).rejects.toMatchObject({ code: "superoffice.request-invalid", detail: { reason: "endless" } });
    expect(open.requests).toEqual([]);
  });

  it("lists employees, without an address where there is none, retired ones marked", async () => {
    const silent = { ...colleague, associateId: 103, personId: 1103, fullName: "Cato Carlsen", address: "" };
    open.office.admit?.(silent);
    open.office.admit?.({ ...colleague, capabilities: { ...colleague.capabilities, retired: true } });
    expect(await listAssociates(open.client, signal)).toEqual([
      {
        associateId: 101,
        personId: 1101,
        name: "Ada Aas",
        address: "ada.aas@nordlys.example",
        retired: false,
      },
      {
        associateId: 102,
        personId: 1102,
        name: "Ben Berg",
        address: "ben.berg@nordlys.example",
        retired: true,
      },
      { associateId: 103, personId: 1103, name: "Cato Carlsen", address: null, retired: false },
    ]);
    const gone = createSuperOfficeStore({ client: open.client, associateId: 102, timeZone: zone });
    expect(await gone.probe(signal)).toEqual({ ok: false, code: "superoffice.associate-missing" });
  });

  it("creates once although the answer of the first call was lost", async () => {
    open.sandbox.rules.add({
      system: "superoffice",
      operation: "POST /Agents/Appointment/CreateAppointmentForUID",
      effect: { kind: "lostResponse" },
      times: 1,
    });
    const create = () => open.store.create(scope, appointment(), "el.lost", signal);
    await expect(create()).rejects.toMatchObject({ code: "network.unreachable" });
    const made = await create();
    expect((await read()).upserts.map((item) => [item.ref, item.key])).toEqual([[made.ref, "el.lost"]]);
  });
});
