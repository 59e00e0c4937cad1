import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Appointment, RecurrenceRule, Weekday } from "../../core/items/appointment.ts";
import { overrideField } from "../../core/items/overrides.ts";
import { project, readRow, writeFields } from "./map.ts";
import { canHold, canonicalRule, firstDay, inexpressible, readRule, writeRule } from "./recurrence.ts";
import { minutesSpan, plusDays, readTime, spanMinutes, writeTime } from "./time.ts";
import { recurrenceInfo, type RowContent } from "./wire.ts";

const zone = fc.constantFrom("Europe/Oslo", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC");
const day = fc.integer({ min: 0, max: 3_650 }).map((days) => plusDays("2020-01-01", days));
const at = fc
  .integer({ min: Date.parse("2020-01-01"), max: Date.parse("2030-01-01") })
  .map((ms) => new Date(ms).toISOString());
const time: fc.Arbitrary<Appointment["time"]> = fc.oneof(
  fc.tuple(at, fc.nat(100_000)).map(([start, seconds]) => ({
    showWithoutTime: false as const,
    start,
    end: new Date(Date.parse(start) + seconds * 1000).toISOString(),
  })),
  fc.tuple(day, fc.integer({ min: 1, max: 20 })).map(([start, days]) => ({
    showWithoutTime: true as const,
    start,
    end: plusDays(start, days),
  })),
);
const weekdays: Weekday[] = ["mo", "tu", "we", "th", "fr", "sa", "su"];
const rule: fc.Arbitrary<RecurrenceRule> = fc.record({
  frequency: fc.constantFrom("daily", "weekly", "monthly", "yearly"),
  interval: fc.integer({ min: 1, max: 4 }),
  byDay: fc.uniqueArray(fc.constantFrom(...weekdays)),
  nthOfPeriod: fc.constantFrom(1, 2, 3, 4, -1, null),
  byMonthDay: fc.option(fc.integer({ min: 1, max: 31 })),
  byMonth: fc.option(fc.integer({ min: 1, max: 12 })),
  end: fc.oneof(
    fc.constant({ kind: "endless" as const }),
    fc.integer({ min: 1, max: 60 }).map((count) => ({ kind: "count" as const, count })),
    day.map((date) => ({ kind: "until" as const, date })),
  ),
});
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ minLength: 3_990, maxLength: 4_010 }),
);
const appointment: fc.Arbitrary<Appointment> = fc.record({
  title: text,
  description: fc.oneof(text, fc.constantFrom("", "\r\n Notes \r\n more", "\n\n")),
  location: text,
  time,
  timeZone: fc.constantFrom("Europe/Oslo", "Asia/Tokyo", null),
  freeBusyStatus: fc.constantFrom("free", "tentative", "busy", "out-of-office", "working-elsewhere"),
  privacy: fc.constantFrom("public", "private"),
  alertMinutes: fc.option(fc.integer({ min: -60, max: 100_000 })),
  recurrenceRule: fc.option(rule),
});

const row: RowContent = {
  Title: "Before",
  Description: "",
  Location: "",
  StartDate: "2026-03-02T08:00:00Z",
  EndDate: "2026-03-02T09:00:00Z",
  IsAlldayEvent: false,
  IsFree: false,
  Private: "Public",
  HasAlarm: false,
  AlarmLeadTime: "00:00:00",
};

describe("the projection", () => {
  it("is idempotent", () => {
    fc.assert(
      fc.property(appointment, zone, (item, tenantZone) => {
        const once = project(item, tenantZone);
        expect(project(once, tenantZone)).toEqual(once);
      }),
    );
  });

  it("is what reading gives after writing", () => {
    fc.assert(
      fc.property(appointment, zone, (item, tenantZone) => {
        const plain = { ...item, recurrenceRule: null };
        const written = { ...row, ...writeFields(plain, tenantZone) };
        expect(readRow(written, null, tenantZone)).toEqual(project(plain, tenantZone));
      }),
      { numRuns: 300 },
    );
  });

  it("holds of a repetition what SuperOffice tells back", () => {
    fc.assert(
      fc.property(rule, time, zone, (given, when, tenantZone) => {
        if (inexpressible(given) !== undefined) return;
        const wire = recurrenceInfo.parse(writeRule(given, when, tenantZone));
        expect(readRule(wire, tenantZone)).toEqual(canonicalRule(given, firstDay(when, tenantZone)));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a series of one date", () => {
  const once: Appointment = {
    ...readRow(row, null, "UTC"),
    time: { showWithoutTime: true, start: "2004-10-28", end: "2004-10-29" },
    recurrenceRule: {
      frequency: "yearly",
      interval: 1,
      byDay: [],
      nthOfPeriod: null,
      byMonthDay: 28,
      byMonth: 10,
      end: { kind: "until", date: "2005-10-27" },
    },
  };

  it("is a row of its own", () => {
    expect(canHold(once, "Europe/Oslo")).toBe(true);
  });

  it("is left alone where that date was cancelled: the row would show what is not", () => {
    const cancelled = { ...once, [overrideField("2004-10-28")]: { excluded: true } };
    expect(canHold(cancelled, "Europe/Oslo")).toBe(false);
  });
});

describe("a row", () => {
  it("without a title shows the first line of its text, as SuperOffice's screens do", () => {
    expect(
      readRow({ ...row, Title: null, Description: "\r\n Call back \r\nabout the offer" }, null, "UTC"),
    ).toMatchObject({
      title: "Call back",
      description: "\n Call back \nabout the offer",
    });
  });

  it("of a group is private, and of nobody else's business", () => {
    expect(readRow({ ...row, Private: "PrivateGroup" }, null, "UTC").privacy).toBe("private");
  });

  it.each([
    ["23:59:59 of its last day", "2026-03-03T22:59:59Z"],
    ["23:59 of its last day", "2026-03-03T22:59:00Z"],
    ["the midnight after", "2026-03-03T23:00:00Z"],
  ])("of two days may end at %s", (_, EndDate) => {
    const twoDays = { StartDate: "2026-03-01T23:00:00Z", EndDate, IsAlldayEvent: true };
    expect(readTime(twoDays, "Europe/Oslo")).toEqual({
      showWithoutTime: true,
      start: "2026-03-02",
      end: "2026-03-04",
    });
  });

  it("of one day may end when it starts", () => {
    const oneDay = {
      StartDate: "2026-03-01T23:00:00Z",
      EndDate: "2026-03-01T23:00:00Z",
      IsAlldayEvent: true,
    };
    expect(readTime(oneDay, "Europe/Oslo")).toMatchObject({ start: "2026-03-02", end: "2026-03-03" });
  });

  it("of the day on which summer time begins is one day long", () => {
    const oneDay = { showWithoutTime: true as const, start: "2026-03-29", end: "2026-03-30" };
    expect(writeTime(oneDay, "Europe/Oslo")).toEqual({
      StartDate: "2026-03-28T23:00:00Z",
      EndDate: "2026-03-29T21:59:59Z",
      IsAlldayEvent: true,
    });
  });

  it("tells its alert as a time span", () => {
    expect([spanMinutes("00:15:00"), spanMinutes("1.02:30:00.0000000"), spanMinutes("-00:05:00")]).toEqual([
      15,
      1590,
      undefined,
    ]);
    expect([minutesSpan(15), minutesSpan(1590)]).toEqual(["00:15:00", "1.02:30:00"]);
  });
});

describe("a repetition", () => {
  const info = recurrenceInfo.parse({
    RecurrenceId: 3,
    StartDate: "2026-03-02T00:00:00Z",
    EndDate: "2026-03-31T00:00:00Z",
    RecurrenceEndType: "EndDate",
    RecurrenceCounter: 1,
    Pattern: "Daily",
    DayPattern: { Cycle: 1, Pattern: "EveryWorkday" },
    IsRecurrence: true,
  });

  it("on every workday is a weekly one from Monday to Friday", () => {
    expect(readRule(info, "Europe/Oslo")).toMatchObject({
      frequency: "weekly",
      byDay: ["mo", "tu", "we", "th", "fr"],
      end: { kind: "until", date: "2026-03-31" },
    });
  });

  it("of each year names the month in its cycle", () => {
    const YearPattern = { Cycle: 5, Day: 17, Pattern: "DayOfMonth" };
    expect(readRule({ ...info, Pattern: "Yearly", YearPattern }, "Europe/Oslo")).toMatchObject({
      frequency: "yearly",
      interval: 1,
      byMonth: 5,
      byMonthDay: 17,
    });
  });

  it.each(["Custom", "Unknown"])("that is %s is none that we can tell", (Pattern) => {
    expect(readRule({ ...info, Pattern }, "Europe/Oslo")).toBeUndefined();
  });
});
