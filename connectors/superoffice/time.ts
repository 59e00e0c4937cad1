import { DateTime } from "luxon";
import type { AppointmentTime } from "../../core/items/appointment.ts";

/** A moment of the wire; one without an offset is UTC, for that is what every request asks for. */
export function moment(wire: string): DateTime<true> {
  const parsed = DateTime.fromISO(wire, { zone: "utc" });
  if (!parsed.isValid) throw new RangeError("not a date");
  return parsed;
}

/** The same in milliseconds since 1970; a listing has thousands, and this takes a tenth of the time. */
export function momentMs(wire: string): number {
  return Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(wire) ? wire : `${wire}Z`);
}

/** `2026-03-02T08:00:00Z`; SuperOffice keeps seconds, not fractions. */
export function instant(at: DateTime): string {
  const text = at.toUTC().startOf("second").toISO({ suppressMilliseconds: true });
  if (text === null) throw new RangeError("not a date");
  return text;
}

/** The day that a moment falls on in `zone`. */
export function dayIn(wire: string, zone: string): string {
  return moment(wire).setZone(zone).toFormat("yyyy-MM-dd");
}

/** The same clock time in `zone`, whole days later. */
export function shifted(wire: string, days: number, zone: string): string {
  return instant(moment(wire).setZone(zone).plus({ days }));
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

export function plusDays(day: string, days: number): string {
  return DateTime.fromISO(day, { zone: "utc" }).plus({ days }).toFormat("yyyy-MM-dd");
}

/**
 * An all-day row runs from the first midnight of the tenant's zone to somewhere on its last day; which moment that is
 * (23:59:59, 23:59 or the midnight after) no document says, so all of them are read.
 */
export function readTime(
  row: { StartDate: string; EndDate: string; IsAlldayEvent: boolean },
  zone: string,
): AppointmentTime {
  if (!row.IsAlldayEvent) {
    return {
      showWithoutTime: false,
      start: instant(moment(row.StartDate)),
      end: instant(moment(row.EndDate)),
    };
  }
  const start = dayIn(row.StartDate, zone);
  const end = moment(row.EndDate).setZone(zone);
  const endDay = end.toFormat("yyyy-MM-dd");
  const atMidnight = end.hour === 0 && end.minute === 0;
  const exclusive = atMidnight && endDay > start ? endDay : plusDays(endDay > start ? endDay : start, 1);
  return { showWithoutTime: true, start, end: exclusive };
}

/** The inverse of `readTime`; the end of an all-day row is its last second. */
export function writeTime(
  time: AppointmentTime,
  zone: string,
): { StartDate: string; EndDate: string; IsAlldayEvent: boolean } {
  if (!time.showWithoutTime) {
    return { StartDate: time.start, EndDate: time.end, IsAlldayEvent: false };
  }
  return {
    StartDate: instant(midnight(time.start, zone)),
    EndDate: instant(midnight(time.end, zone).minus({ seconds: 1 })),
    IsAlldayEvent: true,
  };
}

/** The first moment of a day; some zones have days without a 00:00. */
function midnight(day: string, zone: string): DateTime {
  return DateTime.fromISO(day, { zone }).startOf("day");
}

/** Minutes of a time span `[d.]hh:mm:ss[.fff]`; a negative one counts as none. */
export function spanMinutes(span: string): number | undefined {
  const match = /^(?:(\d+)\.)?(\d{2}):(\d{2}):\d{2}/.exec(span);
  if (!match) return undefined;
  return Number(match[1] ?? 0) * 1440 + Number(match[2]) * 60 + Number(match[3]);
}

export function minutesSpan(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const days = Math.floor(minutes / 1440);
  const clock = `${two(Math.floor((minutes % 1440) / 60))}:${two(minutes % 60)}:00`;
  return days > 0 ? `${days}.${clock}` : clock;
}
