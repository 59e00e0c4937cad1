import type { Body } from "./model.ts";

/**
 * A body in the form that was asked for. Exchange keeps one form and converts on reading, so that neither
 * conversion gives back what was once written: HTML comes wrapped into a document, text with CR LF.
 */
export function bodyAs(body: Body | undefined, wanted: "Best" | "HTML" | "Text"): Body {
  const stored = body ?? { type: "Text", content: "" };
  const type = wanted === "Best" ? stored.type : wanted;
  if (type === stored.type) return { type, content: stored.content };
  return { type, content: type === "Text" ? htmlToText(stored.content) : textToHtml(stored.content) };
}

/** A body as it is stored when a client writes it. */
export function bodyToStore(type: "HTML" | "Text", content: string): Body {
  if (type === "Text") return { type, content: content.replace(/\r?\n/g, "\r\n") };
  return { type, content: /<html[\s>]/i.test(content) || content === "" ? content : wrap(content) };
}

function wrap(inner: string): string {
  return (
    `<html>\r\n<head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n</head>\r\n` +
    `<body>\r\n${inner}\r\n</body>\r\n</html>\r\n`
  );
}

function textToHtml(text: string): string {
  if (text === "") return "";
  const escaped = text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const lines = escaped.replace(/ {2}/g, " &nbsp;").replace(/\r?\n/g, "<br>\r\n");
  return wrap(`<!-- converted from text -->\r\n<div class="PlainText">${lines}</div>`);
}

const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

function htmlToText(html: string): string {
  const visible = html
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/<(head|style|script|title)\b[\s\S]*?<\/\1\s*>/gi, "")
    .replace(/\s+/g, " ")
    .replace(/<br\s*\/?>\s?/gi, "\n")
    .replace(/<li\b[^>]*>/gi, "\n* ")
    .replace(/<\/(p|div|tr|h[1-6]|ul|ol|table|blockquote)\s*>\s?/gi, "\n")
    .replace(/<\/td\s*>/gi, "\t")
    .replace(/<[^>]*>/g, "");
  const decoded = visible.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]+);/gi, (whole: string, name: string) =>
    decode(whole, name),
  );
  return decoded
    .split("\n")
    .map((line) => line.trim())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim()
    .replace(/\n/g, "\r\n");
}

function decode(whole: string, name: string): string {
  if (!name.startsWith("#")) return named[name.toLowerCase()] ?? whole;
  const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}
