import type { Scope } from "../contract.ts";
import type { Listing, Listed } from "./changes.ts";
import type { SuperOfficeClient } from "./client.ts";
import { digestOf } from "./cursor.ts";
import { isSettled, malformed, searchAll } from "./pages.ts";
import { readRef } from "./refs.ts";
import { momentMs, plusDays } from "./time.ts";
import { listingRow, type ListingRow } from "./wire.ts";

const columns = "appointmentId,recurrenceRuleId,updatedDate,date,endDate";
/** `AppointmentType.inDiary`; 2 are tasks, 6 and 7 bookings nobody accepted yet. */
const inDiary = 1;

/**
 * Lists the rows of one associate's diary that touch the window, as items. Days are compared by the server with two days
 * to spare, since no document says whether `after` includes its day, and then exactly here.
 *
 * @see api/archive-providers/reference/findappointment.md
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
  const { rows, receivedAt } = await searchAll(
    client,
    {
      path: "Appointment",
      columns,
      filter: [
        `associateId associateIsOneOf (${associateId})`,
        `rawType eq ${inDiary}`,
        ...daysTouching(window),
      ].join(" and "),
      key: "appointmentId",
      read: (value) => listingRow.safeParse(value).data,
      keyOf: (row) => row.appointmentId,
    },
    signal,
  );
  return itemsOf(
    rows.filter((row) => touches(row, from, to)),
    receivedAt,
  );
}

/** Conditions for rows of the window, and a little beyond. */
export function daysTouching(window: Scope["window"]): string[] {
  return [
    `date before '${plusDays(window.to.slice(0, 10), 2)}'`,
    `endDate after '${plusDays(window.from.slice(0, 10), -2)}'`,
  ];
}

function touches(row: ListingRow, from: number, to: number): boolean {
  const start = momentMs(row.date);
  const end = row.endDate ? momentMs(row.endDate) : start;
  return start < to && (end > from || start >= from);
}

/** Rows with the same repetition rule are one item. */
function itemsOf(rows: ListingRow[], receivedAt: number): Listing {
  const listing = { appointment: new Map<number, Listed>(), series: new Map<number, Listed>() };
  const items = Map.groupBy(rows, (row) =>
    (row.recurrenceRuleId ?? 0) > 0 ? `series:${row.recurrenceRuleId}` : `appointment:${row.appointmentId}`,
  );
  for (const [ref, own] of items) {
    const name = readRef(ref);
    if (name?.kind !== "series" && name?.kind !== "appointment") throw malformed("Appointment", "id");
    listing[name.kind].set(name.id, {
      digest: digestOf(
        own.map((row) => [row.appointmentId, row.updatedDate, row.date, row.endDate].join("|")),
      ),
      settled: own.every((row) => isSettled(momentMs(row.updatedDate), receivedAt)),
      anchor: Math.min(...own.map((row) => row.appointmentId)),
    });
  }
  return listing;
}
