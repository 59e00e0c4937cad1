/** Most texts are this plain, and then nothing need be done to them. */
const plainLine = /^(?:[!-~]+(?: [!-~]+)*)?$/u;
const plainText = /^(?:[!-~]+(?:[ \n][!-~]+)*)?$/u;

/** One line: systems cut a title at its first line end, or turn it into a space. Idempotent. */
export function normalizeLine(text: string): string {
  if (plainLine.test(text)) return text;
  return withoutControls(text).replace(/\s+/gu, " ").trim().normalize("NFC");
}

/** `\n` line ends, no spaces before them, no empty lines at the end: none survives a mail editor. Idempotent. */
export function normalizeText(text: string): string {
  if (plainText.test(text)) return text;
  return withoutControls(text.replace(/\r\n?|\u2028|\u2029/gu, "\n"))
    .replace(/[^\S\n]+$/gmu, "")
    .trimEnd()
    .normalize("NFC");
}

/** XML 1.0 cannot carry them, so no system can be trusted to keep them. A lone surrogate becomes U+FFFD, as in every encoder. */
function withoutControls(text: string): string {
  return text.toWellFormed().replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "");
}
