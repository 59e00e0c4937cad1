import { z } from "zod";

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
  /** Items that begin after the window: nothing reports them when the window, day by day, reaches them. */
  ahead: Record<string, string>;
  /** Start of the window of this listing; a window that reaches back further needs a listing of its own. */
  from: string;
}

const version = "ews1:";
const stored = z.strictObject({
  s: z.string(),
  p: z.array(z.string()),
  m: z.boolean(),
  i: z.boolean(),
  a: z.record(z.string(), z.string()),
  f: z.string(),
});

export function beginning(from: string): Progress {
  return { syncState: undefined, pending: [], more: true, initial: true, ahead: {}, from };
}

export function writeCursor(progress: Progress): string {
  const { syncState, pending, more, initial, ahead, from } = progress;
  return version + JSON.stringify({ s: syncState ?? "", p: pending, m: more, i: initial, a: ahead, f: from });
}

/** @returns `undefined` for what is no cursor of ours */
export function readCursor(cursor: string): Progress | undefined {
  if (!cursor.startsWith(version)) return undefined;
  try {
    const { s, p, m, i, a, f } = stored.parse(JSON.parse(cursor.slice(version.length)));
    return { syncState: s === "" ? undefined : s, pending: p, more: m, initial: i, ahead: a, from: f };
  } catch {
    return undefined;
  }
}
