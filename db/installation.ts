import { randomBytes } from "node:crypto";
import type postgres from "postgres";
import type { Mode } from "../platform/config.ts";
import type { RootKeys } from "../platform/root-key.ts";

const context = "everlink/1 installation lookup";

/**
 * Stamps the mode into a new database and gives the installation's lookup key, made at first use and wrapped by
 * the root key.
 *
 * @throws Error when the database was made in the other mode (design §6)
 * @throws Failure `vault.unreadable` when the root key file is not the one that the database was made with
 */
export async function openInstallation(
  sql: postgres.Sql,
  mode: Mode,
  rootKeys: RootKeys,
): Promise<{ lookupKey: Buffer }> {
  await sql`insert into installation (mode) values (${mode}) on conflict do nothing`;
  await sql`
    update installation set lookup_key = ${rootKeys.wrap(context, randomBytes(32))} where lookup_key is null`;
  const [row] = await sql<{ mode: Mode; wrapped: Buffer }[]>`
    select mode, lookup_key as wrapped from installation`;
  if (!row) throw new Error("The installation row is missing.");
  if (row.mode !== mode) {
    throw new Error(
      `This database was made in ${row.mode} mode and cannot be used in ${mode} mode: set EVERLINK_MODE=${row.mode} or use another database.`,
    );
  }
  return { lookupKey: rootKeys.unwrap(context, row.wrapped) };
}
