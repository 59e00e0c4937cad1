import type { AssociateId, OrganizationId, UserId } from "../core/ids.ts";
import type { Tx } from "./client.ts";

/** What was done, what stays and what nobody can do. Counts and codes; the console has the words. */
export interface ErasureReceipt {
  items: { choice: "kept"; inBothSystems: number; byKind?: Record<string, number> };
  deleted: { rows: Record<string, number>; histories: number };
  destroyed: readonly string[];
  stays: readonly string[];
  cannot: readonly string[];
}

const destroyed = ["permission", "data-key", "fingerprint-key"];
const stays = [
  "This receipt, with two random ids.",
  "Audit entries that name this person by a random id.",
  "SuperOffice's number of the associate, so that the name is not fetched again before somebody invites anew.",
];
const cannot = [
  "Microsoft Entra has no revocation for one application: the consent stays listed until the person or an administrator removes it. Everlink holds no token any more.",
  "Backups of the database made before this erasure still hold the rows until they expire.",
  "Mails that were sent stay in their mailboxes.",
];

/**
 * How long a request that was made before may still take effect: a write without an outcome, of which the other
 * system may still be thinking.
 *
 * @returns milliseconds; 0 when every write has its outcome
 */
export async function unsettledMs(tx: Tx, userId: UserId, longestRequestMs: number): Promise<number> {
  const [row] = await tx<{ age: number | null }[]>`
    select extract(epoch from now() - max(at))::float8 * 1000 as age from intent
    where user_id = ${userId} and outcome is null`;
  return row?.age == null ? 0 : Math.max(0, Math.ceil(longestRequestMs - row.age));
}

/** Tables that hold rows of a user, whoever made them: found in the catalogue, so that a new one is not forgotten. */
async function tablesOfUsers(tx: Tx): Promise<string[]> {
  const rows = await tx<{ name: string }[]>`
    select c.table_name as name from information_schema.columns c
    join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = current_schema() and c.column_name = 'user_id' and t.table_type = 'BASE TABLE'
      and c.table_name <> 'erasure'
    order by 1`;
  return rows.map((row) => row.name);
}

/**
 * Deletes everything of one user with the keys that sealed it, and begins the receipt, all at once. What stays: the
 * receipt, audit entries under random ids, and SuperOffice's number of the associate. Repeating it does nothing.
 */
export async function deleteUser(tx: Tx, organizationId: OrganizationId, userId: UserId): Promise<void> {
  const [user] = await tx<{ associate_id: AssociateId }[]>`
    select associate_id from users where user_id = ${userId} for update`;
  const rows: Record<string, number> = {};
  const tables = await tablesOfUsers(tx);
  for (const table of tables) {
    const [count] = await tx<{ count: number }[]>`
      select count(*)::int as count from ${tx(table)} where user_id = ${userId}`;
    if (count && count.count > 0) rows[table] = count.count;
  }
  if (!user && Object.keys(rows).length === 0) return;

  const [items] = await tx<{ byKind: Record<string, number> }[]>`
    select coalesce(jsonb_object_agg(kind, n), '{}') as "byKind" from (
      select kind, count(*)::int as n from item_link where user_id = ${userId} group by kind) as by_kind`;
  const mailboxes = await tx`
    delete from directory where kind = 'mailbox'
      and ref in (select mailbox_id::text from mailbox where user_id = ${userId})`;
  let entries = mailboxes.count;
  if (user) {
    const { associate_id } = user;
    await tx`
      insert into erased_associate (organization_id, associate_id) values (${organizationId}, ${associate_id})
      on conflict do nothing`;
    const associate = await tx`
      delete from directory where kind = 'associate' and ref = ${String(associate_id)}`;
    entries += associate.count;
    const gone = await tx`delete from associate where associate_id = ${associate_id}`;
    if (gone.count > 0) rows.associate = gone.count;
  }
  if (entries > 0) rows.directory = entries;
  await tx`delete from users where user_id = ${userId}`;
  for (const table of tables) await tx`delete from ${tx(table)} where user_id = ${userId}`;

  const receipt: ErasureReceipt = {
    items: { choice: "kept", inBothSystems: rows.item_link ?? 0, byKind: items?.byKind ?? {} },
    deleted: { rows, histories: 0 },
    destroyed,
    stays,
    cannot,
  };
  await tx`
    insert into erasure as e (organization_id, user_id, receipt)
    values (${organizationId}, ${userId}, ${tx.json(receipt as never)})
    on conflict (organization_id, user_id) do update set receipt = coalesce(e.receipt, excluded.receipt)`;
}

/** Ends the receipt. A completed one is not touched again. */
export async function completeErasure(tx: Tx, userId: UserId, histories: number): Promise<void> {
  await tx`
    update erasure set completed_at = now(),
      receipt = jsonb_set(receipt, '{deleted,histories}', to_jsonb(${histories}::int))
    where user_id = ${userId} and completed_at is null`;
}

/** One that is recorded and not begun counts as asked for. @returns `undefined` for a user whose erasure nobody asked for */
export async function erasureOf(
  tx: Tx,
  userId: UserId,
): Promise<{ requestedAt: Date; completedAt: Date | null; receipt: ErasureReceipt | null } | undefined> {
  const [row] = await tx<{ requestedAt: Date; completedAt: Date | null; receipt: ErasureReceipt | null }[]>`
    select requested_at as "requestedAt", completed_at as "completedAt", receipt from erasure
    where user_id = ${userId}
    union all
    (select created_at, null, null from command
     where user_id = ${userId} and kind = 'delete' and settled_at is null order by position limit 1)
    limit 1`;
  return row;
}

/** Erasures that are not at their end, or whose user came back with a restored backup. */
export async function openErasures(tx: Tx, after: UserId | null, limit: number): Promise<UserId[]> {
  const rows = await tx<{ user_id: UserId }[]>`
    select e.user_id from erasure e
    where (e.completed_at is null
        or exists (select from users u where u.organization_id = e.organization_id and u.user_id = e.user_id))
      and (${after}::uuid is null or e.user_id > ${after}::uuid)
    order by e.user_id limit ${limit}`;
  return rows.map((row) => row.user_id);
}

/** Somebody invites an erased associate anew: from now on the name may be fetched again. */
export async function admitAssociate(tx: Tx, associateId: AssociateId): Promise<void> {
  await tx`delete from erased_associate where associate_id = ${associateId}`;
}
