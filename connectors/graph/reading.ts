import { Failure } from "../../core/errors/failure.ts";
import { UnreadableItem } from "../ews/values.ts";
import type { GraphClient, Part } from "./client.ts";
import { readEvent, type GraphItem } from "./map.ts";
import { getEvent, getExceptions } from "./requests.ts";
import { exceptions } from "./wire.ts";

export type Found<Read> =
  | { ref: string; kind: "read"; item: Read }
  | { ref: string; kind: "missing" }
  | { ref: string; kind: "failed"; failure: Failure };

/**
 * Reads events by id, at most 20, in order. A series takes a second request: its exceptions are told of one master
 * only, and only when asked for.
 *
 * @throws Failure of the calls as a whole
 */
export async function readItems(
  client: GraphClient,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Found<GraphItem>[]> {
  const parts = await client.batch(ids.map(getEvent), signal);
  const found = ids.map((ref, index) => readPart(ref, parts[index], readEvent));
  const series = found.filter((one) => one.kind === "read" && one.item.type === "RecurringMaster");
  const told = await client.batch(
    series.map(({ ref }) => getExceptions(ref)),
    signal,
  );
  const counted = new Map(series.map((one, index) => [one.ref, withExceptions(one, told[index])]));
  return found.map((one) => counted.get(one.ref) ?? one);
}

/** @param read throws `UnreadableItem` */
export function readPart<Read extends { id: string }>(
  ref: string,
  part: Part | undefined,
  read: (json: unknown) => Read,
): Found<Read> {
  if (!part) return failed(ref, new Failure("remote.malformed", { detail: { reason: "no part" } }));
  if (!part.ok) return failed(ref, part.failure);
  try {
    const item = read(part.json);
    if (item.id !== ref) throw new UnreadableItem("another item");
    return { ref, kind: "read", item };
  } catch (error) {
    if (!(error instanceof UnreadableItem)) throw error;
    return failed(ref, new Failure("item.malformed", { detail: { reason: error.message } }));
  }
}

function failed(ref: string, failure: Failure): Found<never> {
  return failure.code === "item.not-found" ? { ref, kind: "missing" } : { ref, kind: "failed", failure };
}

/** A changed date that cannot be read makes its series one that cannot: half of it would read as a change. */
function withExceptions(one: Found<GraphItem>, part: Part | undefined): Found<GraphItem> {
  if (one.kind !== "read") return one;
  if (!part?.ok) return readPart(one.ref, part, readEvent);
  const unreadable = (reason: string) =>
    failed(one.ref, new Failure("item.malformed", { detail: { reason } }));
  const read = exceptions.safeParse(part.json);
  if (!read.success) return unreadable("exceptions");
  const { cancelledOccurrences, exceptionOccurrences } = read.data;
  try {
    const changed = (exceptionOccurrences ?? []).map(readEvent);
    return {
      ...one,
      item: {
        ...one.item,
        changed,
        modifiedOccurrences: changed.map(({ id, originalStart }) => ({
          id,
          originalStart: originalStart ?? noStart(),
        })),
        deletedOccurrences: (cancelledOccurrences ?? []).map(dateOf),
      },
    };
  } catch (error) {
    if (!(error instanceof UnreadableItem)) throw error;
    return unreadable(error.message);
  }
}

function noStart(): never {
  throw new UnreadableItem("originalStart");
}

/** `OID.<id of the series>.2026-03-09`: the date in the series' zone on which its rule has it. */
function dateOf(occurrenceId: string): string {
  const date = /\.(\d{4}-\d{2}-\d{2})$/u.exec(occurrenceId)?.[1];
  if (date === undefined) throw new UnreadableItem("cancelledOccurrences");
  return date;
}
