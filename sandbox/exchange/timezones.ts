import { IANAZone } from "luxon";
import { findIana, findWindows, type IanaName, type WindowsZoneName } from "windows-iana";
import { EwsError } from "./errors.ts";
import { customOffsets } from "./timezone-definition.ts";
import { attribute, child, type Xml } from "./xml.ts";

/** Local time and UTC differ by this much at an instant; `id` is the Windows name (or the client's own). */
export interface Zone {
  id: string;
  /** Minutes east of Greenwich at an instant given in milliseconds UTC. */
  offsetAt(utc: number): number;
}

/** What an item remembers of a zone: its Windows name, and the rules when the client brought its own. */
export interface ZoneReference {
  id: string;
  definition?: Xml;
}

export const UTC: ZoneReference = { id: "UTC" };

const known = new Map<string, Zone>();

/** @returns the zone with this Windows name, or undefined */
export function windowsZone(id: string): Zone | undefined {
  let zone = known.get(id);
  if (!zone) {
    const iana = id === "UTC" ? "Etc/UTC" : windowsToIana(id);
    if (!iana) return undefined;
    const rules = IANAZone.create(iana);
    zone = { id, offsetAt: remembered((utc) => rules.offset(utc)) };
    known.set(id, zone);
  }
  return zone;
}

/** Asking `Intl` costs some microseconds and series ask thousands of times. Clocks change on quarter hours only. */
function remembered(offsetAt: (utc: number) => number): (utc: number) => number {
  const offsets = new Map<number, number>();
  return (utc) => {
    const quarter = Math.floor(utc / (15 * MINUTE));
    let offset = offsets.get(quarter);
    if (offset === undefined) {
      if (offsets.size > 50_000) offsets.clear();
      offset = offsetAt(utc);
      offsets.set(quarter, offset);
    }
    return offset;
  };
}

export function zoneOf(reference: ZoneReference): Zone {
  const zone = windowsZone(reference.id);
  if (zone) return zone;
  if (reference.definition) return { id: reference.id, offsetAt: customOffsets(reference.definition) };
  throw new EwsError("ErrorTimeZone");
}

/**
 * Reads `StartTimeZone`, `EndTimeZone`, `TimeZoneDefinition` (`Id`, or own rules) or `MeetingTimeZone`
 * (`TimeZoneName`). A known Windows name wins over rules that come with it.
 *
 * @throws EwsError `ErrorTimeZone`
 * @see https://learn.microsoft.com/en-us/exchange/client-developer/exchange-web-services/time-zones-and-ews-in-exchange
 */
export function readZone(xml: Xml): ZoneReference {
  const id = attribute(xml, "Id") ?? attribute(xml, "TimeZoneName") ?? "";
  if (windowsZone(id)) return { id };
  if (child(xml, "Periods")) {
    const reference = {
      id: id || "tzone://Microsoft/Custom",
      definition: { ...xml, name: "TimeZoneDefinition" },
    };
    zoneOf(reference).offsetAt(0); // refuses rules that cannot be followed
    return reference;
  }
  throw new EwsError("ErrorTimeZone");
}

/** Windows name for an IANA zone, `UTC` when there is none. */
export function ianaToWindows(iana: string): string {
  return findWindows(iana as IanaName)[0] ?? "UTC";
}

/** IANA zone that stands for a Windows name: the first of its world-wide territory. */
export function windowsToIana(id: string): string | undefined {
  return findIana(id as WindowsZoneName)[0];
}

/**
 * Turns a local time into an instant. A time that the spring jump skips moves forward by the jump; one that the
 * autumn jump repeats is the second, standard one, as Windows takes it.
 *
 * @param local  milliseconds, the local reading taken as if it were UTC
 */
export function toUtc(zone: Zone, local: number): number {
  const before = zone.offsetAt(local - DAY) * MINUTE;
  const after = zone.offsetAt(local + DAY) * MINUTE;
  if (before === after) return local - before;
  const valid = [local - before, local - after].filter((utc) => utc + zone.offsetAt(utc) * MINUTE === local);
  return valid.length > 0 ? Math.max(...valid) : local - before;
}

/** The local reading of an instant, as if it were UTC. */
export function toLocal(zone: Zone, utc: number): number {
  return utc + zone.offsetAt(utc) * MINUTE;
}

export const MINUTE = 60_000;
export const DAY = 86_400_000;

/** `2026-03-02T08:00:00Z`, or with the zone's offset when the request set another zone as its context. */
export function formatTime(utc: number, zone: Zone): string {
  const offset = zone.id === "UTC" ? 0 : zone.offsetAt(utc);
  const reading = new Date(utc + offset * MINUTE).toISOString().slice(0, 19);
  return zone.id === "UTC" ? `${reading}Z` : `${reading}${formatOffset(offset)}`;
}

/** A date with the offset that holds in the zone on that day, as Exchange writes `StartDate` of a recurrence. */
export function formatDate(day: string, zone: Zone): string {
  if (zone.id === "UTC") return `${day}Z`;
  return day + formatOffset(zone.offsetAt(toUtc(zone, Date.parse(`${day}T00:00:00Z`))));
}

function formatOffset(minutes: number): string {
  const absolute = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`;
}

/**
 * Reads an `xs:dateTime`: an explicit offset wins; a value without one is local to `zone`.
 * Fractions of a second are dropped, as the store keeps none.
 */
export function readTime(text: string, zone: Zone): number {
  const value = text.trim();
  const hasOffset = /(Z|[+-]\d\d:\d\d)$/.test(value);
  const utc = Date.parse(hasOffset ? value : `${value}Z`);
  if (Number.isNaN(utc)) throw new EwsError("ErrorInvalidValueForProperty", `Not a date and time: ${value}`);
  const seconds = Math.floor(utc / 1000) * 1000;
  return hasOffset ? seconds : toUtc(zone, seconds);
}
