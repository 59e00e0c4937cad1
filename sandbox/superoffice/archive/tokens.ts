import { badRequest } from "../errors.ts";

export interface Token {
  kind: "word" | "number" | "text" | "symbol";
  text: string;
}

const TOKEN =
  /\s*(?:(?:datetime)?'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)(?![\w/])|([A-Za-z_][\w/:.]*)|([(),=]))/iy;

/** Splits `$filter` into words, numbers, quoted texts (`''` is a quote) and symbols. */
export function tokens(filter: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (filter.slice(TOKEN.lastIndex).trim() !== "") {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(filter);
    if (!match) throw badRequest(`Syntax error in $filter at '${filter.slice(at, at + 20)}'`);
    const [, text, number, word, symbol] = match;
    if (text !== undefined) found.push({ kind: "text", text: text.replaceAll("''", "'") });
    else if (number !== undefined) found.push({ kind: "number", text: number });
    else if (word !== undefined) found.push({ kind: "word", text: word });
    else found.push({ kind: "symbol", text: symbol ?? "" });
  }
  return found;
}
