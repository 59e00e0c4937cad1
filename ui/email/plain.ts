import type { Block } from "./content.ts";

/** The plain-text part: the same blocks in the same order, wrapped at 76 characters, links on lines of their own. */
export function plainText(blocks: readonly Block[]): string {
  return `${blocks.map(plain).join("\n\n")}\n`;
}

function plain(block: Block): string {
  switch (block.type) {
    case "title":
      return `${wrap(block.text)}\n${"=".repeat(Math.min(block.text.length, 76))}`;
    case "paragraph":
      return wrap(block.text);
    case "small":
      return `-- \n${wrap(block.text)}`;
    case "quote":
      return [`${block.from} writes:`, ...block.paragraphs.map((text) => wrap(text, "> "))].join("\n\n");
    case "list":
      return [block.title, ...block.items.map((item) => wrap(item, "  ", "- "))].join("\n");
    case "button":
      return `${block.label}:\n${block.url}`;
    case "code":
      return `${block.label} ${block.code}\n${block.url}`;
  }
}

function wrap(text: string, indent = "", first = indent): string {
  return text
    .split("\n")
    .map((line) => {
      const lines: string[] = [];
      let current = "";
      for (const word of line.split(" ")) {
        if (current !== "" && current.length + word.length + 1 > 74) {
          lines.push(current);
          current = word;
        } else {
          current = current === "" ? word : `${current} ${word}`;
        }
      }
      lines.push(current);
      return lines.map((part, index) => `${index === 0 ? first : indent}${part}`).join("\n");
    })
    .join("\n");
}
