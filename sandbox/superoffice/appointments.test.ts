import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openOffice, type Json, type TestOffice } from "./testOffice.ts";

describe("appointments over REST", () => {
  let office: TestOffice;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(async () => {
    expect(office.office.counters().answers.invalid).toBe(0);
    await office.close();
  });

  const make = async (changes: Json = {}): Promise<Json> => {
    const template = await office.call("GET", "/Appointment/default");
    const answer = await office.call("POST", "/Appointment", {
      ...template.body,
      Associate: { AssociateId: office.ada.associateId },
      Title: "Board meeting",
      StartDate: "2026-03-02T08:00:00Z",
      EndDate: "2026-03-02T09:00:00Z",
      ...changes,
    });
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const idOf = (entity: Json): number => Number(entity["AppointmentId"]);

  it("lists associates with their mail address and person", async () => {
    const list = (await office.call("GET", "/MDOList/associatewithmail")).body as unknown as Json[];
    expect(list[0]).toMatchObject({
      Id: 101,
      Name: "Ada Aas <ada.aas@nordlys.example>",
      ExtraInfo: "person_id=1101&contact_id=5",
    });
    expect((await office.call("GET", "/MDOList/nothing")).status).toBe(404);
  });

  it("creates, reads, replaces, patches both ways and deletes", async () => {
    const made = await make({
      Location: "Room 4",
      Private: "PrivateUser",
      IsFree: true,
      HasAlarm: true,
      AlarmLeadTime: "00:15:00",
    });
    const path = `/Appointment/${idOf(made)}`;
    const read = (await office.call("GET", path)).body;
    expect(read).toMatchObject({
      Title: "Board meeting",
      StartDate: "2026-03-02T08:00:00Z",
      Location: "Room 4",
      Private: "PrivateUser",
      VisibleFor: [{ VisibleId: 101, Visibility: "Associate" }],
      IsFree: true,
      HasAlarm: true,
      AlarmLeadTime: "00:15:00",
      Type: "inDiary",
      Associate: { AssociateId: 101, FullName: "Ada Aas" },
    });
    expect((await office.call("PUT", path, { ...read, Title: "Renamed" })).body["Title"]).toBe("Renamed");
    const operations = [
      { op: "test", path: "title", value: "Renamed" },
      { op: "replace", path: "/Title", value: "By JSON Patch" },
    ];
    expect((await office.call("PATCH", path, operations)).body["Title"]).toBe("By JSON Patch");
    expect((await office.call("PATCH", path, operations)).status).toBe(409);
    const merged = await office.call(
      "PATCH",
      path,
      { Description: "By merge" },
      { "Content-Type": "application/merge-patch+json" },
    );
    expect(merged.body).toMatchObject({
      Title: "By JSON Patch",
      Description: "By merge",
      Location: "Room 4",
    });
    expect((await office.call("DELETE", path)).status).toBe(204);
    const gone = await office.call("GET", path);
    expect(gone.status).toBe(404);
    expect(gone.body).toMatchObject({ Error: true, ErrorType: "SoNotFoundException" });
  });

  it("compares If-Unmodified-Since by the second: 412 after a later change, 304 for no change", async () => {
    const made = await make();
    const path = `/Appointment/${idOf(made)}`;
    const first = (await office.call("GET", path)).headers.get("last-modified") ?? "";
    expect((await office.call("GET", path, undefined, { "If-Modified-Since": first })).status).toBe(304);
    office.frame.context.clock.advance(2000);
    expect((await office.call("PATCH", path, { Title: "B" }, { "If-Unmodified-Since": first })).status).toBe(
      200,
    );
    expect((await office.call("PATCH", path, { Title: "C" }, { "If-Unmodified-Since": first })).status).toBe(
      412,
    );
    expect((await office.call("DELETE", path, undefined, { "If-Unmodified-Since": first })).status).toBe(412);
    expect((await office.call("GET", path)).body["Title"]).toBe("B");
  });

  it("writes dates in the base zone, in a zone that is asked for, and with offsets", async () => {
    const made = await make({ StartDate: "2026-07-01T08:00:00Z", EndDate: "2026-07-01T09:00:00Z" });
    const path = `/Appointment/${idOf(made)}`;
    const start = async (zone: string): Promise<unknown> =>
      (await office.call("GET", path, undefined, { "SO-TimeZone": zone })).body["StartDate"];
    expect(await start("")).toBe("2026-07-01T10:00:00");
    expect(await start("NO, includeTZOffset")).toBe("2026-07-01T10:00:00+02:00");
    expect(await start("460")).toBe("2026-07-01T04:00:00");
    expect(await start("UTC, includeTZOffset")).toBe("2026-07-01T08:00:00Z");
    const created = (await office.call("GET", path, undefined, { "SO-TimeZone": "NO, includeTZOffset" }))
      .body["CreatedDate"];
    expect(String(created)).toMatch(/Z$/);
    expect((await office.call("GET", path, undefined, { "SO-TimeZone": "MARS" })).status).toBe(400);
  });

  it("answers 400 for bodies that are no JSON, unknown members, wrong types and unknown associates", async () => {
    const before = office.office.counters().requests.invalid;
    for (const body of ["{", { Tittle: "x" }, { IsFree: "yes" }, { Type: "Lunch" }]) {
      const answer = await office.call("POST", "/Appointment", body);
      expect(answer.status).toBe(400);
      expect(answer.body["Error"]).toBe(true);
    }
    expect(office.office.counters().requests.invalid - before).toBe(4);
    expect((await office.call("POST", "/Appointment", { Associate: { AssociateId: 77 } })).status).toBe(400);
    expect((await office.call("GET", "/Appointment/abc")).status).toBe(404);
  });

  it("finds by owner, date and update, page by page", async () => {
    const ben = { Associate: { AssociateId: office.ben.associateId } };
    for (let day = 1; day <= 5; day += 1) {
      await make({
        ...ben,
        Title: `May ${day}`,
        StartDate: `2026-05-0${day}T08:00:00Z`,
        EndDate: `2026-05-0${day}T09:00:00Z`,
      });
    }
    const find = async (filter: string, more = ""): Promise<Json> =>
      (
        await office.call(
          "GET",
          `/Appointment?$select=appointmentId,text,date,updatedDate,associateId&$filter=${encodeURIComponent(filter)}${more}`,
        )
      ).body;
    const texts = (page: Json): unknown[] => (page["value"] as Json[]).map((row) => row["text"]);
    const own = `associateId associateIsOneOf (${office.ben.associateId})`;
    const between = await find(
      `${own} and date dateBetween ('2026-05-02','2026-05-04')`,
      "&$orderby=date desc",
    );
    expect(texts(between)).toEqual(["May 4", "May 3", "May 2"]);
    expect((between["value"] as Json[])[0]).toMatchObject({
      EntityName: "appointment",
      associateId: "BE102",
      date: "2026-05-04T08:00:00Z",
    });
    expect(texts(await find(`${own} and (date before '2026-5-2' or date after '2026-05-04')`))).toEqual([
      "May 1",
      "May 5",
    ]);
    const page = await find(own, "&$top=2");
    expect(texts(page)).toEqual(["May 1", "May 2"]);
    const next = new URL(String(page["odata.nextLink"]));
    const second = await office.call("GET", (next.pathname + next.search).replace("/Cust12345/api/v1", ""));
    expect(texts(second.body)).toEqual(["May 3", "May 4"]);
    office.frame.context.clock.advance(5000);
    const moment = office.frame.context.clock.now();
    office.frame.context.clock.advance(2000);
    const row = (between["value"] as Json[])[0] ?? {};
    await office.call("PATCH", `/Appointment/${String(row["appointmentId"])}`, { Title: "Touched" });
    const since = moment.toISOString().slice(0, 19);
    expect(texts(await find(`${own} and updatedDate afterTime '${since}'`))).toEqual(["Touched"]);
    expect((await office.call("GET", "/Appointment?$filter=nothing eq 1")).status).toBe(400);
    expect((await office.call("GET", "/Appointment?$filter=date gt 1")).status).toBe(400);
  });

  it("keeps tasks as rows of the checklist, done by Completed", async () => {
    const task = await make({ Task: { TaskListItemId: 4 }, Type: "Unknown", Title: "Call back" });
    expect(task["Type"]).toBe("inChecklist");
    const path = `/Appointment/${idOf(task)}`;
    await office.call("PATCH", path, { Completed: "Completed" });
    const found = await office.call(
      "GET",
      `/Appointment?$select=rawType,rawStatus,completed,type&$filter=appointmentId eq ${idOf(task)}`,
    );
    expect((found.body["value"] as Json[])[0]).toMatchObject({
      rawType: 2,
      rawStatus: 3,
      completed: true,
      type: "Task",
    });
  });

  it("gives well-formed but empty listings when a fault rule asks for it", async () => {
    const find = async (): Promise<Json[]> =>
      (await office.call("GET", "/Appointment?$top=1")).body["value"] as Json[];
    expect(await find()).toHaveLength(1);
    const { rules } = office.frame;
    rules.add({ system: "superoffice", operation: "GET /Appointment", effect: { kind: "empty" }, times: 1 });
    expect(await find()).toEqual([]);
    expect(await find()).toHaveLength(1);
  });
});
