import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Appointment, AppointmentTime, OccurrencePatch, RecurrenceRule } from "./appointment.ts";
import { occurrenceDates, touches } from "./expand.ts";
import { clockAt, instantsOf } from "./local-time.ts";
import { normalizeAppointment } from "./normalize.ts";
import {
  dateOfStart,
  occurrenceOf,
  overrideField,
  overrideFor,
  overridesOf,
  ownOf,
  projectSeries,
  regularTime,
  withOverrides,
} from "./overrides.ts";

const daily: RecurrenceRule = {
  frequency: "daily",
  interval: 1,
  byDay: [],
  nthOfPeriod: null,
  byMonthDay: null,
  byMonth: null,
  end: { kind: "count", count: 400 },
};

/** A daily series at a clock time of a zone, from the first days of 2026. */
function series(clock: string, timeZone: string, minutes = 45): Appointment {
  const [start] = instantsOf(Date.parse(`2026-01-02T${clock}:00Z`), timeZone);
  const iso = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;
  return normalizeAppointment({
    title: "Stand-up",
    description: "",
    location: "Room 1",
    time: { showWithoutTime: false, start: iso(start), end: iso(start + minutes * 60_000) },
    timeZone,
    freeBusyStatus: "busy",
    privacy: "public",
    alertMinutes: 15,
    recurrenceRule: daily,
  });
}

/** Clock changes by an hour and by half an hour, at night and at midnight, north and south, and none. */
const zones =
  "Europe/Oslo America/New_York Australia/Lord_Howe Africa/Cairo Asia/Beirut America/Santiago Asia/Kolkata".split(
    " ",
  );
const clocks = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom("00", "15", "30", "59"))
  .map(([hour, minute]) => `${String(hour).padStart(2, "0")}:${minute}`);
const anySeries = fc
  .tuple(clocks, fc.constantFrom(...zones), fc.integer({ min: 0, max: 600 }))
  .map(([clock, zone, minutes]) => series(clock, zone, minutes));
const dates = fc.integer({ min: 0, max: 399 }).map((day) => {
  const at = Date.parse("2026-01-02") + day * 86_400_000;
  return new Date(at).toISOString().slice(0, 10);
});
const patches: fc.Arbitrary<OccurrencePatch> = fc.record(
  {
    title: fc.constantFrom("Stand-up", "Retrospective", "  Two  words "),
    location: fc.constantFrom("Room 1", "Room 2", ""),
    time: fc.integer({ min: 0, max: 100_000 }).map((minutes): AppointmentTime => {
      const at = Date.UTC(2026, 2, 28) + minutes * 60_000;
      const iso = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
      return { showWithoutTime: false, start: iso(at), end: iso(at + 1_800_000) };
    }),
    freeBusyStatus: fc.constantFrom("busy" as const, "tentative" as const, "free" as const),
    alertMinutes: fc.constantFrom(null, 15, 30),
  },
  { requiredKeys: [] },
);
const overridden = fc
  .tuple(anySeries, fc.array(fc.tuple(dates, fc.option(patches)), { maxLength: 6 }))
  .map(([item, list]) =>
    withOverrides(
      item,
      list.map(([date, patch]) => [date, patch ?? { excluded: true }] as const),
    ),
  );

describe("an occurrence is named by the local date of its original start", () => {
  it("gets its name back from its start, in every zone, also where the clock changes", () => {
    fc.assert(
      fc.property(anySeries, (item) => {
        for (const date of occurrenceDates("2026-01-02", daily)) {
          const { start } = regularTime(item, date);
          expect(dateOfStart(item, start)).toBe(date);
        }
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ["skips", "02:30", "2026-03-29", ["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"]],
    ["repeats", "02:30", "2026-10-25", ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]],
  ])("takes either hour for regular that a clock change %s", (_, clock, date, starts) => {
    const item = series(clock, "Europe/Oslo", 15);
    for (const start of starts) {
      expect(dateOfStart(item, start)).toBe(date);
      const end = `${start.slice(0, 14)}45:00Z`;
      expect(overrideFor(item, date, { time: { showWithoutTime: false, start, end } })).toBeNull();
      expect(
        overrideFor(item, "2026-03-10", { time: { showWithoutTime: false, start, end } }),
      ).not.toBeNull();
    }
  });

  it("keeps the clock time through clock changes", () => {
    fc.assert(
      fc.property(anySeries, dates, (item, date) => {
        const at = Date.parse(regularTime(item, date).start);
        const meant = clockAt(Date.parse(item.time.start), item.timeZone) % 86_400_000;
        const shown = clockAt(at, item.timeZone) % 86_400_000;
        const skipped = clockAt(instantsOf(Date.parse(date) + meant, item.timeZone)[0], item.timeZone);
        expect(shown === meant || skipped % 86_400_000 !== meant).toBe(true);
      }),
    );
  });

  it("of all-day series is the date", () => {
    const item = normalizeAppointment({
      ...series("08:00", "Europe/Oslo"),
      time: { showWithoutTime: true, start: "2026-03-28", end: "2026-03-30" },
    });
    expect(regularTime(item, "2026-10-24")).toEqual({
      showWithoutTime: true,
      start: "2026-10-24",
      end: "2026-10-26",
    });
    expect(dateOfStart(item, "2026-10-24")).toBe("2026-10-24");
  });
});

describe("overrides", () => {
  it("have one normal form", () => {
    fc.assert(
      fc.property(overridden, (item) => {
        const once = normalizeAppointment(item);
        expect(normalizeAppointment(once)).toEqual(once);
        for (const [date, override] of overridesOf(once)) {
          if (override.excluded !== true) expect(overrideFor(once, date, override)).toEqual(override);
        }
      }),
    );
  });

  it("say all that is different of an occurrence, and nothing else", () => {
    fc.assert(
      fc.property(overridden, (given) => {
        const item = normalizeAppointment(given);
        for (const [date, override] of overridesOf(item)) {
          const occurrence = occurrenceOf(item, date);
          expect(
            occurrence === null ? { excluded: true } : overrideFor(item, date, ownOf(occurrence)),
          ).toEqual(override);
        }
      }),
    );
  });

  it("are projected like appointments, and twice is once", () => {
    const project = (item: Appointment): Appointment =>
      normalizeAppointment({
        ...item,
        title: item.title.slice(0, 5),
        timeZone: "Europe/Oslo",
        freeBusyStatus: item.freeBusyStatus === "free" ? "free" : "busy",
      });
    fc.assert(
      fc.property(overridden, (given) => {
        const item = normalizeAppointment(given);
        const once = projectSeries(item, project);
        expect(projectSeries(once, project)).toEqual(once);
        for (const [date] of overridesOf(item)) {
          const [before, after] = [occurrenceOf(item, date), occurrenceOf(once, date)];
          if (before === null) expect(after).toBeNull();
          else expect(ownOf(project(after as Appointment))).toEqual(ownOf(project(before)));
        }
      }),
    );
  });

  it("are dropped with their date, and with the rule", () => {
    const item = withOverrides(series("09:00", "Europe/Oslo"), [["2026-03-10", { excluded: true }]]);
    const field = overrideField("2026-03-10");
    const fewer: RecurrenceRule = { ...daily, end: { kind: "until", date: "2026-03-09" } };
    const sparse: RecurrenceRule = { ...daily, interval: 2 };
    expect(normalizeAppointment(item)[field]).toEqual({ excluded: true });
    expect(normalizeAppointment({ ...item, recurrenceRule: fewer })[field]).toBeUndefined();
    expect(normalizeAppointment({ ...item, recurrenceRule: sparse })[field]).toBeUndefined();
    expect(normalizeAppointment({ ...item, recurrenceRule: null })[field]).toBeUndefined();
  });

  it("may bring a series into a window in which its rule has nothing", () => {
    const far = { from: "2030-05-01T00:00:00Z", to: "2030-06-01T00:00:00Z" };
    const item = series("09:00", "Europe/Oslo");
    const time: AppointmentTime = {
      showWithoutTime: false,
      start: "2030-05-04T08:00:00Z",
      end: "2030-05-04T09:00:00Z",
    };
    expect(touches(item, far)).toBe(false);
    expect(touches(withOverrides(item, [["2026-03-10", { time }]]), far)).toBe(true);
  });
});
