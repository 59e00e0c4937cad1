import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Appointment, AppointmentPatch } from "../../core/items/appointment.ts";
import { appointmentKind } from "../../core/items/appointment-kind.ts";
import { differences } from "../../core/items/compare.ts";
import { fieldsOfNew, fieldsOfPatch, project as exchangeProject, toObserved } from "../ews/map.ts";
import { appointment, noRule } from "../ews/testing/appointments.ts";
import { eventBody, project, readEvent } from "./map.ts";
import { blank, stored } from "./testing/events.ts";
import { schemaViolation } from "./testing/schema.ts";

const home = "Europe/Oslo";

const plain: Appointment = {
  title: "Site visit",
  description: "",
  location: "",
  time: { showWithoutTime: false, start: "2026-03-02T08:00:00Z", end: "2026-03-02T09:00:00Z" },
  timeZone: "Europe/Oslo",
  freeBusyStatus: "busy",
  privacy: "public",
  alertMinutes: 15,
  recurrenceRule: null,
};
/** 02:30 in Oslo, for the second time that night. */
const doubled: Appointment = {
  ...plain,
  time: { showWithoutTime: false, start: "2026-10-25T01:30:00Z", end: "2026-10-25T04:00:00Z" },
};

const newBody = (item: Appointment) => eventBody(fieldsOfNew(item, home));
const read = (event: unknown) => toObserved(readEvent(event), "ase@nordlys.example").item;
const traits = (event: object) => toObserved(readEvent({ ...blank, ...event }), "ASE@nordlys.example").traits;

const exchangeZone = (item: Appointment) => exchangeProject(item, home).timeZone;
/** A series whose first hour comes twice cannot be said; see "refuses". */
const writable = appointment.filter(
  (item) =>
    item.recurrenceRule === null ||
    project({ ...item, recurrenceRule: null }, home).timeZone === exchangeZone(item),
);

describe("mapping", () => {
  it("reads what it wrote as the projection says, and writes what Microsoft's schema allows", () => {
    fc.assert(
      fc.property(writable, (item) => {
        const body = newBody(item);
        expect(schemaViolation("eventCreate", body)).toBeUndefined();
        expect(differences(appointmentKind, read(stored(body)), project(item, home))).toEqual([]);
      }),
    );
  });

  it("projects once and for all", () => {
    fc.assert(
      fc.property(appointment, (item) => {
        const once = project(item, home);
        expect(project(once, home)).toEqual(once);
      }),
    );
  });

  it("patches every field on any item, and only it", () => {
    const fields = Object.keys(plain) as (keyof Appointment)[];
    fc.assert(
      fc.property(writable, writable, fc.subarray(fields), (from, to, names) => {
        const before = stored(newBody(from));
        const was = read(before);
        const target = project(to, home);
        const patch = Object.fromEntries(names.map((name) => [name, target[name]])) as AppointmentPatch;
        // Half of a series' time has no meaning without the other half.
        fc.pre(was.recurrenceRule === null && !(names.includes("recurrenceRule") && target.recurrenceRule));
        fc.pre(names.includes("time") === names.includes("timeZone"));
        const item = readEvent(before);
        const body = eventBody(fieldsOfPatch(patch, item, home), item);
        expect(schemaViolation("eventWrite", body)).toBeUndefined();
        expect(differences(appointmentKind, read(stored(body, before)), { ...was, ...patch })).toEqual([]);
      }),
    );
  });

  it("names nobody and nothing that was not asked for", () => {
    const current = readEvent(stored(newBody(plain)));
    expect(eventBody(fieldsOfPatch({}, current, home), current)).toEqual({});
    expect(eventBody(fieldsOfPatch({ title: "New" }, current, home), current)).toEqual({ subject: "New" });
    expect(Object.keys(newBody(plain))).not.toContain("attendees");
  });

  it("moves a series into another zone together with its rule", () => {
    const series = { ...plain, recurrenceRule: { ...noRule, end: { kind: "count", count: 3 } } } as const;
    const current = readEvent(stored(newBody(series)));
    const body = eventBody(fieldsOfPatch({ timeZone: "America/New_York" }, current, home), current);
    expect(body["start"]).toEqual({ dateTime: "2026-03-02T03:00:00", timeZone: "Eastern Standard Time" });
    expect(body["recurrence"]).toMatchObject({ range: { recurrenceTimeZone: "Eastern Standard Time" } });
  });
});

describe("times", () => {
  it("in the hour that comes twice are said in UTC", () => {
    expect(newBody(doubled)["start"]).toEqual({ dateTime: "2026-10-25T01:30:00", timeZone: "UTC" });
    expect(newBody(doubled)["end"]).toMatchObject({ timeZone: "W. Europe Standard Time" });
    expect(differences(appointmentKind, read(stored(newBody(doubled))), project(doubled, home))).toEqual([]);
  });

  it("of a series that begins in that hour are refused", () => {
    expect(() => newBody({ ...doubled, recurrenceRule: noRule })).toThrow("twice");
  });

  it("are read in any zone that has a name, and refused in one that has none", () => {
    const start = { dateTime: "2026-03-02T09:00:00.0000000", timeZone: "W. Europe Standard Time" };
    const end = { dateTime: "2026-03-02T10:00:00.0000000", timeZone: "Europe/Oslo" };
    expect(read({ ...blank, start, end }).time).toEqual(plain.time);
    const nowhere = { ...start, timeZone: "tzone://Microsoft/Custom" };
    expect(() => readEvent({ ...blank, start: nowhere })).toThrow("time zone");
  });

  it("of all-day events are days, whatever zone they were made in", () => {
    const days = {
      isAllDay: true,
      start: { dateTime: "2026-05-04T00:00:00.0000000", timeZone: "UTC" },
      end: { dateTime: "2026-05-05T00:00:00.0000000", timeZone: "UTC" },
    };
    const day = { showWithoutTime: true, start: "2026-05-04", end: "2026-05-05" };
    for (const originalStartTimeZone of ["Tokyo Standard Time", "UTC", "tzone://Microsoft/Custom", null]) {
      expect(read({ ...blank, ...days, originalStartTimeZone }).time).toEqual(day);
    }
    const shifted = {
      ...days,
      originalStartTimeZone: "Tokyo Standard Time",
      start: { dateTime: "2026-05-03T15:00:00.0000000", timeZone: "UTC" },
      end: { dateTime: "2026-05-04T15:00:00.0000000", timeZone: "UTC" },
    };
    expect(read({ ...blank, ...shifted }).time).toEqual(day);
  });
});

describe("what is not positively read", () => {
  it.each([
    ["a missing subject", { subject: undefined }, "subject"],
    ["markup instead of text", { body: { contentType: "html", content: "<p>x</p>" } }, "body"],
    ["an unknown status", { showAs: "asleep" }, "showAs"],
    [
      "a reminder without its minutes",
      { isReminderOn: true, reminderMinutesBeforeStart: null },
      "reminderMinutes",
    ],
  ])("%s makes the item unreadable", (_, patch, reason) => {
    expect(() => readEvent({ ...blank, ...patch })).toThrow(reason);
  });

  const pattern = { type: "daily", interval: 1 };
  const range = { type: "noEnd", startDate: "2026-03-02", recurrenceTimeZone: "UTC" };
  it.each([
    ["a pattern of another kind", { pattern: { ...pattern, type: "hourly" }, range }],
    [
      "days that are no set of Exchange's",
      {
        pattern: { type: "relativeMonthly", interval: 1, index: "second", daysOfWeek: ["monday", "friday"] },
        range,
      },
    ],
    ["a clock of its own", { pattern, range: { ...range, recurrenceTimeZone: "Tokyo Standard Time" } }],
    [
      "weeks that begin on Saturday",
      {
        pattern: {
          type: "weekly",
          interval: 2,
          daysOfWeek: ["monday", "sunday"],
          firstDayOfWeek: "saturday",
        },
        range,
      },
    ],
    ["no rule at all", null],
  ])("a series with %s is told as unknown, and its times are not written", (_, recurrence) => {
    const event = { type: "seriesMaster", recurrence };
    expect(traits(event).recurrenceUnknown).toBe(true);
    const current = readEvent({ ...blank, ...event });
    expect(() => fieldsOfPatch({ time: plain.time }, current, home)).toThrow("not understood");
  });

  it("every second year reads as every 24 months, by either word", () => {
    const twoYears = { type: "absoluteYearly", interval: 2, dayOfMonth: 2, month: 3 };
    const rule = read({
      ...blank,
      type: "seriesMaster",
      recurrence: { pattern: twoYears, range },
    }).recurrenceRule;
    expect(rule).toMatchObject({ frequency: "monthly", interval: 24, byMonthDay: 2 });
  });
});

describe("traits", () => {
  const guest = { emailAddress: { address: "ola@example.com", name: "Ola" }, type: "required" };
  const self = { emailAddress: { address: "Ase@nordlys.example" }, type: "required" };

  it("count other people, and tell whose meeting it is", () => {
    expect(traits({})).toEqual({ participants: 0, invited: false, exceptions: 0, recurrenceUnknown: false });
    expect(traits({ attendees: [guest, self] })).toMatchObject({ participants: 1, invited: false });
    expect(traits({ isOrganizer: false, organizer: guest, attendees: [self] })).toMatchObject({
      participants: 1,
      invited: true,
    });
  });

  it("find the stamp however Exchange spells its property", () => {
    const id = "String {8A0B6A1C-5D0E-4F0B-9C53-6C1F0F3A7E21} Name EverlinkKey";
    const singleValueExtendedProperties = [{ id, value: "el.1" }];
    expect(readEvent({ ...blank, singleValueExtendedProperties }).key).toBe("el.1");
    expect(readEvent(blank).key).toBeNull();
  });
});

it("the body of an online meeting is left alone: its joining link would end", () => {
  const current = readEvent({ ...blank, isOnlineMeeting: true });
  expect(() => eventBody({ body: "x" }, current)).toThrow("online meeting");
  expect(eventBody({ subject: "x" }, current)).toEqual({ subject: "x" });
});
