import type { Appointment } from "../core/items/appointment.ts";

/**
 * What every connected system offers to the engine: `memory`, `ews`, later `graph`, and `superoffice`.
 * Systems differ by `capabilities` only, never by name. A store works for one user on one side, with that
 * user's own credential; it keeps nothing between calls but connections.
 *
 * Every failure is a `Failure` of `core/errors` with a code of its table. Every call takes a signal and ends
 * soon after it is aborted; no call waits longer than the store's own timeout (60 s at most).
 */
export interface ItemStore<Item = Appointment> {
  readonly capabilities: Capabilities<Item>;

  /**
   * What changed in one container since `cursor`.
   *
   * @param cursor opaque; `undefined` lists everything in the window
   * @returns at most a page (512) of changes and the next cursor; `more` asks for another call with `next`.
   *   A cursor that the system forgot is answered by `reset: true` and a listing from nothing.
   */
  changes(scope: Scope, cursor: Cursor | undefined, signal: AbortSignal): Promise<Changes<Item>>;

  /** @returns `undefined` when the system positively says that the item does not exist (404, ErrorItemNotFound). */
  get(ref: Ref, signal: AbortSignal): Promise<Observed<Item> | undefined>;

  /**
   * Creates one item without attendees, stamped with `key`. Repeating with the same key where the system can
   * enforce it (`capabilities.createKey: "enforced"`) gives the item made before; elsewhere the engine looks up
   * by `findByKey` first. Nobody is mailed.
   */
  create(scope: Scope, item: Item, key: string, signal: AbortSignal): Promise<Observed<Item>>;

  /** Every item that carries the stamp, copies too. */
  findByKey(scope: Scope, key: string, signal: AbortSignal): Promise<Observed<Item>[]>;

  /**
   * Writes only the named fields, only if the item is still at `version`. Unmapped data survives. Nobody is mailed.
   *
   * @throws Failure `item.version-conflict` when the item moved on: read again, plan again
   * @throws Failure `item.not-found` when it is gone
   */
  update(ref: Ref, patch: Partial<Item>, version: Version, signal: AbortSignal): Promise<Observed<Item>>;

  /** Deletes. An item already gone is success. @throws Failure `item.version-conflict` */
  remove(ref: Ref, version: Version, signal: AbortSignal): Promise<void>;
}

/** The account behind a store. */
export interface Account {
  /** Can this account be read and written right now? Never throws for a refusal: the answer says so. */
  probe(signal: AbortSignal): Promise<{ ok: true } | { ok: false; code: string }>;
}

export type Ref = string;
export type Version = string;
export type Cursor = string;

export interface Scope {
  kind: "appointment";
  /** The system's own name of the place: `calendar`, an EWS folder id, an associate id. */
  container: string;
  /** UTC instants; an item is in the window when any of its occurrences touches it. */
  window: { from: string; to: string };
}

export interface Observed<Item = Appointment> {
  ref: Ref;
  version: Version;
  /** The calendar's own UID, where the system has one. */
  uid: string | null;
  /** Our stamp, where present. A copy made by a person carries it too. */
  key: string | null;
  /** Normalized by the connector to what this system holds. */
  item: Item;
  traits: Traits;
}

/** What an item has that the fields do not tell; the planner decides with it what stays untouched. */
export interface Traits {
  /** Other people on the item. */
  participants: number;
  /** This account does not own the meeting. */
  invited: boolean;
  /** Moved, changed or cancelled occurrences of a series. */
  exceptions: number;
  /** The system has a recurrence that `RecurrenceRule` cannot tell. */
  recurrenceUnknown: boolean;
}

export interface Gone {
  ref: Ref;
  /** Only `deleted` is evidence of a delete by itself. */
  why: "deleted" | "left-scope" | "unknown";
}

export interface Changes<Item = Appointment> {
  upserts: Observed<Item>[];
  gone: Gone[];
  /** Items that could not be read; the rest goes on. */
  failed: { ref: Ref; code: string }[];
  /** `complete`: with all pages read, absence means the item is not in the window. `delta`, `partial`: it means nothing. */
  listing: "delta" | "complete" | "partial";
  /** The cursor was not accepted: this is a new listing from nothing. */
  reset: boolean;
  next: Cursor;
  more: boolean;
}

export type FieldSupport = "full" | "lossy" | "read-only" | "none";

export interface Capabilities<Item = Appointment> {
  fields: { readonly [Field in keyof Item]: FieldSupport };
  /**
   * What a full item becomes when this system holds it: idempotent, total, pure. `lossy` fields are rounded,
   * `none` fields take the system's constant.
   */
  project(item: Item): Item;
  /** How well `update` and `remove` guard against writing over someone else's change. */
  compareAndSet: "exact" | "second" | "none";
  createKey: "enforced" | "stamp";
  recurrence: { endless: boolean; exceptions: boolean };
  /** Longest time a request may still take effect after we gave up on it. */
  longestRequestMs: number;
}
