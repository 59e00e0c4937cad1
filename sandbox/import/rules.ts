import { DateTime } from "luxon";
import type { SampleRecurrence } from "../samples.ts";
import { first, all, type Component, type Line } from "./content-lines.ts";
import { Broken, inZone, plus, readMoment, type Moment } from "./dates.ts";
import type { Zones } from "./zones.ts";

/** A well-formed component that calendars of this kind do not hold. */
export class NotHeld extends Error {}

type Day = NonNullable<SampleRecurrence["byDay"]>[number];
const days: Day[] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/**
 * The recurrence of a component as Outlook or SuperOffice could have made it.
 * @throws Broken for a rule that cannot be read, NotHeld for one that no pattern of theirs expresses
 */
export function readRecurrence(
  component: Component,
  start: Moment,
  zone: string,
  zones: Zones,
): SampleRecurrence | null {
  const rules = all(component, "RRULE");
  const [rule] = rules;
  if (!rule) return null;
  if (rules.length > 1) throw new NotHeld("several rules for one series");
  const local = inZone(start, zone);
  const parts = partsOfRule(rule);
  const recurrence = patternOf(parts, local);
  recurrence.end = endOf(rule, parts, local, zone, zones);
  const cancelled = all(component, "EXDATE").flatMap((line) =>
    line.value.split(",").map((value) => {
      const moment = readMoment(line, zones, value);
      return moment.dateOnly ? `${moment.local.slice(0, 10)}${local.slice(10)}` : inZone(moment, zone);
    }),
  );
  if (cancelled.length > 0) recurrence.deleted = [...new Set(cancelled)].toSorted();
  return recurrence;
}

const known =
  /^(FREQ|INTERVAL|COUNT|UNTIL|BYDAY|BYMONTHDAY|BYMONTH|BYSETPOS|WKST|BYHOUR|BYMINUTE|BYSECOND|BYWEEKNO|BYYEARDAY|RSCALE|SKIP|X-.*)$/;

function partsOfRule(rule: Line): Map<string, string> {
  const parts = new Map<string, string>();
  for (const part of rule.value.trim().split(";").filter(Boolean)) {
    const [name = "", value = ""] = part.split("=").map((each) => each.trim().toUpperCase());
    if (!known.test(name) || value === "") throw new Broken(`no recurrence rule: ${rule.value.slice(0, 60)}`);
    parts.set(name, value);
  }
  return parts;
}

function patternOf(parts: Map<string, string>, start: string): SampleRecurrence {
  const frequency = parts.get("FREQ");
  if (!/^(SECONDLY|MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)$/.test(frequency ?? ""))
    throw new Broken("a recurrence rule without its frequency");
  for (const name of ["BYHOUR", "BYMINUTE", "BYSECOND", "BYWEEKNO", "BYYEARDAY"]) {
    if (parts.has(name)) throw new NotHeld(`a recurrence with ${name}`);
  }
  const interval = whole(parts.get("INTERVAL") ?? "1");
  const months = list(parts.get("BYMONTH"));
  const monthDays = list(parts.get("BYMONTHDAY"));
  const byDay = (parts.get("BYDAY") ?? "").split(",").filter(Boolean).map(readDay);
  const plain = byDay.every((each) => each.position === undefined);
  const names = byDay.map((each) => each.day);
  const end = { kind: "endless" } as const;
  const first = DateTime.fromISO(start, { zone: "utc" });
  switch (frequency ?? "") {
    case "DAILY": {
      if (months.length > 0 || monthDays.length > 0 || parts.has("BYSETPOS"))
        throw new NotHeld("days of a daily recurrence");
      if (byDay.length === 0) return { frequency: "daily", interval, end };
      if (!plain || interval > 1) throw new NotHeld("days of a daily recurrence");
      return { frequency: "weekly", interval: 1, byDay: sorted(names), end };
    }
    case "WEEKLY": {
      if (months.length > 0 || monthDays.length > 0 || parts.has("BYSETPOS") || !plain)
        throw new NotHeld("days of a weekly recurrence");
      const chosen = names.length > 0 ? names : [days[first.weekday - 1] as Day];
      return { frequency: "weekly", interval, byDay: sorted(chosen), end };
    }
    case "MONTHLY":
      if (months.length > 0) throw new NotHeld("months of a monthly recurrence");
      return { frequency: "monthly", interval, ...withinMonth(), end };
    case "YEARLY": {
      if (months.length > 1) throw new NotHeld("several months of a yearly recurrence");
      if (months.length === 0 && byDay.length > 0) throw new NotHeld("days of a year");
      return { frequency: "yearly", interval, month: months[0] ?? first.month, ...withinMonth(), end };
    }
    default:
      throw new NotHeld(`a recurrence that is ${frequency?.toLowerCase()}`);
  }

  function withinMonth(): Partial<SampleRecurrence> {
    if (byDay.length === 0) {
      const day = monthDays[0] ?? first.day;
      if (monthDays.length > 1 || day < 1 || parts.has("BYSETPOS")) throw new NotHeld("days of a month");
      return { dayOfMonth: day };
    }
    if (monthDays.length > 0) throw new NotHeld("weekdays with days of a month");
    const positions = [...new Set([...byDay.map((each) => each.position), setPosition()])].filter(
      (each) => each !== undefined,
    );
    const [position] = positions;
    if (
      positions.length !== 1 ||
      position === undefined ||
      (byDay.length > 1 && !plain) ||
      position < -1 ||
      position > 4
    )
      throw new NotHeld("weekdays of a month");
    return { byDay: sorted(names), position };
  }

  function setPosition(): number | undefined {
    const given = list(parts.get("BYSETPOS"));
    if (given.length > 1) throw new NotHeld("several positions in a month");
    return given[0];
  }
}

function endOf(
  rule: Line,
  parts: Map<string, string>,
  start: string,
  zone: string,
  zones: Zones,
): SampleRecurrence["end"] {
  const count = parts.get("COUNT");
  if (count !== undefined) return { kind: "count", count: whole(count) };
  const until = parts.get("UNTIL");
  if (until === undefined) return { kind: "endless" };
  const moment = readMoment({ ...rule, params: new Map() }, zones, until);
  const last = inZone(moment, zone);
  const before = !moment.dateOnly && last.slice(11) < start.slice(11);
  const date = (before ? plus(last, { days: -1 }) : last).slice(0, 10);
  if (date < start.slice(0, 10)) throw new Broken("a series that ends before it begins");
  return { kind: "until", date };
}

function readDay(text: string): { day: Day; position: number | undefined } {
  const match = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/.exec(text.trim());
  if (!match) throw new Broken(`no weekday: ${text}`);
  return { day: match[2] as Day, position: match[1] === undefined ? undefined : Number(match[1]) };
}

const sorted = (names: Day[]): Day[] =>
  [...new Set(names)].toSorted((a, b) => days.indexOf(a) - days.indexOf(b));
const list = (text: string | undefined): number[] => (text ?? "").split(",").filter(Boolean).map(Number);

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Broken(`no number of times: ${text}`);
  return value;
}

/** Names of recurrence properties that are left out of what is stored. */
export const leftOfRecurrence = (component: Component): string[] =>
  ["RDATE", "EXRULE"].filter((name) => first(component, name));
