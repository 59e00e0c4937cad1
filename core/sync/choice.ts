import type { Side } from "../items/observed.ts";
import { sides } from "../items/observed.ts";
import type { FindingCode } from "./findings.ts";
import type { Hash, Seen } from "./prints.ts";

/** One digest per side of what a person was told about: another digest is another matter. A side not read is absent. */
export type SideState = Readonly<Partial<Record<Side, string>>>;

/**
 * What a person decided about one item. It stands on the item link until a slice has carried it out, or found that it
 * does not apply any more.
 *
 * - `take`: in a conflict that waits for a person, this side's values win; only as long as both are as they were shown
 * - `restore`: what the archive holds goes back to the side that lost it, as an edit of its owner (row 91)
 */
export type ItemChoice =
  { kind: "take"; side: Side; state: SideState } | { kind: "restore"; archiveId: string };

/** Everything that may be asked for about one finding. */
export const findingChoices = ["retry", "take-crm", "take-mailbox", "compare", "dismiss"] as const;
export type FindingChoice = (typeof findingChoices)[number];

/**
 *                              | retry | take a side | compare | dismiss
 * conflict                     |       |      ×      |    ×    |    ×
 * refused, loop, unreadable    |   ×   |             |    ×    |    ×
 * everything else: left alone  |       |             |    ×    |    ×
 *
 * What is left alone is looked at again by itself whenever it changes: nothing is gained by asking for it. An item that
 * cannot be read cannot be compared either.
 */
export function choicesOf(code: FindingCode): readonly FindingChoice[] {
  return own[code] ?? ["compare", "dismiss"];
}

const own: Partial<Record<FindingCode, readonly FindingChoice[]>> = {
  conflict: ["take-crm", "take-mailbox", "compare", "dismiss"],
  refused: ["retry", "compare", "dismiss"],
  loop: ["retry", "compare", "dismiss"],
  unreadable: ["retry", "dismiss"],
};

/** Digests of what both sides hold now, of these fields or of the whole item. */
export function stateOf(
  seen: Readonly<Record<Side, Seen<unknown> | null>>,
  hash: Hash,
  fields?: readonly string[],
): SideState {
  const entries = sides.flatMap((side) => {
    const own = seen[side]?.own;
    if (own === undefined) return [];
    const named = (fields ?? Object.keys(own)).toSorted();
    return [[side, hash("state", named.map((field) => `${field}=${own[field] ?? ""}`).join(" "))]];
  });
  return Object.fromEntries(entries) as SideState;
}

/** Whether what was told then is told still; a side that one of them has not read says nothing. */
export function sameState(a: SideState, b: SideState): boolean {
  return sides.every((side) => a[side] === undefined || b[side] === undefined || a[side] === b[side]);
}
