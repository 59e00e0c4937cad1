import { DateTime, IANAZone } from "luxon";
import { findIana, findWindows, type IanaName, type WindowsZoneName } from "windows-iana";
import { first, type Component } from "./content-lines.ts";

/** Finds the IANA zone that a file's zone names mean: by name, by Windows name, else by the rules it brings. */
export class Zones {
  readonly #definitions = new Map<string, Component>();
  /** Names that meant nothing; their times were read in the person's zone. */
  readonly unknown = new Set<string>();
  readonly #home: string;

  constructor(home: string, calendars: Component[]) {
    this.#home = home;
    for (const zone of calendars.flatMap((calendar) => calendar.components)) {
      if (zone.name === "VTIMEZONE") this.#definitions.set(first(zone, "TZID")?.value.trim() ?? "", zone);
    }
  }

  /** @param local  when: rules are compared in that year */
  find(tzid: string, local: string): string {
    const name = tzid.trim();
    const definition = this.#definitions.get(name);
    const location = definition && first(definition, "X-LIC-LOCATION")?.value.trim();
    for (const candidate of [...spellings(name), ...spellings(location ?? "")]) {
      const known = usable(candidate);
      if (known) return known;
    }
    const found = definition && byRules(definition, Number(local.slice(0, 4)));
    if (found) return found;
    this.unknown.add(name);
    return this.#home;
  }
}

function spellings(name: string): string[] {
  if (name === "") return [];
  const windows = findIana(name.replaceAll("\\", "") as WindowsZoneName)[0];
  const tail = /[A-Za-z]+\/[A-Za-z_]+(?:\/[A-Za-z_]+)?$/.exec(name)?.[0];
  return [windows, name, tail, name.replace(/[-_]/, "/")].filter((each) => each !== undefined);
}

/** A zone that both systems can hold: it must have a Windows name. */
function usable(name: string): string | undefined {
  if (!/^(?:[A-Za-z]+\/|UTC$|GMT$)/.test(name) || !IANAZone.isValidZone(name)) return undefined;
  if (/^(?:UTC|GMT|Etc\/(?:UTC|GMT|UCT|Zulu))$/.test(name)) return "Etc/UTC";
  if (findWindows(name as IanaName)[0]) return name;
  const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
  return findWindows(timeZone as IanaName)[0] ? timeZone : undefined;
}

/** The zone whose clocks show the same in January and July of that year. */
function byRules(zone: Component, year: number): string | undefined {
  const offsets = zone.components
    .map((rule) => ({
      name: rule.name,
      from: first(rule, "DTSTART")?.value ?? "",
      offset: minutes(first(rule, "TZOFFSETTO")?.value ?? ""),
      month: Number(/BYMONTH=(\d+)/.exec(first(rule, "RRULE")?.value ?? "")?.[1] ?? "0"),
    }))
    .filter((rule) => rule.offset !== undefined && Number(rule.from.slice(0, 4)) <= year)
    .toSorted((a, b) => a.from.localeCompare(b.from));
  const standard = offsets.findLast((rule) => rule.name === "STANDARD");
  const daylight = offsets.findLast((rule) => rule.name === "DAYLIGHT");
  const only = standard ?? daylight;
  if (!only) return undefined;
  const month = daylight ? daylight.month || Number(daylight.from.slice(4, 6)) : 0;
  const summer = daylight?.offset ?? only.offset;
  const [january, july] = month >= 7 ? [summer, only.offset] : [only.offset, summer];
  return Intl.supportedValuesOf("timeZone").find((name) => {
    if (!findWindows(name as IanaName)[0]) return false;
    const at = (when: number): number => DateTime.utc(year, when, 15).setZone(name).offset;
    return at(1) === january && at(7) === july;
  });
}

function minutes(offset: string): number | undefined {
  const match = /^([+-])(\d\d)(\d\d)/.exec(offset.trim());
  if (!match) return undefined;
  return (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}
