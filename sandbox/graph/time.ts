import {
  ianaToWindows,
  readTime,
  toLocal,
  windowsZone,
  type Zone,
  type ZoneReference,
} from "../exchange/timezones.ts";
import { badRequest } from "./errors.ts";

export interface DateTimeTimeZone {
  dateTime: string;
  timeZone: string;
}

/** A zone as a client names it: the Windows name or an IANA one. */
export interface NamedZone {
  /** As the client wrote it; answers repeat it. */
  name: string;
  reference: ZoneReference;
  zone: Zone;
}

export const utcZone = namedZone("UTC");

/** @throws GraphError `TimeZoneNotSupportedException` */
export function namedZone(name: string): NamedZone {
  const direct = windowsZone(name);
  if (direct) return { name, reference: { id: direct.id }, zone: direct };
  const windows = ["Etc/UTC", "Etc/GMT", "GMT"].includes(name) ? "UTC" : ianaToWindows(name);
  const zone = windows === "UTC" && !/^(Etc\/|GMT)/.test(name) ? undefined : windowsZone(windows);
  if (!zone) {
    throw badRequest(
      "TimeZoneNotSupportedException",
      `A valid TimeZone value must be specified. The following TimeZone value is not supported: '${name}'.`,
    );
  }
  return { name, reference: { id: zone.id }, zone };
}

/** `2026-03-02T09:00:00.0000000` with the zone's name. */
export function writeTime(utc: number, { name, zone }: NamedZone): DateTimeTimeZone {
  return { dateTime: `${new Date(toLocal(zone, utc)).toISOString().slice(0, 19)}.0000000`, timeZone: name };
}

/** An instant as `Edm.DateTimeOffset`. */
export function instant(utc: number): string {
  return `${new Date(utc).toISOString().slice(0, 19)}Z`;
}

/** A `dateTimeTimeZone` as an instant; a trailing `Z` counts for more than the zone. */
export function readDateTime({ dateTime, timeZone }: DateTimeTimeZone): number {
  return readTime(dateTime.replace(/\.\d+/, ""), namedZone(timeZone).zone);
}

/** A moment of a query parameter; without an offset it is UTC. */
export function readMoment(text: string | undefined, name: string): number {
  // A plus sign of an offset arrives as a space unless the client escaped it.
  const clean = (text ?? "").replace(/ (?=\d\d:\d\d$)/, "+").replace(/\.\d+/, "");
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/.test(clean)) {
    throw badRequest(
      "ErrorInvalidParameter",
      `This request requires a time window specified by the query string parameters StartDateTime and EndDateTime; ${name} is missing or is no time.`,
    );
  }
  const whole = clean.length === 10 ? `${clean}T00:00:00` : clean;
  return Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(whole) ? whole : `${whole}Z`);
}
