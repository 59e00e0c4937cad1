import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openOffice, type Json, type TestOffice } from "./testOffice.ts";

const NO_DATE = "0001-01-01T00:00:00";

describe("series", () => {
  let office: TestOffice;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(async () => {
    expect(office.office.counters().answers.invalid).toBe(0);
    await office.close();
  });

  const weekly = (changes: Json = {}): Json => ({
    RecurrenceId: 0,
    StartDate: "2026-03-16T08:00:00Z",
    EndDate: NO_DATE,
    RecurrenceEndType: "Counter",
    RecurrenceCounter: 4,
    Pattern: "Weekly",
    WeekPattern: { Cycle: 1, Weekdays: "Monday" },
    Dates: [],
    IsRecurrence: true,
    ...changes,
  });
  const series = (recurrence: Json, changes: Json = {}): Json => ({
    Associate: { AssociateId: office.ada.associateId },
    Title: "Weekly status",
    StartDate: "2026-03-16T08:00:00Z",
    EndDate: "2026-03-16T09:00:00Z",
    Recurrence: recurrence,
    ...changes,
  });
  const datesOf = (entity: Json): unknown[] =>
    ((entity["Recurrence"] as Json)["Dates"] as Json[]).map((date) => date["Date"]);
  const rowsOf = async (entity: Json): Promise<Json[]> => {
    const rule = String((entity["Recurrence"] as Json)["RecurrenceId"]);
    const page = await office.call(
      "GET",
      `/Appointment?$select=appointmentId,date,text&$orderby=date&$filter=recurrenceRuleId eq ${rule}`,
    );
    return page.body["value"] as Json[];
  };
  const agent = (name: string, body: unknown) => office.call("POST", `/Agents/Appointment/${name}`, body);

  it("makes a row for each date, at the same clock time across DST", async () => {
    const made = (await office.call("POST", "/Appointment", series(weekly()))).body;
    expect(datesOf(made)).toEqual([
      "2026-03-16T08:00:00Z",
      "2026-03-23T08:00:00Z",
      "2026-03-30T07:00:00Z",
      "2026-04-06T07:00:00Z",
    ]);
    expect((await rowsOf(made)).map((row) => row["text"])).toEqual(Array(4).fill("Weekly status"));
    const rule = (made["Recurrence"] as Json)["RecurrenceId"];
    const records = await agent("GetAppointmentRecords", { MotherId: 0, RecurrenceRuleId: rule });
    expect(records.body).toHaveLength(4);
  });

  it("refuses a series without an end, with a bad pattern, and one beyond the limit", async () => {
    for (const recurrence of [
      weekly({ RecurrenceEndType: "Unknown" }),
      weekly({ RecurrenceCounter: 0 }),
      weekly({ RecurrenceEndType: "EndDate", EndDate: "2026-03-01T00:00:00Z" }),
      weekly({ WeekPattern: { Cycle: 1, Weekdays: "Unknown" } }),
      weekly({ Pattern: "Custom" }),
    ]) {
      expect((await office.call("POST", "/Appointment", series(recurrence))).status).toBe(400);
    }
    office.office.configure({ maxOccurrences: 3 });
    expect((await office.call("POST", "/Appointment", series(weekly()))).status).toBe(400);
    office.office.configure({ maxOccurrences: 0 });
  });

  it("calculates days of every pattern", async () => {
    const calculate = async (recurrence: Json): Promise<unknown[]> => {
      const answer = await agent("CalculateDays", { AppointmentEntity: series(recurrence) });
      return (answer.body["Dates"] as Json[]).map((date) => String(date["Date"]).slice(0, 10));
    };
    const end = { WeekPattern: null, RecurrenceCounter: 3 };
    const month = { Cycle: 1, Day: 31, Weekday: "Unknown", WeekOfMonth: "Unknown", Pattern: "DayOfMonth" };
    const lastFriday = {
      Cycle: 1,
      Day: 0,
      Weekday: "Friday",
      WeekOfMonth: "Last",
      Pattern: "WeekdayOfMonth",
    };
    expect(
      await calculate(
        weekly({ ...end, Pattern: "Daily", DayPattern: { Cycle: 2, Pattern: "EveryCyclicDay" } }),
      ),
    ).toEqual(["2026-03-16", "2026-03-18", "2026-03-20"]);
    expect(
      await calculate(
        weekly({
          ...end,
          RecurrenceCounter: 6,
          Pattern: "Daily",
          DayPattern: { Cycle: 1, Pattern: "EveryWorkday" },
        }),
      ),
    ).toEqual(["2026-03-16", "2026-03-17", "2026-03-18", "2026-03-19", "2026-03-20", "2026-03-23"]);
    expect(await calculate(weekly({ ...end, Pattern: "Monthly", MonthPattern: month }))).toEqual([
      "2026-03-31",
      "2026-04-30",
      "2026-05-31",
    ]);
    expect(await calculate(weekly({ ...end, Pattern: "Monthly", MonthPattern: lastFriday }))).toEqual([
      "2026-03-27",
      "2026-04-24",
      "2026-05-29",
    ]);
    expect(
      await calculate(weekly({ ...end, Pattern: "Yearly", YearPattern: { ...lastFriday, Cycle: 3 } })),
    ).toEqual(["2026-03-27", "2027-03-26", "2028-03-31"]);
  });

  it("keeps hand-picked dates", async () => {
    const dates = ["2026-06-01T08:00:00Z", "2026-06-05T08:00:00Z", "2026-06-20T08:00:00Z"];
    const custom = weekly({ Pattern: "Custom", WeekPattern: null, Dates: dates.map((Date) => ({ Date })) });
    const start = { StartDate: dates[0], EndDate: "2026-06-01T09:00:00Z" };
    const made = (await office.call("POST", "/Appointment", series(custom, start))).body;
    expect(datesOf(made)).toEqual(dates);
  });

  it("changes one date, this and later ones, or stops the series", async () => {
    const made = (await office.call("POST", "/Appointment", series(weekly()))).body;
    const rows = await rowsOf(made);
    const at = (index: number): string => `/Appointment/${String(rows[index]?.["appointmentId"])}`;
    await office.call("PATCH", at(1), {
      Title: "Moved",
      StartDate: "2026-03-24T10:00:00Z",
      EndDate: "2026-03-24T11:00:00Z",
    });
    expect((await rowsOf(made)).map((row) => row["text"])).toEqual([
      "Weekly status",
      "Moved",
      "Weekly status",
      "Weekly status",
    ]);

    const third = (await office.call("GET", at(2))).body;
    delete third["_Links"];
    const later = {
      ...third,
      Title: "Later",
      StartDate: "2026-03-31T09:00:00Z",
      EndDate: "2026-03-31T10:00:00Z",
    };
    const saved = await agent("Save", { AppointmentEntity: later, UpdateMode: "ThisAndForward" });
    expect(saved.status).toBe(200);
    expect((await rowsOf(made)).map((row) => [row["text"], row["date"]])).toEqual([
      ["Weekly status", "2026-03-16T08:00:00Z"],
      ["Moved", "2026-03-24T10:00:00Z"],
      ["Later", "2026-03-31T09:00:00Z"],
      ["Later", "2026-04-07T09:00:00Z"],
    ]);

    const second = (await office.call("GET", at(1))).body;
    delete second["_Links"];
    await agent("Save", { AppointmentEntity: second, UpdateMode: "StopRecurrence" });
    expect(await rowsOf(made)).toHaveLength(2);
    expect((await office.call("GET", at(3))).status).toBe(404);
  });

  it("deletes one date, or this and later ones", async () => {
    const made = (await office.call("POST", "/Appointment", series(weekly()))).body;
    const rows = await rowsOf(made);
    expect((await office.call("DELETE", `/Appointment/${String(rows[1]?.["appointmentId"])}`)).status).toBe(
      204,
    );
    expect(await rowsOf(made)).toHaveLength(3);
    await agent("Delete", { AppointmentId: rows[2]?.["appointmentId"], UpdateMode: "ThisAndForward" });
    expect((await rowsOf(made)).map((row) => row["date"])).toEqual(["2026-03-16T08:00:00Z"]);
  });

  it("makes a single appointment a series, and takes single dates out by the list of days", async () => {
    const single = (await office.call("POST", "/Appointment", series(weekly({ IsRecurrence: false })))).body;
    expect(single["Recurrence"]).toBeNull();
    delete single["_Links"];
    const grown = await agent("Save", {
      AppointmentEntity: { ...single, Recurrence: weekly() },
      UpdateMode: "OnlyThis",
    });
    expect(datesOf(grown.body)).toHaveLength(4);
    const recurrence = grown.body["Recurrence"] as Json;
    const fewer = (recurrence["Dates"] as Json[]).filter((_, index) => index !== 2);
    const saved = await agent("Save", {
      AppointmentEntity: { ...grown.body, Recurrence: { ...recurrence, Dates: fewer } },
      UpdateMode: "ThisAndForward",
    });
    expect(datesOf(saved.body).map((date) => String(date).slice(0, 10))).toEqual([
      "2026-03-16",
      "2026-03-23",
      "2026-04-06",
    ]);
  });

  it("gives a series another pattern from its first date on", async () => {
    const made = (await office.call("POST", "/Appointment", series(weekly()))).body;
    delete made["_Links"];
    const tuesdays = weekly({
      WeekPattern: { Cycle: 1, Weekdays: "Tuesday" },
      RecurrenceCounter: 3,
      RecurrenceId: (made["Recurrence"] as Json)["RecurrenceId"],
    });
    const saved = await agent("Save", {
      AppointmentEntity: { ...made, Recurrence: tuesdays },
      UpdateMode: "ThisAndForward",
    });
    expect(datesOf(saved.body).map((date) => String(date).slice(0, 10))).toEqual([
      "2026-03-17",
      "2026-03-24",
      "2026-03-31",
    ]);
    expect(saved.body["AppointmentId"]).toBe(made["AppointmentId"]);
  });
});
