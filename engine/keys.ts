import { createHash } from "node:crypto";
import type { Ref, Side } from "../core/items/observed.ts";

/**
 * The stamp of an item made from another: the same for the same source, so that the pair is recognized when our
 * tables are lost, and different after a restore, because a deleted item may still occupy the former stamp.
 */
export function stampFor(identity: string, side: Side, ref: Ref, restored = 0): string {
  const source = JSON.stringify([identity, side, ref, restored]);
  return `el.${createHash("sha256").update(source).digest("base64url").slice(0, 32)}`;
}
