import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import postgres from "postgres";

const folder = new URL("./migrations/", import.meta.url);
/** Any constant: it names this installation's migrations among PostgreSQL's advisory locks. */
const advisoryLock = 8_233_017;

export interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/** The numbered files of `db/migrations`, in order. */
export function migrations(): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}_[a-z_]+\.sql$/.test(name))
    .toSorted()
    .map((name) => {
      const sql = readFileSync(new URL(name, folder), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    });
}

/**
 * Brings the database to this version: each new file in one transaction of its own, under an advisory lock so
 * that two processes starting together take turns.
 *
 * @throws when a file that has already been applied was changed since
 */
export async function migrate(url: string): Promise<{ applied: string[] }> {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    connection: { application_name: "everlink-migrate" },
  });
  const applied: string[] = [];
  try {
    await sql`select pg_advisory_lock(${advisoryLock})`;
    await sql`create table if not exists migration (
      name text primary key, checksum text not null, applied_at timestamptz not null default now())`;
    const done = new Map(
      (await sql<{ name: string; checksum: string }[]>`select name, checksum from migration`).map((row) => [
        row.name,
        row.checksum,
      ]),
    );
    for (const migration of migrations()) {
      const checksum = done.get(migration.name);
      if (checksum === migration.checksum) continue;
      if (checksum !== undefined) {
        throw new Error(`${migration.name} was changed after it was applied: add a new migration instead.`);
      }
      await sql.begin(async (tx) => {
        await tx`insert into migration ${tx({ name: migration.name, checksum: migration.checksum })}`;
        await tx.unsafe(migration.sql);
      });
      applied.push(migration.name);
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
  return { applied };
}
