import type { Appointment, RecurrenceRule } from "../../core/items/appointment.ts";
import { appointmentKind } from "../../core/items/appointment-kind.ts";
import type { KindExamples } from "./item-store.suite.ts";

/** An hour on a Monday in March 2026, Oslo time; tests name what matters to them. */
export function appointment(patch: Partial<Appointment> = {}): Appointment {
  return {
    title: "Site visit",
    description: "",
    location: "",
    time: { showWithoutTime: false, start: "2026-03-02T08:00:00Z", end: "2026-03-02T09:00:00Z" },
    timeZone: "Europe/Oslo",
    freeBusyStatus: "busy",
    privacy: "public",
    alertMinutes: 15,
    recurrenceRule: null,
    ...patch,
  };
}

export function allDay(start: string, end: string): Pick<Appointment, "time" | "timeZone"> {
  return { time: { showWithoutTime: true, start, end }, timeZone: null };
}

export function timed(start: string, end: string): Pick<Appointment, "time"> {
  return { time: { showWithoutTime: false, start, end } };
}

/** Every second Monday and Wednesday, six times. */
export const weekly: RecurrenceRule = {
  frequency: "weekly",
  interval: 2,
  byDay: ["mo", "we"],
  nthOfPeriod: null,
  byMonthDay: null,
  byMonth: null,
  end: { kind: "count", count: 6 },
};

const plain = appointment({ description: "Bring the drawings", location: "Room 1" });

/** Series have promises of their own: `recurrence.suite.ts`. */
export const appointmentExamples: KindExamples<Appointment> = {
  kind: appointmentKind,
  plain,
  named: (title) => ({ title }),
  nameOf: ({ title }) => title,
  shapes: {
    "an hour": appointment(),
    "all day": appointment({
      title: "Trade fair",
      ...allDay("2026-05-04", "2026-05-05"),
      freeBusyStatus: "free",
    }),
    "three days": appointment({ title: "Offsite", ...allDay("2026-05-11", "2026-05-14") }),
    "across midnight": appointment(timed("2026-06-01T21:30:00Z", "2026-06-02T00:15:00Z")),
    "no time at all": appointment(timed("2026-06-03T10:00:00Z", "2026-06-03T10:00:00Z")),
    "across the change to summer time": appointment(timed("2026-03-28T23:30:00Z", "2026-03-29T02:30:00Z")),
    "out of office, private, no alert": appointment({
      freeBusyStatus: "out-of-office",
      privacy: "private",
      alertMinutes: null,
    }),
    "markup and other alphabets": appointment({
      title: `R&D <b>"Ærlig"</b> 日本語 🎉 'x'`,
      description: "First line\n\n  indented & <not> markup\n]]> end",
      location: "Café №5, Åsgårdstrand",
    }),
  },
  patches: {
    title: { title: "Another title" },
    description: { description: "Another\ntext" },
    "an empty description": { description: "" },
    location: { location: "Elsewhere" },
    time: timed("2026-04-02T12:00:00Z", "2026-04-02T12:45:00Z"),
    "time to all day": allDay("2026-04-03", "2026-04-04"),
    zone: { timeZone: "Europe/London" },
    status: { freeBusyStatus: "free" },
    privacy: { privacy: "private" },
    "no alert": { alertMinutes: null },
    alert: { alertMinutes: 30 },
    recurrence: { recurrenceRule: weekly },
  },
  thorough: { title: "Ours", ...timed("2026-04-07T07:00:00Z", "2026-04-07T08:00:00Z") },
  away: timed("2036-03-02T08:00:00Z", "2036-03-02T09:00:00Z"),
};
