import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Appointment, AppointmentPatch, RecurrenceRule } from "../../core/items/appointment.ts";
import { appointmentKind } from "../../core/items/appointment-kind.ts";
import { differences } from "../../core/items/compare.ts";
import { normalizeAppointment } from "../../core/items/normalize.ts";
import { fieldsOfNew, fieldsOfPatch, inWindow, project, toObserved, type EwsFields } from "./map.ts";
import type { EwsItem } from "./reading.ts";
import { appointment, noRule, zones } from "./testing/appointments.ts";

const home = "Europe/Oslo";

/** What Exchange holds after these fields were written: nothing else is known of it, nothing is lost. */
function stored(fields: EwsFields, before: Partial<EwsItem> = {}): EwsItem {
  const zone = fields.zone === undefined ? {} : { startTimeZone: { id: fields.zone, biases: [] } };
  return {
    id: "AAMk=",
    changeKey: "c2",
    type: fields.recurrence ? "RecurringMaster" : "Single",
    uid: "uid",
    key: null,
    subject: "",
    body: "",
    location: "",
    start: "",
    end: "",
    allDay: false,
    startTimeZone: null,
    busy: "Busy",
    sensitivity: "Normal",
    reminder: null,
    recurrence: null,
    lastOccurrenceEnd: null,
    modifiedOccurrences: [],
    deletedOccurrences: [],
    untoldOccurrences: 0,
    attendees: [],
    organizer: null,
    received: false,
    ...before,
    ...Object.fromEntries(Object.entries(fields).filter(([name]) => name !== "zone")),
    ...zone,
    ...(fields.subject === null ? { subject: "" } : {}),
    ...(fields.location === null ? { location: "" } : {}),
  };
}

const read = (item: EwsItem) => toObserved(item, "ase@nordlys.example").item;

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

describe("mapping", () => {
  it("reads what it wrote as the projection says", () => {
    fc.assert(
      fc.property(appointment, (item) => {
        const back = read(stored(fieldsOfNew(item, home)));
        expect(differences(appointmentKind, back, project(item, home))).toEqual([]);
      }),
    );
  });

  it("projects once and for all", () => {
    fc.assert(
      fc.property(appointment, (item) => {
        const once = project(item, home);
        expect(project(once, home)).toEqual(once);
        expect(normalizeAppointment(once)).toEqual(once);
      }),
    );
  });

  it("patches every field on any item, and only it", () => {
    const fields = Object.keys(plain) as (keyof Appointment)[];
    fc.assert(
      fc.property(appointment, appointment, fc.subarray(fields), (from, to, names) => {
        const before = stored(fieldsOfNew(from, home));
        const was = read(before);
        const target = project(to, home);
        const patch = Object.fromEntries(names.map((name) => [name, target[name]])) as AppointmentPatch;
        // Half of a series' time has no meaning without the other half.
        fc.pre(was.recurrenceRule === null && !(names.includes("recurrenceRule") && target.recurrenceRule));
        fc.pre(names.includes("time") === names.includes("timeZone"));
        const after = read(stored(fieldsOfPatch(patch, before, home), before));
        expect(differences(appointmentKind, after, { ...was, ...patch })).toEqual([]);
      }),
    );
  });

  it("writes nothing for an empty patch, and the body only when it is named", () => {
    const current = stored(fieldsOfNew(plain, home));
    expect(fieldsOfPatch({}, current, home)).toEqual({});
    expect(fieldsOfPatch({ title: "New" }, current, home)).toEqual({ subject: "New" });
    expect(fieldsOfPatch({ time: plain.time }, current, home)).toEqual({
      start: "2026-03-02T08:00:00Z",
      end: "2026-03-02T09:00:00Z",
    });
    expect(fieldsOfPatch({ title: "", description: "", alertMinutes: null }, current, home)).toEqual({
      subject: null,
      body: "",
      reminder: null,
    });
  });

  it("moves a series with its date, and by the hour without its rule", () => {
    const current = stored(
      fieldsOfNew({ ...plain, recurrenceRule: { ...noRule, frequency: "weekly", byDay: ["mo"] } }, home),
    );
    const hourLater = {
      showWithoutTime: false as const,
      start: "2026-03-02T09:00:00Z",
      end: "2026-03-02T10:00:00Z",
    };
    expect(fieldsOfPatch({ time: hourLater }, current, home)).not.toHaveProperty("recurrence");
    const weekLater = {
      showWithoutTime: false as const,
      start: "2026-03-09T08:00:00Z",
      end: "2026-03-09T09:00:00Z",
    };
    expect(fieldsOfPatch({ time: weekLater }, current, home).recurrence?.range).toEqual({
      kind: "NoEnd",
      start: "2026-03-09",
    });
  });
});

describe("all-day items", () => {
  it("are dates of their own zone, whichever it is", () => {
    for (const zone of zones) {
      const item: Appointment = {
        ...plain,
        timeZone: null,
        time: { showWithoutTime: true, start: "2026-03-29", end: "2026-03-30" },
      };
      expect(read(stored(fieldsOfNew(item, zone))).time).toEqual(item.time);
    }
  });

  const custom = (start: string, end: string, biases: number[]) =>
    stored({}, { start, end, allDay: true, startTimeZone: { id: "Customized Time Zone", biases } });

  it("of a zone without a name are told by the distance that makes a midnight", () => {
    expect(read(custom("2026-06-30T22:00:00Z", "2026-07-01T22:00:00Z", [-60, -120])).time).toEqual({
      showWithoutTime: true,
      start: "2026-07-01",
      end: "2026-07-02",
    });
  });

  it("are not guessed when no distance does", () => {
    expect(() => read(custom("2026-06-30T21:00:00Z", "2026-07-01T21:00:00Z", [-60, -120]))).toThrow(
      "the day",
    );
  });

  it("keep their zone when they move, and get the mailbox's when they become all-day", () => {
    const time = { showWithoutTime: true as const, start: "2026-07-01", end: "2026-07-02" };
    const tokyo = stored(fieldsOfNew({ ...plain, timeZone: null, time }, "Asia/Tokyo"));
    const moved = fieldsOfPatch({ time: { ...time, end: "2026-07-03" } }, tokyo, home);
    expect(moved).toEqual({ start: "2026-06-30T15:00:00Z", end: "2026-07-02T15:00:00Z" });
    const timed = stored(fieldsOfNew({ ...plain, timeZone: "Asia/Tokyo" }, home));
    expect(fieldsOfPatch({ time }, timed, home)).toEqual({
      start: "2026-06-30T22:00:00Z",
      end: "2026-07-01T22:00:00Z",
      allDay: true,
      zone: "W. Europe Standard Time",
    });
  });
});

describe("traits", () => {
  const base = stored(fieldsOfNew(plain, home));
  const traits = (over: Partial<EwsItem>) => toObserved({ ...base, ...over }, "Ase@nordlys.example").traits;

  it("count other people, not the owner under any of their addresses", () => {
    expect(traits({ organizer: "alias@nordlys.example" }).participants).toBe(0);
    expect(traits({ attendees: ["ase@nordlys.example", "ola@example.com"] }).participants).toBe(1);
    expect(
      traits({ organizer: "ola@example.com", received: true, attendees: ["ase@nordlys.example"] }),
    ).toMatchObject({
      participants: 1,
      invited: true,
    });
  });

  it("tell exceptions, and series that cannot be told", () => {
    const occurrences = {
      modifiedOccurrences: [{ id: "occurrence", originalStart: "2026-03-09T08:00:00Z" }],
      deletedOccurrences: ["2026-03-16T08:00:00Z"],
    };
    expect(traits(occurrences).exceptions).toBe(2);
    expect(traits({ recurrence: "unreadable" }).recurrenceUnknown).toBe(true);
    const everyOtherWeek = {
      pattern: { kind: "Weekly" as const, interval: 2, days: ["Monday", "Sunday"], firstDay: "Sunday" },
      range: { kind: "NoEnd" as const, start: "2026-03-02" },
    };
    expect(traits({ recurrence: everyOtherWeek }).recurrenceUnknown).toBe(true);
    const daily = { ...everyOtherWeek, pattern: { kind: "Daily" as const, interval: 1 } };
    expect(traits({ recurrence: daily }).recurrenceUnknown).toBe(false);
    expect(traits({ recurrence: daily, startTimeZone: null }).recurrenceUnknown).toBe(true);
  });

  it("keep what was not understood from being written", () => {
    const current: EwsItem = { ...base, recurrence: "unreadable" };
    expect(() => fieldsOfPatch({ time: plain.time }, current, home)).toThrow("not understood");
    expect(fieldsOfPatch({ title: "x" }, current, home)).toEqual({ subject: "x" });
  });

  it("place a series that is not understood by its last occurrence", () => {
    const item: EwsItem = { ...base, recurrence: "unreadable", lastOccurrenceEnd: "2026-06-01T09:00:00Z" };
    const observed = toObserved(item, "");
    const summer = { from: "2026-06-01T00:00:00Z", to: "2026-07-01T00:00:00Z" };
    expect(inWindow(item, observed, summer)).toBe(true);
    expect(inWindow(item, observed, { ...summer, from: "2026-06-02T00:00:00Z" })).toBe(false);
  });
});

it("a rule for which Exchange has no word is refused, not rounded", () => {
  const impossible: RecurrenceRule = { ...noRule, frequency: "monthly", byDay: ["mo", "th"], nthOfPeriod: 2 };
  expect(() => fieldsOfNew({ ...plain, recurrenceRule: impossible }, home)).toThrow("no word");
  expect(() => fieldsOfNew({ ...plain, timeZone: "Antarctica/Troll", recurrenceRule: noRule }, home)).toThrow(
    "zone",
  );
});
