/**
 * An appointment as both sides can tell it, in JSCalendar's words (RFC 8984).
 *
 * Each property is one *field*: it is compared, fingerprinted, merged and patched as a whole. What must not be
 * torn apart by a merge is one field (`time`: a start from one side with an end from the other is nonsense).
 */
export interface Appointment {
  title: string;
  /** Plain text, `\n` line ends. */
  description: string;
  location: string;
  time: AppointmentTime;
  /** IANA zone the appointment was made in; `null` when the system does not tell. All-day ones have none. */
  timeZone: string | null;
  freeBusyStatus: FreeBusyStatus;
  privacy: "public" | "private";
  /** Minutes before the start; `null` for no alert. */
  alertMinutes: number | null;
  recurrenceRule: RecurrenceRule | null;
  /**
   * `recurrenceOverrides/2026-03-09` (RFC 8984 §4.3.5, one by one as a PatchObject names them): an occurrence that is not
   * as the rule makes it. Each is a field of its own, so that two people may change two dates. `null`, which only
   * patches have, makes it regular again. See `overrides.ts`.
   */
  [occurrence: OverrideField]: RecurrenceOverride | null | undefined;
}

/**
 * Named by the local date of the original start in the series' zone. A rule makes one occurrence a day at most, so the
 * date says which one; unlike an instant or a clock time it survives a change of the series' time, hours that a clock
 * change skips or repeats, and systems with another idea of the zone.
 */
export type OverrideField = `recurrenceOverrides/${string}`;

export type RecurrenceOverride = { excluded: true } | OccurrencePatch;

/** What is different on that date; `time` as it is, not as a distance. */
export type OccurrencePatch = {
  excluded?: never;
  title?: string;
  description?: string;
  location?: string;
  time?: AppointmentTime;
  freeBusyStatus?: FreeBusyStatus;
  privacy?: "public" | "private";
  alertMinutes?: number | null;
};

/** Timed: UTC instants `2026-03-02T08:00:00Z`. All-day: dates, the end exclusive. */
export type AppointmentTime =
  | { showWithoutTime: false; start: string; end: string }
  | { showWithoutTime: true; start: string; end: string };

export type FreeBusyStatus = "free" | "tentative" | "busy" | "out-of-office" | "working-elsewhere";

export type Weekday = "mo" | "tu" | "we" | "th" | "fr" | "sa" | "su";

/**
 * The simple recurrences that both sides can hold (RFC 8984 §4.3.3, RFC 5545 §3.3.10).
 * `weekly` names its days; `monthly` and `yearly` are either absolute (`byMonthDay`) or relative
 * (`nthOfPeriod` with `byDay`: 1..4 or -1 for last).
 */
export interface RecurrenceRule {
  frequency: "daily" | "weekly" | "monthly" | "yearly";
  interval: number;
  byDay: Weekday[];
  nthOfPeriod: 1 | 2 | 3 | 4 | -1 | null;
  byMonthDay: number | null;
  /** 1..12, yearly only. */
  byMonth: number | null;
  /** `until` is the local date of the last possible start. */
  end: { kind: "endless" } | { kind: "count"; count: number } | { kind: "until"; date: string };
}

export type AppointmentField = keyof Appointment;
export type AppointmentPatch = Partial<Appointment>;
