import { Failure } from "../../core/errors/failure.ts";
import type { Scope } from "../contract.ts";
import type { SuperOfficeClient } from "./client.ts";
import { digestOf } from "./cursor.ts";
import { readRef, type ItemName } from "./refs.ts";
import { momentMs, plusDays } from "./time.ts";
import { archivePage, listingRow, type ListingRow } from "./wire.ts";

/** Items of the diary by kind and id. */
export type Listing = Record<ItemName["kind"], Map<number, Listed>>;

export interface Listed {
  /** Of everything that the listing tells of the item's rows. */
  digest: number;
  /** Another write would show in the update time. */
  settled: boolean;
  /** The lowest of its row ids. */
  anchor: number;
}

const columns = "appointmentId,recurrenceRuleId,updatedDate,date,endDate";
const pageRows = 1_000;
/** Times have seconds: a row written this shortly before may be written again without showing. */
const settleMs = 10_000;
/** `AppointmentType.inDiary`; 2 are tasks, 6 and 7 bookings nobody accepted yet. */
const inDiary = 1;

/**
 * Lists the rows of one associate's diary that touch the window, as items. One request for up to 1,000 rows.
 *
 * Pages follow the key, never `$skip` (which costs more with every page and slips when rows come and go). Days are
 * compared by the server with two days to spare, since no document says whether `after` includes its day, and then
 * exactly here.
 *
 * @see api/archive-providers/reference/findappointment.md, api/search/odata
 * @throws Failure `remote.malformed` for rows that make no sense
 */
export async function listDiary(
  client: SuperOfficeClient,
  associateId: number,
  window: Scope["window"],
  signal: AbortSignal,
): Promise<Listing> {
  const from = momentMs(window.from);
  const to = momentMs(window.to);
  const rows = new Map<number, ListingRow>();
  let last = 0;
  let receivedAt = Number.POSITIVE_INFINITY;
  for (;;) {
    const { value, receivedAt: at } = await client.call({
      method: "GET",
      path: "Appointment",
      query: {
        $select: columns,
        $filter: [
          `associateId associateIsOneOf (${associateId})`,
          `rawType eq ${inDiary}`,
          `date before '${plusDays(window.to.slice(0, 10), 2)}'`,
          `endDate after '${plusDays(window.from.slice(0, 10), -2)}'`,
          `appointmentId gt ${last}`,
        ].join(" and "),
        $orderBy: "appointmentId",
        $top: String(pageRows),
      },
      signal,
    });
    receivedAt = Math.min(receivedAt, at);
    const page = archivePage.safeParse(value);
    if (!page.success) throw malformed("page");
    for (const row of page.data.value.map(readRow)) {
      // A page that goes back or stands still would never end.
      if (row.appointmentId <= last) throw malformed("order");
      last = row.appointmentId;
      if (touches(row, from, to)) rows.set(row.appointmentId, row);
    }
    const full = page.data.value.length >= pageRows;
    if (page.data.value.length === 0 || (!full && !page.data["odata.nextLink"])) break;
  }
  return itemsOf([...rows.values()], receivedAt);
}

function readRow(value: unknown): ListingRow {
  const row = listingRow.safeParse(value);
  if (!row.success || !Number.isSafeInteger(row.data.appointmentId)) throw malformed("row");
  return row.data;
}

function touches(row: ListingRow, from: number, to: number): boolean {
  const start = momentMs(row.date);
  const end = row.endDate ? momentMs(row.endDate) : start;
  return start < to && (end > from || start >= from);
}

/** Rows with the same repetition rule are one item. */
function itemsOf(rows: ListingRow[], receivedAt: number): Listing {
  const listing: Listing = { appointment: new Map(), series: new Map() };
  const items = Map.groupBy(rows, (row) =>
    (row.recurrenceRuleId ?? 0) > 0 ? `series:${row.recurrenceRuleId}` : `appointment:${row.appointmentId}`,
  );
  for (const [ref, own] of items) {
    const name = readRef(ref);
    if (!name) throw malformed("id");
    listing[name.kind].set(name.id, {
      digest: digestOf(
        own.map((row) => [row.appointmentId, row.updatedDate, row.date, row.endDate].join("|")),
      ),
      settled: own.every((row) => momentMs(row.updatedDate) <= receivedAt - settleMs),
      anchor: Math.min(...own.map((row) => row.appointmentId)),
    });
  }
  return listing;
}

function malformed(reason: string): Failure {
  return new Failure("remote.malformed", { detail: { operation: "GET /Appointment", reason } });
}
