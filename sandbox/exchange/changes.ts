import { randomBytes } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { EwsError } from "./errors.ts";

/**
 * Where a client stands in the changes of one folder, or of the folder tree.
 *
 * One round brings everything after `since` up to `until`, newest item first, in pages that end at row `below`.
 * The real server's states are opaque, some kilobytes long and no use to another mailbox or folder; so are these.
 */
export interface SyncState {
  /** The mailbox's life: states of an emptied mailbox are invalid. */
  replica: string;
  /** Row of the folder; 0 for the tree. */
  folder: number;
  since: number;
  until: number;
  below: number;
}

export const NO_ROW = Number.MAX_SAFE_INTEGER;

export function writeState(state: SyncState): string {
  const { replica, folder, since, until, below } = state;
  const filler = randomBytes(192).toString("base64");
  return gzipSync(JSON.stringify([1, replica, folder, since, until, below, filler])).toString("base64");
}

/**
 * @throws EwsError `ErrorInvalidSyncStateData` for anything but a state of this folder in this mailbox
 */
export function readState(text: string, replica: string, folder: number): SyncState {
  let values: unknown;
  try {
    values = JSON.parse(gunzipSync(Buffer.from(text, "base64"), { maxOutputLength: 4096 }).toString());
  } catch {
    throw new EwsError("ErrorInvalidSyncStateData");
  }
  if (!Array.isArray(values) || values[0] !== 1 || values[1] !== replica || values[2] !== folder) {
    throw new EwsError("ErrorInvalidSyncStateData");
  }
  const [since, until, below] = values.slice(3, 6).map(Number) as [number, number, number];
  return { replica, folder, since, until, below };
}
