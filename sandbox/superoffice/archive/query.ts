import { badRequest } from "../errors.ts";
import type { Office } from "../office.ts";
import type { Call } from "../router.ts";
import { fromBase, utcText, type DateWish } from "../time.ts";
import type { Archive, Column, Parameters } from "./columns.ts";
import { comparer } from "./compare.ts";
import { compileFilter, type Condition } from "./filter.ts";

type Cell = string | number | null;

/**
 * Answers an OData query of an archive: `$select`, `$filter`, `$orderby`, `$top`, `$skip`, `$mode`, `$format`.
 * @see api/search/odata/index.md; reference, v1AppointmentEntity_GetAll (ODataSlimResponse)
 * @throws SoError 400 for what cannot be read
 */
export function archivePage(
  office: Office,
  archive: Archive,
  call: Call,
  visibility: Condition,
): Record<string, unknown> {
  const option = options(call.query);
  const format = option("$format");
  if (format && format.toLowerCase() !== "json")
    throw badRequest(`$format ${format} is not supported by the sandbox`);
  const selected = select(archive, option("$select"), office);
  const where: string[] = [archive.where, visibility.sql];
  const parameters: Parameters = [...visibility.parameters];
  const filter = option("$filter");
  if (filter) {
    const compare = comparer(call.dates, office.switches, new Date(office.now()), call.principal.associateId);
    const condition = compileFilter(filter, archive.columns, compare);
    where.push(condition.sql);
    parameters.push(...condition.parameters);
  }
  const top = count(option("$top"), "$top") ?? office.switches.defaultTop;
  const skip = count(option("$skip"), "$skip") ?? 0;
  const cells = selected.flatMap(([, column], index) => [
    `${column.sql} as raw${index}`,
    `${column.display ?? column.sql} as shown${index}`,
  ]);
  const rows = call.empty
    ? []
    : office.sql.all<Record<string, Cell>>(
        `select ${[`${archive.key} as id`, ...cells].join(", ")} from ${archive.from}
         where ${where.map((part) => `(${part})`).join(" and ")}
         order by ${order(archive, option("$orderby"))} limit ? offset ?`,
        ...parameters,
        top + 1,
        skip,
      );
  const full = option("$mode")?.toLowerCase() === "full";
  const value = rows.slice(0, top).map((row) => shape(office, archive, selected, row, call.dates, full));
  return {
    "odata.metadata": `${office.baseUrl}/api/v1/archive$metadata`,
    ...nextLink(office, call, rows.length > top, skip + top),
    value,
  };
}

function options(query: URLSearchParams): (name: string) => string | undefined {
  const lower = new Map([...query].map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => lower.get(name);
}

function select(archive: Archive, wish: string | undefined, office: Office): [string, Column][] {
  const names = (wish ?? "").split(",").map((name) => name.trim());
  const asked = names.filter((name) => name !== "");
  const defaults = Object.keys(archive.columns).filter(
    (name) => !name.includes("/") && !/^get(All|No)Rows$/.test(name),
  );
  return (asked.length > 0 ? asked : defaults).flatMap((name): [string, Column][] => {
    const known = Object.keys(archive.columns).find((column) => column.toLowerCase() === name.toLowerCase());
    const column = known === undefined ? undefined : archive.columns[known];
    if (column) return [[name, column]];
    if (office.switches.unknownColumn === "ignore") return [];
    throw badRequest(`Unknown column '${name}' in $select`);
  });
}

function order(archive: Archive, wish: string | undefined): string {
  const parts = (wish ?? "").split(",").map((part) => part.trim().split(/\s+/));
  const terms = parts.flatMap(([name, direction = "asc"]) => {
    if (!name) return [];
    const known = Object.keys(archive.columns).find((column) => column.toLowerCase() === name.toLowerCase());
    const column = known === undefined ? undefined : archive.columns[known];
    if (!column || column.fixed || !/^(asc|desc)$/i.test(direction))
      throw badRequest(`Cannot order by '${name} ${direction}'`);
    return [`${column.sql} ${direction}`];
  });
  return [...terms, archive.key].join(", ");
}

function count(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw badRequest(`${name} must be a whole number`);
  return value;
}

function shape(
  office: Office,
  archive: Archive,
  selected: [string, Column][],
  row: Record<string, Cell>,
  dates: DateWish,
  full: boolean,
): Record<string, unknown> {
  const { primaryKeyAs, slimAssociate } = office.switches;
  const head = {
    PrimaryKey: primaryKeyAs === "text" && !full ? String(row["id"]) : Number(row["id"]),
    EntityName: archive.entity,
  };
  const cells = selected.map(([name, column], index): [string, unknown, unknown] => {
    const raw = written(column, row[`raw${index}`] ?? null, dates);
    const shown = column.display === undefined ? raw : (row[`shown${index}`] ?? "");
    return [name, raw, column.kind === "associate" && slimAssociate === "id" ? raw : shown];
  });
  if (!full) return { ...head, ...Object.fromEntries(cells.map(([name, , shown]) => [name, shown])) };
  return {
    ...head,
    StyleHint: "",
    LinkHint: "",
    TableRight: null,
    Column: Object.fromEntries(
      cells.map(([name, raw, shown]) => [
        name,
        { RawValue: raw, DisplayValue: shown, LinkHint: "", TooltipHint: "" },
      ]),
    ),
  };
}

function written(column: Column, cell: Cell, dates: DateWish): unknown {
  if (column.kind === "bool") return cell === 1;
  if (column.kind === "date") return typeof cell === "string" ? fromBase(cell, dates) : null;
  if (column.kind === "utc") return typeof cell === "number" ? utcText(cell, dates) : null;
  return cell;
}

function nextLink(office: Office, call: Call, more: boolean, skip: number): Record<string, unknown> {
  if (!more) return office.switches.lastPageNextLink === "null" ? { "odata.nextLink": null } : {};
  const query = new URLSearchParams([...call.query].filter(([name]) => name.toLowerCase() !== "$skip"));
  query.set("$skip", String(skip));
  return { "odata.nextLink": `${office.context.origin()}${call.url.pathname}?${query.toString()}` };
}
