import type { Row } from "./selection.ts";

export interface Held {
  rows: readonly Row[];
  /** Something would move, come or go if the fresh order were shown. */
  moved: boolean;
}

/**
 * Fresh facts in the order that is on the screen, for as long as someone points at it. Rows that came wait, rows
 * that left stay as they were last seen; rows beyond the end of what was shown (the next page) are appended.
 */
export function keepOrder(shown: readonly Row[], fresh: readonly Row[]): Held {
  if (shown.length === 0) return { rows: fresh, moved: false };
  const byId = new Map(fresh.map((row) => [row.associateId, row]));
  const rows = shown.map((row) => byId.get(row.associateId) ?? row);

  const known = new Set(shown.map((row) => row.associateId));
  const lastKnown = fresh.findLastIndex((row) => known.has(row.associateId));
  rows.push(...fresh.slice(lastKnown + 1));

  const moved =
    rows.length !== fresh.length || rows.some((row, at) => row.associateId !== fresh[at]?.associateId);
  return { rows, moved };
}
