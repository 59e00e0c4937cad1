import { DateTime } from "luxon";
import { badRequest } from "../errors.ts";
import type { Switches } from "../switches.ts";
import { BASE_ZONE, localText, toBase, type DateWish } from "../time.ts";
import type { Column, ColumnKind, Parameters } from "./columns.ts";
import type { Comparer, Condition, Literal } from "./filter.ts";

const NUMBER_OPERATORS: Record<string, string> = {
  eq: "=",
  "=": "=",
  equals: "=",
  set: "=",
  ne: "<>",
  unequals: "<>",
  lt: "<",
  less: "<",
  le: "<=",
  gt: ">",
  greater: ">",
  ge: ">=",
};
const ONE_OF = new Set(["oneof", "associateisoneof", "in"]);
const NONE_OF = new Set(["notoneof", "associateisnotoneof"]);

/** Operators by column kind, after the tables in api/search/odata/index.md. */
export function comparer(dates: DateWish, switches: Switches, now: Date, associateId: number): Comparer {
  const byKind: Record<
    ColumnKind,
    (column: Column, operator: string, values: Literal[]) => Condition | undefined
  > = {
    int: numbers,
    associate: (column, operator, values) =>
      operator === "currentassociate"
        ? { sql: `(${column.sql} = ?)`, parameters: [associateId] }
        : numbers(column, operator, values),
    string: strings,
    bool: booleans,
    date: (column, operator, values) => localTimes(column, operator, values, dates, switches, now),
    utc: (column, operator, values) => utcTimes(column, operator, values, dates, switches, now),
    span: () => undefined,
  };
  return {
    compare(column, name, operator, values) {
      const condition = byKind[column.kind](column, operator, values);
      if (!condition) throw badRequest(`Operator '${operator}' cannot be used on column '${name}'`);
      return condition;
    },
  };
}

function numbers(column: Column, operator: string, values: Literal[]): Condition | undefined {
  const parameters = values.map(Number);
  if (parameters.some(Number.isNaN)) throw badRequest(`'${values.join()}' is not a number`);
  const marks = parameters.map(() => "?").join(", ");
  if (ONE_OF.has(operator)) return { sql: `(${column.sql} in (${marks}))`, parameters };
  if (NONE_OF.has(operator)) return { sql: `(${column.sql} not in (${marks}))`, parameters };
  if (operator === "between" && parameters.length === 2)
    return { sql: `(${column.sql} between ? and ?)`, parameters };
  const symbol = NUMBER_OPERATORS[operator];
  return symbol && parameters.length === 1 ? { sql: `(${column.sql} ${symbol} ?)`, parameters } : undefined;
}

function strings(column: Column, operator: string, values: Literal[]): Condition | undefined {
  const texts = values.map(String);
  const [text = ""] = texts;
  const like = (pattern: string, not = ""): Condition => ({
    sql: `(${column.sql} ${not} like ? escape '\\')`,
    parameters: [pattern],
  });
  const safe = text.replace(/[\\%_]/g, "\\$&");
  switch (operator) {
    case "begins":
      return like(`${safe}%`);
    case "notbegins":
      return like(`${safe}%`, "not");
    case "ends":
      return like(`%${safe}`);
    case "contains":
      return like(`%${safe}%`);
    case "notcontains":
      return like(`%${safe}%`, "not");
    case "is":
    case "eq":
    case "=":
    case "equals":
      return { sql: `(${column.sql} = ? collate nocase)`, parameters: [text] };
    case "isnot":
    case "ne":
      return { sql: `(${column.sql} <> ? collate nocase)`, parameters: [text] };
    case "between":
      return texts.length === 2 ? { sql: `(${column.sql} between ? and ?)`, parameters: texts } : undefined;
    case "in":
    case "oneof":
      return { sql: `(${column.sql} in (${texts.map(() => "?").join(", ")}))`, parameters: texts };
    default:
      return undefined;
  }
}

function booleans(column: Column, operator: string, values: Literal[]): Condition | undefined {
  if (!["set", "eq", "=", "is", "equals"].includes(operator)) return undefined;
  const wanted =
    values[0] === true || values[0] === 1 || String(values[0]).toLowerCase() === "true" || values[0] === "1";
  return { sql: `(${column.sql} = ${wanted ? 1 : 0})`, parameters: [] };
}

/** Half-open range `[from, to)` of days; undefined ends are open. */
interface Range {
  from?: DateTime | undefined;
  to?: DateTime | undefined;
}

function localTimes(
  column: Column,
  operator: string,
  values: Literal[],
  dates: DateWish,
  switches: Switches,
  now: Date,
): Condition | undefined {
  const zone = dates.zone ?? BASE_ZONE;
  const range = days(operator, values, zone, switches, now);
  const text = (moment: DateTime): string => localText(moment.setZone(BASE_ZONE));
  if (range) return between(column.sql, range.from && text(range.from), range.to && text(range.to));
  const symbol = TIME_OPERATORS[operator];
  return symbol && values.length === 1
    ? { sql: `(${column.sql} ${symbol} ?)`, parameters: [toBase(String(values[0]), { ...dates, zone })] }
    : undefined;
}

/** Updated and registered times are UTC and known to the second. */
function utcTimes(
  column: Column,
  operator: string,
  values: Literal[],
  dates: DateWish,
  switches: Switches,
  now: Date,
): Condition | undefined {
  const zone = switches.updatedDateFilterZone === "utc" ? "UTC" : (dates.zone ?? BASE_ZONE);
  const seconds = (moment: DateTime): number => Math.floor(moment.toSeconds());
  const sql = `(${column.sql} / 1000)`;
  const range = days(operator, values, zone, switches, now);
  if (range) return between(sql, range.from && seconds(range.from), range.to && seconds(range.to));
  const symbol = TIME_OPERATORS[operator];
  if (!symbol || values.length !== 1) return undefined;
  return { sql: `(${sql} ${symbol} ?)`, parameters: [seconds(moment(String(values[0]), zone))] };
}

const TIME_OPERATORS: Record<string, string> = { beforetime: "<", aftertime: ">", datetime: "=" };

function days(
  operator: string,
  values: Literal[],
  zone: string,
  switches: Switches,
  now: Date,
): Range | undefined {
  const today = DateTime.fromJSDate(now).setZone(zone).startOf("day");
  const unary = periods(operator, today);
  if (unary || values.length === 0) return unary;
  const [first, second] = values.map((value) => moment(String(value), zone).startOf("day"));
  if (!first) return undefined;
  switch (operator) {
    case "before":
      return { to: first };
    case "beforeorequal":
      return { to: first.plus({ days: 1 }) };
    case "after":
      return { from: switches.afterIncludesDay ? first : first.plus({ days: 1 }) };
    case "afterorequal":
      return { from: first };
    case "date":
      return { from: first, to: first.plus({ days: 1 }) };
    case "between":
    case "datebetween":
      return second && { from: first, to: second.plus({ days: 1 }) };
    default:
      return undefined;
  }
}

function periods(operator: string, today: DateTime): Range | undefined {
  const match = /^(last|this|next)(week|month|year)$/.exec(operator);
  if (match) {
    const unit = match[2] as "week" | "month" | "year";
    const steps = { last: -1, this: 0, next: 1 }[match[1] as "last" | "this" | "next"];
    const from = today.startOf(unit).plus({ [unit]: steps });
    return { from, to: from.plus({ [unit]: 1 }) };
  }
  switch (operator) {
    case "beforetoday":
      return { to: today };
    case "today":
      return { from: today, to: today.plus({ days: 1 }) };
    case "aftertoday":
      return { from: today.plus({ days: 1 }) };
    default:
      return undefined;
  }
}

function between(sql: string, from: string | number | undefined, to: string | number | undefined): Condition {
  const parts: string[] = [];
  const parameters: Parameters = [];
  if (from !== undefined) {
    parts.push(`${sql} >= ?`);
    parameters.push(from);
  }
  if (to !== undefined) {
    parts.push(`${sql} < ?`);
    parameters.push(to);
  }
  return { sql: `(${parts.join(" and ")})`, parameters };
}

/** `2026-1-1`, `2026-01-01` or an ISO date with time, in `zone` unless it says its own. */
function moment(text: string, zone: string): DateTime {
  const loose = text.replace(/^(\d{4})-(\d{1,2})-(\d{1,2})/, (_, year: string, month: string, day: string) =>
    [year, month.padStart(2, "0"), day.padStart(2, "0")].join("-"),
  );
  const read = DateTime.fromISO(loose, { zone });
  if (!read.isValid) throw badRequest(`'${text}' is not a date`);
  return read;
}
