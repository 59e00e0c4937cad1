import type { Database } from "../db/client.ts";
import { forgetOldSync } from "../db/sync-reading.ts";

/** Deletes what sync remembers beyond its three months, organization by organization. @returns how many rows */
export async function forgetOnce({ database }: { database: Database }): Promise<number> {
  let rows = 0;
  for (const organizationId of await database.organizationIds()) {
    rows += await database.inOrganization(organizationId, (tx) => forgetOldSync(tx, new Date()));
  }
  return rows;
}
