import type { Appointment } from "../../core/items/appointment.ts";

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
