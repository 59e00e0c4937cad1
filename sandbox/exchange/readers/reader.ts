import type { Call } from "../call.ts";
import type { ItemView } from "../model.ts";
import { el, type Xml } from "../xml.ts";

export interface ReadOptions {
  bodyType: "Best" | "HTML" | "Text";
}

/** Reads one property: text, an element (its name does not matter), or nothing. */
export type Reader = (view: ItemView, call: Call, options: ReadOptions) => string | Xml | undefined;

export type Readers = Record<string, Reader>;

/** A stored value, or what holds when a client gave none. */
export function stored(element: string, otherwise: string): Reader {
  return (view) => view.data.values[element] ?? otherwise;
}

/** A mailbox element with what Exchange adds to an address. */
export function completeMailbox(mailbox: Xml | undefined): Xml {
  const parts = new Map((mailbox?.children ?? []).map((part) => [part.name, part]));
  const address = parts.get("EmailAddress")?.text ?? "";
  const entries = [parts.get("Name") ?? el("Name", address)];
  if (address !== "")
    entries.push(el("EmailAddress", address), parts.get("RoutingType") ?? el("RoutingType", "SMTP"));
  entries.push(parts.get("MailboxType") ?? el("MailboxType", address === "" ? "Unknown" : "Mailbox"));
  return el("Mailbox", entries);
}
