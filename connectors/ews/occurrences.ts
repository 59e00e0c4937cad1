import type { Appointment, RecurrenceRule } from "../../core/items/appointment.ts";
import { localDate, occurrenceDates } from "../../core/items/expand.ts";
import { dateOfStart, datesThatDiffer, occurrenceOf, overrideField } from "../../core/items/overrides.ts";
import type { EwsClient, Request } from "./client.ts";
import { malformed, refusedItem } from "./errors.ts";
import { dateRead, fieldsOfOccurrence } from "./map.ts";
import { toRestore } from "./restoring.ts";
import { readItem, type EwsItem } from "./reading.ts";
import { deleteItem, getItems, getOccurrences, readBatch, updateItem } from "./requests.ts";
import { readId, UnwritableItem } from "./values.ts";
import { child, children, type Xml } from "./xml.ts";

/** A series as it is. */
export interface Series {
  read: EwsItem;
  item: Appointment;
}

/**
 * Makes the occurrences of a series what they are in `wanted`, one request each: changes first, each at the version that
 * the one before has made (a series and its occurrences have one change key between them), then cancellations.
 *
 * @throws Failure `item.version-conflict` when somebody else changes the series meanwhile; what is done stays
 */
export async function writeOccurrences(
  client: EwsClient,
  { read, item }: Series,
  wanted: Appointment,
  defaultZone: string,
  signal: AbortSignal,
): Promise<void> {
  const dates = datesThatDiffer(item, wanted);
  if (dates.length === 0) return;
  if (toRestore(item, wanted).length > 0) throw new UnwritableItem("a cancelled occurrence cannot come back");
  const found = await findOccurrences(client, { read, item }, dates, signal);
  let changeKey = read.changeKey;
  for (const [date, occurrence] of found) {
    const target = occurrenceOf(wanted, date);
    const fields = target === null ? {} : fieldsOfOccurrence(target, occurrence, defaultZone);
    if (Object.keys(fields).length === 0) continue;
    const answer = await write(client, updateItem(occurrence.id, changeKey, fields), signal);
    const [element] = children(child(answer, "Items") ?? answer);
    if (element === undefined) throw malformed("UpdateItem", "no item");
    changeKey = readId(element).changeKey;
  }
  for (const [date, occurrence] of found) {
    if (wanted[overrideField(date)]?.excluded === true)
      await write(client, deleteItem(occurrence.id), signal);
  }
}

/** Changed ones are listed by their id; the others are found by their number, and must be what was asked for. */
async function findOccurrences(
  client: EwsClient,
  { read, item }: Series,
  dates: readonly string[],
  signal: AbortSignal,
): Promise<[date: string, occurrence: EwsItem][]> {
  const idOf = new Map(
    read.modifiedOccurrences.map(({ id, originalStart }) => [dateRead(item, read, originalStart), id]),
  );
  const found: [string, EwsItem][] = [];
  for (let at = 0; at < dates.length; at += readBatch) {
    const batch = dates.slice(at, at + readBatch);
    const listed = batch.flatMap((date) => idOf.get(date) ?? []);
    const regular = batch.filter((date) => !idOf.has(date));
    if (listed.length > 0) {
      const known = new Map(
        (await readAll(client, getItems(listed), signal)).map((occurrence) => [occurrence.id, occurrence]),
      );
      for (const date of batch) {
        const occurrence = known.get(idOf.get(date) ?? "");
        if (occurrence) found.push([date, occurrence]);
      }
    }
    if (regular.length === 0) continue;
    const numbers = regular.map((date) => numberOf(item, date));
    const occurrences = await readAll(client, getOccurrences(read.id, numbers), signal);
    for (const [index, date] of regular.entries()) {
      const occurrence = occurrences[index];
      if (!occurrence || dateOfOccurrence(item, occurrence) !== date) {
        throw new UnwritableItem("an occurrence that is not where its rule has it");
      }
      found.push([date, occurrence]);
    }
  }
  return found.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function dateOfOccurrence(item: Appointment, occurrence: EwsItem): string {
  return item.time.showWithoutTime
    ? dateRead(item, occurrence, occurrence.start)
    : dateOfStart(item, occurrence.start);
}

/** In months without the day, Exchange takes the last one, so that every period has its occurrence. */
function numberOf(item: Appointment, date: string): number {
  const rule = item.recurrenceRule;
  const first = localDate(item);
  if (rule === null) throw new UnwritableItem("an occurrence of no series");
  if (rule.nthOfPeriod === null && (rule.byMonthDay ?? 0) > 28) return periodsBetween(first, date, rule) + 1;
  let number = 0;
  for (const other of occurrenceDates(first, { ...rule, end: { kind: "until", date } })) {
    number += 1;
    if (other === date) return number;
  }
  throw new UnwritableItem("a date that the rule does not have");
}

function periodsBetween(first: string, date: string, rule: RecurrenceRule): number {
  const years = Number(date.slice(0, 4)) - Number(first.slice(0, 4));
  const months = years * 12 + Number(date.slice(5, 7)) - Number(first.slice(5, 7));
  return rule.frequency === "yearly" ? years : months / rule.interval;
}

async function readAll(client: EwsClient, request: Request, signal: AbortSignal): Promise<EwsItem[]> {
  const messages = await client.call(request, signal);
  return messages.map((message) => {
    const element = message.success
      ? children(child(message.element, "Items") ?? message.element)[0]
      : undefined;
    if (element) return readItem(element);
    throw refusedItem(message.code, { operation: request.operation }, "item.version-conflict");
  });
}

async function write(client: EwsClient, request: Request, signal: AbortSignal): Promise<Xml> {
  const [message] = await client.call(request, signal);
  if (message?.success) return message.element;
  throw refusedItem(message?.code ?? "", { operation: request.operation }, "ews.request-invalid");
}
