import type { Appointment } from "../../core/items/appointment.ts";
import type { Window } from "../../core/items/observed.ts";
import { readBatchOf, type Found } from "./batch.ts";
import type { SyncSource } from "./changes.ts";
import type { EwsClient } from "./client.ts";
import { malformed } from "./errors.ts";
import { inWindow, tellsOccurrences, toObserved } from "./map.ts";
import { readItem, type EwsItem } from "./reading.ts";
import { getItems, readBatch, syncCalendar } from "./requests.ts";
import { child, text, type Xml } from "./xml.ts";

/** An item of a calendar as read, with its changed occurrences. */
export interface Whole {
  item: EwsItem;
  changed: EwsItem[];
}

/** All-day items belong to the window by their date, which is another instant in every zone. */
const slackMs = 15 * 3_600_000;

export function calendarSource(client: EwsClient, mailboxAddress: string): SyncSource<Appointment, Whole> {
  return {
    client,
    element: "CalendarItem",
    page: syncCalendar,
    isFar,
    read: (ids, signal) => readWhole(client, ids, signal),
    observe: ({ item, changed }) => toObserved(item, mailboxAddress, changed),
    inWindow: ({ item }, observed, window) => inWindow(item, observed, window),
  };
}

function isFar(named: Xml, window: Window): boolean {
  const textOf = (name: string) => {
    const element = child(named, name);
    return element && text(element).trim();
  };
  const [start, end] = [textOf("Start"), textOf("End")];
  if (textOf("CalendarItemType") !== "Single" || start === undefined || end === undefined) return false;
  return (
    Date.parse(start) >= Date.parse(window.to) + slackMs ||
    Date.parse(end) <= Date.parse(window.from) - slackMs
  );
}

/** Reads items by id, at most `readBatch`, in order, series with their changed occurrences. */
export async function readWhole(
  client: EwsClient,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Found<Whole>[]> {
  const found = await readPlain(client, ids, signal);
  const whole: Found<Whole>[] = [];
  for (const one of found) {
    if (one.kind !== "read") whole.push(one);
    else if (tellsOccurrences(one.item)) whole.push(await withChanged(client, one.item, signal));
    else whole.push({ ...one, item: { item: one.item, changed: [] } });
  }
  return whole;
}

/** A changed occurrence that cannot be read makes its series one that cannot: half of it would read as a change. */
async function withChanged(client: EwsClient, item: EwsItem, signal: AbortSignal): Promise<Found<Whole>> {
  const ref = item.id;
  const ids = item.modifiedOccurrences.map(({ id }) => id);
  const changed: EwsItem[] = [];
  while (changed.length < ids.length) {
    const found = await readPlain(client, ids.slice(changed.length, changed.length + readBatch), signal);
    if (found.length === 0) throw malformed("GetItem", "nothing processed");
    for (const one of found) {
      if (one.kind === "failed") return { ...one, ref };
      if (one.kind === "missing") return { ref, kind: "failed", code: "item.malformed" };
      changed.push(one.item);
    }
  }
  return { ref, kind: "read", item: { item, changed } };
}

function readPlain(
  client: EwsClient,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Found<EwsItem>[]> {
  return readBatchOf(client, ids, getItems(ids), readItem, signal);
}
