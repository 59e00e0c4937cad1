import { randomBytes } from "node:crypto";
import type { Call } from "../call.ts";
import type { ItemData, ItemKind, ItemView } from "../model.ts";
import type { ZoneReference } from "../timezones.ts";
import type { Xml } from "../xml.ts";

/** An item being written: its data so far, what was touched, and times that wait until all zones are known. */
export interface Draft {
  kind: ItemKind;
  data: ItemData;
  isRead: boolean;
  /** True for an occurrence of a series, which may change less. */
  occurrence: boolean;
  /** Elements that were set or removed. */
  touched: Set<string>;
  touchedExtended: Set<string>;
  pending: {
    start?: string;
    end?: string;
    startZone?: ZoneReference;
    endZone?: ZoneReference;
    recurrence?: Xml | null;
  };
}

const itemClasses: Record<ItemKind, string> = {
  CalendarItem: "IPM.Appointment",
  Task: "IPM.Task",
  Contact: "IPM.Contact",
  Message: "IPM.Note",
  Item: "IPM.Note",
};

export function newDraft(kind: ItemKind, call: Call): Draft {
  const data: ItemData = {
    itemClass: itemClasses[kind],
    created: call.now,
    modified: call.now,
    values: {},
    extended: [],
  };
  if (kind === "CalendarItem") {
    const halfHour = 30 * 60_000;
    const start = Math.ceil(call.now / halfHour) * halfHour;
    data.calendar = {
      uid: newUid(call.now),
      start,
      end: start + halfHour,
      allDay: false,
      startZone: call.zoneReference,
      endZone: call.zoneReference,
      deleted: [],
      exceptions: [],
      requestSent: false,
      sequence: 0,
    };
  }
  return draft(kind, data, true, false);
}

/** A draft on a copy of what is stored, so that a refused change leaves no trace. */
export function draftOf(view: ItemView): Draft {
  return draft(
    view.item.kind,
    structuredClone(view.data),
    view.item.isRead,
    view.originalStart !== undefined,
  );
}

function draft(kind: ItemKind, data: ItemData, isRead: boolean, occurrence: boolean): Draft {
  return { kind, data, isRead, occurrence, touched: new Set(), touchedExtended: new Set(), pending: {} };
}

/** A UID as Outlook and Exchange make them (MS-OXOCAL 2.2.1.27): fixed id, no day, creation time, random data. */
export function newUid(now: number): string {
  const bytes = Buffer.alloc(56);
  bytes.write("040000008200E00074C5B7101A82E008", 0, "hex");
  bytes.writeBigUInt64LE(BigInt(now) * 10_000n + 116_444_736_000_000_000n, 20);
  bytes.writeUInt32LE(16, 36);
  randomBytes(16).copy(bytes, 40);
  return bytes.toString("hex").toUpperCase();
}
