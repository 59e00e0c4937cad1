import type { ItemLinkId, OrganizationId, UserId } from "../core/ids.ts";
import type { Kind, Side } from "../core/items/observed.ts";
import type { SideState } from "../core/sync/choice.ts";
import type { FindingCode } from "../core/sync/findings.ts";
import type { LinkState, UntouchedReason } from "../core/sync/item-link.ts";
import type { Tx } from "./client.ts";

/** Single items as people are shown them: kinds, times, rows of the decision table and field names; no content. */

export interface FindingOfItem {
  itemId: ItemLinkId;
  kind: Kind;
  masked: boolean;
  code: FindingCode;
  row: number;
  fields: string[];
  since: Date;
  dismissedAt: Date | null;
  state: SideState;
}

/** One page of a user's findings, newest first; dismissed ones only where they are asked for. */
export async function findings(
  tx: Tx,
  userId: UserId,
  query: {
    dismissed: boolean;
    after?: { since: Date; itemId: string; code: string } | undefined;
    limit: number;
  },
): Promise<FindingOfItem[]> {
  const { after, limit, dismissed } = query;
  return await tx<FindingOfItem[]>`
    select ${findingColumns(tx)}
    from finding f join item_link l using (organization_id, item_link_id)
    where f.user_id = ${userId} and (${dismissed} or f.dismissed_at is null) and ${
      after === undefined
        ? tx`true`
        : tx`(date_trunc('milliseconds', f.since), f.item_link_id, f.code)
            < (${after.since}, ${after.itemId}::uuid, ${after.code})`
    }
    order by date_trunc('milliseconds', f.since) desc, f.item_link_id desc, f.code desc limit ${limit}`;
}

export async function findingsOfItem(tx: Tx, userId: UserId, itemId: ItemLinkId): Promise<FindingOfItem[]> {
  return await tx<FindingOfItem[]>`
    select ${findingColumns(tx)}
    from finding f join item_link l using (organization_id, item_link_id)
    where f.user_id = ${userId} and f.item_link_id = ${itemId} order by f.since desc, f.code`;
}

function findingColumns(tx: Tx) {
  return tx`f.item_link_id as "itemId", l.kind, l.masked, f.code, f.row, f.fields, f.since,
    f.dismissed_at as "dismissedAt", f.state`;
}

export const itemFilters = ["all", "waiting", "left", "conflicts", "kept"] as const;
export type ItemFilter = (typeof itemFilters)[number];

export interface ItemRow {
  id: ItemLinkId;
  kind: Kind;
  state: LinkState;
  reason: UntouchedReason | null;
  masked: boolean;
  pending: boolean;
  notBefore: Date | null;
  held: Side | null;
  choice: { kind: string } | null;
  inCrm: boolean;
  inMailbox: boolean;
  updatedAt: Date;
  /** Open findings, and losers of conflicts that are kept. */
  findings: number;
  kept: number;
  /** What happened last. */
  row: number | null;
  action: string | null;
  target: Side | null;
}

/**
 * One page of a user's items, whichever changed last first.
 *
 * - `waiting`: something is still to be done
 * - `left`: left alone on the sides they have
 * - `conflicts`: fields wait for a person
 * - `kept`: the loser of a conflict is in the archive
 */
export async function items(
  tx: Tx,
  userId: UserId,
  query: {
    filter: ItemFilter;
    kind: Kind | undefined;
    after?: { updatedAt: Date; id: string } | undefined;
    limit: number;
  },
): Promise<ItemRow[]> {
  const { filter, kind, after, limit } = query;
  const wanted = {
    all: tx`true`,
    waiting: tx`(l.pending or l.held is not null or l.state in ('new', 'single'))`,
    left: tx`l.state = 'untouched'`,
    conflicts: tx`l.reason = 'conflict'`,
    kept: tx`exists (select from conflict_archive a
      where a.organization_id = l.organization_id and a.item_link_id = l.item_link_id)`,
  }[filter];
  return await tx<ItemRow[]>`
    select ${itemColumns(tx)} from item_link l ${lastEvent(tx)}
    where l.user_id = ${userId} and (l.state <> 'deleted' or ${filter === "kept"}) and ${wanted}
      and (${kind ?? null}::text is null or l.kind = ${kind ?? null})
      and ${
        after === undefined
          ? tx`true`
          : tx`(date_trunc('milliseconds', l.updated_at), l.item_link_id) < (${after.updatedAt}, ${after.id}::uuid)`
      }
    order by date_trunc('milliseconds', l.updated_at) desc, l.item_link_id desc limit ${limit}`;
}

export async function itemOf(tx: Tx, userId: UserId, itemId: ItemLinkId): Promise<ItemRow | undefined> {
  const [row] = await tx<ItemRow[]>`
    select ${itemColumns(tx)} from item_link l ${lastEvent(tx)}
    where l.user_id = ${userId} and l.item_link_id = ${itemId}`;
  return row;
}

function itemColumns(tx: Tx) {
  const of = tx`organization_id = l.organization_id and item_link_id = l.item_link_id`;
  return tx`l.item_link_id as id, l.kind, l.state, l.reason, l.masked, l.pending, l.not_before as "notBefore",
    l.held, l.choice, l.updated_at as "updatedAt", e.row, e.action, e.target,
    exists (select from item_side where ${of} and side = 'crm') as "inCrm",
    exists (select from item_side where ${of} and side = 'mailbox') as "inMailbox",
    (select count(*)::int from finding where ${of} and dismissed_at is null) as findings,
    (select count(*)::int from conflict_archive where ${of}) as kept`;
}

function lastEvent(tx: Tx) {
  return tx`left join lateral (
    select row, action, target from item_event e
    where e.organization_id = l.organization_id and e.item_link_id = l.item_link_id
    order by e.event_id desc limit 1) e on true`;
}

export interface ItemEventRow {
  id: string;
  at: Date;
  row: number;
  action: string;
  target: Side | null;
  fields: string[];
  actor: string | null;
}

/** Newest first. */
export async function eventsOfItem(
  tx: Tx,
  userId: UserId,
  itemId: ItemLinkId,
  before: string | undefined,
  limit: number,
): Promise<ItemEventRow[]> {
  return await tx<ItemEventRow[]>`
    select event_id::text as id, at, row, action, target, fields, actor from item_event
    where user_id = ${userId} and item_link_id = ${itemId}
      and (${before ?? null}::bigint is null or event_id < ${before ?? null}::bigint)
    order by event_id desc limit ${limit}`;
}

export interface KeptVersion {
  id: string;
  at: Date;
  side: Side;
  row: number;
  fields: string[];
  private: boolean;
}

/** The losers of an item's conflicts, newest first; sealed: see `sealedVersions`. */
export async function keptVersions(tx: Tx, userId: UserId, itemId: ItemLinkId): Promise<KeptVersion[]> {
  return await tx<KeptVersion[]>`
    select archive_id::text as id, at, side, row, fields, private from conflict_archive
    where user_id = ${userId} and item_link_id = ${itemId} order by archive_id desc limit 50`;
}

/** What may be opened for somebody who may see content: nothing of private items. */
export async function sealedVersions(
  tx: Tx,
  userId: UserId,
  itemId: ItemLinkId,
): Promise<{ id: string; side: Side; sealed: string }[]> {
  return await tx<{ id: string; side: Side; sealed: string }[]>`
    select archive_id::text as id, side, sealed from conflict_archive
    where user_id = ${userId} and item_link_id = ${itemId} and not private order by archive_id desc limit 50`;
}

/** Asks for a look at an item's values. Those that nobody fetched are cleared away on the way. */
export async function beginLook(
  tx: Tx,
  look: { organizationId: OrganizationId; userId: UserId; itemId: ItemLinkId; lookId: string },
): Promise<void> {
  await tx`delete from item_look where made_at < now() - interval '2 minutes'`;
  await tx`
    insert into item_look (organization_id, look_id, user_id, item_link_id)
    values (${look.organizationId}, ${look.lookId}, ${look.userId}, ${look.itemId})`;
}

/** What is to be looked at; `undefined` when nobody waits for it any more. */
export async function lookedFor(
  tx: Tx,
  lookId: string,
): Promise<{ itemId: ItemLinkId; kind: Kind; refs: Partial<Record<Side, string>> } | undefined> {
  const [row] = await tx<{ itemId: ItemLinkId; kind: Kind; refs: Partial<Record<Side, string>> }[]>`
    select l.item_link_id as "itemId", l.kind, coalesce((select jsonb_object_agg(s.side, s.ref) from item_side s
      where s.organization_id = l.organization_id and s.item_link_id = l.item_link_id), '{}') as refs
    from item_look k join item_link l using (organization_id, item_link_id) where k.look_id = ${lookId}`;
  return row;
}

export async function endLook(
  tx: Tx,
  lookId: string,
  end: { sealed: string } | { problem: string },
): Promise<void> {
  const sealed = "sealed" in end ? end.sealed : null;
  const problem = "problem" in end ? end.problem : null;
  await tx`update item_look set sealed = ${sealed}, problem = ${problem} where look_id = ${lookId}`;
}

/** Takes what was read, or `undefined` while it is being read. */
export async function takeLook(
  tx: Tx,
  lookId: string,
): Promise<{ sealed: string | null; problem: string | null } | undefined> {
  const [row] = await tx<{ sealed: string | null; problem: string | null }[]>`
    delete from item_look where look_id = ${lookId} and (sealed is not null or problem is not null)
    returning sealed, problem`;
  return row;
}

export async function forgetLook(tx: Tx, lookId: string): Promise<void> {
  await tx`delete from item_look where look_id = ${lookId}`;
}
