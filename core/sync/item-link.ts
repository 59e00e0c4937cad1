import type { IntentId, ItemLinkId } from "../ids.ts";
import type { Ref, Side, Version } from "../items/observed.ts";
import type { ItemChoice } from "./choice.ts";

/** Keyed hashes of an item's fields. An absent field is one whose last value is not known. */
export type Prints = Readonly<Partial<Record<string, string>>>;

/** What is known of an item link on one side. */
export interface LinkSide {
  ref: Ref;
  version: Version;
  uid: string | null;
  /** The stamp that the item carried when last seen. */
  stamp: string | null;
  /** The fields' own values, as hashes, at the state whose changes have all been handled. */
  base: Prints;
  /** Known to be outside of the window: its absence from a listing means nothing. */
  out: boolean;
  /**
   * Known to us before a stored cursor has passed it: made by us, or told in a slice that did not come to its end. A
   * listing of changes has no word for an item that came and went between two readings, so that its delete might
   * never be told: unless the next reading tells the item, it is looked for.
   */
  unconfirmed: boolean;
}

/**
 * - `new`: seen on one side, not yet compared with the other side's new items
 * - `single`: seen on one side, has no counterpart: to be created on the other
 * - `linked`: on both sides
 * - `untouched`: left alone on the sides it has, for `reason`
 * - `deleted`: gone from both sides; remembered so that a late echo does not bring it back
 */
export type LinkState = "new" | "single" | "linked" | "untouched" | "deleted";

export type UntouchedReason =
  | "unsupported-recurrence"
  | "series-with-exceptions"
  | "unknown-recurrence"
  | "meeting"
  | "invited"
  | "private"
  | "free"
  | "all-day"
  | "out-of-window"
  | "direction"
  | "malformed"
  | "unreadable"
  | "conflict"
  | "incomplete"
  | "unsubscribed"
  | "left-selection";

/** The identity of one item on both sides, with each side's last known fingerprints. Immutable: changes make another. */
export interface ItemLink {
  readonly id: ItemLinkId;
  /** The stamp of the item that Everlink creates for this link. */
  readonly key: string;
  /** Grows with every outcome of a write; part of the identity of an intent. */
  readonly revision: number;
  readonly state: LinkState;
  /** Why it is untouched; on a linked item `conflict`: some fields wait for a person. */
  readonly reason: UntouchedReason | null;
  /** The CRM holds a copy without content (`privateItems: busy-only`): content flows neither way. */
  readonly masked: boolean;
  readonly sides: Readonly<Record<Side, LinkSide | null>>;
  /** Hashes, in the narrower side's projection, of the values that both sides last had in common. */
  readonly agreed: Prints;
  /** Something is known to be unhandled: both sides are read again at `notBefore` or as soon as possible. */
  readonly pending: boolean;
  /** Milliseconds since 1970. */
  readonly notBefore: number | null;
  /** Failures of this item's own in a row. */
  readonly attempts: number;
  /** The brake holds a write of this link on that side. */
  readonly held: Side | null;
  /** Writes in a row, for the loop breaker. */
  readonly rewrites: number;
  /** Milliseconds since 1970 of the first of them. */
  readonly rewritesSince: number | null;
  /** A person's decision that waits to be carried out; absent for nearly every link. */
  readonly choice?: ItemChoice;
}

export function withoutChoice(link: ItemLink): ItemLink {
  const { choice: _carriedOut, ...rest } = link;
  return rest;
}

export type WriteKind = "create" | "update" | "delete";

/**
 * A remote write decided and recorded before it is made. It holds no content: what is written is read again
 * from the source. The hashes say what each side holds when the write has taken effect, so that an uncertain
 * outcome can be settled by looking, even after the source has moved on.
 */
export interface Intent {
  readonly id: IntentId;
  readonly linkId: ItemLinkId;
  readonly target: Side;
  readonly operation: WriteKind;
  readonly linkRevision: number;
  /** Row of the decision table. */
  readonly row: number;
  readonly fields: readonly string[];
  /** Stamp given to a create. */
  readonly key: string;
  /** The source's own values that this write carries. */
  readonly source: Prints;
  /** The same values as the target holds them. */
  readonly expected: Prints;
  /** The same values in the narrower side's projection. */
  readonly narrow: Prints;
  /** What the link's `masked` becomes. */
  readonly masked: boolean;
  /** The write discards or empties something: it counts for the brake. */
  readonly counted: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How an intent ended. `refused` and `not-applied` changed nothing remotely; the item is planned again. */
export type IntentOutcome = "applied" | "adopted" | "refused" | "not-applied";
