import type { VaultRows } from "../platform/vault.ts";

/** The vault's rows: sealed bytes and wrapped keys only. */
export const vaultRows: VaultRows = {
  async key(tx, { organizationId, userId }, purpose) {
    const [row] = await tx<{ wrapped: Buffer }[]>`
      select wrapped from vault_key
      where organization_id = ${organizationId} and user_id is not distinct from ${userId} and purpose = ${purpose}`;
    return row?.wrapped;
  },

  async addKey(tx, { organizationId, userId }, purpose, wrapped) {
    const [row] = await tx<{ wrapped: Buffer }[]>`
      insert into vault_key (organization_id, user_id, purpose, wrapped)
      values (${organizationId}, ${userId}, ${purpose}, ${wrapped})
      on conflict (organization_id, user_id, purpose) do update set wrapped = vault_key.wrapped
      returning wrapped`;
    return row?.wrapped ?? wrapped;
  },

  async entry(tx, { organizationId, userId, purpose, id }) {
    const [row] = await tx<{ sealed: Buffer; version: string }[]>`
      select sealed, version from vault_entry
      where organization_id = ${organizationId} and user_id is not distinct from ${userId}
        and purpose = ${purpose} and entry_id = ${id}`;
    return row && { sealed: row.sealed, version: Number(row.version) };
  },

  async entryIds(tx, { organizationId, userId }, purpose) {
    const rows = await tx<{ id: string }[]>`
      select entry_id as id from vault_entry
      where organization_id = ${organizationId} and user_id is not distinct from ${userId} and purpose = ${purpose}
      order by 1`;
    return rows.map((row) => row.id);
  },

  async insertEntry(tx, { organizationId, userId, purpose, id }, sealed) {
    const result = await tx`
      insert into vault_entry (organization_id, user_id, purpose, entry_id, sealed)
      values (${organizationId}, ${userId}, ${purpose}, ${id}, ${sealed})
      on conflict (organization_id, user_id, purpose, entry_id) do nothing`;
    return result.count === 1;
  },

  async putEntry(tx, { organizationId, userId, purpose, id }, sealed) {
    await tx`
      insert into vault_entry (organization_id, user_id, purpose, entry_id, sealed)
      values (${organizationId}, ${userId}, ${purpose}, ${id}, ${sealed})
      on conflict (organization_id, user_id, purpose, entry_id) do update set
        sealed = excluded.sealed, version = vault_entry.version + 1, updated_at = now()`;
  },

  async updateEntry(tx, { organizationId, userId, purpose, id }, sealed, version) {
    const result = await tx`
      update vault_entry set sealed = ${sealed}, version = version + 1, updated_at = now()
      where organization_id = ${organizationId} and user_id is not distinct from ${userId}
        and purpose = ${purpose} and entry_id = ${id} and version = ${version}`;
    return result.count === 1;
  },

  async removeEntries(tx, { organizationId, userId }, purpose, id) {
    await tx`
      delete from vault_entry
      where organization_id = ${organizationId} and user_id is not distinct from ${userId}
        and purpose = ${purpose} and (${id ?? null}::text is null or entry_id = ${id ?? null})`;
  },

  async removeKeys(tx, { organizationId, userId }) {
    await tx`
      delete from vault_key
      where organization_id = ${organizationId} and user_id is not distinct from ${userId}`;
  },

  async takeLease(tx, { organizationId, userId }, holder, ms) {
    const result = await tx`
      insert into vault_lease (organization_id, user_id, holder, expires_at)
      values (${organizationId}, ${userId}, ${holder}, now() + ${ms} * interval '1 millisecond')
      on conflict (organization_id, user_id) do update
        set holder = excluded.holder, expires_at = excluded.expires_at
        where vault_lease.expires_at <= now() or vault_lease.holder = excluded.holder`;
    return result.count === 1;
  },

  async releaseLease(tx, { organizationId, userId }, holder) {
    await tx`
      delete from vault_lease
      where organization_id = ${organizationId} and user_id = ${userId} and holder = ${holder}`;
  },
};
