import type { z } from "@hono/zod-openapi";
import type { actionKinds, AssociateRow } from "../../../api/contract/user.ts";

export type ActionKind = (typeof actionKinds)[number];
export type Row = z.infer<typeof AssociateRow>;

/** The chosen people by associate number, as last seen. Choosing outlives filtering and paging. */
export type Selection = ReadonlyMap<number, Row>;

export const nobody: Selection = new Map();

export function toggle(selection: Selection, row: Row): Selection {
  const next = new Map(selection);
  if (!next.delete(row.associateId)) next.set(row.associateId, row);
  return next;
}

/** Everyone between two rows of what is shown, both included (Shift and click). */
export function extend(selection: Selection, shown: readonly Row[], from: number, to: number): Selection {
  const ends = [from, to].map((id) => shown.findIndex((row) => row.associateId === id)).sort((a, b) => a - b);
  const [first = -1, last = -1] = ends;
  return first < 0 ? selection : add(selection, shown.slice(first, last + 1));
}

export function add(selection: Selection, rows: readonly Row[]): Selection {
  const next = new Map(selection);
  for (const row of rows) next.set(row.associateId, row);
  return next;
}

export function without(selection: Selection, rows: readonly Row[]): Selection {
  const next = new Map(selection);
  for (const row of rows) next.delete(row.associateId);
  return next;
}

export type Extent = "none" | "some" | "all";

/** How many of the shown rows are chosen: the state of the box in the head. */
export function extent(selection: Selection, shown: readonly Row[]): Extent {
  const chosen = shown.filter((row) => selection.has(row.associateId)).length;
  if (chosen === 0) return "none";
  return chosen === shown.length ? "all" : "some";
}

/** The same people as newly read. The same map when nothing changed, so that nothing is drawn again for nothing. */
export function refreshed(selection: Selection, rows: readonly Row[]): Selection {
  const changed = rows.filter((row) => {
    const known = selection.get(row.associateId);
    return known !== undefined && known !== row;
  });
  return changed.length === 0 ? selection : add(selection, changed);
}

/** Who of the chosen may be treated so, and who not for which reason, with the commonest reason first. */
export interface Division {
  allowed: Row[];
  refused: { reason: string; rows: Row[] }[];
}

export function divide(rows: Iterable<Row>, kind: ActionKind, otherwise: string): Division {
  const allowed: Row[] = [];
  const reasons = new Map<string, Row[]>();
  for (const row of rows) {
    const action = row.actions.find((each) => each.kind === kind);
    if (action?.allowed) {
      allowed.push(row);
      continue;
    }
    const reason = action?.reason ?? otherwise;
    reasons.set(reason, [...(reasons.get(reason) ?? []), row]);
  }
  const refused = [...reasons]
    .map(([reason, people]) => ({ reason, rows: people }))
    .sort((a, b) => b.rows.length - a.rows.length);
  return { allowed, refused };
}
