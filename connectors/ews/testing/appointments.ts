import * as fc from "fast-check";
import type { Appointment, RecurrenceRule, Weekday } from "../../../core/items/appointment.ts";
import { weekdays } from "../../../core/items/normalize.ts";

/** Appointments of every kind that both systems can tell, in zones with every kind of rule. */

export const noRule: RecurrenceRule = {
  frequency: "daily",
  interval: 1,
  byDay: [],
  nthOfPeriod: null,
  byMonthDay: null,
  byMonth: null,
  end: { kind: "endless" },
};

export const zones = (
  "Europe/Oslo America/New_York Asia/Kolkata Pacific/Auckland Etc/UTC America/St_Johns " +
  "Australia/Lord_Howe Europe/Kyiv America/Sao_Paulo Asia/Kathmandu"
).split(" ");
const second = fc.integer({ min: Date.UTC(2020, 0, 1) / 1000, max: Date.UTC(2035, 0, 1) / 1000 });
const iso = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
const date = second.map((at) => iso(at).slice(0, 10));

const time = fc.oneof(
  fc
    .tuple(second, fc.integer({ min: 0, max: 400_000 }))
    .map(([at, length]) => ({ showWithoutTime: false as const, start: iso(at), end: iso(at + length) })),
  fc.tuple(second, fc.integer({ min: 1, max: 20 })).map(([at, days]) => ({
    showWithoutTime: true as const,
    start: iso(at).slice(0, 10),
    end: iso(at + days * 86_400).slice(0, 10),
  })),
);
const end = fc.oneof(
  fc.constant({ kind: "endless" as const }),
  fc.integer({ min: 1, max: 99 }).map((count) => ({ kind: "count" as const, count })),
  date.map((until) => ({ kind: "until" as const, date: until })),
);
const interval = fc.integer({ min: 1, max: 12 });
const daySet = fc.oneof(
  fc.constantFrom<Weekday>(...weekdays).map((day) => [day]),
  fc.constantFrom<Weekday[]>(weekdays.slice(0, 5), weekdays.slice(5), [...weekdays]),
);
const nth = fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const, -1 as const);
const monthDay = fc.integer({ min: 1, max: 31 });
const month = fc.integer({ min: 1, max: 12 });
const years = fc.integer({ min: 1, max: 8 });
const just = <Value>(value: Value) => fc.constant(value);
const ruleParts: fc.Arbitrary<Partial<RecurrenceRule>> = fc.oneof(
  fc.record({ frequency: just("daily" as const), interval }),
  fc.record({
    frequency: just("weekly" as const),
    interval,
    byDay: fc.subarray([...weekdays], { minLength: 1 }),
  }),
  fc.record({ frequency: just("monthly" as const), interval, byMonthDay: monthDay }),
  fc.record({ frequency: just("monthly" as const), interval, byDay: daySet, nthOfPeriod: nth }),
  fc.record({ frequency: just("yearly" as const), interval: years, byMonthDay: monthDay, byMonth: month }),
  fc.record({
    frequency: just("yearly" as const),
    interval: years,
    byDay: daySet,
    nthOfPeriod: nth,
    byMonth: month,
  }),
);
const rule: fc.Arbitrary<RecurrenceRule> = fc
  .tuple(ruleParts, end)
  .map(([parts, until]) => ({ ...noRule, ...parts, end: until }));
export const appointment: fc.Arbitrary<Appointment> = fc.record({
  title: fc.string({ unit: "binary", maxLength: 300 }),
  description: fc.string({ unit: "binary", maxLength: 300 }),
  location: fc.string({ maxLength: 300 }),
  time,
  timeZone: fc.option(fc.constantFrom(...zones)),
  freeBusyStatus: fc.constantFrom("free", "tentative", "busy", "out-of-office", "working-elsewhere"),
  privacy: fc.constantFrom("public", "private"),
  alertMinutes: fc.option(fc.integer({ min: 0, max: 40_320 })),
  recurrenceRule: fc.option(rule),
});
