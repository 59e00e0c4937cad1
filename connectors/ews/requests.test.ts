import { afterEach, describe, expect, it } from "vitest";
import type { Request } from "./client.ts";
import { ews, writeRequest } from "./library.ts";
import { fieldsOfNew, type EwsFields } from "./map.ts";
import type { EwsPattern, EwsRange, EwsRecurrence } from "./reading.ts";
import {
  createItem,
  deleteItem,
  findByStamp,
  getFolder,
  getItemIds,
  getItems,
  syncCalendar,
  updateItem,
} from "./requests.ts";
import { schemaViolation } from "./testing/schema.ts";

const zoneOfTests = process.env["TZ"];
afterEach(() => {
  if (zoneOfTests === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zoneOfTests;
});

async function written(request: Request, impersonate?: string): Promise<string> {
  const xml = await writeRequest(request.operation, request.write, impersonate);
  expect(schemaViolation(xml)).toBeUndefined();
  return xml;
}

const full: EwsFields = {
  subject: "Site visit",
  body: "Bring the drawings",
  location: "Oslo",
  start: "2026-03-02T08:00:00Z",
  end: "2026-03-02T09:00:00Z",
  allDay: false,
  zone: "W. Europe Standard Time",
  busy: "WorkingElsewhere",
  sensitivity: "Private",
  reminder: 15,
};

const patterns: EwsPattern[] = [
  { kind: "Daily", interval: 3 },
  { kind: "Weekly", interval: 2, days: ["Monday", "Sunday"], firstDay: "Monday" },
  { kind: "AbsoluteMonthly", interval: 1, day: 31 },
  { kind: "RelativeMonthly", interval: 2, day: "Weekday", index: "Last" },
  { kind: "AbsoluteYearly", day: 29, month: "February" },
  { kind: "RelativeYearly", day: "WeekendDay", index: "First", month: "December" },
];
const ranges: EwsRange[] = [
  { kind: "NoEnd", start: "2026-03-02" },
  { kind: "EndDate", start: "2026-03-02", end: "2026-12-31" },
  { kind: "Numbered", start: "2026-03-02", count: 10 },
];
const recurrences: EwsRecurrence[] = patterns.flatMap((pattern) =>
  ranges.map((range) => ({ pattern, range })),
);

describe("every request is valid against Microsoft's schema", () => {
  it.each<[string, Request]>([
    ["SyncFolderItems from nothing", syncCalendar("calendar", undefined)],
    ["SyncFolderItems onwards in a folder", syncCalendar("AAMkAD=", "H4sIAAA=")],
    ["GetItem", getItems(["AAMk1=", "AAMk2="])],
    ["GetItem of ids", getItemIds(["AAMk1="])],
    ["FindItem", findByStamp("calendar", "el.key-1")],
    ["CreateItem", createItem("calendar", full, "el.key-1")],
    ["DeleteItem", deleteItem("AAMk1=")],
    ["GetFolder", getFolder("calendar")],
    ["UpdateItem of all", updateItem("AAMk1=", "DwAAAB", full)],
    [
      "UpdateItem that empties",
      updateItem("AAMk1=", "DwAAAB", {
        subject: null,
        location: null,
        body: "",
        reminder: null,
        recurrence: null,
      }),
    ],
  ])("%s", async (_, request) => {
    await written(request);
    await written(request, "ase@nordlys.example");
  });

  it.each(recurrences)("recurrence $pattern.kind, $range.kind", async (recurrence) => {
    for (const request of [
      createItem("calendar", { ...full, recurrence }, "k"),
      updateItem("AAMk1=", "c", { recurrence }),
    ]) {
      const xml = await written(request);
      expect(xml).toContain(`<t:${recurrence.pattern.kind}Recurrence>`);
      expect(xml).toContain("<t:StartDate>2026-03-02</t:StartDate>");
    }
  });
});

describe("text", () => {
  const hostile = `R&D <x a="1">]]></t:Subject> \u0000\u0007\uFFFE \uD800 tab\tline\r\nend 🎉`;

  it("cannot leave its element, nor be refused for what XML cannot carry", async () => {
    const xml = await written(
      createItem("calendar", { ...full, subject: hostile, body: hostile, location: hostile }, hostile),
    );
    expect(xml).toContain(
      "R&amp;D &lt;x a=&quot;1&quot;&gt;]]&gt;&lt;/t:Subject&gt;   tab\tline&#xD;\nend 🎉",
    );
    expect(xml.match(/<t:Subject>/gu)).toHaveLength(1);
  });

  it("cannot leave an attribute", async () => {
    const xml = await written(getItems([`a"/><t:ItemId Id="b`]));
    expect(xml.match(/<t:ItemId /gu)).toHaveLength(1);
  });
});

describe("nobody is mailed and nothing is overwritten", () => {
  it("says so in every write", async () => {
    expect(await written(createItem("calendar", full, "k"))).toContain('SendMeetingInvitations="SendToNone"');
    const update = await written(updateItem("AAMk1=", "c1", { subject: "x" }));
    expect(update).toContain('SendMeetingInvitationsOrCancellations="SendToNone"');
    expect(update).toContain('ConflictResolution="NeverOverwrite"');
    expect(update).toContain('<t:ItemId Id="AAMk1=" ChangeKey="c1"');
    const remove = await written(deleteItem("AAMk1="));
    expect(remove).toContain('SendMeetingCancellations="SendToNone"');
    expect(remove).toContain('DeleteType="MoveToDeletedItems"');
  });

  it("writes the named fields and no others", async () => {
    const xml = await written(updateItem("AAMk1=", "c", { subject: "x", location: null }));
    expect(xml.match(/<t:FieldURI [^>]*>/gu)).toEqual([
      '<t:FieldURI FieldURI="item:Subject">',
      '<t:FieldURI FieldURI="calendar:Location">',
    ]);
    expect(xml.match(/<t:(?:Set|Delete)ItemField>/gu)).toEqual(["<t:SetItemField>", "<t:DeleteItemField>"]);
  });
});

describe("the zone of the process", () => {
  it.each(["UTC", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"])(
    "%s changes nothing in what is written",
    async (zone) => {
      process.env["TZ"] = zone;
      const recurrence = recurrences[1];
      if (!recurrence) throw new Error("no recurrence");
      const allDay = fieldsOfNew(
        {
          title: "Fair",
          description: "",
          location: "",
          time: { showWithoutTime: true, start: "2026-07-01", end: "2026-07-03" },
          timeZone: null,
          freeBusyStatus: "free",
          privacy: "public",
          alertMinutes: null,
          recurrenceRule: null,
        },
        "Europe/Oslo",
      );
      const xml = await written(createItem("calendar", { ...allDay, recurrence }, "k"));
      expect(xml).toMatch(/<t:Start>2026-06-30T22:00:00(?:\.000)?(?:Z|\+00:00)<\/t:Start>/u);
      expect(xml).toMatch(/<t:End>2026-07-02T22:00:00(?:\.000)?(?:Z|\+00:00)<\/t:End>/u);
      expect(xml).toContain("<t:StartDate>2026-03-02</t:StartDate><t:EndDate>2026-12-31</t:EndDate>");
      expect(xml).toContain('<t:StartTimeZone Name="W. Europe Standard Time" Id="W. Europe Standard Time"');
    },
  );
});

it("a request that the library cannot write is a failure, not an exception of its own", async () => {
  const weekly: EwsRecurrence = {
    pattern: { kind: "Weekly", interval: 1, days: [], firstDay: null },
    range: { kind: "NoEnd", start: "2026-03-02" },
  };
  const request = createItem("calendar", { ...full, recurrence: weekly }, "k");
  await expect(writeRequest(request.operation, request.write, undefined)).rejects.toMatchObject({
    code: "ews.request-invalid",
  });
  expect(ews.EwsLogging.DebugLogEnabled).toBe(false);
});
