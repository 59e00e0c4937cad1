import type { Rule } from "./recurrence.ts";
import type { ZoneReference } from "./timezones.ts";
import type { Xml } from "./xml.ts";

/** Element names of the items that the pretend Exchange holds. */
export type ItemKind = "CalendarItem" | "Task" | "Contact" | "Message" | "Item";

export interface Body {
  type: "HTML" | "Text";
  content: string;
}

/** A named or tagged property that a client put on an item. */
export interface ExtendedValue {
  /** Normal form of the property's identity: `set/name/type` or `tag/type`. */
  key: string;
  type: string;
  values: string[];
}

/** What is stored of one item. Times are milliseconds UTC. */
export interface ItemData {
  itemClass: string;
  created: number;
  modified: number;
  /** Simple and structured properties by element name, as written; times among them in UTC. */
  values: Record<string, Xml>;
  body?: Body;
  extended: ExtendedValue[];
  calendar?: CalendarData;
  graph?: GraphData;
}

/** What only Graph can hold of an item; EWS neither shows nor loses it. */
export interface GraphData {
  /** Of an event, as the client that created it said. */
  transactionId?: string;
  /** Open extensions by name. */
  extensions?: Record<string, Record<string, unknown>>;
  /** Of a task, as written, each with its `id`. */
  linkedResources?: (Record<string, unknown> & { id: string })[];
  checklistItems?: (Record<string, unknown> & { id: string })[];
}

export interface CalendarData {
  uid: string;
  start: number;
  end: number;
  allDay: boolean;
  startZone: ZoneReference;
  endZone: ZoneReference;
  rule?: Rule;
  /** Original starts of deleted occurrences. */
  deleted: number[];
  exceptions: Exception[];
  /** True once an invitation was (as if) sent. */
  requestSent: boolean;
  sequence: number;
}

/** A changed occurrence: holds only what differs from the series. */
export interface Exception {
  originalStart: number;
  start: number;
  end: number;
  allDay: boolean;
  modified: number;
  /** `null`: removed on this occurrence though the series has it. */
  values: Record<string, Xml | null>;
  body?: Body;
  extended: ExtendedValue[];
}

/** An item with its place in the store. */
export interface StoredItem {
  row: number;
  mailbox: string;
  folder: number;
  kind: ItemKind;
  /** Version of the last write, which the change key tells. */
  version: number;
  isRead: boolean;
  size: number;
  data: ItemData;
}

export type CalendarType = "Single" | "Occurrence" | "Exception" | "RecurringMaster";

/** An item as a client sees it: occurrences are made from their series. */
export interface ItemView {
  item: StoredItem;
  data: ItemData;
  type: CalendarType;
  /** Of occurrences and exceptions. */
  originalStart?: number;
}
