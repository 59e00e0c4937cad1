import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGraph, type Answer, type Json, type TestGraph } from "./testing/server.ts";

let at: TestGraph;
beforeAll(async () => {
  at = await startGraph();
});
afterAll(async () => {
  expect(at.errors).toEqual([]);
  expect(at.graph.counters()["responsesInvalid"]).toBe(0);
  expect(at.graph.counters()["responsesValid"]).toBeGreaterThan(0);
  await at.close();
});

const oslo = (dateTime: string): Json => ({ dateTime, timeZone: "W. Europe Standard Time" });
const event = (subject: string, more: object = {}): Json => ({
  subject,
  start: oslo("2026-03-02T09:00:00"),
  end: oslo("2026-03-02T10:00:00"),
  ...more,
});
const create = async (subject: string, more: object = {}, headers = {}): Promise<Json> => {
  const answer = await at.send("POST", "/me/events", { body: event(subject, more), headers });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
};
const weekly = {
  recurrence: {
    pattern: { type: "weekly", interval: 1, daysOfWeek: ["monday"], firstDayOfWeek: "monday" },
    range: { type: "numbered", startDate: "2026-03-02", numberOfOccurrences: 6 },
  },
};
const code = (answer: Answer): [number, string] => [answer.status, answer.body.error.code];

describe("events", () => {
  it("come back as they were created, in UTC unless another zone is preferred", async () => {
    const made = await create("Tea & cake", {
      body: { contentType: "text", content: "Bring milk" },
      location: { displayName: "Kitchen" },
      showAs: "oof",
      sensitivity: "private",
      reminderMinutesBeforeStart: 5,
      categories: ["Red category"],
    });
    const got = await at.send("GET", `/me/events/${made.id}`, {
      headers: { prefer: 'outlook.body-content-type="text"' },
    });
    expect(got.body).toMatchObject({
      subject: "Tea & cake",
      start: { dateTime: "2026-03-02T08:00:00.0000000", timeZone: "UTC" },
      originalStartTimeZone: "W. Europe Standard Time",
      body: { contentType: "text", content: "Bring milk" },
      location: { displayName: "Kitchen" },
      showAs: "oof",
      sensitivity: "private",
      reminderMinutesBeforeStart: 5,
      isReminderOn: true,
      categories: ["Red category"],
      type: "singleInstance",
      "@odata.etag": made["@odata.etag"],
    });
    const local = await at.send("GET", `/users/${at.person.objectId}/events/${made.id}`, {
      headers: { prefer: 'outlook.timezone="Europe/Oslo"' },
    });
    expect(local.body.start).toEqual({ dateTime: "2026-03-02T09:00:00.0000000", timeZone: "Europe/Oslo" });
    expect(local.headers["preference-applied"]).toBe('outlook.timezone="Europe/Oslo"');
  });

  it("take a PATCH of some members and leave the others", async () => {
    const made = await create("Before", { location: { displayName: "Room" } });
    const changed = await at.send("PATCH", `/me/events/${made.id}`, { body: { subject: "After" } });
    expect(changed.body).toMatchObject({
      subject: "After",
      location: { displayName: "Room" },
      start: made.start,
    });
    expect(changed.body.changeKey).not.toBe(made.changeKey);
    const cleared = await at.send("PATCH", `/me/events/${made.id}`, {
      body: { location: { displayName: "" } },
    });
    expect(cleared.body.location.displayName).toBe("");
  });

  it("are refused with 412 when If-Match names an older version, unless the switch says otherwise", async () => {
    const made = await create("Versions");
    const headers = { "if-match": made["@odata.etag"] };
    expect(
      (await at.send("PATCH", `/me/events/${made.id}`, { body: { subject: "1" }, headers })).status,
    ).toBe(200);
    expect(
      code(await at.send("PATCH", `/me/events/${made.id}`, { body: { subject: "2" }, headers })),
    ).toEqual([412, "ErrorIrresolvableConflict"]);
    expect((await at.send("DELETE", `/me/events/${made.id}`, { headers })).status).toBe(412);
    at.graph.configure({ ifMatch: "ignored" });
    expect(
      (await at.send("PATCH", `/me/events/${made.id}`, { body: { subject: "3" }, headers })).status,
    ).toBe(200);
    at.graph.configure({ ifMatch: "honoured" });
  });

  it("are gone after DELETE", async () => {
    const made = await create("Gone", {}, { prefer: 'IdType="ImmutableId"' });
    expect((await at.send("DELETE", `/me/events/${made.id}`)).status).toBe(204);
    expect(code(await at.send("GET", `/me/events/${made.id}`))).toEqual([404, "ErrorItemNotFound"]);
    at.graph.configure({ binnedByImmutableId: "found" });
    expect((await at.send("GET", `/me/events/${made.id}`)).status).toBe(200);
    at.graph.configure({ binnedByImmutableId: "gone" });
  });

  it("are made once by a transactionId, and refused when its content is another", async () => {
    const body = event("Once", { transactionId: "5f3c7e7a-0001" });
    const first = await at.send("POST", "/me/events", { body });
    const second = await at.send("POST", "/me/events", { body });
    expect([first.status, second.status, second.body.id]).toEqual([201, 201, first.body.id]);
    const other = await at.send("POST", "/me/events", { body: { ...body, subject: "Twice" } });
    expect(code(other)).toEqual([409, "ErrorDuplicateTransactionId"]);
    await at.send("DELETE", `/me/events/${first.body.id}`);
    at.graph.configure({ deletedTransaction: "refused" });
    expect((await at.send("POST", "/me/events", { body })).status).toBe(409);
    at.graph.configure({ deletedTransaction: "new event" });
    const again = await at.send("POST", "/me/events", { body });
    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(first.body.id);
  });

  it("of all day last whole days in their own zone", async () => {
    const made = await create("Holiday", {
      isAllDay: true,
      start: oslo("2026-07-06T00:00:00"),
      end: oslo("2026-07-08T00:00:00"),
    });
    expect([made.start.dateTime, made.end.dateTime]).toEqual([
      "2026-07-06T00:00:00.0000000",
      "2026-07-08T00:00:00.0000000",
    ]);
    const wrong = await at.send("POST", "/me/events", { body: event("Half", { isAllDay: true }) });
    expect(wrong.status).toBe(400);
  });

  it("are refused when the body does not fit the schema, the zone is unknown or the mailbox is another's", async () => {
    const headers = { "x-broken-on-purpose": "1" };
    const post = (body: unknown): Promise<Answer> => at.send("POST", "/me/events", { body, headers });
    expect(code(await post(event("X", { subjekt: "Y" })))).toEqual([400, "RequestBodyRead"]);
    expect(code(await post({ subject: "No times" }))).toEqual([400, "RequestBodyRead"]);
    expect(code(await post("{broken"))).toEqual([400, "BadRequest"]);
    const zone = { dateTime: "2026-03-02T09:00:00", timeZone: "Nowhere" };
    expect(code(await post(event("X", { start: zone })))).toEqual([400, "TimeZoneNotSupportedException"]);
    const made = await create("Mine");
    expect((await at.send("GET", `/me/events/${made.id}`, { associateId: 2 })).status).toBe(403);
    expect((await at.send("GET", `/users/${at.person.objectId}/events`, { associateId: 2 })).status).toBe(
      403,
    );
    const stranger = await at.send("GET", "/me/events", { headers: { authorization: "Bearer x" } });
    expect(code(stranger)).toEqual([401, "InvalidAuthenticationToken"]);
    expect(code(await at.send("GET", "/me/nonsense"))).toEqual([400, "BadRequest"]);
    expect((await at.send("DELETE", "/me/events")).status).toBe(405);
  });

  it("of a series are expanded by a calendar view and by instances, and change one by one", async () => {
    const master = await create("Series", weekly);
    expect(master).toMatchObject({ type: "seriesMaster", recurrence: { range: { numberOfOccurrences: 6 } } });
    const window = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-05-01T00:00:00Z";
    const instances = await at.send("GET", `/me/events/${master.id}/instances?${window}&$top=50`);
    expect(instances.body.value).toHaveLength(6);
    // Summer time begins between the fourth and the fifth.
    expect(instances.body.value.map((each: Json) => each.start.dateTime.slice(11, 13))).toEqual([
      "08",
      "08",
      "08",
      "08",
      "07",
      "07",
    ]);
    const second = instances.body.value[1];
    expect(second).toMatchObject({ type: "occurrence", seriesMasterId: master.id });
    expect(second.iCalUId).not.toBe(master.iCalUId);
    const moved = await at.send("PATCH", `/me/events/${second.id}`, {
      body: { subject: "Moved", start: oslo("2026-03-10T13:00:00"), end: oslo("2026-03-10T14:00:00") },
    });
    expect(moved.body).toMatchObject({
      type: "exception",
      originalStart: "2026-03-09T08:00:00Z",
      subject: "Moved",
    });
    expect((await at.send("DELETE", `/me/events/${instances.body.value[2].id}`)).status).toBe(204);
    const after = await at.send(
      "GET",
      `/me/calendarView?${window}&$top=100&$filter=startswith(subject,'Series') or subject eq 'Moved'`,
    );
    expect(after.body.value.map((each: Json) => each.type)).toEqual([
      "occurrence",
      "exception",
      "occurrence",
      "occurrence",
      "occurrence",
    ]);
  });

  it("of a series tell its changed and deleted occurrences when the master is asked for them", async () => {
    const master = await create("Exceptions", weekly);
    const window = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-05-01T00:00:00Z";
    const { value } = (await at.send("GET", `/me/events/${master.id}/instances?${window}`)).body;
    const path = `/me/events/${master.id}?$select=id,cancelledOccurrences&$expand=exceptionOccurrences($select=id)`;
    expect((await at.send("GET", path)).body).toMatchObject({
      cancelledOccurrences: [],
      exceptionOccurrences: [],
    });
    await at.send("PATCH", `/me/events/${value[1].id}`, { body: { subject: "Second" } });
    await at.send("DELETE", `/me/events/${value[5].id}`);
    const { body } = await at.send("GET", path);
    expect(body).toMatchObject({
      id: master.id,
      cancelledOccurrences: [`OID.${master.id}.2026-04-06`],
      exceptionOccurrences: [{ id: value[1].id }],
    });
    expect(body.subject).toBeUndefined();
    const full = await at.send("GET", `/me/events/${master.id}?$expand=exceptionOccurrences`);
    expect(full.body.exceptionOccurrences).toMatchObject([{ subject: "Second", type: "exception" }]);
    expect((await at.send("GET", `/me/events/${master.id}`)).body.cancelledOccurrences).toBeUndefined();
    expect((await at.send("GET", `/me/events?$expand=exceptionOccurrences`)).status).toBe(400);
  });

  it("keep every pattern of recurrence", async () => {
    const blank = { month: 0, dayOfMonth: 0, firstDayOfWeek: "sunday", index: "first" };
    const patterns = [
      { type: "daily", interval: 3 },
      { type: "weekly", interval: 2, daysOfWeek: ["monday", "friday"], firstDayOfWeek: "monday" },
      { type: "absoluteMonthly", interval: 2, dayOfMonth: 31 },
      { type: "relativeMonthly", interval: 1, daysOfWeek: ["tuesday"], index: "last" },
      {
        type: "relativeMonthly",
        interval: 1,
        daysOfWeek: ["monday", "tuesday", "wednesday", "thursday", "friday"],
        index: "second",
      },
      { type: "absoluteYearly", interval: 1, dayOfMonth: 29, month: 2 },
      { type: "absoluteYearly", interval: 2, dayOfMonth: 2, month: 3 },
      { type: "relativeYearly", interval: 1, daysOfWeek: ["sunday"], index: "fourth", month: 11 },
    ];
    for (const pattern of patterns) {
      for (const range of [
        { type: "noEnd", startDate: "2026-03-02" },
        { type: "endDate", startDate: "2026-03-02", endDate: "2031-03-02" },
      ]) {
        const made = await create("Pattern", { recurrence: { pattern, range } });
        expect(made.recurrence.pattern).toEqual({ ...blank, ...pattern });
        expect(made.recurrence.range).toMatchObject({ type: range.type });
      }
    }
  });
});

describe("attendees", () => {
  const attendees = [{ type: "required", emailAddress: { address: "guest@example.org", name: "Guest" } }];
  const mails = (): number => at.sandbox.context.attendeeMails.count();

  it("are mailed when a meeting is made, changed or deleted, and not for a private change", async () => {
    const before = mails();
    const made = await create("Meeting", { attendees });
    expect(made.attendees[0]).toMatchObject({
      type: "required",
      emailAddress: { address: "guest@example.org" },
    });
    expect(mails() - before).toBe(1);
    await at.send("PATCH", `/me/events/${made.id}`, { body: { categories: ["Blue"], isReminderOn: false } });
    expect(mails() - before).toBe(1);
    at.graph.configure({ updateMails: "always" });
    await at.send("PATCH", `/me/events/${made.id}`, { body: { categories: [] } });
    at.graph.configure({ updateMails: "sharedFields" });
    expect(mails() - before).toBe(2);
    await at.send("PATCH", `/me/events/${made.id}`, { body: { subject: "Changed" } });
    expect(mails() - before).toBe(3);
    await at.send("DELETE", `/me/events/${made.id}`);
    expect(mails() - before).toBe(4);
    const last = at.sandbox.context.attendeeMails.list().at(-1);
    expect(last).toMatchObject({ system: "graph", operation: "delete", to: ["guest@example.org"] });
  });

  it("get a cancellation by cancel; an organizer cannot accept", async () => {
    const made = await create("Cancelled", { attendees });
    expect((await at.send("POST", `/me/events/${made.id}/accept`, { body: {} })).status).toBe(400);
    expect(
      (await at.send("POST", `/me/events/${made.id}/cancel`, { body: { Comment: "Sorry" } })).status,
    ).toBe(202);
    expect((await at.send("GET", `/me/events/${made.id}`)).status).toBe(404);
  });
});

describe("calendars", () => {
  it("are listed, made, renamed and deleted, and hold events of their own", async () => {
    const made = await at.send("POST", "/me/calendars", { body: { name: "Second" } });
    expect(made.status).toBe(201);
    const { id } = made.body;
    const inIt = await at.send("POST", `/me/calendars/${id}/events`, { body: event("In the second") });
    expect(inIt.status).toBe(201);
    const list = await at.send("GET", "/me/calendars?$select=name,isDefaultCalendar");
    expect(list.body.value.map((each: Json) => [each.name, each.isDefaultCalendar])).toEqual([
      ["Calendar", true],
      ["Second", false],
    ]);
    expect((await at.send("GET", `/me/calendars/${id}/events`)).body.value).toHaveLength(1);
    expect((await at.send("PATCH", `/me/calendars/${id}`, { body: { name: "Other" } })).body.name).toBe(
      "Other",
    );
    expect((await at.send("DELETE", `/me/calendars/${id}`)).status).toBe(204);
    expect((await at.send("GET", `/me/events/${inIt.body.id}`)).status).toBe(404);
    const main = await at.send("GET", "/me/calendar");
    expect((await at.send("DELETE", `/me/calendars/${main.body.id}`)).status).toBe(400);
  });
});

describe("listings", () => {
  it("are paged by ten, by $top, and by the preferred size", async () => {
    const calendar = await at.send("POST", "/me/calendars", { body: { name: "Pages" } });
    const path = `/me/calendars/${calendar.body.id}/events`;
    for (let n = 0; n < 12; n++) {
      const hour = String(n + 8).padStart(2, "0");
      const made = await at.send("POST", path, {
        body: event(`Page ${n}`, {
          start: oslo(`2026-03-03T${hour}:00:00`),
          end: oslo(`2026-03-03T${hour}:30:00`),
        }),
      });
      expect(made.status).toBe(201);
    }
    const first = await at.send("GET", `${path}?$count=true&$orderby=start/dateTime`);
    expect([first.body.value.length, first.body["@odata.count"], first.body.value[0].subject]).toEqual([
      10,
      12,
      "Page 0",
    ]);
    const rest = await at.send("GET", first.body["@odata.nextLink"]);
    expect(rest.body.value.map((each: Json) => each.subject)).toEqual(["Page 10", "Page 11"]);
    expect(rest.body["@odata.nextLink"]).toBeUndefined();
    const three = await at.send("GET", path, { headers: { prefer: "odata.maxpagesize=3" } });
    expect(three.body.value).toHaveLength(3);
    const some = await at.send("GET", `${path}?$top=5&$skip=2&$select=subject`);
    expect(Object.keys(some.body.value[0]).sort()).toEqual(["@odata.etag", "id", "subject"]);
    expect((await at.send("GET", `${path}?$top=5000`)).status).toBe(400);
    expect((await at.send("GET", `${path}?$select=nothing`)).status).toBe(400);
    const late = await at.send(
      "GET",
      `${path}?$filter=start/dateTime ge '2026-03-03T17:00:00' and not contains(subject,'11')`,
    );
    expect(late.body.value.map((each: Json) => each.subject)).toEqual(["Page 10"]);
    expect((await at.send("GET", `${path}?$filter=subject is 'x'`)).status).toBe(400);
  });
});
