import { Failure } from "../../core/errors/failure.ts";
import type { SuperOfficeClient } from "./client.ts";
import { archivePage } from "./wire.ts";

const pageRows = 1_000;

export interface Search<Row> {
  /** `Appointment`, `Contact`: an archive's own path. */
  path: string;
  columns: string;
  filter: string;
  /** The column to page by, and how it is read. */
  key: string;
  /** @returns `undefined` for a row that makes no sense */
  read(value: unknown): Row | undefined;
  keyOf(row: Row): number;
}

/**
 * All rows of a search, one request for up to 1,000. Pages follow the key, never `$skip` (which costs more with every page
 * and slips when rows come and go).
 *
 * @returns the rows, and the time of the earliest answer, by the receiver's clock
 * @see api/search/odata
 * @throws Failure `remote.malformed` for rows that make no sense
 */
export async function searchAll<Row>(
  client: SuperOfficeClient,
  search: Search<Row>,
  signal: AbortSignal,
): Promise<{ rows: Row[]; receivedAt: number }> {
  const rows: Row[] = [];
  let last = 0;
  let receivedAt = Number.POSITIVE_INFINITY;
  for (;;) {
    const { value, receivedAt: at } = await client.call({
      method: "GET",
      path: search.path,
      query: {
        $select: search.columns,
        $filter: `${search.filter} and ${search.key} gt ${last}`,
        $orderBy: search.key,
        $top: String(pageRows),
      },
      signal,
    });
    receivedAt = Math.min(receivedAt, at);
    const page = archivePage.safeParse(value);
    if (!page.success) throw malformed(search.path, "page");
    for (const each of page.data.value) {
      const row = search.read(each);
      if (row === undefined || !Number.isSafeInteger(search.keyOf(row))) throw malformed(search.path, "row");
      // A page that goes back or stands still would never end.
      if (search.keyOf(row) <= last) throw malformed(search.path, "order");
      last = search.keyOf(row);
      rows.push(row);
    }
    const full = page.data.value.length >= pageRows;
    if (page.data.value.length === 0 || (!full && !page.data["odata.nextLink"])) break;
  }
  return { rows, receivedAt };
}

/** Times have seconds: a row written this shortly before may be written again without showing. */
const settleMs = 10_000;

/** Whether another write after that update would show in the update time. */
export function isSettled(updatedMs: number, receivedAt: number): boolean {
  return updatedMs <= receivedAt - settleMs;
}

export function malformed(path: string, reason: string): Failure {
  return new Failure("remote.malformed", { detail: { operation: `GET /${path}`, reason } });
}
