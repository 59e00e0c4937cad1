import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blankContact, blankTask } from "../samples.ts";
import { fullContact, fullTask } from "../testing/samples.ts";
import type { SampleAppointment } from "../context.ts";
import { openOffice, personNamed, type Json, type TestOffice } from "./testOffice.ts";

const base: SampleAppointment = {
  subject: "Sample",
  body: "Text",
  location: "Here",
  start: "2026-03-02T09:00:00",
  end: "2026-03-02T10:00:00",
  timeZone: "Europe/Oslo",
  allDay: false,
  busy: "busy",
  private: false,
  reminderMinutes: 15,
  recurrence: null,
};

describe("samples, people and restarts", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "superoffice-"));
  let office: TestOffice;
  beforeAll(async () => {
    office = await openOffice(dataDir);
  });
  afterAll(() => office.close());

  const store = () => {
    const { samples } = office.office;
    if (!samples) throw new Error("no samples");
    return samples;
  };

  it("gives back what was put: time zones, all-day, private, reminders, series", () => {
    const wanted: SampleAppointment[] = [
      base,
      {
        ...base,
        subject: "Abroad",
        start: "2026-03-02T09:00:00",
        end: "2026-03-02T10:00:00",
        timeZone: "America/New_York",
      },
      {
        ...base,
        subject: "Holiday",
        allDay: true,
        start: "2026-07-01T00:00:00",
        end: "2026-07-03T00:00:00",
        busy: "free",
      },
      { ...base, subject: "Secret", private: true, reminderMinutes: null },
      {
        ...base,
        subject: "Series",
        recurrence: {
          frequency: "weekly",
          interval: 2,
          byDay: ["MO", "WE"],
          end: { kind: "count", count: 6 },
          deleted: ["2026-03-04T09:00:00"],
        },
      },
    ];
    for (const sample of wanted) store().put(office.ben, sample);
    const listed = store().list(office.ben);
    const bySubject = (subject: string) => listed.find((sample) => sample.subject === subject);
    expect(listed).toHaveLength(5);
    expect(bySubject("Sample")).toMatchObject(base);
    expect(bySubject("Abroad")).toMatchObject({ start: "2026-03-02T15:00:00", timeZone: "Europe/Oslo" });
    expect(bySubject("Holiday")).toMatchObject({
      allDay: true,
      start: "2026-07-01T00:00:00",
      end: "2026-07-03T00:00:00",
    });
    expect(bySubject("Secret")).toMatchObject({ private: true, reminderMinutes: null });
    expect(bySubject("Series")?.recurrence).toEqual(wanted[4]?.recurrence);
  });

  it("changes and removes singles and whole series", () => {
    const single = store().put(office.ada, base);
    store().change(office.ada, single, {
      subject: "Changed",
      start: "2026-03-02T11:00:00",
      end: "2026-03-02T12:00:00",
    });
    const series = store().put(office.ada, {
      ...base,
      recurrence: { frequency: "daily", interval: 1, end: { kind: "until", date: "2026-03-05" } },
    });
    store().change(office.ada, series, { subject: "All of them" });
    expect(
      store()
        .list(office.ada)
        .map((sample) => [sample.subject, sample.start]),
    ).toEqual([
      ["All of them", "2026-03-02T09:00:00"],
      ["Changed", "2026-03-02T11:00:00"],
    ]);
    store().remove(office.ada, series);
    store().remove(office.ada, single);
    expect(store().list(office.ada)).toEqual([]);
    expect(() => store().remove(office.ada, single)).toThrow(/not found/);
  });

  it("says clearly what SuperOffice cannot hold", () => {
    const endless = { frequency: "daily", interval: 1, end: { kind: "endless" } } as const;
    expect(() => store().put(office.ada, { ...base, recurrence: endless })).toThrow(/endless/);
  });

  it("change and cancel single dates, and this and the following ones as the system does", () => {
    const id = store().put(office.ada, {
      ...base,
      recurrence: { frequency: "daily", interval: 1, end: { kind: "count", count: 5 } },
    });
    const day = (number: number): string => `2026-03-0${number}T09:00:00`;
    const { start } = store().list(office.ada)[0]!;
    const first = Number(start.slice(9, 10));
    store().changeOccurrence(office.ada, id, day(first), {
      start: `2026-03-0${first}T13:00:00`,
      location: "Bergen",
    });
    store().cancelOccurrence(office.ada, id, day(first + 1));
    expect(store().list(office.ada)).toMatchObject([
      {
        id,
        start,
        location: base.location,
        recurrence: {
          deleted: [day(first + 1)],
          modified: [{ originalStart: day(first), start: `2026-03-0${first}T13:00:00`, location: "Bergen" }],
        },
      },
    ]);
    const later = store().changeFollowing(office.ada, id, day(first + 3), { subject: "Later" });
    const changed = store()
      .list(office.ada)
      .find((each) => each.id === later)!;
    expect(changed.recurrence?.modified?.filter((each) => "subject" in each)).toHaveLength(2);
    store().remove(office.ada, id);
    expect(() => store().cancelOccurrence(office.ada, id, day(first))).toThrow(/no appointment/);
  });

  it("lists tasks and persons with what SuperOffice holds of them", () => {
    const task = store().tasks.put(office.ada, fullTask);
    expect(store().tasks.list(office.ada)).toEqual([
      {
        ...fullTask,
        id: task,
        categories: [],
        startsAt: "2026-03-02T07:00:00.000Z",
        dueAt: "2026-03-06T07:00:00.000Z",
      },
    ]);
    store().tasks.change(office.ada, task, { status: "completed", reminderAt: null });
    expect(store().tasks.list(office.ada)[0]).toMatchObject({
      percentComplete: 100,
      reminderAt: null,
      due: fullTask.due,
    });
    store().tasks.remove(office.ada, task);
    const id = store().contacts.put(office.ada, fullContact);
    const notHeld = {
      nickname: "",
      suffix: "",
      profession: "",
      officeLocation: "",
      manager: "",
      assistant: "",
      spouse: "",
      im: [],
      anniversary: null,
      categories: [],
      private: false,
    };
    const [listed] = store().contacts.list(office.ada);
    expect({ ...listed, phones: new Set(listed?.phones) }).toEqual({
      ...fullContact,
      ...notHeld,
      phones: new Set(fullContact.phones),
      id,
      retired: false,
    });
    expect(store().contacts.list(office.ben)).toEqual([]);
    store().contacts.change(office.ada, id, { jobTitle: "Chair", retired: true });
    expect(store().contacts.list(office.ada)[0]).toMatchObject({ jobTitle: "Chair", retired: true });
    store().contacts.remove(office.ada, id);
    expect(store().contacts.list(office.ada)).toEqual([]);
  });

  it("puts tasks in the checklist and contacts as persons of companies", async () => {
    const task = store().tasks.put(office.ada, {
      ...blankTask,
      subject: "Do it",
      due: "2026-03-09",
      status: "completed",
      importance: "high",
    });
    expect((await office.call("GET", `/Appointment/${task}`)).body).toMatchObject({
      Type: "inChecklist",
      Completed: "Completed",
    });
    const contact = store().contacts.put(office.ada, {
      ...blankContact,
      givenName: "Cleo",
      surname: "Cruz",
      displayName: "Cleo Cruz",
      companyName: "Cruz AS",
      jobTitle: "CEO",
      emails: ["cleo@cruz.example"],
      phones: [{ kind: "mobile", number: "+47 1" }],
    });
    const person = (await office.call("GET", `/Person/${contact}`)).body;
    expect(person).toMatchObject({
      FullName: "Cleo Cruz",
      Contact: { Name: "Cruz AS" },
      Emails: [{ Value: "cleo@cruz.example" }],
    });
    await office.call("PATCH", `/Person/${contact}`, { Phones: undefined, Title: "Chair" });
    const found = await office.call(
      "GET",
      "/Person?$select=personId,fullName,title&$filter=email/emailAddress is 'CLEO@cruz.example'",
    );
    expect((found.body["value"] as Json[])[0]).toMatchObject({ fullName: "Cleo Cruz", title: "Chair" });
    expect((await office.call("DELETE", `/Person/${contact}`)).status).toBe(204);
    expect((await office.call("GET", `/Person/${contact}`)).status).toBe(404);
    const company = await office.call("POST", "/Contact", {
      Name: "New AS",
      Emails: [{ Value: "post@new.example" }],
    });
    expect(company.body).toMatchObject({ Name: "New AS", Persons: [] });
    expect(office.office.counters().answers.invalid).toBe(0);
  });

  it("hides others' private appointments from people, and refuses the retired", async () => {
    office.office.configure({ basicAllowed: true });
    const headers = {
      Authorization: `Basic ${Buffer.from(`${office.ada.loginName}:${office.ada.password}`).toString("base64")}`,
    };
    const secret = store()
      .list(office.ben)
      .find((sample) => sample.subject === "Secret");
    expect((await office.call("GET", `/Appointment/${String(secret?.id)}`, undefined, headers)).status).toBe(
      403,
    );
    const retired = { ...office.ada, capabilities: { ...office.ada.capabilities, retired: true } };
    office.office.admit?.(retired);
    expect((await office.call("GET", "/MDOList/task", undefined, headers)).status).toBe(403);
    const list = (await office.call("GET", "/MDOList/associate")).body as unknown as Json[];
    expect(list.find((item) => item["Id"] === 101)?.["Deleted"]).toBe(true);
    office.office.admit?.(office.ada);
  });

  it("seeds 25 people with 60 rows each", () => {
    office.frame.context.transaction(() => {
      for (let number = 0; number < 25; number += 1) {
        const person = personNamed(`P${number}`, "Person", 200 + number);
        office.frame.context.directory.save(person);
        office.office.admit?.(person);
        for (let row = 0; row < 60; row += 1) store().put(person, { ...base, subject: `Row ${row}` });
        expect(store().list(person)).toHaveLength(60);
      }
    });
  });

  it("has the same credentials, tickets and rows after a restart, and none of the rows after a reset", async () => {
    const ticket = await office.ticket();
    const { connection } = office;
    const count = store().list(office.ben).length;
    // The data folder stays: a second sandbox opens it as after a crash.
    const again = await openOffice(dataDir);
    expect(again.connection["clientSecret"]).toBe(connection["clientSecret"]);
    expect(again.office.samples?.list(again.ben)).toHaveLength(count);
    const answer = await again.call("GET", "/User/currentPrincipal", undefined, {
      Authorization: `SOTicket ${ticket}`,
    });
    expect(answer.status).toBe(200);
    again.office.reset();
    expect(again.office.samples?.list(again.ben)).toEqual([]);
    expect((await again.call("GET", "/MDOList/associate")).body).toEqual([]);
    again.office.admit?.(again.ada);
    expect((await again.call("GET", "/MDOList/associate")).body).toHaveLength(1);
    await again.close(true);
  });
});
