import { createHash } from "node:crypto";
import type { StoredItem } from "../exchange/model.ts";
import { GraphError } from "./errors.ts";
import type { GraphRequest } from "./request.ts";

/** Remembers which event a `transactionId` made, so that a repeated POST makes no second one. */
export const transactionTable = `create table if not exists graph_transaction (
  mailbox text not null, id text not null, origin integer not null, content text not null, primary key (mailbox, id)
) strict`;

const contentOf = (request: GraphRequest): string =>
  createHash("sha256").update(JSON.stringify(request.body)).digest("hex");

/**
 * @returns the event that this transaction made before
 * @throws GraphError `ErrorDuplicateTransactionId` for the same id with other content (alcionai/corso#2490)
 */
export function eventOfTransaction(request: GraphRequest): StoredItem | undefined {
  const id = request.body["transactionId"];
  if (typeof id !== "string") return undefined;
  const { items } = request.call;
  const owner = request.call.mailbox().owner;
  const known = items
    .sql("select origin, content from graph_transaction where mailbox = ? and id = ?")
    .get(owner, id);
  if (!known) return undefined;
  const item = items.item(items.rowOfOrigin(Number(known["origin"])));
  const folder = item && request.call.folders.byRow(item.folder);
  const alive = folder?.class.startsWith("IPF.Appointment");
  if (!alive && request.switches.deletedTransaction === "new event") return undefined;
  if (!alive || known["content"] !== contentOf(request)) {
    throw new GraphError(
      409,
      "ErrorDuplicateTransactionId",
      "Your request can't be completed. The TransactionId was already used by another request.",
    );
  }
  return item;
}

export function rememberTransaction(request: GraphRequest, item: StoredItem): void {
  const id = request.body["transactionId"];
  if (typeof id !== "string") return;
  request.call.items
    .sql("insert or replace into graph_transaction (mailbox, id, origin, content) values (?, ?, ?, ?)")
    .run(item.mailbox, id, item.row, contentOf(request));
}
