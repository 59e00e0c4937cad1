import type postgres from "postgres";
import type { ItemLinkId, OrganizationId, UserId } from "../core/ids.ts";
import { sides, type Side } from "../core/items/observed.ts";
import type { ItemChoice } from "../core/sync/choice.ts";
import type { ItemLink, LinkSide } from "../core/sync/item-link.ts";
import type { LinkChange } from "../engine/repository.ts";
import type { Tx } from "./client.ts";

interface Owner {
  organizationId: OrganizationId;
  userId: UserId;
  kind: string;
}

type LinkRow = Omit<ItemLink, "id" | "sides" | "notBefore" | "rewritesSince" | "choice"> & {
  item_link_id: ItemLinkId;
  sides: Partial<Record<Side, LinkSide>> | null;
  not_before: Date | null;
  rewrites_since: Date | null;
  choice: ItemChoice | null;
};

/**
 * Item links with both sides, in order of their ids.
 *
 * @param ids a query of `item_link_id`s; it may repeat itself. It is carried out first and each link then fetched by
 *   its key: right after a first sync there are no statistics, and a planner left to itself compares all with all.
 */
export async function linksOf(tx: Tx, ids: postgres.PendingQuery<postgres.Row[]>): Promise<ItemLink[]> {
  const rows = await tx<LinkRow[]>`
    with found as materialized (select distinct item_link_id from (${ids}) as wanted)
    select l.item_link_id, l.key, l.revision, l.state, l.reason, l.masked, l.agreed, l.pending, l.not_before,
      l.attempts, l.held, l.rewrites, l.rewrites_since, l.choice,
      (select jsonb_object_agg(s.side, jsonb_build_object('ref', s.ref, 'version', s.version, 'uid', s.uid,
          'stamp', s.stamp, 'base', s.base, 'out', s.out, 'unconfirmed', s.unconfirmed))
        from item_side s where s.organization_id = l.organization_id and s.item_link_id = l.item_link_id) as sides
    from found cross join lateral (
      select * from item_link i
      where i.organization_id = current_organization() and i.item_link_id = found.item_link_id offset 0) as l
    order by l.item_link_id`;
  return rows.map(({ item_link_id: id, not_before, rewrites_since, sides: known, choice, ...row }) => ({
    ...row,
    id,
    sides: { crm: known?.crm ?? null, mailbox: known?.mailbox ?? null },
    notBefore: not_before?.getTime() ?? null,
    rewritesSince: rewrites_since?.getTime() ?? null,
    ...(choice === null ? {} : { choice }),
  }));
}

/**
 * Stores links as decided, with what goes with them, in a fixed number of statements however many there are.
 *
 * @throws when a ref or a stamp belongs to another link already: a bug that must not become a duplicate (I2)
 */
export async function storeChanges(
  tx: Tx,
  owner: Owner,
  changes: readonly LinkChange[],
  at: number,
): Promise<void> {
  if (changes.length === 0) return;
  const absorbed = changes.flatMap(({ absorbs }) => absorbs ?? []);
  if (absorbed.length > 0) {
    await tx`delete from item_link where user_id = ${owner.userId} and item_link_id = any(${absorbed})`;
  }
  await storeLinks(tx, owner, changes, at);
  await storeSides(tx, owner, changes);
  await storeFindings(tx, owner, changes, at);

  const { organizationId: organization_id, userId: user_id } = owner;
  const events = changes.flatMap(({ link, event }) =>
    event === undefined
      ? []
      : [
          {
            organization_id,
            user_id,
            item_link_id: link.id,
            at: new Date(at),
            row: event.row,
            action: event.action,
            target: event.target,
            fields: [...event.fields],
          },
        ],
  );
  if (events.length > 0) {
    await tx`
      insert into item_event (organization_id, user_id, item_link_id, at, row, action, target, fields)
      select organization_id, user_id, item_link_id, at, row, action, target,
        array(select jsonb_array_elements_text(fields))
      from jsonb_to_recordset(${tx.json(asJson(events))}) as e(organization_id uuid, user_id uuid,
        item_link_id uuid, at timestamptz, row smallint, action text, target text, fields jsonb)`;
  }
  for (const { link, archive } of changes) {
    if (archive === undefined) continue;
    await tx`insert into conflict_archive ${tx({
      organization_id,
      user_id,
      item_link_id: link.id,
      at: new Date(at),
      side: archive.side,
      row: archive.row,
      fields: [...archive.fields],
      sealed: archive.sealed,
      private: archive.private,
    })}`;
  }
}

async function storeLinks(tx: Tx, owner: Owner, changes: readonly LinkChange[], at: number): Promise<void> {
  const rows = changes.map(({ link }) => ({
    item_link_id: link.id,
    key: link.key,
    revision: link.revision,
    state: link.state,
    reason: link.reason,
    masked: link.masked,
    agreed: link.agreed,
    pending: link.pending,
    not_before: link.notBefore === null ? null : new Date(link.notBefore),
    attempts: link.attempts,
    held: link.held,
    rewrites: link.rewrites,
    rewrites_since: link.rewritesSince === null ? null : new Date(link.rewritesSince),
    choice: link.choice ?? null,
  }));
  await tx`
    insert into item_link (organization_id, user_id, kind, item_link_id, key, revision, state, reason, masked,
      agreed, pending, not_before, attempts, held, rewrites, rewrites_since, choice, created_at, updated_at)
    select ${owner.organizationId}, ${owner.userId}, ${owner.kind}, r.*, ${new Date(at)}, ${new Date(at)}
    from jsonb_to_recordset(${tx.json(asJson(rows))}) as r(item_link_id uuid, key text, revision integer,
      state text, reason text, masked boolean, agreed jsonb, pending boolean, not_before timestamptz,
      attempts integer, held text, rewrites integer, rewrites_since timestamptz, choice jsonb)
    on conflict (organization_id, item_link_id) do update set
      key = excluded.key, revision = excluded.revision, state = excluded.state, reason = excluded.reason,
      masked = excluded.masked, agreed = excluded.agreed, pending = excluded.pending,
      not_before = excluded.not_before, attempts = excluded.attempts, held = excluded.held,
      rewrites = excluded.rewrites, rewrites_since = excluded.rewrites_since, choice = excluded.choice,
      updated_at = excluded.updated_at`;
}

async function storeSides(tx: Tx, owner: Owner, changes: readonly LinkChange[]): Promise<void> {
  const rows = changes.flatMap(({ link }) =>
    sides.flatMap((side) => {
      const known = link.sides[side];
      return known === null ? [] : [{ item_link_id: link.id, side, ...known }];
    }),
  );
  for (const side of sides) {
    const without = changes.filter(({ link }) => link.sides[side] === null).map(({ link }) => link.id);
    if (without.length === 0) continue;
    await tx`delete from item_side
      where organization_id = ${owner.organizationId} and item_link_id = any(${without}) and side = ${side}`;
  }
  if (rows.length === 0) return;
  await tx`
    insert into item_side (organization_id, user_id, kind, item_link_id, side, ref, version, uid, stamp, base, out,
      unconfirmed)
    select ${owner.organizationId}, ${owner.userId}, ${owner.kind}, r.*
    from jsonb_to_recordset(${tx.json(asJson(rows))}) as r(item_link_id uuid, side text, ref text, version text,
      uid text, stamp text, base jsonb, out boolean, unconfirmed boolean)
    on conflict (organization_id, item_link_id, side) do update set
      ref = excluded.ref, version = excluded.version, uid = excluded.uid, stamp = excluded.stamp,
      base = excluded.base, out = excluded.out, unconfirmed = excluded.unconfirmed`;
}

async function storeFindings(
  tx: Tx,
  owner: Owner,
  changes: readonly LinkChange[],
  at: number,
): Promise<void> {
  const lifted = changes.flatMap(
    ({ link, lift = [] }): { item_link_id: ItemLinkId; code: string | null }[] =>
      lift === "all" || link.state === "deleted"
        ? [{ item_link_id: link.id, code: null }]
        : lift.map((code) => ({ item_link_id: link.id, code })),
  );
  if (lifted.length > 0) {
    await tx`
      delete from finding f using jsonb_to_recordset(${tx.json(asJson(lifted))}) as x(item_link_id uuid, code text)
      where f.user_id = ${owner.userId} and f.item_link_id = x.item_link_id and f.code = coalesce(x.code, f.code)`;
  }
  const opened = changes.flatMap(({ link, open = [] }) =>
    open.map(({ code, row, fields, state = {} }) => ({
      item_link_id: link.id,
      code,
      row,
      fields: [...fields],
      state,
    })),
  );
  if (opened.length === 0) return;
  await tx`
    insert into finding as f (organization_id, user_id, item_link_id, code, row, fields, state, since)
    select ${owner.organizationId}, ${owner.userId}, item_link_id, code, row,
      array(select jsonb_array_elements_text(fields)), state, ${new Date(at)}
    from jsonb_to_recordset(${tx.json(asJson(opened))}) as r(item_link_id uuid, code text, row smallint, fields jsonb,
      state jsonb)
    on conflict (organization_id, item_link_id, code) do update set
      row = excluded.row, fields = excluded.fields, state = f.state || excluded.state,
      (since, dismissed_at) = (select
        case when moved and f.dismissed_at is not null then excluded.since else f.since end,
        case when moved then null else f.dismissed_at end
        from (select exists (select from jsonb_each(excluded.state) as told (side, digest)
          where f.state -> side <> digest) as moved) as now)`;
}

/** Plain data, as it will be in JSON. */
function asJson(value: unknown): postgres.JSONValue {
  return JSON.parse(JSON.stringify(value)) as postgres.JSONValue;
}
