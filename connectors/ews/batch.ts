import type { EwsClient, Request } from "./client.ts";
import { notProcessed, refusedItem, saysGone } from "./errors.ts";
import { readId, UnreadableItem } from "./values.ts";
import { child, children, type Xml } from "./xml.ts";

/** What became of one item that was asked for. */
export type Found<Read> =
  | { ref: string; kind: "read"; item: Read }
  | { ref: string; kind: "missing" }
  | { ref: string; kind: "failed"; code: string };

/**
 * Reads items by id, in order. Shorter than asked for when the server stopped in between.
 *
 * @param request `GetItem` of these ids
 * @param read throws `UnreadableItem`
 * @throws Failure of what concerns all of them
 */
export async function readBatchOf<Read>(
  client: EwsClient,
  ids: readonly string[],
  request: Request,
  read: (element: Xml) => Read,
  signal: AbortSignal,
): Promise<Found<Read>[]> {
  const messages = await client.call(request, signal);
  const found: Found<Read>[] = [];
  for (const [index, ref] of ids.entries()) {
    const message = messages[index];
    if (!message || message.code === notProcessed) break;
    if (!message.success) {
      const { code } = refusedItem(message.code, { operation: "GetItem" }, "item.malformed");
      found.push(saysGone(message.code) ? { ref, kind: "missing" } : { ref, kind: "failed", code });
      continue;
    }
    found.push(readOne(ref, message.element, read));
  }
  return found;
}

function readOne<Read>(ref: string, message: Xml, read: (element: Xml) => Read): Found<Read> {
  const items = child(message, "Items");
  const element = items && children(items)[0];
  try {
    if (!element) throw new UnreadableItem("no item");
    if (readId(element).id !== ref) throw new UnreadableItem("another item");
    return { ref, kind: "read", item: read(element) };
  } catch (error) {
    if (!(error instanceof UnreadableItem)) throw error;
    return { ref, kind: "failed", code: "item.malformed" };
  }
}
