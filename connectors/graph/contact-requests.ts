import type { Request } from "./client.ts";
import { contactProperties } from "./contact-map.ts";
import { etag, goOnDelta, query, stampExpanded, stampFilter, stamped } from "./requests.ts";

/** The requests for contacts. The folder `contacts` is the mailbox's own; any other is named by its id. */

function folderPath(container: string): string {
  return container === "contacts" ? "/me" : `/me/contactFolders/${encodeURIComponent(container)}`;
}

function contactPath(id: string): string {
  return `/me/contacts/${encodeURIComponent(id)}`;
}

/** Delta takes no `$expand`, so it cannot tell stamps: it names, and the contacts are read. */
export function startContactDelta(container: string): Request {
  return goOnDelta(`${folderPath(container)}/contacts/delta?${query({ $select: "id" })}`);
}

export function getContact(id: string): Request {
  const asked = query({ $select: contactProperties, $expand: stampExpanded });
  return { operation: "GET contact", method: "GET", path: `${contactPath(id)}?${asked}` };
}

export function findContacts(container: string, key: string): Request {
  return {
    operation: "GET contacts",
    method: "GET",
    path: `${folderPath(container)}/contacts?${query({ $filter: stampFilter(key), $select: "id", $top: "50" })}`,
  };
}

export function createContact(container: string, body: Record<string, unknown>, key: string): Request {
  return {
    operation: "POST contact",
    method: "POST",
    path: `${folderPath(container)}/contacts`,
    body: { ...body, ...stamped(key) },
  };
}

export function updateContact(id: string, changeKey: string, body: Record<string, unknown>): Request {
  return {
    operation: "PATCH contact",
    method: "PATCH",
    path: contactPath(id),
    headers: { "if-match": etag(changeKey) },
    body,
  };
}

/** Into Deleted Items, where its owner finds it again. */
export function deleteContact(id: string, changeKey: string): Request {
  return {
    operation: "DELETE contact",
    method: "DELETE",
    path: contactPath(id),
    headers: { "if-match": etag(changeKey) },
  };
}

/** Whether the contacts may be read at all. */
export function anyContact(): Request {
  return { operation: "GET contacts", method: "GET", path: "/me/contacts?$select=id&$top=1" };
}
