import type { AssociateId, ConnectionId, OrganizationId } from "../core/ids.ts";
import type { Tx } from "./client.ts";

export interface DirectoryAssociate {
  associateId: AssociateId;
  name: string;
  /** Empty when SuperOffice has none. */
  address: string;
  retired: boolean;
}

export interface Refreshed {
  found: number;
  added: number;
  changed: number;
  /** Newly retired, or no longer listed at all. */
  retired: number;
}

/**
 * Takes over what SuperOffice says about its associates. Erased people stay out until somebody invites them anew;
 * who is no longer listed is retired, never deleted.
 */
export async function saveAssociates(
  tx: Tx,
  organizationId: OrganizationId,
  connectionId: ConnectionId,
  listed: readonly DirectoryAssociate[],
): Promise<Refreshed> {
  const erased = new Set(
    (await tx<{ id: number }[]>`select associate_id as id from erased_associate`).map((row) => row.id),
  );
  const known = new Map(
    (
      await tx<{ id: number; retired: boolean; name: string | null; address: string | null }[]>`
        select a.associate_id as id, a.retired, d.name, d.address from associate a
        left join directory d on d.organization_id = a.organization_id and d.kind = 'associate'
          and d.ref = a.associate_id::text`
    ).map((row) => [row.id, row]),
  );
  const wanted = listed.filter((associate) => !erased.has(associate.associateId));
  const refreshed: Refreshed = { found: wanted.length, added: 0, changed: 0, retired: 0 };
  for (const associate of wanted) {
    const before = known.get(associate.associateId);
    if (!before) refreshed.added += 1;
    else if (associate.retired && !before.retired) refreshed.retired += 1;
    else if (before.name !== associate.name || before.address !== associate.address) refreshed.changed += 1;
  }
  const rows = wanted.map((associate) => ({
    id: associate.associateId,
    name: associate.name,
    address: associate.address,
    retired: associate.retired,
  }));
  const json = tx.json(rows);
  await tx`
    insert into associate as a (organization_id, associate_id, connection_id, retired, seen_at)
    select ${organizationId}, r.id, ${connectionId}, r.retired, now()
    from jsonb_to_recordset(${json}) as r(id integer, retired boolean)
    on conflict (organization_id, associate_id) do update set
      connection_id = excluded.connection_id, retired = excluded.retired, seen_at = excluded.seen_at`;
  await tx`
    insert into directory as d (organization_id, kind, ref, name, address)
    select ${organizationId}, 'associate', r.id::text, r.name, r.address
    from jsonb_to_recordset(${json}) as r(id integer, name text, address text)
    on conflict (organization_id, kind, ref) do update set
      name = excluded.name, address = excluded.address, updated_at = now()
      where (d.name, d.address) is distinct from (excluded.name, excluded.address)`;
  const seen = wanted.map((associate) => associate.associateId as number);
  const gone = await tx`
    update associate set retired = true
    where connection_id = ${connectionId} and not retired and not (associate_id = any(${seen}::integer[]))`;
  refreshed.retired += gone.count;
  return refreshed;
}

/** When SuperOffice was last asked. */
export async function associatesRefreshedAt(tx: Tx): Promise<Date | null> {
  const [row] = await tx<{ at: Date | null }[]>`select max(seen_at) as at from associate`;
  return row?.at ?? null;
}

/** Puts a name and address into the one table that holds them. */
export async function saveDirectoryEntry(
  tx: Tx,
  organizationId: OrganizationId,
  entry: { kind: "associate" | "mailbox" | "administrator"; ref: string; name: string; address: string },
): Promise<void> {
  await tx`
    insert into directory (organization_id, kind, ref, name, address)
    values (${organizationId}, ${entry.kind}, ${entry.ref}, ${entry.name}, ${entry.address})
    on conflict (organization_id, kind, ref) do update set
      name = excluded.name, address = excluded.address, updated_at = now()`;
}
