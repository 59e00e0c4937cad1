/** One content line of iCalendar or vCard, its value undecoded but for quoted-printable. */
export interface Line {
  name: string;
  params: Map<string, string[]>;
  value: string;
}

export interface Component {
  /** `VEVENT`, upper-case. */
  name: string;
  lines: Line[];
  components: Component[];
  /** The file ended, or another component, before this one did. */
  cutOff: boolean;
  /** Lines that are no content lines. */
  junk: number;
}

/** What a file's bytes say: by byte order mark, else UTF-8, else Windows-1252, which never fails. */
export function decodeFile(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** Reads iCalendar and vCard 2.1 to 4.0 with whatever is wrong in them. @returns the outermost components */
export function readComponents(text: string): Component[] {
  const root = component("");
  const open: Component[] = [root];
  const top = (): Component => open.at(-1) as Component;
  for (const raw of unfold(text)) {
    if (raw.trim() === "") continue;
    const line = readLine(raw);
    if (!line) {
      top().junk += 1;
      continue;
    }
    const name = line.value.trim().toUpperCase();
    if (line.name === "BEGIN") {
      for (const left of open.splice(depthFor(name, open))) left.cutOff = true;
      const begun = component(name);
      top().components.push(begun);
      open.push(begun);
    } else if (line.name === "END") {
      const at = open.findLastIndex((each) => each.name === name);
      if (at <= 0) top().junk += 1;
      else for (const left of open.splice(at).slice(1)) left.cutOff = true;
    } else top().lines.push(line);
  }
  for (const left of open.slice(1)) left.cutOff = true;
  return root.components;
}

const items = new Set(["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE"]);

/** How many of the open components may stay open around a new one: an item that never ended must not swallow the next. */
function depthFor(name: string, open: Component[]): number {
  if (name === "VCALENDAR") return 1;
  if (name === "VCARD") return open.at(-1)?.lines.at(-1)?.name === "AGENT" ? open.length : 1;
  if (!items.has(name)) return open.length;
  const outside = open.findIndex((each) => items.has(each.name));
  return outside < 0 ? open.length : outside;
}

const component = (name: string): Component => ({ name, lines: [], components: [], cutOff: false, junk: 0 });

/** Joins folded lines, and the soft line breaks of vCard 2.1's quoted-printable. */
function unfold(text: string): string[] {
  const lines: string[] = [];
  let soft = false;
  for (const line of text.replace(/^\uFEFF/, "").split(/\r\n|\r(?!\n)|\n/)) {
    const last = lines.length - 1;
    if (soft) lines[last] = `${lines[last]?.slice(0, -1)}${line}`;
    else if (/^[ \t]/.test(line) && last >= 0) lines[last] = `${lines[last]}${line.slice(1)}`;
    else lines.push(line);
    const now = lines.at(-1) ?? "";
    soft = /^[^:]*QUOTED-PRINTABLE[^:]*:/i.test(now) && now.endsWith("=");
  }
  return lines;
}

function readLine(raw: string): Line | undefined {
  const colon = endOfHead(raw);
  if (colon < 0) return undefined;
  const [full = "", ...given] = splitOutsideQuotes(raw.slice(0, colon), ";");
  const name = full
    .slice(full.lastIndexOf(".") + 1)
    .trim()
    .toUpperCase();
  if (!/^[A-Z0-9-]+$/.test(name)) return undefined;
  const params = new Map<string, string[]>();
  for (const each of given) {
    const at = each.indexOf("=");
    // vCard 2.1 leaves out the names: `TEL;WORK;VOICE`.
    const key =
      at < 0
        ? /^(QUOTED-PRINTABLE|BASE64|8BIT|7BIT)$/i.test(each)
          ? "ENCODING"
          : "TYPE"
        : each.slice(0, at);
    const values = splitOutsideQuotes(at < 0 ? each : each.slice(at + 1), ",").map((value) =>
      value.trim().replace(/^"(.*)"$/, "$1"),
    );
    const upper = key.trim().toUpperCase();
    params.set(upper, [...(params.get(upper) ?? []), ...values]);
  }
  const value = raw.slice(colon + 1);
  const quoted = params.get("ENCODING")?.some((each) => each.toUpperCase() === "QUOTED-PRINTABLE");
  return { name, params, value: quoted ? unquote(value, params.get("CHARSET")?.[0]) : value };
}

function endOfHead(raw: string): number {
  let inQuotes = false;
  for (let at = 0; at < raw.length; at++) {
    if (raw[at] === '"') inQuotes = !inQuotes;
    else if (raw[at] === ":" && !inQuotes) return at;
  }
  return raw.indexOf(":");
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts = [""];
  let inQuotes = false;
  for (const character of text) {
    if (character === '"') inQuotes = !inQuotes;
    if (character === separator && !inQuotes) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts;
}

function unquote(value: string, charset = "utf-8"): string {
  const bytes: number[] = [];
  for (let at = 0; at < value.length; at++) {
    const hex = value[at] === "=" ? /^[0-9a-f]{2}/i.exec(value.slice(at + 1))?.[0] : undefined;
    if (hex !== undefined) {
      bytes.push(parseInt(hex, 16));
      at += 2;
    } else bytes.push(...new TextEncoder().encode(value[at]));
  }
  try {
    return new TextDecoder(charset).decode(Uint8Array.from(bytes));
  } catch {
    return new TextDecoder("utf-8").decode(Uint8Array.from(bytes));
  }
}

export const first = (from: Component, name: string): Line | undefined =>
  from.lines.find((line) => line.name === name);
export const all = (from: Component, name: string): Line[] => from.lines.filter((line) => line.name === name);

/** A text value: escapes undone, what no system can hold left out. */
export function textOf(line: Line | undefined): string {
  return line ? unescape(line.value) : "";
}

export function unescape(value: string): string {
  return value
    .replace(/\\([\\;,:"nN])/g, (_, character: string) => (/n/i.test(character) ? "\n" : character))
    .replace(/\r\n?/g, "\n")
    .toWellFormed()
    .replace(/[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "");
}

/** The parts of a structured or listed value, between separators that are not escaped. */
export function partsOf(value: string, separator: ";" | ","): string[] {
  const parts: string[] = [];
  let part = "";
  for (let at = 0; at < value.length; at++) {
    const character = value[at] ?? "";
    if (character === separator) {
      parts.push(part);
      part = "";
    } else part += character === "\\" ? character + (value[++at] ?? "") : character;
  }
  parts.push(part);
  return parts.map((part) => unescape(part).trim());
}
