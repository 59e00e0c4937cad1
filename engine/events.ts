import type { Side } from "../core/items/observed.ts";
import type { ItemEvent } from "./repository.ts";

/** One line of an item's "why". */
export function eventOf(
  all: readonly string[],
  row: number,
  action: string,
  target: Side | null,
  fields: readonly string[] = [],
): ItemEvent {
  return { row, action, target, fields: all.every((field) => fields.includes(field)) ? [] : fields };
}
