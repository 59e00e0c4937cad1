import { formatId, parseId, type IdFormat, type ObjectId } from "../exchange/ids.ts";
import type { ItemStore } from "../exchange/store.ts";
import { badRequest } from "./errors.ts";

/** The formats of `translateExchangeIds`. */
export type GraphIdFormat = "entryId" | "ewsId" | "immutableEntryId" | "restId" | "restImmutableEntryId";

const urlSafe = (text: string): string => text.replaceAll("/", "-").replaceAll("+", "_");
const fromUrlSafe = (text: string): string => text.replaceAll("-", "/").replaceAll("_", "+");

const immutableMagic = Buffer.from([0x00, 0x09, 0x2c]);

/**
 * Graph's ids: the EWS id in the letters of an URL, or an immutable one made of the row under which the item came into
 * the mailbox, which a move does not change.
 * @see https://learn.microsoft.com/graph/outlook-immutable-id
 */
export function writeId(id: ObjectId, format: GraphIdFormat, items: ItemStore): string {
  if (format === "entryId") return formatId(id, "EntryId");
  if (format === "ewsId") return formatId(id);
  if (format === "restId") return urlSafe(formatId(id));
  const stable = id.kind === "folder" ? id : { ...id, row: items.origin(id.row) };
  const bytes = Buffer.concat([immutableMagic, Buffer.from(formatId(stable), "base64")]);
  return format === "restImmutableEntryId" ? urlSafe(bytes.toString("base64")) : bytes.toString("base64");
}

/** @throws EwsError, GraphError for what is no id of this format */
export function readId(text: string, format: GraphIdFormat, items: ItemStore): ObjectId {
  const plain: Partial<Record<GraphIdFormat, IdFormat>> = { entryId: "EntryId", ewsId: "EwsId" };
  const ews = plain[format];
  if (ews) return parseId(text, ews);
  const given = format === "immutableEntryId" ? text : fromUrlSafe(text);
  const immutable = readImmutable(given, items);
  if (immutable) return immutable;
  if (format !== "restId") throw badRequest("ErrorInvalidIdMalformed", "Id is malformed.");
  return parseId(given);
}

/** Reads an id of a path: both kinds are accepted, whatever the request prefers for its answer. */
export function readAnyId(text: string, items: ItemStore): ObjectId {
  return readId(text, "restId", items);
}

function readImmutable(text: string, items: ItemStore): ObjectId | undefined {
  const bytes = Buffer.from(text, "base64");
  if (!bytes.subarray(0, immutableMagic.length).equals(immutableMagic)) return undefined;
  const id = parseId(bytes.subarray(immutableMagic.length).toString("base64"));
  return id.kind === "folder" ? id : { ...id, row: items.rowOfOrigin(id.row) };
}
