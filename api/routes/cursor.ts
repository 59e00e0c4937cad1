import { ApiProblem } from "../problems.ts";

/** A cursor says where a page ended; opaque to callers, worthless to forge. */
export function encodeCursor(value: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** @throws ApiProblem `request.invalid` for anything that this API did not make */
export function decodeCursor(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(value)) return value;
  } catch {
    // told below
  }
  throw new ApiProblem("request.invalid", "Ask for the first page again.", [
    { field: "cursor", message: "is not one that this API gave" },
  ]);
}
