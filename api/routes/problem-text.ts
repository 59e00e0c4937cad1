import { errorTable, type ErrorCode } from "../../core/errors/table.ts";
import type { ErrorRow } from "../../core/errors/row.ts";

/** Whom a text of the error table speaks of. */
export interface Spoken {
  person: string;
  mailbox: string;
  organization: string;
}

export function fill(text: string, { person, mailbox, organization }: Spoken): string {
  return text
    .replaceAll("{person}", person)
    .replaceAll("{mailbox}", mailbox)
    .replaceAll("{organization}", organization);
}

/** A problem with its texts filled in; a code of a newer version is shown as it is. */
export function problemOf(code: string, since: string | null, spoken: Spoken) {
  const row: ErrorRow = Object.hasOwn(errorTable, code)
    ? errorTable[code as ErrorCode]
    : errorTable["everlink.unexpected"];
  return {
    code,
    message: fill(row.message, spoken),
    next: fill(row.next, spoken),
    actor: row.actor,
    since,
  };
}
