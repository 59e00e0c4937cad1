import type {
  Appointment,
  AppointmentField,
  AppointmentTime,
  OccurrencePatch,
  OverrideField,
  RecurrenceOverride,
  RecurrenceRule,
} from "./appointment.ts";
import { localDate, mayOccur } from "./expand.ts";
import { occurrenceFields, overrideFor, overridesOf, withOverrides } from "./overrides.ts";
import { normalizeLine, normalizeText } from "./text.ts";
import { weekdays } from "./weekdays.ts";

export { weekdays } from "./weekdays.ts";

/** The fields that every appointment has; overrides come on top. */
export type PlainField = Exclude<AppointmentField, OverrideField>;

export const appointmentFields: readonly PlainField[] = [
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
  [Field in PlainField]: (value: Appointment[Field]) => Appointment[Field];
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
  const series: Appointment = {
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
  return withOverrides(series, normalOverrides(item, series));
}

/** Only for dates that the rule has, and only what makes them different from what the rule makes of them. */
function normalOverrides(item: Appointment, series: Appointment): [string, RecurrenceOverride | null][] {
  const { recurrenceRule } = series;
  const overrides = recurrenceRule === null ? [] : overridesOf(item);
  if (recurrenceRule === null || overrides.length === 0) return [];
  const first = localDate(series);
  return overrides
    .filter(([date]) => mayOccur(first, recurrenceRule, date))
    .map(([date, override]) => [
      date,
      override.excluded === true
        ? { excluded: true }
        : overrideFor(series, date, normalizeOccurrence(override)),
    ]);
}

function normalizeOccurrence(given: OccurrencePatch): OccurrencePatch {
  const normal: OccurrencePatch = {};
  for (const field of occurrenceFields) {
    const normalizeOne = normalizeField[field] as (value: unknown) => unknown;
    if (given[field] !== undefined) Object.assign(normal, { [field]: normalizeOne(given[field]) });
  }
  return normal;
}

function normalizeTime(time: AppointmentTime): AppointmentTime {
  return time.showWithoutTime
    ? { showWithoutTime: true, start: time.start.slice(0, 10), end: time.end.slice(0, 10) }
    : { showWithoutTime: false, start: instant(time.start), end: instant(time.end) };
}

/** Of days that every month has. */
const wholeSecond = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3])(?::[0-5]\d){2}Z$/u;

/** Whole seconds in UTC. */
function instant(text: string): string {
  if (wholeSecond.test(text)) return text;
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
