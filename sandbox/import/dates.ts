import { DateTime } from "luxon";
import type { Line } from "./content-lines.ts";
import type { Zones } from "./zones.ts";

/** A broken component: refused with this message. */
export class Broken extends Error {}

/** A date or a date and time; `zone` is IANA, undefined for floating ones. */
export interface Moment {
  /** `2026-03-02T09:00:00`; midnight for dates. */
  local: string;
  dateOnly: boolean;
  zone: string | undefined;
}

/** @throws Broken for what is no date */
export function readMoment(line: Line, zones: Zones, value = line.value): Moment {
  const match = /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)?(?:[.,]\d+)?(Z)?)?$/i.exec(value.trim());
  const mistake = new Broken(`${line.name} is no date: ${value.slice(0, 40)}`);
  if (!match) throw mistake;
  const [, year, month, day, hour, minute = "00", given = "00", utc] = match;
  // A leap second is the last second of its minute.
  const second = given === "60" ? "59" : given;
  const local = `${year}-${month}-${day}T${hour ?? "00"}:${minute}:${second}`;
  if (!DateTime.fromISO(local, { zone: "utc" }).isValid || Number(year) < 1) throw mistake;
  const dateOnly = hour === undefined;
  const tzid = line.params.get("TZID")?.join(",");
  const zone = dateOnly
    ? undefined
    : utc
      ? "Etc/UTC"
      : tzid === undefined
        ? undefined
        : zones.find(tzid, local);
  return { local, dateOnly, zone };
}

/** The same moment as local time of another zone; floating ones stay as they are. */
export function inZone(moment: Moment, zone: string): string {
  if (moment.zone === undefined || moment.zone === zone || moment.dateOnly) return moment.local;
  return localText(DateTime.fromISO(moment.local, { zone: moment.zone }).setZone(zone));
}

/** Minutes of a duration like `-PT15M`. @throws Broken */
export function readDuration(text: string): { days: number; minutes: number } {
  const match = /^([+-])?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i.exec(text.trim());
  if (!match) throw new Broken(`no duration: ${text.slice(0, 40)}`);
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(2)
    .map((each) => Number(each ?? 0));
  const sign = match[1] === "-" ? -1 : 1;
  return { days: sign * (weeks * 7 + days), minutes: sign * (hours * 60 + minutes + seconds / 60) };
}

export function plus(local: string, length: { days?: number; minutes?: number }): string {
  return localText(DateTime.fromISO(local, { zone: "utc" }).plus(length));
}

export const localText = (moment: DateTime): string => moment.toFormat("yyyy-MM-dd'T'HH:mm:ss");
