import { createHash } from "node:crypto";
import type { Ref, Side } from "../core/items/observed.ts";
import type { ItemLink } from "../core/sync/item-link.ts";
import { contentOf } from "../core/sync/match.ts";

/**
 * The stamp of an item made from another: the same for the same source, so that the pair is recognized when our
 * tables are lost, and different after a restore, because a deleted item may still occupy the former stamp.
 */
export function stampFor(identity: string, side: Side, ref: Ref, restored = 0): string {
  const source = JSON.stringify([identity, side, ref, restored]);
  return `el.${createHash("sha256").update(source).digest("base64url").slice(0, 32)}`;
}

/** Names an item's content as matching compares it: a database computes the same (`unmatched` of the repository). */
export function digestOfContent(fields: readonly string[], link: Pick<ItemLink, "agreed">): string {
  return createHash("sha256").update(contentOf(fields, link)).digest("hex");
}
