import { IANAZone } from "luxon";
import { WINDOWS_TO_IANA_MAP } from "windows-iana";
import { EwsError } from "./errors.ts";
import { MINUTE, windowsToIana, windowsZone, type ZoneReference } from "./timezones.ts";
import { attribute, child, children, childText, el, type Xml } from "./xml.ts";

/** One yearly change of the clock: the last or n-th weekday of a month, at a local time before the change. */
interface YearlyChange {
  /** Minutes east of Greenwich from then on. */
  offset: number;
  month: number;
  /** 1 to 4, or -1 for the last one. */
  occurrence: number;
  weekday: number;
  /** Minutes after local midnight, by the clock that holds before the change. */
  time: number;
}

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** All Windows zone names that the server knows. */
export function serverZoneIds(): string[] {
  return [...new Set<string>(["UTC", ...WINDOWS_TO_IANA_MAP.map((entry) => entry.windowsName)])].filter(
    (id) => windowsZone(id),
  );
}

/**
 * Display name; the real server has the list of cities that Windows shows, which is not in any package we use.
 */
export function displayName(id: string): string {
  if (id === "UTC") return "(UTC) Coordinated Universal Time";
  const minutes = windowsZone(id)?.offsetAt(Date.UTC(new Date().getUTCFullYear(), 0, 1)) ?? 0;
  const absolute = Math.abs(minutes);
  const clock = `${String(Math.floor(absolute / 60)).padStart(2, "0")}:${String(absolute % 60).padStart(2, "0")}`;
  return `(UTC${minutes < 0 ? "-" : "+"}${clock}) ${id.replace(/ Standard Time$/, "")}`;
}

const written = new Map<string, Xml>();

/** The full definition that answers hold: periods, one group with the yearly changes, and the way into it. */
export function definitionOf(reference: ZoneReference, element: string): Xml {
  if (reference.definition) return { ...reference.definition, name: element };
  let definition = written.get(reference.id);
  if (!definition) {
    definition = windowsDefinition(reference.id);
    written.set(reference.id, definition);
  }
  return { ...definition, name: element };
}

function windowsDefinition(id: string): Xml {
  const rule = (name: string): string => `trule:Microsoft/Registry/${id}/1-${name}`;
  const changes = yearlyChanges(id);
  const standard = Math.min(
    ...changes.map((change) => change.offset),
    windowsZone(id)?.offsetAt(Date.now()) ?? 0,
  );
  const name = (offset: number): string => (offset === standard ? "Standard" : "Daylight");
  const offsets = [...new Set([standard, ...changes.map((change) => change.offset)])];
  const periods = offsets.map((offset) =>
    el("Period", undefined, { Bias: bias(offset), Name: name(offset), Id: rule(name(offset)) }),
  );
  const transitions = changes.map((change) =>
    el("RecurringDayTransition", [
      el("To", rule(name(change.offset)), { Kind: "Period" }),
      el("TimeOffset", duration(change.time)),
      el("Month", String(change.month)),
      el("DayOfWeek", weekdays[change.weekday] ?? "Sunday"),
      el("Occurrence", String(change.occurrence)),
    ]),
  );
  const fixed = [el("Transition", [el("To", rule("Standard"), { Kind: "Period" })])];
  const group = el("TransitionsGroup", transitions.length > 0 ? transitions : fixed, { Id: "0" });
  return el(
    "TimeZoneDefinition",
    [
      el("Periods", periods),
      el("TransitionsGroups", [group]),
      el("Transitions", [el("Transition", [el("To", "0", { Kind: "Group" })])]),
    ],
    { Id: id, Name: displayName(id) },
  );
}

/** Looks at the clock changes of some years and finds the rule that all of them follow. */
function yearlyChanges(id: string): YearlyChange[] {
  const iana = id === "UTC" ? undefined : windowsToIana(id);
  if (!iana) return [];
  const zone = IANAZone.create(iana);
  const year = new Date().getUTCFullYear();
  const perYear = [year, year + 1, year + 2, year + 3].map((value) => changesIn(zone, value));
  const first = perYear[0] ?? [];
  if (first.length !== 2 || perYear.some((changes) => changes.length !== 2)) return [];
  return first.map((change, index) => {
    const days = perYear.map((changes) => changes[index]?.day ?? 0);
    const isLast = perYear.every((changes) => changes[index]?.isLast);
    const occurrence = isLast ? -1 : Math.ceil(Math.max(...days) / 7);
    return {
      offset: change.offset,
      month: change.month,
      occurrence,
      weekday: change.weekday,
      time: change.time,
    };
  });
}

function changesIn(
  zone: IANAZone,
  year: number,
): (Omit<YearlyChange, "occurrence"> & { day: number; isLast: boolean })[] {
  const found = [];
  for (let month = 0; month < 12; month++) {
    let low = Date.UTC(year, month, 1);
    let high = Date.UTC(year, month + 1, 1);
    const [before, after] = [zone.offset(low), zone.offset(high)];
    if (before === after) continue;
    while (high - low > MINUTE) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
      if (zone.offset(middle) === before) low = middle;
      else high = middle;
    }
    const local = new Date(high + before * MINUTE);
    const daysInMonth = new Date(Date.UTC(year, local.getUTCMonth() + 1, 0)).getUTCDate();
    found.push({
      offset: after,
      month: local.getUTCMonth() + 1,
      weekday: local.getUTCDay(),
      time: local.getUTCHours() * 60 + local.getUTCMinutes(),
      day: local.getUTCDate(),
      isLast: local.getUTCDate() > daysInMonth - 7,
    });
  }
  return found;
}

function bias(offset: number): string {
  return duration(-offset);
}

function duration(minutes: number): string {
  const absolute = Math.abs(minutes);
  const hours = Math.floor(absolute / 60);
  const rest = absolute % 60;
  return `${minutes < 0 ? "-" : ""}PT${hours > 0 || rest === 0 ? `${hours}H` : ""}${rest > 0 ? `${rest}M` : ""}`;
}

/** Minutes of an `xs:duration` of days, hours and minutes. */
function readDuration(text: string): number {
  const match = /^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:[\d.]+S)?)?$/.exec(text.trim());
  if (!match) throw new EwsError("ErrorTimeZone");
  const minutes = Number(match[2] ?? 0) * 1440 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  return match[1] ? -minutes : minutes;
}

/** One group of rules of a definition, and the instant from which it holds. */
interface Group {
  from: number;
  fixed: number;
  changes: YearlyChange[];
}

/**
 * Follows the rules of a definition that a client brought.
 * @returns the offset in minutes for an instant
 * @throws EwsError `ErrorTimeZone` when it does not hang together
 */
export function customOffsets(definition: Xml): (utc: number) => number {
  const periods = new Map<string, number>();
  for (const period of children(child(definition, "Periods"))) {
    periods.set(attribute(period, "Id") ?? "", -readDuration(attribute(period, "Bias") ?? "PT0H"));
  }
  const groups = readGroups(definition, periods);
  return (utc) => {
    const group = groups.findLast((candidate) => candidate.from <= utc) ?? groups[0];
    return group ? offsetIn(group, utc) : 0;
  };
}

function readGroups(definition: Xml, periods: Map<string, number>): Group[] {
  const offsetOf = (to: Xml | undefined): number => {
    const offset = periods.get(to?.text ?? "");
    if (offset === undefined) throw new EwsError("ErrorTimeZone");
    return offset;
  };
  const transitions = children(child(definition, "Transitions"));
  if (transitions.length === 0)
    return [{ from: -Infinity, fixed: [...periods.values()][0] ?? 0, changes: [] }];
  return transitions.map((transition) => {
    const to = child(transition, "To");
    const from =
      transition.name === "AbsoluteDateTransition"
        ? Date.parse(childText(transition, "DateTime") ?? "")
        : -Infinity;
    if (attribute(to, "Kind") !== "Group") return { from, fixed: offsetOf(to), changes: [] };
    const group = children(child(definition, "TransitionsGroups")).find(
      (candidate) => attribute(candidate, "Id") === to?.text,
    );
    if (!group) throw new EwsError("ErrorTimeZone");
    const entries = children(group);
    const changes = entries
      .filter((entry) => entry.name === "RecurringDayTransition")
      .map((entry) => ({
        offset: offsetOf(child(entry, "To")),
        month: Number(childText(entry, "Month")),
        occurrence: Number(childText(entry, "Occurrence")),
        weekday: weekdays.indexOf(childText(entry, "DayOfWeek") ?? "Sunday"),
        time: readDuration(childText(entry, "TimeOffset") ?? "PT0H"),
      }));
    return { from, fixed: offsetOf(child(entries[0], "To")), changes };
  });
}

function offsetIn(group: Group, utc: number): number {
  if (group.changes.length === 0) return group.fixed;
  const year = new Date(utc).getUTCFullYear();
  const instants = [year - 1, year, year + 1]
    .flatMap((value) => group.changes.map((change) => ({ change, local: localInstant(change, value) })))
    .sort((a, b) => a.local - b.local);
  let offset = group.changes.at(-1)?.offset ?? group.fixed;
  for (const { change, local } of instants) {
    if (local - offset * MINUTE > utc) break;
    offset = change.offset;
  }
  return offset;
}

function localInstant(change: YearlyChange, year: number): number {
  if (change.occurrence > 0) {
    const first = new Date(Date.UTC(year, change.month - 1, 1)).getUTCDay();
    const day = 1 + ((change.weekday - first + 7) % 7) + (change.occurrence - 1) * 7;
    return Date.UTC(year, change.month - 1, day) + change.time * MINUTE;
  }
  const last = new Date(Date.UTC(year, change.month, 0));
  const day = last.getUTCDate() - ((last.getUTCDay() - change.weekday + 7) % 7);
  return Date.UTC(year, change.month - 1, day) + change.time * MINUTE;
}
