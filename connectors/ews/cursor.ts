import { z } from "zod";
import type { Window } from "../../core/items/observed.ts";

/**
 * How far a calendar was read: Exchange's own sync state, untruncated, and what of its last page is still to be
 * looked at. Progress within a page is kept, so that a throttled or slow mailbox gets further with every call.
 */
export interface Progress {
  /** `undefined`: nothing was asked for yet. */
  syncState: string | undefined;
  /** Ids that the last page named and that were not read yet. */
  pending: string[];
  /** Whether Exchange has more pages after this one. */
  more: boolean;
  /** The first listing is not through yet. */
  initial: boolean;
  /** What of the calendar was listed: a window that reaches further needs a listing of its own. */
  window: Window;
}

const version = "ews1:";
const stored = z.strictObject({
  s: z.string(),
  p: z.array(z.string()),
  m: z.boolean(),
  i: z.boolean(),
  w: z.strictObject({ from: z.string(), to: z.string() }),
});

export function beginning(window: Window): Progress {
  return { syncState: undefined, pending: [], more: true, initial: true, window };
}

export function writeCursor(progress: Progress): string {
  const { syncState, pending, more, initial, window } = progress;
  return version + JSON.stringify({ s: syncState ?? "", p: pending, m: more, i: initial, w: window });
}

/** @returns `undefined` for what is no cursor of ours */
export function readCursor(cursor: string): Progress | undefined {
  if (!cursor.startsWith(version)) return undefined;
  try {
    const { s, p, m, i, w } = stored.parse(JSON.parse(cursor.slice(version.length)));
    return { syncState: s === "" ? undefined : s, pending: p, more: m, initial: i, window: w };
  } catch {
    return undefined;
  }
}
