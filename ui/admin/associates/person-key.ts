import type { Row } from "./selection.ts";

/** How the URL names a person: by the user's id, or by the associate's number while they are not invited. */
export function personKey(row: Row): string {
  return row.userId ?? `a${row.associateId}`;
}

/** The user's id in a person key, if it is one. */
export function userIdOf(key: string): string | undefined {
  return key.startsWith("a") && !key.includes("-") ? undefined : key;
}
