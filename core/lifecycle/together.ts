import { errorRow, type ErrorCode } from "../errors/table.ts";
import type { CycleResult } from "./events.ts";

/** What a cycle came to for one kind of item. */
export interface KindEnd {
  problem: ErrorCode | null;
  retryAfterMs?: number;
  held: "brake" | null;
  /** Something waits for its time: a cycle is worth while after this. */
  dueAgainMs?: number;
}

/**
 * What the kinds of one user came to together: the worst problem, and whether it leaves the others in peace.
 *
 *   needs-reauth                        → the whole user's: it is the permission for every kind
 *   any other, in each kind             → the whole user's
 *   any other, while some kind is well  → `partial`: shown, but it neither holds nor slows down the user
 *   only of single items                → none
 */
export function together(
  ends: readonly KindEnd[],
): Pick<CycleResult, "problem" | "retryAfterMs" | "held" | "partial"> & { dueAgainMs?: number } {
  const failed = ends.filter(({ problem }) => concernsUser(problem));
  const [worst] = failed.toSorted((a, b) => severity(b.problem) - severity(a.problem));
  const problem = worst?.problem ?? null;
  const retryAfterMs = longest(failed.map((end) => end.retryAfterMs ?? 0));
  const due = ends.flatMap(({ dueAgainMs }) => (dueAgainMs === undefined ? [] : [dueAgainMs]));
  const partial = failed.length > 0 && failed.length < ends.length && severity(problem) < 5;
  return {
    problem,
    held: ends.some(({ held }) => held === "brake") ? "brake" : null,
    ...(retryAfterMs > 0 ? { retryAfterMs } : {}),
    ...(partial ? { partial } : {}),
    ...(due.length > 0 ? { dueAgainMs: Math.min(...due) } : {}),
  };
}

/** Whether it is more than a matter of single items. */
export function concernsUser(problem: ErrorCode | null): problem is ErrorCode {
  return severity(problem) > 0;
}

/** 0 for what is no problem of the user; 5 for what ends every kind. */
function severity(problem: ErrorCode | null): number {
  if (problem === null) return 0;
  const { scope, nature, hold } = errorRow(problem);
  if (scope === "item") return 0;
  if (hold === "needs-reauth") return 5;
  if (hold === "blocked") return 4;
  if (scope === "user") return 1;
  return nature === "permanent" ? 3 : 2;
}

function longest(times: readonly number[]): number {
  return Math.max(0, ...times);
}
