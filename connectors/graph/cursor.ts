import { z } from "zod";
import type { Window } from "../../core/items/observed.ts";

/**
 * How far a calendar was read: Graph's own delta address, untouched, and what of its last page is still to be looked
 * at. Progress within a page is kept, so that a throttled or slow mailbox gets further with every call.
 */
export interface Progress {
  /** The address of the next page or the next round; `undefined`: nothing was asked for yet. */
  link: string | undefined;
  /** Events that the last page named and that were not read yet. */
  pending: Pending[];
  /** Digests of the series read in this round: each of their dates names them again, on any page. */
  told: string[];
  /** Whether this round has more pages. */
  more: boolean;
  /** The first listing is not through yet. */
  initial: boolean;
  /** What was listed: a delta belongs to its window. */
  window: Window;
}

export interface Pending {
  id: string;
  /** It was named as removed: from the calendar, or only from the window. */
  removed: boolean;
}

const version = "graph1:";
const stored = z.strictObject({
  l: z.string(),
  p: z.array(z.string()),
  r: z.array(z.string()),
  t: z.array(z.string()),
  m: z.boolean(),
  i: z.boolean(),
  w: z.strictObject({ from: z.string(), to: z.string() }),
});

export function beginning(window: Window): Progress {
  return { link: undefined, pending: [], told: [], more: true, initial: true, window };
}

export function writeCursor({ link, pending, told, more, initial, window }: Progress): string {
  const ids = (removed: boolean) => pending.filter((one) => one.removed === removed).map(({ id }) => id);
  return (
    version +
    JSON.stringify({ l: link ?? "", p: ids(false), r: ids(true), t: told, m: more, i: initial, w: window })
  );
}

/** @returns `undefined` for what is no cursor of ours */
export function readCursor(cursor: string): Progress | undefined {
  if (!cursor.startsWith(version)) return undefined;
  try {
    const { l, p, r, t, m, i, w } = stored.parse(JSON.parse(cursor.slice(version.length)));
    const pending = [...p.map((id) => ({ id, removed: false })), ...r.map((id) => ({ id, removed: true }))];
    return { link: l === "" ? undefined : l, pending, told: t, more: m, initial: i, window: w };
  } catch {
    return undefined;
  }
}
