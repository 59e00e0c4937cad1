import type { ItemKind } from "../model.ts";
import { calendarReaders } from "./calendar.ts";
import { contactReaders } from "./contact.ts";
import { itemReaders, messageReaders } from "./item.ts";
import type { Readers } from "./reader.ts";
import { taskReaders } from "./task.ts";

export type { ReadOptions } from "./reader.ts";

/** How each kind's properties are read that are not simply stored. */
export const readers: Record<ItemKind, Readers> = {
  Item: itemReaders,
  Message: { ...itemReaders, ...messageReaders },
  CalendarItem: { ...itemReaders, ...calendarReaders },
  Task: { ...itemReaders, ...taskReaders },
  Contact: { ...itemReaders, ...contactReaders },
};
