import { DateTime, IANAZone } from "luxon";
import { badRequest } from "./errors.ts";
import type { Switches } from "./switches.ts";

/**
 * Dates stand in the database as local times of its base zone, `2026-03-02T09:00:00`, without an offset;
 * created and updated are UTC (web-services/so-timezone.md).
 */
export const BASE_ZONE = "Europe/Oslo";

/** .NET's DateTime.MinValue, which SuperOffice sends for a date that is not set. */
export const NO_DATE = "0001-01-01T00:00:00";

/** What a request wants of dates: the zone they are read and written in, and whether they carry offsets. */
export interface DateWish {
  /** IANA name; undefined for the base zone. */
  zone: string | undefined;
  offsets: boolean;
  utcOffsetStyle: Switches["utcOffsetStyle"];
}

/** SuperOffice's zone codes and numbers, as far as documented or plain (`GET /api/v1/timezone`). */
export const ZONES: { id: number; code: string; iana: string; country: string; region: string }[] = [
  { id: 1, code: "UTC", iana: "UTC", country: "", region: "UTC/GMT" },
  { id: 36, code: "AU-ACT", iana: "Australia/Sydney", country: "Australia", region: "Capital Territory" },
  { id: 50, code: "BD", iana: "Asia/Dhaka", country: "Bangladesh", region: "" },
  { id: 114, code: "CA-QC", iana: "America/Toronto", country: "Canada", region: "Quebec" },
  { id: 140, code: "DK", iana: "Europe/Copenhagen", country: "Denmark", region: "" },
  { id: 156, code: "FR", iana: "Europe/Paris", country: "France", region: "" },
  { id: 261, code: "NO", iana: "Europe/Oslo", country: "Norway", region: "" },
  { id: 425, code: "US-CA", iana: "America/Los_Angeles", country: "United States", region: "California" },
  { id: 433, code: "US-HI", iana: "Pacific/Honolulu", country: "United States", region: "Hawaii" },
  { id: 460, code: "US-NY", iana: "America/New_York", country: "United States", region: "New York" },
];

/** Reads `SO-TimeZone: UTC, includeTZOffset`. */
export function readDateWish(header: string | undefined, switches: Switches): DateWish {
  const wish: DateWish = { zone: undefined, offsets: false, utcOffsetStyle: switches.utcOffsetStyle };
  for (const part of (header ?? "").split(",").map((text) => text.trim())) {
    if (part === "") continue;
    if (part.toLowerCase() === "includetzoffset") wish.offsets = true;
    else {
      const known = ZONES.find((zone) => zone.code === part.toUpperCase() || String(zone.id) === part);
      if (known) wish.zone = known.iana;
      else if (switches.unknownTimeZone === "refuse") throw badRequest(`Unknown time zone '${part}'`);
    }
  }
  return wish;
}

const OFFSET = /(Z|[+-]\d{2}:?\d{2})$/;

/** A date of the wire as base-zone local time; fractions of a second are cut off. */
export function toBase(text: string, wish: DateWish): string {
  if (text.startsWith("0001-01-01")) return NO_DATE;
  if (!OFFSET.test(text) && wish.zone === undefined) return text.slice(0, 19);
  const zone = wish.zone ?? BASE_ZONE;
  const moment = DateTime.fromISO(text, { zone, setZone: false });
  if (!moment.isValid) throw badRequest(`Could not convert string to DateTime: ${text}`);
  return localText(moment.setZone(BASE_ZONE));
}

/** A base-zone local time as the request wants it. */
export function fromBase(local: string, wish: DateWish): string {
  if (local === NO_DATE || (wish.zone === undefined && !wish.offsets)) return local;
  const moment = DateTime.fromISO(local, { zone: BASE_ZONE }).setZone(wish.zone ?? BASE_ZONE);
  return localText(moment) + (wish.offsets ? offsetText(moment, wish) : "");
}

/** A created or updated time: UTC whatever the zone asked for, to the second, tagged when offsets are wanted. */
export function utcText(ms: number, wish: DateWish): string {
  return new Date(ms).toISOString().slice(0, 19) + (wish.offsets ? "Z" : "");
}

function offsetText(moment: DateTime, wish: DateWish): string {
  if (moment.zoneName === "UTC") return wish.utcOffsetStyle;
  return moment.toFormat("ZZ");
}

export function localText(moment: DateTime): string {
  return moment.toFormat("yyyy-MM-dd'T'HH:mm:ss");
}

/** Base-zone local time as a luxon value in the zone `UTC`, for arithmetic on the clock face (no DST). */
export function clockFace(local: string): DateTime {
  return DateTime.fromISO(local, { zone: "utc" });
}

/** Local time in `zone` as base-zone local time. */
export function zoneToBase(local: string, zone: string): string {
  if (!IANAZone.isValidZone(zone)) throw new Error(`Not a time zone: ${zone}`);
  return localText(DateTime.fromISO(local, { zone }).setZone(BASE_ZONE));
}

/** The moment as base-zone local time. */
export function momentToBase(moment: Date): string {
  return localText(DateTime.fromJSDate(moment).setZone(BASE_ZONE));
}

/** The moment of a stored local time. */
export function baseToMoment(local: string): Date {
  return DateTime.fromISO(local, { zone: BASE_ZONE }).toJSDate();
}

/** `00:15:00` from minutes; SuperOffice's time spans. */
export function spanText(minutes: number): string {
  const days = Math.floor(minutes / 1440);
  const clock = [Math.floor((minutes % 1440) / 60), Math.floor(minutes % 60), 0]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
  return days > 0 ? `${days}.${clock}` : clock;
}

/** Minutes of a time span `[d.]hh:mm:ss`. */
export function spanMinutes(text: string | null): number {
  const match = /^(?:(\d+)\.)?(\d{2}):(\d{2})/.exec(text ?? "");
  return match ? Number(match[1] ?? 0) * 1440 + Number(match[2]) * 60 + Number(match[3]) : 0;
}
