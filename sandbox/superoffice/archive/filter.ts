import { badRequest } from "../errors.ts";
import type { Column, Parameters } from "./columns.ts";
import { tokens, type Token } from "./tokens.ts";

export type Literal = string | number | boolean;

/** How one comparison becomes SQL; knows zones, switches and the caller. */
export interface Comparer {
  compare(
    column: Column,
    name: string,
    operator: string,
    values: Literal[],
  ): { sql: string; parameters: Parameters };
}

export interface Condition {
  sql: string;
  parameters: Parameters;
}

const FUNCTIONS: Record<string, string> = {
  startswith: "begins",
  endswith: "ends",
  contains: "contains",
  substringof: "contains",
};
/** Operators that stand alone after their column. */
const UNARY = new Set([
  "currentassociate",
  "beforetoday",
  "today",
  "aftertoday",
  "lastweek",
  "thisweek",
  "nextweek",
  "lastmonth",
  "thismonth",
  "nextmonth",
  "thisyear",
]);

/**
 * Compiles `$filter` to SQL: `and`, `or`, `not`, parentheses, functions, and `column operator value`.
 * @see api/search/odata
 * @throws SoError 400 for what cannot be read, unknown columns and operators that the column does not know
 */
export function compileFilter(text: string, columns: Record<string, Column>, comparer: Comparer): Condition {
  const parser = new Parser(tokens(text), columns, comparer);
  return parser.whole();
}

class Parser {
  #at = 0;
  readonly #tokens: Token[];
  readonly #columns: Record<string, Column>;
  readonly #comparer: Comparer;

  constructor(all: Token[], columns: Record<string, Column>, comparer: Comparer) {
    this.#tokens = all;
    this.#columns = columns;
    this.#comparer = comparer;
  }

  whole(): Condition {
    const condition = this.#or();
    const rest = this.#peek();
    if (rest) throw badRequest(`Syntax error in $filter at '${rest.text}'`);
    return condition;
  }

  #or(): Condition {
    let left = this.#and();
    while (this.#word("or")) left = join(left, "or", this.#and());
    return left;
  }

  #and(): Condition {
    let left = this.#not();
    while (this.#word("and")) left = join(left, "and", this.#not());
    return left;
  }

  #not(): Condition {
    if (!this.#word("not")) return this.#primary();
    const inner = this.#primary();
    return { sql: `(not ${inner.sql})`, parameters: inner.parameters };
  }

  #primary(): Condition {
    if (this.#symbol("(")) {
      const inner = this.#or();
      this.#expect(")");
      return inner;
    }
    const name = this.#take("word");
    if (FUNCTIONS[name.toLowerCase()] && this.#symbol("(")) return this.#function(name.toLowerCase());
    return this.#comparison(name);
  }

  /** `startswith(column, 'x')`; `substringof('x', column)` has them the other way round. */
  #function(name: string): Condition {
    const first = this.#next();
    this.#expect(",");
    const second = this.#next();
    this.#expect(")");
    const [column, value] = first.kind === "word" ? [first, second] : [second, first];
    return this.#comparer.compare(this.#column(column.text), column.text, FUNCTIONS[name] ?? name, [
      literal(value),
    ]);
  }

  #comparison(name: string): Condition {
    const column = this.#column(name);
    const operator = this.#next().text.toLowerCase();
    if (UNARY.has(operator)) return this.#comparer.compare(column, name, operator, []);
    const values: Literal[] = [];
    if (this.#symbol("(")) {
      do values.push(literal(this.#next()));
      while (this.#symbol(","));
      this.#expect(")");
    } else values.push(literal(this.#next()));
    return this.#comparer.compare(column, name, operator, values);
  }

  #column(name: string): Column {
    const known = Object.keys(this.#columns).find((column) => column.toLowerCase() === name.toLowerCase());
    const column = known === undefined ? undefined : this.#columns[known];
    if (!column) throw badRequest(`Unknown column '${name}' in $filter`);
    if (column.fixed) throw badRequest(`Column '${name}' cannot be used in $filter`);
    return column;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #next(): Token {
    const token = this.#peek();
    if (!token) throw badRequest("Syntax error in $filter: it ends too early");
    this.#at += 1;
    return token;
  }

  #take(kind: Token["kind"]): string {
    const token = this.#next();
    if (token.kind !== kind) throw badRequest(`Syntax error in $filter at '${token.text}'`);
    return token.text;
  }

  #word(word: string): boolean {
    const token = this.#peek();
    if (token?.kind !== "word" || token.text.toLowerCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #symbol(symbol: string): boolean {
    const token = this.#peek();
    if (token?.kind !== "symbol" || token.text !== symbol) return false;
    this.#at += 1;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#symbol(symbol)) throw badRequest(`Syntax error in $filter: '${symbol}' expected`);
  }
}

function join(left: Condition, word: "and" | "or", right: Condition): Condition {
  return { sql: `(${left.sql} ${word} ${right.sql})`, parameters: [...left.parameters, ...right.parameters] };
}

function literal(token: Token): Literal {
  if (token.kind === "text") return token.text;
  if (token.kind === "number") return Number(token.text);
  if (token.kind === "word" && /^(true|false)$/i.test(token.text)) return token.text.toLowerCase() === "true";
  throw badRequest(`Syntax error in $filter: value expected, found '${token.text}'`);
}
