import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startExchange, type TestExchange } from "./testing/server.ts";
import {
  all,
  createItems,
  deleteItem,
  findItem,
  getItem,
  itemId,
  post,
  setField,
  syncItems,
  text,
  updateItem,
  type SoapAnswer,
} from "./testing/soap-client.ts";
import { attribute } from "./xml.ts";

let at: TestExchange;
beforeAll(async () => {
  at = await startExchange();
});
afterAll(async () => {
  expect(at.log).toEqual([]);
  expect(at.exchange.counters()).toMatchObject({ responsesInvalid: 0, requestsInvalid: 0 });
  await at.close();
});

const oslo = `<t:StartTimeZone Id="W. Europe Standard Time"/><t:EndTimeZone Id="W. Europe Standard Time"/>`;
const context = `<t:TimeZoneContext><t:TimeZoneDefinition Id="W. Europe Standard Time"/></t:TimeZoneContext>`;

interface Times {
  start: string;
  end: string;
  pattern: string;
  range: string;
  zones?: string;
  more?: string;
}

const series = ({ start, end, pattern, range, zones = oslo, more = "" }: Times): string =>
  `<t:CalendarItem><t:Subject>Series</t:Subject><t:Start>${start}</t:Start><t:End>${end}</t:End>${more}` +
  `<t:Recurrence>${pattern}${range}</t:Recurrence>${zones}</t:CalendarItem>`;

const weekly = `<t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Monday</t:DaysOfWeek></t:WeeklyRecurrence>`;
const numbered = (start: string, count: number): string =>
  `<t:NumberedRecurrence><t:StartDate>${start}</t:StartDate><t:NumberOfOccurrences>${count}</t:NumberOfOccurrences></t:NumberedRecurrence>`;
const acrossTheClockChange = {
  start: "2026-03-16T09:00:00",
  end: "2026-03-16T10:00:00",
  pattern: weekly,
  range: numbered("2026-03-16", 4),
};

const view = async (from: string, to: string): Promise<string[]> => {
  const calendarView = `<m:CalendarView StartDate="${from}" EndDate="${to}"/>`;
  const answer = await post(at, findItem("calendar", calendarView, "Default"));
  return all(answer.content, "CalendarItem").map(
    (item) => `${text(item, "Start")} ${text(item, "CalendarItemType")}`,
  );
};
const occurrence = (created: SoapAnswer, index: number): string =>
  `<t:OccurrenceItemId RecurringMasterId="${attribute(all(created.content, "ItemId")[0], "Id")}" InstanceIndex="${index}"/>`;
const clear = async (): Promise<void> => {
  const found = await post(at, findItem("calendar"));
  for (let index = 0; index < all(found.content, "ItemId").length; index++)
    await post(at, deleteItem(itemId(found, index)));
};

describe("a series", () => {
  it("keeps its wall-clock time through a clock change", async () => {
    await post(at, createItems("calendar", series(acrossTheClockChange)));
    expect(await view("2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z")).toEqual([
      "2026-03-16T08:00:00Z Occurrence",
      "2026-03-23T08:00:00Z Occurrence",
      "2026-03-30T07:00:00Z Occurrence",
      "2026-04-06T07:00:00Z Occurrence",
    ]);
    await clear();
  });

  const patterns: [name: string, pattern: string, start: string, days: string[]][] = [
    [
      "every third day",
      `<t:DailyRecurrence><t:Interval>3</t:Interval></t:DailyRecurrence>`,
      "2026-01-30",
      ["01-30", "02-02", "02-05"],
    ],
    [
      "Tuesdays and Fridays of every other week, weeks from Monday",
      `<t:WeeklyRecurrence><t:Interval>2</t:Interval><t:DaysOfWeek>Tuesday Friday</t:DaysOfWeek><t:FirstDayOfWeek>Monday</t:FirstDayOfWeek></t:WeeklyRecurrence>`,
      "2026-01-02",
      ["01-02", "01-13", "01-16"],
    ],
    [
      "the 31st, or the last day",
      `<t:AbsoluteMonthlyRecurrence><t:Interval>1</t:Interval><t:DayOfMonth>31</t:DayOfMonth></t:AbsoluteMonthlyRecurrence>`,
      "2026-01-31",
      ["01-31", "02-28", "03-31"],
    ],
    [
      "the last weekday of the month",
      `<t:RelativeMonthlyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Weekday</t:DaysOfWeek><t:DayOfWeekIndex>Last</t:DayOfWeekIndex></t:RelativeMonthlyRecurrence>`,
      "2026-01-15",
      ["01-30", "02-27", "03-31"],
    ],
    [
      "the second Thursday of every other month",
      `<t:RelativeMonthlyRecurrence><t:Interval>2</t:Interval><t:DaysOfWeek>Thursday</t:DaysOfWeek><t:DayOfWeekIndex>Second</t:DayOfWeekIndex></t:RelativeMonthlyRecurrence>`,
      "2026-01-01",
      ["01-08", "03-12", "05-14"],
    ],
  ];
  it.each(patterns)("recurs on %s", async (_name, pattern, start, days) => {
    const times = {
      start: `${start}T12:00:00Z`,
      end: `${start}T13:00:00Z`,
      pattern,
      range: numbered(start, 3),
    };
    const created = await post(at, createItems("calendar", series(times)));
    expect(await view("2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z")).toEqual(
      days.map((day) => expect.stringMatching(new RegExp(`^2026-${day}T`))),
    );
    const master = await post(at, getItem(itemId(created)));
    expect(text(master.content, "Start")).toMatch(new RegExp(`^2026-${days[0]}T`));
    await clear();
  });

  it("recurs yearly, by date and by position", async () => {
    const absolute = `<t:AbsoluteYearlyRecurrence><t:DayOfMonth>29</t:DayOfMonth><t:Month>February</t:Month></t:AbsoluteYearlyRecurrence>`;
    const relative = `<t:RelativeYearlyRecurrence><t:DaysOfWeek>Sunday</t:DaysOfWeek><t:DayOfWeekIndex>First</t:DayOfWeekIndex><t:Month>May</t:Month></t:RelativeYearlyRecurrence>`;
    const noEnd = `<t:NoEndRecurrence><t:StartDate>2024-01-01</t:StartDate></t:NoEndRecurrence>`;
    const times = { start: "2024-01-01T12:00:00Z", end: "2024-01-01T13:00:00Z", range: noEnd };
    await post(
      at,
      createItems(
        "calendar",
        series({ ...times, pattern: absolute }) + series({ ...times, pattern: relative }),
      ),
    );
    expect(await view("2025-01-01T00:00:00Z", "2026-12-31T00:00:00Z")).toEqual([
      "2025-02-28T12:00:00Z Occurrence",
      "2025-05-04T11:00:00Z Occurrence",
      "2026-02-28T12:00:00Z Occurrence",
      "2026-05-03T11:00:00Z Occurrence",
    ]);
    await clear();
  });

  it("is one item to sync, whose change key tells of changed occurrences", async () => {
    const created = await post(at, createItems("calendar", series(acrossTheClockChange)));
    const first = await post(at, syncItems("calendar"));
    expect(all(first.content, "Create")).toHaveLength(1);
    await post(
      at,
      updateItem(
        occurrence(created, 2),
        setField("item:Subject", "<t:Subject>Special</t:Subject>"),
        "AlwaysOverwrite",
      ),
    );
    const second = await post(at, syncItems("calendar", text(first.content, "SyncState")));
    const id = all(second.content, "ItemId")[0];
    expect(all(second.content, "Update")).toHaveLength(1);
    expect(attribute(id, "Id")).toBe(attribute(all(created.content, "ItemId")[0], "Id"));
    expect(attribute(id, "ChangeKey")).not.toBe(attribute(all(created.content, "ItemId")[0], "ChangeKey"));
    await clear();
  });

  it("shows changed and deleted occurrences on its master and in the view", async () => {
    const created = await post(at, createItems("calendar", series(acrossTheClockChange)));
    const moved =
      setField("calendar:Start", "<t:Start>2026-03-24T14:00:00+01:00</t:Start>") +
      setField("calendar:End", "<t:End>2026-03-24T15:00:00+01:00</t:End>") +
      setField("item:Subject", "<t:Subject>Moved</t:Subject>");
    expect(
      (await post(at, updateItem(occurrence(created, 2), moved, "AlwaysOverwrite"))).messages[0]?.code,
    ).toBe("NoError");
    expect((await post(at, deleteItem(occurrence(created, 3)))).messages[0]?.code).toBe("NoError");
    const master = await post(at, getItem(itemId(created)), { header: context });
    expect(text(all(master.content, "ModifiedOccurrences")[0], "Start")).toBe("2026-03-24T14:00:00+01:00");
    expect(text(all(master.content, "ModifiedOccurrences")[0], "OriginalStart")).toBe(
      "2026-03-23T09:00:00+01:00",
    );
    expect(text(all(master.content, "DeletedOccurrences")[0], "Start")).toBe("2026-03-30T09:00:00+02:00");
    expect(text(all(master.content, "LastOccurrence")[0], "Start")).toBe("2026-04-06T09:00:00+02:00");
    expect(text(master.content, "StartDate")).toBe("2026-03-16+01:00");
    expect(await view("2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z")).toEqual([
      "2026-03-16T08:00:00Z Occurrence",
      "2026-03-24T13:00:00Z Exception",
      "2026-04-06T07:00:00Z Occurrence",
    ]);
    const exception = await post(at, getItem(occurrence(created, 2)));
    expect(text(exception.content, "Subject")).toBe("Moved");
    expect(text(exception.content, "UID")).toBe(text(master.content, "UID"));
    const own = itemId(exception);
    const back = own
      .replace("ItemId Id=", "RecurringMasterItemId OccurrenceId=")
      .replace(/ ChangeKey="[^"]*"/, "");
    expect(text((await post(at, getItem(back))).content, "CalendarItemType")).toBe("RecurringMaster");
    const indexes = [3, 5].map((index) => occurrence(created, index)).join("");
    expect((await post(at, getItem(indexes))).messages.map((message) => message.code)).toEqual([
      "ErrorCalendarOccurrenceIsDeletedFromRecurrence",
      "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange",
    ]);
    await clear();
  });

  it("keeps its occurrences in order, and loses exceptions when its times change", async () => {
    const created = await post(at, createItems("calendar", series(acrossTheClockChange)));
    const past =
      setField("calendar:Start", "<t:Start>2026-04-06T07:30:00Z</t:Start>") +
      setField("calendar:End", "<t:End>2026-04-06T08:30:00Z</t:End>");
    const crossing = await post(at, updateItem(occurrence(created, 2), past, "AlwaysOverwrite"));
    expect(crossing.messages[0]?.code).toBe("ErrorOccurrenceCrossingBoundary");
    await post(at, deleteItem(occurrence(created, 2)));
    const longer = setField(
      "calendar:Recurrence",
      `<t:Recurrence>${weekly}${numbered("2026-03-16", 5)}</t:Recurrence>`,
    );
    const extended = await post(at, updateItem(itemId(created), longer, "AlwaysOverwrite"));
    expect(all((await post(at, getItem(itemId(extended)))).content, "DeletedOccurrence")).toHaveLength(1);
    const later =
      setField("calendar:Start", "<t:Start>2026-03-16T10:00:00Z</t:Start>") +
      setField("calendar:End", "<t:End>2026-03-16T11:00:00Z</t:End>");
    const shifted = await post(at, updateItem(itemId(extended), later));
    expect(all((await post(at, getItem(itemId(shifted)))).content, "DeletedOccurrence")).toHaveLength(0);
    expect(await view("2026-03-01T00:00:00Z", "2026-03-31T00:00:00Z")).toHaveLength(3);
    await clear();
  });

  it("that is endless has no last occurrence, and a view of more than two years is refused", async () => {
    const endless = {
      ...acrossTheClockChange,
      range: `<t:NoEndRecurrence><t:StartDate>2026-03-16</t:StartDate></t:NoEndRecurrence>`,
    };
    const created = await post(at, createItems("calendar", series(endless)));
    const master = await post(at, getItem(itemId(created)));
    expect(all(master.content, "FirstOccurrence")).toHaveLength(1);
    expect(all(master.content, "LastOccurrence")).toHaveLength(0);
    const tooBig = `<m:CalendarView StartDate="2026-01-01T00:00:00Z" EndDate="2028-01-02T00:00:00Z"/>`;
    expect((await post(at, findItem("calendar", tooBig))).messages[0]?.code).toBe(
      "ErrorCalendarViewRangeTooBig",
    );
    await clear();
  });
});

describe("times", () => {
  const single = (times: string, more = ""): string =>
    `<t:CalendarItem><t:Subject>Single</t:Subject>${times}${more}</t:CalendarItem>`;
  const create = async (item: string, header = ""): Promise<SoapAnswer> => {
    const created = await post(at, createItems("calendar", item), { header });
    expect(created.messages[0]?.code).toBe("NoError");
    return post(at, getItem(itemId(created)));
  };
  const local = `<t:Start>2026-07-01T09:00:00</t:Start><t:End>2026-07-01T10:00:00</t:End>`;

  it("follow an explicit offset, else the item's zone, else the context, else UTC", async () => {
    const offset = `<t:Start>2026-07-01T09:00:00-05:00</t:Start><t:End>2026-07-01T10:00:00-05:00</t:End>`;
    expect(text((await create(single(offset, oslo))).content, "Start")).toBe("2026-07-01T14:00:00Z");
    expect(text((await create(single(local, oslo))).content, "Start")).toBe("2026-07-01T07:00:00Z");
    expect(text((await create(single(local), context)).content, "Start")).toBe("2026-07-01T07:00:00Z");
    expect(text((await create(single(local))).content, "Start")).toBe("2026-07-01T09:00:00Z");
  });

  it("of all-day items are whole days of their own zone", async () => {
    const day = `<t:Start>2026-03-28T12:00:00</t:Start><t:End>2026-03-29T12:00:00</t:End><t:IsAllDayEvent>true</t:IsAllDayEvent>`;
    const got = await create(single(day, oslo));
    expect(text(got.content, "Start")).toBe("2026-03-27T23:00:00Z");
    expect(text(got.content, "End")).toBe("2026-03-29T22:00:00Z");
  });

  it("follow rules that a client brings along", async () => {
    const own = (name: string): string =>
      `<t:${name} Id="Own" Name="Own"><t:Periods><t:Period Bias="-PT3H" Name="S" Id="s"/><t:Period Bias="-PT4H30M" Name="D" Id="d"/></t:Periods>` +
      `<t:TransitionsGroups><t:TransitionsGroup Id="g">` +
      `<t:RecurringDayTransition><t:To Kind="Period">d</t:To><t:TimeOffset>PT2H</t:TimeOffset><t:Month>4</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek><t:Occurrence>1</t:Occurrence></t:RecurringDayTransition>` +
      `<t:RecurringDayTransition><t:To Kind="Period">s</t:To><t:TimeOffset>PT2H</t:TimeOffset><t:Month>9</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek><t:Occurrence>-1</t:Occurrence></t:RecurringDayTransition>` +
      `</t:TransitionsGroup></t:TransitionsGroups><t:Transitions><t:Transition><t:To Kind="Group">g</t:To></t:Transition></t:Transitions></t:${name}>`;
    const got = await create(single(local, own("StartTimeZone") + own("EndTimeZone")));
    expect(text(got.content, "Start")).toBe("2026-07-01T04:30:00Z");
    const winter = local.replaceAll("2026-07", "2026-01");
    expect(text((await create(single(winter, own("StartTimeZone")))).content, "Start")).toBe(
      "2026-01-01T06:00:00Z",
    );
  });

  it("of an unknown zone without rules are refused", async () => {
    const answer = await post(
      at,
      createItems("calendar", single(local, `<t:StartTimeZone Id="Atlantis Time"/>`)),
    );
    expect(answer.messages[0]?.code).toBe("ErrorTimeZone");
  });
});
