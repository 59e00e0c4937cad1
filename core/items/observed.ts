import type { Appointment } from "./appointment.ts";

/** The words in which a system tells about its items; the planner and every connector share them. */

/** A system's own id of an item: opaque, case-sensitive. */
export type Ref = string;
/** A system's own mark of one state of an item: differs whenever the item differs. */
export type Version = string;
/** A system's own memory of how far it was read: opaque. */
export type Cursor = string;

/** The two systems of a link. */
export type Side = "crm" | "mailbox";
export const sides: readonly Side[] = ["crm", "mailbox"];
export function otherSide(side: Side): Side {
  return side === "crm" ? "mailbox" : "crm";
}

/** The kinds of items: Diary, Tasks and Contacts on the screens. */
export type Kind = "appointment" | "task" | "contact";

export interface Scope {
  kind: Kind;
  /** The system's own name of the place: `calendar`, an EWS folder id, an associate id. */
  container: string;
  /** UTC instants; an item is in the window when any of its occurrences touches it. */
  window: Window;
}

/** UTC instants `2026-03-02T00:00:00Z`; `to` is exclusive. */
export interface Window {
  from: string;
  to: string;
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

export const plainTraits: Traits = {
  participants: 0,
  invited: false,
  exceptions: 0,
  recurrenceUnknown: false,
};

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
  /** Of recurring appointments; absent where the kind, or the system, has none. */
  recurrence?: { endless: boolean; exceptions: boolean; keepsPast?: boolean; holds?(item: Item): boolean };
  /** Fields without which this system cannot hold an item: where such a one is empty, the item is left alone. */
  requires?: readonly (keyof Item)[];
  /**
   * Fields that this system keeps by means of others: when one of those is written, they are written along with it, as
   * they are on the other side, so that what the write does to them is nobody's edit.
   */
  follows?: { readonly [Field in keyof Item]?: readonly (keyof Item)[] };
  /** Longest time a request may still take effect after we gave up on it. */
  longestRequestMs: number;
}
