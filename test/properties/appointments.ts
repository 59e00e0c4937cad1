import * as fc from "fast-check";
import type {
  Appointment,
  AppointmentTime,
  FreeBusyStatus,
  OccurrencePatch,
  RecurrenceOverride,
  RecurrenceRule,
} from "../../core/items/appointment.ts";
import { localDate, occurrenceDates } from "../../core/items/expand.ts";
import { withOverrides } from "../../core/items/overrides.ts";

export const weekly: RecurrenceRule = {
  frequency: "weekly",
  interval: 1,
  byDay: ["mo"],
  nthOfPeriod: null,
  byMonthDay: null,
  byMonth: null,
  end: { kind: "count", count: 5 },
};

const start = fc.integer({ min: Date.UTC(2026, 1, 1) / 60_000, max: Date.UTC(2026, 11, 1) / 60_000 });
const time: fc.Arbitrary<AppointmentTime> = fc.oneof(
  fc.tuple(start, fc.integer({ min: 0, max: 3_000 })).map(([from, minutes]) => ({
    showWithoutTime: false as const,
    start: iso(from),
    end: iso(from + minutes),
  })),
  fc.tuple(start, fc.integer({ min: 1, max: 10 })).map(([from, days]) => ({
    showWithoutTime: true as const,
    start: iso(from).slice(0, 10),
    end: iso(from + days * 1_440).slice(0, 10),
  })),
);

const statuses: FreeBusyStatus[] = ["free", "tentative", "busy", "out-of-office", "working-elsewhere"];

const plain: fc.Arbitrary<Appointment> = fc.record({
  title: fc.constantFrom("", "Lunch", "Site visit", "R&D <x>", "  spaced  out "),
  description: fc.constantFrom("", "One\r\ntwo  \n\n", "Three"),
  location: fc.constantFrom("", "Oslo", "Bergen"),
  time,
  timeZone: fc.constantFrom(null, "Europe/Oslo", "America/New_York"),
  freeBusyStatus: fc.constantFrom(...statuses),
  privacy: fc.constantFrom("public" as const, "private" as const),
  alertMinutes: fc.constantFrom(null, 0, 15, 30),
  recurrenceRule: fc.constantFrom(null, weekly, { ...weekly, interval: 2 }),
});

export const overrides: fc.Arbitrary<RecurrenceOverride> = fc.oneof(
  fc.constant<RecurrenceOverride>({ excluded: true }),
  fc.record<OccurrencePatch>(
    {
      title: fc.constantFrom("Lunch", "Moved lunch"),
      location: fc.constantFrom("", "Bergen"),
      time,
      alertMinutes: fc.constantFrom(null, 15),
    },
    { requiredKeys: [] },
  ),
);

/** Any appointment that both sides can hold; few distinct texts and dates, so that edits meet. */
export const appointments: fc.Arbitrary<Appointment> = fc
  .tuple(plain, fc.array(fc.tuple(fc.nat(4), overrides), { maxLength: 2 }))
  .map(([item, list]) => {
    if (item.recurrenceRule === null) return item;
    const dates = [...occurrenceDates(localDate(item), item.recurrenceRule)];
    return withOverrides(
      item,
      list.flatMap(([number, override]) => {
        const date = dates[number];
        return date === undefined ? [] : [[date, override] as const];
      }),
    );
  });

function iso(minutes: number): string {
  return `${new Date(minutes * 60_000).toISOString().slice(0, 19)}Z`;
}
