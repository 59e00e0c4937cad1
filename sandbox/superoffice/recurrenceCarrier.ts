import { badRequest } from "./errors.ts";
import { WEEKDAYS, type MonthlyRule, type RecurrenceRule } from "./recurrence.ts";
import { fromBase, NO_DATE, toBase, type DateWish } from "./time.ts";

/** `RecurrenceInfo` as it comes over the wire; the schema has been checked. */
export interface RecurrenceCarrier {
  RecurrenceId?: number;
  StartDate?: string;
  EndDate?: string;
  RecurrenceEndType?: string;
  RecurrenceCounter?: number;
  Pattern?: string;
  DayPattern?: { Cycle?: number; Pattern?: string } | null;
  WeekPattern?: { Cycle?: number; Weekdays?: string } | null;
  MonthPattern?: MonthCarrier | null;
  YearPattern?: MonthCarrier | null;
  Dates?: ({ Date?: string } | null)[] | null;
  IsRecurrence?: boolean;
}

interface MonthCarrier {
  Cycle?: number;
  Day?: number;
  Weekday?: string;
  WeekOfMonth?: string;
  Pattern?: string;
}

/** Whether the entity asks for a series. */
export function isSeries(carrier: RecurrenceCarrier | null | undefined): carrier is RecurrenceCarrier {
  return carrier?.IsRecurrence === true && (carrier.Pattern ?? "Unknown") !== "Unknown";
}

/**
 * The rule in a carrier; days are those of the base zone.
 * @throws SoError 400 for a series without an end (RecurrenceEndType knows EndDate and Counter only)
 */
export function readRule(
  carrier: RecurrenceCarrier,
  appointmentStart: string,
  dates: DateWish,
): RecurrenceRule {
  const endType = carrier.RecurrenceEndType;
  const custom = carrier.Pattern === "Custom";
  if (endType !== "EndDate" && endType !== "Counter" && !custom) {
    throw badRequest("RecurrenceEndType must be EndDate or Counter: SuperOffice has no endless series");
  }
  const start = carrier.StartDate ? toBase(carrier.StartDate, dates) : NO_DATE;
  const end = carrier.EndDate ? toBase(carrier.EndDate, dates) : NO_DATE;
  const rule: RecurrenceRule = {
    pattern: carrier.Pattern as RecurrenceRule["pattern"],
    startDay: (start === NO_DATE ? appointmentStart : start).slice(0, 10),
    endDay: end.slice(0, 10),
    endType: endType === "Counter" ? "Counter" : "EndDate",
    counter: carrier.RecurrenceCounter ?? 0,
  };
  if (carrier.DayPattern) {
    const pattern = carrier.DayPattern.Pattern as NonNullable<RecurrenceRule["day"]>["pattern"];
    rule.day = { cycle: carrier.DayPattern.Cycle ?? 1, pattern };
  }
  if (carrier.WeekPattern) {
    const weekdays = (carrier.WeekPattern.Weekdays ?? "").split(",").map((day) => day.trim());
    rule.week = {
      cycle: carrier.WeekPattern.Cycle ?? 1,
      weekdays: weekdays.filter((day) => WEEKDAYS.includes(day)),
    };
  }
  if (carrier.MonthPattern) rule.month = readMonth(carrier.MonthPattern);
  if (carrier.YearPattern) rule.year = readMonth(carrier.YearPattern);
  return rule;
}

/** The days that a carrier lists itself, if any; they win over the pattern, for people move and remove single dates. */
export function listedDays(carrier: RecurrenceCarrier, dates: DateWish): string[] {
  const days = (carrier.Dates ?? []).flatMap((entry) =>
    entry?.Date ? [toBase(entry.Date, dates).slice(0, 10)] : [],
  );
  return [...new Set(days)].sort();
}

export function writeRule(
  rule: RecurrenceRule,
  recurrenceId: number,
  starts: string[],
  dates: DateWish,
): Record<string, unknown> {
  const first = starts[0] ?? `${rule.startDay}T00:00:00`;
  const clock = first.slice(10);
  return {
    RecurrenceId: recurrenceId,
    StartDate: fromBase(`${rule.startDay}${clock}`, dates),
    EndDate: rule.endDay === NO_DATE.slice(0, 10) ? NO_DATE : fromBase(`${rule.endDay}${clock}`, dates),
    RecurrenceEndType: rule.endType,
    Pattern: rule.pattern,
    DayPattern: rule.day ? { Cycle: rule.day.cycle, Pattern: rule.day.pattern } : null,
    WeekPattern: rule.week ? { Cycle: rule.week.cycle, Weekdays: rule.week.weekdays.join(", ") } : null,
    MonthPattern: rule.month ? writeMonth(rule.month) : null,
    YearPattern: rule.year ? writeMonth(rule.year) : null,
    Dates: starts.map((start) => ({
      Date: fromBase(start, dates),
      IsConflict: false,
      Description: "",
      DescriptionStyleHint: "",
      Tooltip: "",
    })),
    RecurrenceCounter: rule.counter,
    IsRecurrence: true,
  };
}

function readMonth(carrier: MonthCarrier): MonthlyRule {
  return {
    cycle: carrier.Cycle ?? 1,
    pattern: carrier.Pattern === "WeekdayOfMonth" ? "WeekdayOfMonth" : "DayOfMonth",
    day: carrier.Day ?? 0,
    weekday: carrier.Weekday ?? "Unknown",
    weekOfMonth: carrier.WeekOfMonth ?? "Unknown",
  };
}

function writeMonth(rule: MonthlyRule): Record<string, unknown> {
  return {
    Cycle: rule.cycle,
    Day: rule.day,
    Weekday: rule.weekday,
    WeekOfMonth: rule.weekOfMonth,
    Pattern: rule.pattern,
  };
}
