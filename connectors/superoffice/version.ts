import { createHash } from "node:crypto";
import { Failure } from "../../core/errors/failure.ts";
import { moment } from "./time.ts";

/** `UpdatedDate` has seconds only, so the content itself is part of the version. */
export function versionOf(updated: string, content: unknown): string {
  const hash = createHash("sha256").update(JSON.stringify(content)).digest("base64url").slice(0, 22);
  return `${moment(updated).toUnixInteger()}.${hash}`;
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
