import { DateTime, IANAZone } from "luxon";
import { findIana, findWindows } from "windows-iana";
import type { EwsZone } from "./reading.ts";

/** Exchange's own names that are no Windows zones. */
const named: Record<string, string> = { "tzone://Microsoft/Utc": "UTC" };

/**
 * The Windows zone of an IANA one (CLDR). Names that CLDR's table lacks are tried in ICU's spelling, which still
 * says `Europe/Kiev`. @returns `undefined` when Windows has none
 */
export function windowsZone(iana: string): string | undefined {
  return findWindows(iana)[0] ?? findWindows(icuName(iana) ?? "")[0];
}

/** The IANA zone that CLDR names first for a Windows zone, or the IANA name that a client put in its place. */
export function ianaZone(windows: string): string | null {
  const found = findIana(named[windows] ?? windows)[0];
  if (found !== undefined) return found;
  const own = windowsZone(windows);
  return own === undefined ? null : (findIana(own)[0] ?? null);
}

/** What an IANA zone reads as after Exchange held it; `null` when Exchange cannot. Idempotent. */
export function canonicalZone(iana: string): string | null {
  const windows = windowsZone(iana);
  return windows === undefined ? null : ianaZone(windows);
}

function icuName(iana: string): string | undefined {
  return IANAZone.isValidZone(iana)
    ? new Intl.DateTimeFormat("en", { timeZone: iana }).resolvedOptions().timeZone
    : undefined;
}

/** The instant at which a local date begins. */
export function midnight(date: string, iana: string): string {
  return utc(DateTime.fromISO(date, { zone: iana }).startOf("day"));
}

/** The local date of an instant. */
export function localDate(instant: string, iana: string): string {
  return DateTime.fromISO(instant, { zone: iana }).toISODate() ?? instant.slice(0, 10);
}

/**
 * The date of an all-day border. Exchange holds the instant at which the date begins in the item's own zone; the
 * nearest midnight there is meant. A zone that is not known by name still tells its distances from UTC: the one
 * that makes the instant a midnight.
 *
 * @returns `undefined` when no zone makes it a midnight: then nobody knows the date
 */
export function allDayDate(instant: string, zone: EwsZone | null): string | undefined {
  const iana = zone && ianaZone(zone.id);
  if (iana) {
    const local = DateTime.fromISO(instant, { zone: iana });
    return local.plus({ hours: 12 }).toISODate() ?? undefined;
  }
  const dates = (zone?.biases ?? [0])
    .map((bias) => new Date(Date.parse(instant) - bias * 60_000).toISOString())
    .filter((local) => local.slice(11, 19) === "00:00:00")
    .map((local) => local.slice(0, 10));
  return new Set(dates).size === 1 ? dates[0] : undefined;
}

function utc(at: DateTime): string {
  return `${at.toUTC().toISO()?.slice(0, 19)}Z`;
}
