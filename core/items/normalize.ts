import type {
  Appointment,
  AppointmentField,
  AppointmentTime,
  RecurrenceRule,
  Weekday,
} from "./appointment.ts";
import { normalizeLine, normalizeText } from "./text.ts";

/** Monday first, as ISO 8601 counts. */
export const weekdays: readonly Weekday[] = ["mo", "tu", "we", "th", "fr", "sa", "su"];

export const appointmentFields: readonly AppointmentField[] = [
  "title",
  "description",
  "location",
  "time",
  "timeZone",
  "freeBusyStatus",
  "privacy",
  "alertMinutes",
  "recurrenceRule",
];

/**
 * The one spelling of a value, per field: equal values have equal normal forms. Idempotent; total for values of
 * the type (an unreadable instant stays as it is and is `validate`'s matter).
 */
export const normalizeField: {
  [Field in AppointmentField]: (value: Appointment[Field]) => Appointment[Field];
} = {
  title: normalizeLine,
  description: normalizeText,
  location: normalizeLine,
  time: normalizeTime,
  timeZone: (zone) => (zone === "" ? null : zone),
  freeBusyStatus: (status) => status,
  privacy: (privacy) => privacy,
  alertMinutes: (minutes) => (minutes === null ? null : Math.max(0, Math.round(minutes))),
  recurrenceRule: (rule) => (rule === null ? null : normalizeRule(rule)),
};

export function normalizeAppointment(item: Appointment): Appointment {
  const time = normalizeTime(item.time);
  return {
    title: normalizeField.title(item.title),
    description: normalizeField.description(item.description),
    location: normalizeField.location(item.location),
    time,
    timeZone: time.showWithoutTime ? null : normalizeField.timeZone(item.timeZone),
    freeBusyStatus: item.freeBusyStatus,
    privacy: item.privacy,
    alertMinutes: normalizeField.alertMinutes(item.alertMinutes),
    recurrenceRule: normalizeField.recurrenceRule(item.recurrenceRule),
  };
}

function normalizeTime(time: AppointmentTime): AppointmentTime {
  return time.showWithoutTime
    ? { showWithoutTime: true, start: time.start.slice(0, 10), end: time.end.slice(0, 10) }
    : { showWithoutTime: false, start: instant(time.start), end: instant(time.end) };
}

/** Whole seconds in UTC. */
function instant(text: string): string {
  const at = Date.parse(text);
  return Number.isNaN(at) ? text : `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** Parts that the frequency does not use are emptied; days are unique and in the week's order. */
function normalizeRule(rule: RecurrenceRule): RecurrenceRule {
  const days = weekdays.filter((day) => rule.byDay.includes(day));
  const relative = rule.frequency === "monthly" || rule.frequency === "yearly" ? rule.nthOfPeriod : null;
  return {
    frequency: rule.frequency,
    interval: rule.interval,
    byDay: rule.frequency === "weekly" || relative !== null ? days : [],
    nthOfPeriod: relative,
    byMonthDay:
      relative === null && (rule.frequency === "monthly" || rule.frequency === "yearly")
        ? rule.byMonthDay
        : null,
    byMonth: rule.frequency === "yearly" ? rule.byMonth : null,
    end:
      rule.end.kind === "until"
        ? { kind: "until", date: rule.end.date.slice(0, 10) }
        : rule.end.kind === "count"
          ? { kind: "count", count: rule.end.count }
          : { kind: "endless" },
  };
}
