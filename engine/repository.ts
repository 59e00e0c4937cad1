import type { ItemLinkId } from "../core/ids.ts";
import type { Cursor, Ref, Side, Window } from "../core/items/observed.ts";
import type { SideState } from "../core/sync/choice.ts";
import type { FindingCode } from "../core/sync/findings.ts";
import type { Intent, IntentOutcome, ItemLink } from "../core/sync/item-link.ts";
import type { Candidate } from "../core/sync/match.ts";
import type { Counters } from "./counters.ts";

/**
 * What sync remembers of one user, without content: ids, hashes, numbers. Bound to one organization, user and
 * fence; every write fails with `lifecycle.fenced` once a newer run has taken over. Each method is one
 * transaction. Times are milliseconds since 1970, given by the caller.
 */
export interface SyncRepository {
  /**
   * What a slice starts from. Also the check of the fence.
   *
   * @param accounts names, as hashes, the accounts behind both sides. Another one than last time: what was known of
   *   that side's items is forgotten and the other side's items are new again, so that an item which is not in the
   *   new mailbox is never taken for deleted (I5)
   */
  begin(now: number, accounts: Readonly<Record<Side, string>>): Promise<Beginning>;
  /** The links of the observed items: by either side's ref, by either side's UID, by stamp. */
  find(lookup: Lookup): Promise<ItemLink[]>;
  /**
   * Links to be looked at again: pending, their time come, not held by the brake or approved. First those that could not be
   * read, since others may seem to be gone because of them; then the oldest.
   */
  due(now: number, limit: number): Promise<ItemLink[]>;
  /** Links with a side that no stored cursor has passed; not those that are looked at anyway, nor held ones. */
  unconfirmed(): Promise<ItemLink[]>;
  /** Every link of state `new`, as much of it as matching needs: there may be as many as a mailbox has items. */
  unmatched(fields: readonly string[]): Promise<Candidate[]>;
  byIds(ids: readonly ItemLinkId[]): Promise<ItemLink[]>;
  /**
   * Notes that new items have no counterpart: they are `single`, and pending, without having been looked at. Not those that
   * are pending already: they have a reason to wait.
   */
  standAlone(ids: readonly ItemLinkId[], at: number): Promise<void>;
  /** Leaves links for later slices without having looked at them: pending. Not new ones, which are looked at anyway. */
  postpone(ids: readonly ItemLinkId[], at: number): Promise<void>;
  /**
   * Items on that side that were not told by this listing. Those known to lie outside of the window only where it is
   * `thorough`, or where their counterpart lies in it.
   */
  missing(side: Side, listing: number, thorough: boolean): Promise<{ id: ItemLinkId; ref: Ref }[]>;
  /**
   * The store of that side is another one than it was, or went back in time: of none of its items, deleted ones included, is
   * anything certain before it was found again there.
   */
  unverify(side: Side): Promise<void>;
  /** Writes made since `since` that count for the brake, per target, and the number of linked items. */
  brake(since: number): Promise<BrakeState>;
  /** The loser of a conflict; `undefined` when it is not kept (any more) or is of another item. */
  archived(linkId: ItemLinkId, archiveId: string): Promise<Archived | undefined>;
  /** Records what was decided without a remote write. */
  save(changes: readonly LinkChange[], at: number): Promise<void>;
  /**
   * Records a write before it is made, the link as planned, and what the write is going to discard.
   *
   * @throws when the same intent (link, target, operation, revision) exists
   */
  intend(intent: Intent, plan: LinkChange): Promise<void>;
  /** Records the outcome of a write together with what it makes of the link. */
  settle(settlement: Settlement, at: number): Promise<void>;
  /** The end of a slice: how far both sides were read, what was not handled, the counters. */
  finish(end: End, at: number): Promise<Waiting>;
}

export interface Beginning {
  cursors: Record<Side, Progress | null>;
  waiting: Waiting;
  /**
   * Intents without an outcome, with their links: a slice ended between a write and its outcome. Their age, in
   * milliseconds, by the repository's own clock: the machines that slices run on need not agree about the time (I7).
   */
  open: { intent: Intent; link: ItemLink; ageMs: number }[];
}

/** What is known to be left to do. */
export interface Waiting {
  /** Whether `due` would answer anything now, and when it will next; `null` when nothing waits for a time. */
  due: boolean;
  nextDue: number | null;
  /** There are links of state `new` that do not wait for a time. */
  unmatched: boolean;
  /** `unconfirmed` would answer something. */
  unconfirmed: boolean;
  holds: BrakeHold[];
}

/** How far one side was read. */
export interface Progress {
  /** `null`: to be listed from nothing. */
  cursor: Cursor | null;
  /** Counts the listings from nothing. */
  listing: number;
  /** The listing is not read to its end. */
  open: boolean;
  /** It replaces a cursor that was lost: what happened outside of the window meanwhile must be looked for. */
  thorough: boolean;
  /** What the listing covers; it stays the same until the next listing, so that cursors stay good. */
  window: Window;
  /** `planningText` of the settings under which it was listed; absent where nobody noted it. */
  settings?: string;
  /** What the store called itself when it was listed; absent where it has no such word. */
  incarnation?: string;
}

export interface Lookup {
  refs: Record<Side, readonly Ref[]>;
  uids: Record<Side, readonly string[]>;
  keys: readonly string[];
  /** Stamps that items carry, whoever made them. */
  stamps?: readonly string[];
}

export interface BrakeState {
  executed: Record<Side, number>;
  linked: number;
}

/** Destructive writes that wait for a person. The choice binds to exactly the links that are held now. */
export interface BrakeHold {
  target: Side;
  /** Names the held links. */
  planHash: string;
  count: number;
  choice: "apply" | "restore" | null;
}

export interface LinkChange {
  link: ItemLink;
  event?: ItemEvent;
  open?: readonly OpenFinding[];
  lift?: readonly FindingCode[] | "all";
  /** Other links that this one takes the place of: their rows go. */
  absorbs?: readonly ItemLinkId[];
  archive?: Archived;
}

/** One line of an item's "why": no values. */
export interface ItemEvent {
  row: number;
  action: string;
  target: Side | null;
  fields: readonly string[];
}

export interface OpenFinding {
  code: FindingCode;
  row: number;
  fields: readonly string[];
  /** What both sides hold: a finding that a person has dismissed opens again when it is another. */
  state?: SideState;
}

/** The loser of a conflict, encrypted with the user's data key. */
export interface Archived {
  side: Side;
  row: number;
  fields: readonly string[];
  sealed: string;
  /** The item is private on one of its sides: its content is shown to nobody. */
  private: boolean;
}

export interface Settlement extends LinkChange {
  intent: Intent;
  outcome: IntentOutcome;
}

export interface End {
  /** Only the sides that were read. */
  cursors: Partial<Record<Side, Progress>>;
  /** Refs told by a listing that is still open. */
  listed: Partial<Record<Side, readonly Ref[]>>;
  /** Everything told that these cursors pass: confirmed from now on. */
  passed: Partial<Record<Side, readonly Ref[]>>;
  /** Sides that were listed to the end: what was deleted there and was not told is deleted in this life of the store too. */
  relisted: readonly Side[];
  /** Links whose observation was not handled: they are read again. */
  unhandled: readonly LinkChange[];
  counters: Counters;
}
