import postgres from "postgres";
import type { OrganizationId } from "../core/ids.ts";

export type Tx = postgres.TransactionSql;

export interface Database {
  /**
   * One transaction that sees and writes the rows of one organization only: row-level security holds for the
   * role the application runs under, so a forgotten `where` cannot cross the line.
   */
  inOrganization<Result>(organizationId: OrganizationId, work: (tx: Tx) => Promise<Result>): Promise<Result>;
  /** For what belongs to no organization: the installation row and the definer functions that find one. */
  readonly sql: postgres.Sql;
  /** Every organization's id, oldest first. */
  organizationIds(): Promise<OrganizationId[]>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** Connections of this process. */
  max?: number;
}

/**
 * Opens the database as the application's role, which owns no table. PostgreSQL may be down: calls then fail, and
 * succeed again when it is back, without a restart.
 */
export function openDatabase({ url, max = 10 }: DatabaseOptions): Database {
  const sql = postgres(url, {
    max,
    connect_timeout: 10,
    idle_timeout: 60,
    onnotice: () => {},
    connection: { role: "everlink_app", application_name: "everlink" },
  });
  return {
    sql,
    async inOrganization<Result>(organizationId: OrganizationId, work: (tx: Tx) => Promise<Result>) {
      const result = await sql.begin(async (tx) => {
        await tx`select set_config('everlink.organization', ${organizationId}, true)`;
        return await work(tx);
      });
      return result as Result;
    },
    async organizationIds() {
      const rows = await sql<{ id: OrganizationId }[]>`select organization_ids() as id`;
      return rows.map((row) => row.id);
    },
    close: () => sql.end({ timeout: 5 }),
  };
}
