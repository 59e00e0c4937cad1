import { Failure } from "../../core/errors/failure.ts";
import type { Appointment } from "../../core/items/appointment.ts";
import { datesThatDiffer, occurrenceOf, overrideField, regularTime } from "../../core/items/overrides.ts";
import type { Window } from "../../core/items/observed.ts";
import { dateRead, fieldsOfOccurrence } from "../ews/map.ts";
import { UnwritableItem } from "../ews/values.ts";
import { accepted } from "./calls.ts";
import { batchSize, type GraphClient } from "./client.ts";
import { eventBody, readEvent, type GraphItem } from "./map.ts";
import { deleteOccurrence, getInstances, updateEvent } from "./requests.ts";
import { page, versionOnly } from "./wire.ts";

/** A series as it is. */
export interface Series {
  read: GraphItem;
  item: Appointment;
}

/**
 * Makes the dates of a series what they are in `wanted`, one request each: changes first, each at the version that the
 * one before has made (a series and its dates are one item of Exchange), then cancellations.
 *
 * @throws Failure `item.version-conflict` when somebody else changes the series meanwhile; what is done stays
 */
export async function writeOccurrences(
  client: GraphClient,
  { read, item }: Series,
  wanted: Appointment,
  defaultZone: string,
  signal: AbortSignal,
): Promise<void> {
  const dates = datesThatDiffer(item, wanted);
  if (dates.length === 0) return;
  const cancelledNow = (date: string) => item[overrideField(date)]?.excluded === true;
  if (dates.some(cancelledNow)) throw new UnwritableItem("a cancelled date cannot come back");
  const found = await findOccurrences(client, { read, item }, dates, signal);
  let { changeKey } = read;
  for (const [date, occurrence] of found) {
    const target = occurrenceOf(wanted, date);
    const fields = target === null ? {} : fieldsOfOccurrence(target, occurrence, defaultZone);
    const body = eventBody(fields, occurrence);
    if (Object.keys(body).length === 0) continue;
    const request = updateEvent(occurrence.id, changeKey, body);
    ({ changeKey } = accepted(versionOnly, await client.send(request, signal), request));
  }
  for (const [date, occurrence] of found) {
    if (wanted[overrideField(date)]?.excluded !== true) continue;
    try {
      await client.send(deleteOccurrence(occurrence.id), signal);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "item.not-found") throw error;
    }
  }
}

/** Changed ones came with their series; the others are looked for where the rule has them. */
async function findOccurrences(
  client: GraphClient,
  { read, item }: Series,
  dates: readonly string[],
  signal: AbortSignal,
): Promise<[date: string, occurrence: GraphItem][]> {
  const dateOf = ({ originalStart }: GraphItem) =>
    originalStart === null ? undefined : dateRead(item, read, originalStart);
  const known = new Map(read.changed.map((occurrence) => [dateOf(occurrence), occurrence]));
  const regular = dates.filter((date) => !known.has(date));
  for (let at = 0; at < regular.length; at += batchSize) {
    const requests = regular
      .slice(at, at + batchSize)
      .map((date) => getInstances(read.id, around(item, date)));
    for (const [index, part] of (await client.batch(requests, signal)).entries()) {
      const request = requests[index];
      if (!part.ok || request === undefined) throw part.ok ? new Error("no request") : part.failure;
      const instances = accepted(page, part.json, request).value.map(readEvent);
      for (const instance of instances) {
        const date = dateOf(instance);
        if (!known.has(date)) known.set(date, instance);
      }
    }
  }
  return dates.map((date) => {
    const occurrence = known.get(date);
    if (!occurrence) throw new UnwritableItem("a date that is not where its rule has it");
    return [date, occurrence];
  });
}

/** Days are other instants in every zone, and systems differ by an hour where clocks change. */
const slackMs = 15 * 3_600_000;

function around(item: Appointment, date: string): Window {
  const { start, end } = regularTime(item, date);
  const at = (instant: string, by: number) =>
    `${new Date(Date.parse(instant) + by).toISOString().slice(0, 19)}Z`;
  return { from: at(start, -slackMs), to: at(end, slackMs) };
}
