import { createHash } from "node:crypto";
import { Failure } from "../../core/errors/failure.ts";
import { instant, moment } from "./time.ts";

/** `UpdatedDate` has seconds only, so the content itself is part of the version. */
export function versionOf(updated: string, content: unknown): string {
  const hash = createHash("sha256").update(JSON.stringify(content)).digest("base64url").slice(0, 22);
  return `${moment(updated).toUnixInteger()}.${hash}`;
}

/** Ids are given out again after a restored backup; the item that had one before was not made at the same second. */
export function born(row: { CreatedDate?: string | null | undefined } | undefined): string | null {
  return row?.CreatedDate ? instant(moment(row.CreatedDate)) : null;
}

/** A clock that was set back a little is no backup. */
const clockSlackSeconds = 300;

/**
 * Whether a row was updated before it was: only a restored backup takes a row's update time back. Of a series nothing can be
 * said: which of its rows stands for it may change.
 */
export function wentBack(before: string, now: string): boolean {
  const [was, is] = [before, now].map((version) => Number(/^(\d+)\./.exec(version)?.[1] ?? Number.NaN));
  return was !== undefined && is !== undefined && is < was - clockSlackSeconds;
}

/** What a reading of dates throws as the failure of one item. */
export async function carefully<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RangeError)
      throw new Failure("item.malformed", { detail: { reason: error.message } });
    throw error;
  }
}
