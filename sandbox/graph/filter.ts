import { badRequest } from "./errors.ts";

type Value = string | number | boolean | null;
type Scope = (path: string[]) => unknown;
/** Elements of a collection by its path; `ids` are the texts that the filter compares with their `id`. */
export type Collections = (path: string, ids: string[]) => Record<string, unknown>[];
type Predicate = (scope: Scope, collections: Collections) => boolean;

const tokenPattern =
  /\s*(?:('(?:[^']|'')*')|(\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)|(-?\d+(?:\.\d+)?)|([A-Za-z_@][\w.@-]*(?:\/[A-Za-z_][\w.]*)*)|([(),:]))/y;

type Token = { kind: "text" | "time" | "number" | "name" | "sign"; text: string };

function tokens(filter: string): Token[] {
  const found: Token[] = [];
  const kinds = ["text", "time", "number", "name", "sign"] as const;
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < filter.trimEnd().length) {
    const match = tokenPattern.exec(filter);
    if (!match) throw invalid();
    const at = match.slice(1).findIndex((each) => each !== undefined);
    found.push({ kind: kinds[at] ?? "sign", text: match[at + 1] ?? "" });
  }
  return found;
}

const invalid = (): Error => badRequest("ErrorInvalidUrlQueryFilter", "The query filter is invalid.");

const comparisons: Record<string, (order: number) => boolean> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
};

const functions: Record<string, (text: string, part: string) => boolean> = {
  startswith: (text, part) => text.startsWith(part),
  endswith: (text, part) => text.endsWith(part),
  contains: (text, part) => text.includes(part),
};

/** Times compare as instants, texts without case as Exchange's do, NaN when they cannot be compared. */
function order(left: unknown, right: Value): number {
  if (left === right) return 0;
  if (left === null || left === undefined || right === null) return Number.NaN;
  if (typeof left === "string" && typeof right === "string") {
    const [a, b] = [moment(left), moment(right)];
    if (!Number.isNaN(a) && !Number.isNaN(b)) return a - b;
    const [x, y] = [left.toLowerCase(), right.toLowerCase()];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  return typeof left === typeof right ? Number(left) - Number(right) : Number.NaN;
}

function moment(text: string): number {
  if (!/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$/.test(text)) return Number.NaN;
  return Date.parse(/T.*(Z|[+-]\d\d:\d\d)$/.test(text) || text.length === 10 ? text : `${text}Z`);
}

/**
 * Reads an OData filter: comparisons, `and`, `or`, `not`, parentheses, startswith, endswith, contains, and
 * `collection/any(x: …)`.
 * @throws GraphError `ErrorInvalidUrlQueryFilter`
 */
export function readFilter(
  filter: string,
): (entity: Record<string, unknown>, collections: Collections) => boolean {
  const list = tokens(filter);
  let at = 0;
  const peek = (): string | undefined => list[at]?.text;
  const take = (): Token => {
    const token = list[at++];
    if (!token) throw invalid();
    return token;
  };
  const demand = (text: string): void => {
    if (take().text !== text) throw invalid();
  };

  function either(variable?: string): Predicate {
    const parts = [both(variable)];
    while (peek() === "or") {
      at++;
      parts.push(both(variable));
    }
    return (scope, collections) => parts.some((part) => part(scope, collections));
  }

  function both(variable?: string): Predicate {
    const parts = [single(variable)];
    while (peek() === "and") {
      at++;
      parts.push(single(variable));
    }
    return (scope, collections) => parts.every((part) => part(scope, collections));
  }

  function single(variable?: string): Predicate {
    const token = take();
    if (token.text === "not") {
      const inner = single(variable);
      return (scope, collections) => !inner(scope, collections);
    }
    if (token.text === "(") {
      const inner = either(variable);
      demand(")");
      return inner;
    }
    if (token.kind !== "name") throw invalid();
    if (token.text.endsWith("/any") && peek() === "(") return any(token.text.slice(0, -4));
    const called = functions[token.text.toLowerCase()];
    if (called && peek() === "(") return call(called, variable);
    return compare(token.text, variable);
  }

  function any(path: string): Predicate {
    demand("(");
    const variable = take().text;
    demand(":");
    const start = at;
    const inner = either(variable);
    demand(")");
    const inside = list.slice(start, at);
    const ids = inside.flatMap((token, index) =>
      token.text === `${variable}/id` && inside[index + 1]?.text === "eq"
        ? [unquote(inside[index + 2]?.text)]
        : [],
    );
    return (_scope, collections) =>
      collections(path, ids).some((element) => inner((names) => read(element, names), collections));
  }

  function call(work: (text: string, part: string) => boolean, variable?: string): Predicate {
    demand("(");
    const path = pathOf(take().text, variable);
    demand(",");
    const part = unquote(take().text).toLowerCase();
    demand(")");
    return (scope) => {
      const value = scope(path);
      return typeof value === "string" && work(value.toLowerCase(), part);
    };
  }

  function compare(name: string, variable?: string): Predicate {
    const operator = comparisons[take().text];
    if (!operator) throw invalid();
    const literal = literalOf(take());
    const path = pathOf(name, variable);
    return (scope) => operator(order(scope(path) ?? null, literal));
  }

  const predicate = either();
  if (at < list.length) throw invalid();
  return (entity, collections) => predicate((path) => read(entity, path), collections);
}

function pathOf(name: string, variable: string | undefined): string[] {
  const path = name.split("/");
  return variable !== undefined && path[0] === variable ? path.slice(1) : path;
}

function read(entity: unknown, path: string[]): unknown {
  let value = entity;
  for (const name of path) {
    if (typeof value !== "object" || value === null) return undefined;
    const members = value as Record<string, unknown>;
    const key = Object.keys(members).find((each) => each.toLowerCase() === name.toLowerCase());
    value = key === undefined ? undefined : members[key];
  }
  return value;
}

const unquote = (text = ""): string => text.replace(/^'(.*)'$/s, "$1").replaceAll("''", "'");

function literalOf(token: Token): Value {
  switch (token.kind) {
    case "text":
      return unquote(token.text);
    case "number":
      return Number(token.text);
    case "time":
      return token.text;
    case "name":
      if (token.text === "null") return null;
      if (token.text === "true" || token.text === "false") return token.text === "true";
      throw invalid();
    case "sign":
      throw invalid();
  }
}
