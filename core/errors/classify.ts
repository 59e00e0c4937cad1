import type { Origin } from "./row.ts";
import { errorTable, type ErrorCode } from "./table.ts";

/** What a boundary saw of a failure. */
export interface Seen {
  system: Origin["system"];
  error?: string | undefined;
  aadsts?: readonly number[] | undefined;
  response?: string | undefined;
  status?: number | undefined;
}

const rows = Object.entries(errorTable) as [ErrorCode, { from?: readonly Origin[] }][];

/**
 * Finds the row of a failure. The more specific evidence wins: a system's own response code or AADSTS number,
 * then the OAuth `error`, then the HTTP or SMTP status. (Microsoft says that its numbers may change, but `error`
 * alone cannot tell a revoked grant from a disabled account, so an unknown number falls back to `error`.)
 *
 * @returns `undefined` when no row matches; the caller chooses the row for "unknown" of its system
 */
export function classify(seen: Seen): ErrorCode | undefined {
  const matches: ((origin: Origin) => boolean)[] = [
    (origin) => seen.response !== undefined && (origin.response?.includes(seen.response) ?? false),
    (origin) => seen.aadsts?.some((number) => origin.aadsts?.includes(number) ?? false) ?? false,
    (origin) => seen.error !== undefined && origin.error === seen.error,
    (origin) => seen.status !== undefined && (origin.status?.includes(seen.status) ?? false),
  ];
  for (const match of matches) {
    const row = rows.find(([, { from }]) =>
      from?.some((origin) => origin.system === seen.system && match(origin)),
    );
    if (row) return row[0];
  }
  return undefined;
}
