import type { ItemView } from "../exchange/model.ts";
import { badRequest } from "./errors.ts";
import { expandSingleValues } from "./extended.ts";
import { extensionName, writeExtension } from "./extensions.ts";
import { readFilter, type Collections } from "./filter.ts";
import type { GraphRequest } from "./request.ts";

type Entity = Record<string, unknown>;

/** One element of a collection and the item it was made from, for what an answer holds only when asked. */
export interface Row {
  entity: Entity;
  view?: ItemView;
  /** Members that only an answer about this one element holds, and only when `$select` or `$expand` name them. */
  offers?: Record<string, () => unknown>;
}

/** A row whose entity is made only when it is looked at: a page of a long listing makes its own few. */
export function lazyRow(view: ItemView, read: () => Entity): Row {
  let entity: Entity | undefined;
  return {
    view,
    get entity() {
      return (entity ??= read());
    },
  };
}

const DEFAULT_PAGE = 10;
const LARGEST_PAGE = 1000;

/**
 * Makes the page of a listing that `$filter`, `$orderby`, `$skip`, `$top`, `$count`, `$select` and `$expand` ask for.
 * @see https://learn.microsoft.com/graph/query-parameters
 */
export function page(rows: Row[], type: string, request: GraphRequest, otherSize = DEFAULT_PAGE): Entity {
  const filter = request.query("$filter");
  const matches = filter === undefined ? undefined : readFilter(filter);
  let found = request.call.emptyListing ? [] : rows;
  if (matches) found = found.filter(({ entity, view }) => matches(entity, collectionsOf(entity, view)));
  const order = request.query("$orderby");
  if (order !== undefined) found = found.toSorted(comparison(order));
  const skip = count(request, "$skip", 0) ?? 0;
  const top = count(request, "$top", 1);
  if (top !== undefined && top > LARGEST_PAGE) {
    throw badRequest(
      "ErrorInvalidParameter",
      `The limit of '${LARGEST_PAGE}' for Top query has been exceeded.`,
    );
  }
  const size = Math.min(top ?? LARGEST_PAGE, request.prefer.pageSize ?? top ?? otherSize);
  const answer: Entity = { "@odata.context": request.context(type) };
  if (request.query("$count") === "true") answer["@odata.count"] = found.length;
  answer["value"] = found.slice(skip, skip + size).map((row) => shaped(row, request));
  if (skip + size < found.length) answer["@odata.nextLink"] = nextLink(request, skip + size);
  return answer;
}

function nextLink(request: GraphRequest, skip: number): string {
  const url = new URL(request.base + request.raw.url.pathname);
  for (const [name, value] of request.raw.url.searchParams) {
    if (!["$skip", "skip"].includes(name.toLowerCase())) url.searchParams.set(name, value);
  }
  url.searchParams.set("$skip", String(skip));
  return url.toString();
}

function count(request: GraphRequest, name: string, least: number): number | undefined {
  const text = request.query(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw badRequest("BadRequest", `Invalid value '${text}' for ${name} query option found.`);
  }
  return value;
}

function comparison(order: string): (a: Row, b: Row) => number {
  const keys = order.split(",").map((part) => {
    const [path = "", direction = "asc"] = part.trim().split(/\s+/);
    return { path: path.split("/"), sign: direction.toLowerCase() === "desc" ? -1 : 1 };
  });
  const read = (row: Row, path: string[]): unknown =>
    path.reduce<unknown>((value, name) => (value as Entity | null | undefined)?.[name], row.entity);
  return (a, b) => {
    for (const { path, sign } of keys) {
      const [x, y] = [read(a, path), read(b, path)].map((value) => (value ?? "") as string | number);
      if (x !== y) return sign * ((x as string) < (y as string) ? -1 : 1);
    }
    return 0;
  };
}

/** The members that `$select` asks for, with what `$expand` adds. */
export function shaped({ entity, view, offers = {} }: Row, request: GraphRequest): Entity {
  const [expand, select] = [request.query("$expand"), request.query("$select")];
  const named = (list: string | undefined, name: string): boolean =>
    new RegExp(`\\b${name}\\b`, "i").test(list ?? "");
  const offered = Object.keys(offers).filter((name) => named(expand, name) || named(select, name));
  const expanded: Entity = { ...entity, ...expansions(view, expand, offered) };
  for (const name of offered) expanded[name] = offers[name]?.();
  if (select === undefined || select.trim() === "" || select.trim() === "*") return expanded;
  const wanted = new Set(select.split(",").map((name) => name.trim().split("/")[0]!.toLowerCase()));
  for (const name of wanted) {
    if (!Object.keys(expanded).some((key) => key.toLowerCase() === name) && !sometimes.has(name)) {
      throw badRequest(
        "BadRequest",
        `Parsing OData Select and Expand failed: Could not find a property named '${name}'.`,
      );
    }
  }
  return Object.fromEntries(
    Object.entries(expanded).filter(
      ([name]) =>
        name === "id" ||
        name.startsWith("@") ||
        wanted.has(name.toLowerCase()) ||
        expandable.has(name) ||
        offered.includes(name),
    ),
  );
}

const expandable = new Set([
  "singleValueExtendedProperties",
  "extensions",
  "linkedResources",
  "checklistItems",
]);

/** Members that only some events have. */
const sometimes = new Set(["originalstart", "cancelledoccurrences"]);

/** `$expand=name($filter=id eq '…' or …),name` */
function expansions(view: ItemView | undefined, expand: string | undefined, offered: string[]): Entity {
  if (expand === undefined || !view) return {};
  const added: Entity = {};
  for (const match of expand.matchAll(/(\w+)(?:\(((?:[^()']|'[^']*')*)\))?/g)) {
    const [, name = "", options = ""] = match;
    if (offered.some((each) => each.toLowerCase() === name.toLowerCase())) continue;
    const ids = [...options.matchAll(/\bid\s+eq\s+'((?:[^']|'')*)'/gi)].map((each) =>
      each[1]!.replaceAll("''", "'"),
    );
    if (name.toLowerCase() === "singlevalueextendedproperties") {
      if (ids.length === 0) {
        throw badRequest(
          "ErrorInvalidUrlQuery",
          "The expansion of singleValueExtendedProperties needs a $filter.",
        );
      }
      const values = expandSingleValues(view, ids);
      if (values.length > 0) added["singleValueExtendedProperties"] = values;
    } else if (name.toLowerCase() === "extensions") {
      const wanted = ids.map(extensionName);
      added["extensions"] = extensionsOf(view).filter(
        (each) => wanted.length === 0 || wanted.includes(String(each["extensionName"])),
      );
    } else if (name.toLowerCase() === "linkedresources") {
      added["linkedResources"] = view.data.graph?.linkedResources ?? [];
    } else if (name.toLowerCase() === "checklistitems") {
      added["checklistItems"] = view.data.graph?.checklistItems ?? [];
    } else {
      throw badRequest(
        "BadRequest",
        `Parsing OData Select and Expand failed: Could not find a property named '${name}'.`,
      );
    }
  }
  return added;
}

function extensionsOf(view: ItemView): Entity[] {
  return Object.entries(view.data.graph?.extensions ?? {}).map(([name, data]) => writeExtension(name, data));
}

function collectionsOf(entity: Entity, view: ItemView | undefined): Collections {
  return (path, ids) => {
    const name = path.toLowerCase();
    if (name === "singlevalueextendedproperties") {
      return view ? expandSingleValues(view, ids).map((each) => ({ ...each })) : [];
    }
    if (name === "extensions") {
      // The id of an extension may be given with or without its prefix.
      const all = view ? extensionsOf(view) : [];
      return all.flatMap((each) => [each, { ...each, id: each["extensionName"] }]);
    }
    const key = Object.keys(entity).find((each) => each.toLowerCase() === name);
    const value = key === undefined ? [] : entity[key];
    if (!Array.isArray(value)) throw badRequest("ErrorInvalidUrlQueryFilter", "The query filter is invalid.");
    return value as Record<string, unknown>[];
  };
}
