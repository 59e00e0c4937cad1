import type { UntouchedReason } from "./item-link.ts";

/** Something about an item that a person may want to decide, or at least to know. */
export type FindingCode = UntouchedReason | "refused" | "loop";

/** Reasons that are the person's own settings or plain distance: they are counted, and need no finding. */
const silent: ReadonlySet<FindingCode> = new Set([
  "private",
  "free",
  "all-day",
  "out-of-window",
  "direction",
  "unsubscribed",
]);

/** Whether an item left untouched for this reason is told to people. */
export function isFinding(reason: UntouchedReason): boolean {
  return !silent.has(reason);
}
