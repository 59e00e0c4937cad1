import postgres from "postgres";

/**
 * Looks through every column of every table for any of the given texts, as the database's owner (row-level security
 * would hide rows from the application). @returns table.column and text of each find
 */
export async function findRemains(databaseUrl: string, texts: readonly string[]): Promise<string[]> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    const tables = await sql<{ name: string }[]>`
      select quote_ident(table_name) as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`;
    const found: string[] = [];
    for (const { name } of tables) {
      for (const text of texts) {
        const pattern = `%${text.toLowerCase().replaceAll(/[\\%_]/g, "\\$&")}%`;
        const [row] = await sql<{ count: number }[]>`
          select count(*)::int as count from ${sql.unsafe(name)} as entry where lower(entry::text) like ${pattern}`;
        if (row!.count > 0) found.push(`${name}: ${row!.count} row(s) with "${text}"`);
      }
    }
    return found;
  } finally {
    await sql.end();
  }
}

/** What stays of erased users, to be printed: random ids, receipts, ledger. */
export async function whatStays(
  databaseUrl: string,
  userIds: readonly string[],
): Promise<Record<string, number>> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    const tables = await sql<{ name: string }[]>`
      select quote_ident(table_name) as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`;
    const stays: Record<string, number> = {};
    for (const { name } of tables) {
      const [row] = await sql<{ count: number }[]>`
        select count(*)::int as count from ${sql.unsafe(name)} as entry
        where ${userIds.map((id) => `%${id}%`)}::text[] && array(select p from unnest(${userIds.map((id) => `%${id}%`)}::text[]) p where entry::text like p)`;
      if (row!.count > 0) stays[name] = row!.count;
    }
    return stays;
  } finally {
    await sql.end();
  }
}
