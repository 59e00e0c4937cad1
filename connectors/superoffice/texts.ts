/** How texts are told and kept, the same for every kind of item. */

/** The texts of the diary tell a `FieldLength` of 4000. */
export const textLength = 4_000;

/** Characters that neither side shows and XML cannot carry: controls, halves of pairs, non-characters. */
const invisible = /(?![\t\n])\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu;

export function lines(value: string): string {
  return value.replace(/\r\n?/g, "\n").replace(invisible, "");
}

export function oneLine(value: string): string {
  return lines(value)
    .replace(/\s*\n\s*/g, " ")
    .trim();
}

/**
 * `Title` came late: rows from before it may have a text alone, whose first line people see as the title.
 */
export function firstLine(value: string): string {
  return (
    value
      .split("\n")
      .map((line) => line.trim())
      .find((line) => line !== "") ?? ""
  );
}

/** Cuts between characters, never inside one, and leaves no blank that the next reading would trim. */
export function clip(value: string, length: number): string {
  if (value.length <= length) return value;
  return value
    .slice(0, length)
    .replace(/[\ud800-\udbff]$/, "")
    .trimEnd();
}
