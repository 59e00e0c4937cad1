import type postgres from "postgres";
import { Failure } from "../core/errors/failure.ts";
import type { OrganizationId, UserId } from "../core/ids.ts";
import { sides, type Kind, type Side } from "../core/items/observed.ts";
import type { Intent } from "../core/sync/item-link.ts";
import type { Candidate } from "../core/sync/match.ts";
import type { Clock } from "../engine/ports.ts";
import type {
  Archived,
  Beginning,
  BrakeHold,
  BrakeState,
  End,
  Progress,
  SyncRepository,
  Waiting,
} from "../engine/repository.ts";
import type { Database, Tx } from "./client.ts";
import { unverifyItems } from "./incarnation.ts";
import { linksOf, storeChanges } from "./item-links.ts";

export interface SyncOf {
  organizationId: OrganizationId;
  userId: UserId;
  /** The fence under which this run was started. */
  fence: number;
  kind: Kind;
  /** Whose time ages are told in; the database's own, unless a test has another. */
  clock?: Clock;
}

/**
 * What sync remembers, in PostgreSQL. Every method is one transaction that first takes the user's lifecycle row for
 * share: whoever raises the fence waits for it, and everything after that is refused.
 */
export function createSyncRepository(database: Database, of: SyncOf): SyncRepository {
  const { organizationId, userId, fence, kind } = of;
  const owner = { organizationId, userId, kind };

  /** @throws Failure `lifecycle.fenced` when a newer run has taken over; nothing is then written */
  const guarded = <Result>(work: (tx: Tx, generation: number) => Promise<Result>): Promise<Result> =>
    database.inOrganization(organizationId, async (tx) => {
      const [row] = await tx<{ generation: number }[]>`
        select link_generation as generation from lifecycle
        where user_id = ${userId} and fence = ${fence} for share`;
      if (row === undefined) throw new Failure("lifecycle.fenced");
      return work(tx, row.generation);
    });
  const reading = <Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> =>
    database.inOrganization(organizationId, work);

  return {
    begin: (now, accounts) =>
      guarded(async (tx, generation): Promise<Beginning> => {
        await leaveOtherAccounts(tx, of, accounts, now);
        const [cursors, open, waiting] = await Promise.all([
          cursorsOf(tx, of, generation),
          openIntents(tx, of),
          waitingOf(tx, of, now),
        ]);
        await forgetListings(
          tx,
          of,
          sides.filter((side) => cursors[side] === null),
        );
        return { cursors, waiting, open: await withLinks(tx, open) };
      }),

    find: ({ refs, uids, keys, stamps = [] }) =>
      reading((tx) => {
        const sideOf = (column: "ref" | "uid", side: Side, values: readonly string[]) => tx`
          select s.item_link_id from ${texts(tx, values)} cross join lateral (
            select item_link_id from item_side
            where organization_id = current_organization() and user_id = ${userId} and kind = ${kind}
              and side = ${side} and ${tx(column)} = told.text offset 0) as s`;
        return linksOf(
          tx,
          tx`${sideOf("ref", "crm", refs.crm)} union all ${sideOf("ref", "mailbox", refs.mailbox)}
            union all ${sideOf("uid", "crm", uids.crm)} union all ${sideOf("uid", "mailbox", uids.mailbox)}
            union all select l.item_link_id from ${texts(tx, keys)} cross join lateral (
              select item_link_id from item_link
              where organization_id = current_organization() and user_id = ${userId} and kind = ${kind}
                and key = told.text offset 0) as l
            union all select s.item_link_id from ${texts(tx, stamps)} cross join lateral (
              select item_link_id from item_side
              where organization_id = current_organization() and user_id = ${userId} and kind = ${kind}
                and stamp = told.text offset 0) as s`,
        );
      }),

    due: (now, limit) =>
      reading((tx) =>
        linksOf(
          tx,
          tx`select item_link_id from item_link i where user_id = ${userId} and kind = ${kind} and pending
              and (not_before is null or not_before <= ${new Date(now)})
              and (held is null or ${approved(tx, now)})
            order by reason is not distinct from 'unreadable' desc, updated_at, item_link_id limit ${limit}`,
        ),
      ),

    unmatched: (fields) =>
      reading(async (tx) => [
        ...(await tx<Candidate[]>`
          select l.item_link_id as id, l.key, s.side, s.ref, s.uid, s.stamp,
            encode(sha256(convert_to(coalesce((
              select string_agg(coalesce(l.agreed ->> field, '?'), '/' order by position)
              from unnest(${[...fields]}::text[]) with ordinality as f (field, position)), ''), 'UTF8')), 'hex')
              as content
          from item_link l cross join lateral (
            select side, ref, uid, stamp from item_side i
            where i.organization_id = l.organization_id and i.item_link_id = l.item_link_id offset 0) as s
          where l.user_id = ${userId} and l.kind = ${kind} and l.state = 'new'`),
      ]),

    byIds: (ids) => reading((tx) => linksOf(tx, tx`select unnest(${[...ids]}::uuid[]) as item_link_id`)),

    standAlone: (ids, at) =>
      guarded(async (tx) => {
        await tx`update item_link set state = 'single', pending = true, updated_at = ${new Date(at)}
          where user_id = ${userId} and item_link_id = any(${[...ids]}) and state = 'new' and not pending`;
      }),

    postpone: (ids, at) =>
      guarded(async (tx) => {
        await tx`update item_link set pending = true, updated_at = ${new Date(at)}
          where user_id = ${userId} and item_link_id = any(${[...ids]}) and state not in ('new', 'deleted')`;
      }),

    unconfirmed: () =>
      reading((tx) =>
        linksOf(
          tx,
          tx`select s.item_link_id from item_side s join item_link l using (organization_id, item_link_id)
            where s.user_id = ${userId} and s.kind = ${kind} and s.unconfirmed and l.state <> 'deleted'
              and ${unwatched(tx)} and l.held is null`,
        ),
      ),

    missing: (side, listing, thorough) =>
      reading(async (tx) => [
        ...(await tx<{ id: Intent["linkId"]; ref: string }[]>`
          select s.item_link_id as id, s.ref from item_side s join item_link l using (organization_id, item_link_id)
          where s.user_id = ${userId} and s.kind = ${kind} and s.side = ${side} and s.listed <> ${listing} and l.state <> 'deleted'
            and (${thorough} or not s.out or exists (select from item_side o
              where o.organization_id = s.organization_id and o.item_link_id = s.item_link_id
                and o.side <> s.side and not o.out))
          order by s.ref`),
      ]),

    unverify: (side) =>
      guarded(async (tx) => {
        await unverifyItems(tx, { userId, kind, side });
      }),

    brake: (since) =>
      reading(async (tx): Promise<BrakeState> => {
        const [row] = await tx<{ crm: number; mailbox: number; linked: number }[]>`
          select count(*) filter (where target = 'crm')::int as crm,
            count(*) filter (where target = 'mailbox')::int as mailbox,
            (select count(*)::int from item_link
              where user_id = ${userId} and kind = ${kind} and state = 'linked') as linked
          from brake_entry where user_id = ${userId} and kind = ${kind} and at > ${new Date(since)}`;
        return { executed: { crm: row?.crm ?? 0, mailbox: row?.mailbox ?? 0 }, linked: row?.linked ?? 0 };
      }),

    archived: (linkId, archiveId) =>
      reading(async (tx): Promise<Archived | undefined> => {
        const [row] = await tx<Archived[]>`
          select side, row, fields, sealed, private from conflict_archive
          where user_id = ${userId} and item_link_id = ${linkId} and archive_id = ${archiveId}`;
        return row;
      }),

    save: (changes, at) => guarded((tx) => storeChanges(tx, owner, changes, at)),

    intend: (intent, plan) =>
      guarded(async (tx) => {
        await storeChanges(tx, owner, [plan], intent.at);
        await tx`insert into intent ${tx(intentRow(of, intent))}`;
      }),

    settle: (settlement, at) =>
      guarded(async (tx) => {
        const { intent, outcome } = settlement;
        const settled = await tx`
          update intent set outcome = ${outcome}, settled_at = ${new Date(at)}
          where intent_id = ${intent.id} and outcome is null`;
        if (settled.count !== 1) throw new Error("an intent has one outcome");
        if (intent.counted && (outcome === "applied" || outcome === "adopted")) {
          await tx`insert into brake_entry (organization_id, intent_id, user_id, kind, target, at)
            values (${organizationId}, ${intent.id}, ${userId}, ${kind}, ${intent.target}, ${new Date(at)})`;
        }
        await storeChanges(tx, owner, [settlement], at);
      }),

    finish: (end, at) =>
      guarded(async (tx, generation) => {
        await storeChanges(tx, owner, end.unhandled, at);
        await storeHolds(tx, of, at);
        await storeCursors(tx, of, generation, end);
        await believe(tx, of, end.relisted);
        await countHour(tx, of, end, at);
        return waitingOf(tx, of, at);
      }),
  };
}

/** Texts to look up one by one: with thousands, a comparison with an array would be made for every row. */
function texts(tx: Tx, values: readonly string[]): postgres.PendingQuery<postgres.Row[]> {
  return tx`(select distinct t collate "C" as text from unnest(${[...values]}::text[]) as t) as told`;
}

/** Whether a person has decided about the held link `i`, and the decision still holds. */
function approved(tx: Tx, now: number): postgres.PendingQuery<postgres.Row[]> {
  return tx`exists (select from brake_hold h where h.user_id = i.user_id and h.kind = i.kind
    and h.target = i.held and h.choice is not null and h.expires_at > ${new Date(now)})`;
}

/** Not looked at anyway: with nothing to do, or with nothing but an end of ours to be moved on some day. */
function unwatched(tx: Tx) {
  return tx`(not l.pending or (l.attempts = 0 and l.not_before is not null))`;
}

async function waitingOf(tx: Tx, { userId, kind }: SyncOf, now: number): Promise<Waiting> {
  const [[row], holds] = await Promise.all([
    tx<{ due: boolean; next: Date | null; unmatched: boolean; unconfirmed: boolean }[]>`
      select
        exists (select from item_link i where user_id = ${userId} and kind = ${kind} and pending
          and (not_before is null or not_before <= ${new Date(now)})
          and (held is null or ${approved(tx, now)})) as due,
        (select min(not_before) from item_link where user_id = ${userId} and kind = ${kind} and pending
          and held is null and not_before > ${new Date(now)}) as next,
        exists (select from item_link where user_id = ${userId} and kind = ${kind} and state = 'new'
          and not (pending and coalesce(not_before > ${new Date(now)}, false))) as unmatched,
        exists (select from item_side s join item_link l using (organization_id, item_link_id)
          where s.user_id = ${userId} and s.kind = ${kind} and s.unconfirmed and l.state <> 'deleted'
              and ${unwatched(tx)} and l.held is null) as unconfirmed`,
    tx<BrakeHold[]>`
      select target, plan_hash as "planHash", count,
        case when expires_at > ${new Date(now)} then choice end as choice
      from brake_hold where user_id = ${userId} and kind = ${kind} order by target`,
  ]);
  return {
    due: row?.due ?? false,
    nextDue: row?.next?.getTime() ?? null,
    unmatched: row?.unmatched ?? false,
    unconfirmed: row?.unconfirmed ?? false,
    holds: [...holds],
  };
}

async function cursorsOf(
  tx: Tx,
  { userId, kind }: SyncOf,
  generation: number,
): Promise<Record<Side, Progress | null>> {
  const rows = await tx<
    (Omit<Progress, "window" | "settings" | "incarnation"> & {
      side: Side;
      from: string;
      to: string;
      settings: string | null;
      incarnation: string | null;
    })[]
  >`
    select side, cursor, listing, open, thorough, window_from as "from", window_to as "to", settings, incarnation
    from sync_cursor
    where user_id = ${userId} and kind = ${kind} and generation = ${generation}`;
  const of = (side: Side): Progress | null => {
    const row = rows.find((each) => each.side === side);
    if (row === undefined) return null;
    const { cursor, listing, open, thorough, from, to, settings, incarnation } = row;
    const noted = {
      ...(settings === null ? {} : { settings }),
      ...(incarnation === null ? {} : { incarnation }),
    };
    return { cursor, listing, open, thorough, window: { from, to }, ...noted };
  };
  return { crm: of("crm"), mailbox: of("mailbox") };
}

async function storeCursors(tx: Tx, of: SyncOf, generation: number, end: End): Promise<void> {
  const { kind } = of;
  for (const side of sides) {
    const passed = end.passed[side] ?? [];
    if (passed.length > 0) {
      await tx`update item_side set unconfirmed = false
        where user_id = ${of.userId} and kind = ${kind} and side = ${side} and unconfirmed
          and ref in (select told.text from ${texts(tx, passed)})`;
    }
    const progress = end.cursors[side];
    if (progress === undefined) continue;
    const row = {
      organization_id: of.organizationId,
      user_id: of.userId,
      kind,
      side,
      generation,
      cursor: progress.cursor,
      listing: progress.listing,
      open: progress.open,
      thorough: progress.thorough,
      window_from: progress.window.from,
      window_to: progress.window.to,
      settings: progress.settings ?? null,
      incarnation: progress.incarnation ?? null,
    };
    await tx`insert into sync_cursor ${tx(row)}
      on conflict (organization_id, user_id, kind, side) do update set generation = excluded.generation,
        cursor = excluded.cursor, listing = excluded.listing, open = excluded.open, thorough = excluded.thorough,
        window_from = excluded.window_from, window_to = excluded.window_to, settings = excluded.settings,
        incarnation = excluded.incarnation,
        updated_at = now()`;
    const listed = end.listed[side] ?? [];
    if (listed.length === 0) continue;
    await tx`update item_side set listed = ${progress.listing}
      where user_id = ${of.userId} and kind = ${kind} and side = ${side}
        and ref in (select told.text from ${texts(tx, listed)})`;
  }
}

/** Listings are counted from one again: what an earlier first one told is not told by this one. */
async function forgetListings(tx: Tx, { userId, kind }: SyncOf, uncounted: readonly Side[]): Promise<void> {
  if (uncounted.length === 0) return;
  await tx`update item_side set listed = 0
    where user_id = ${userId} and kind = ${kind} and side in ${tx(uncounted)} and listed <> 0`;
}

/** What was deleted and is not in a listing that was read to its end is deleted in this life of the store too. */
async function believe(tx: Tx, { userId, kind }: SyncOf, relisted: readonly Side[]): Promise<void> {
  if (relisted.length === 0) return;
  await tx`update item_side s set unverified = false from item_link l
    where l.organization_id = s.organization_id and l.item_link_id = s.item_link_id and s.unverified
      and s.user_id = ${userId} and s.kind = ${kind} and s.side in ${tx(relisted)}
      and l.state = 'deleted' and not l.pending`;
}

/** The holds are exactly what the links say. A choice stays until nothing of it is left. */
async function storeHolds(tx: Tx, { organizationId, userId, kind }: SyncOf, at: number): Promise<void> {
  await tx`
    insert into brake_hold (organization_id, user_id, kind, target, plan_hash, count, since)
    select organization_id, user_id, kind, held,
      encode(sha256(convert_to(string_agg(item_link_id::text, ',' order by item_link_id::text collate "C"), 'UTF8')), 'hex'),
      count(*), ${new Date(at)}
    from item_link where organization_id = ${organizationId} and user_id = ${userId} and kind = ${kind}
      and held is not null
    group by organization_id, user_id, kind, held
    on conflict (organization_id, user_id, kind, target)
      do update set plan_hash = excluded.plan_hash, count = excluded.count`;
  await tx`
    delete from brake_hold h where user_id = ${userId} and kind = ${kind} and not exists (
      select from item_link l where l.user_id = h.user_id and l.kind = h.kind and l.held = h.target)`;
}

/** Another account stands behind a side than last time: its items are not known any more, the others are new. */
async function leaveOtherAccounts(
  tx: Tx,
  { userId, kind }: SyncOf,
  accounts: Readonly<Record<Side, string>>,
  now: number,
): Promise<void> {
  const known = await tx<{ side: Side; account: string }[]>`
    select side, account from sync_account where user_id = ${userId} and kind = ${kind}`;
  if (sides.every((side) => known.some((row) => row.side === side && row.account === accounts[side]))) return;
  for (const { side, account } of known) {
    if (account === accounts[side]) continue;
    await tx`delete from sync_cursor where user_id = ${userId} and kind = ${kind} and side = ${side}`;
    await tx`update intent set outcome = 'not-applied', settled_at = ${new Date(now)}
      where user_id = ${userId} and outcome is null and ${ofKind(tx, kind)}`;
    await tx`delete from item_side where user_id = ${userId} and kind = ${kind} and side = ${side}`;
    await tx`delete from item_link l where user_id = ${userId} and kind = ${kind} and (state = 'deleted'
      or not exists (select from item_side s
        where s.organization_id = l.organization_id and s.item_link_id = l.item_link_id))`;
    await tx`update item_side set base = '{}' where user_id = ${userId} and kind = ${kind}`;
    await tx`update item_link set state = 'new', reason = null, masked = false, pending = false, not_before = null,
        attempts = 0, held = null, choice = null, revision = revision + 1
      where user_id = ${userId} and kind = ${kind}`;
  }
  await tx`
    insert into sync_account (organization_id, user_id, kind, side, account)
    select current_organization(), ${userId}, ${kind}, side, account
    from unnest(array['crm', 'mailbox'], array[${accounts.crm}, ${accounts.mailbox}]) as now (side, account)
    on conflict (organization_id, user_id, kind, side) do update set account = excluded.account`;
}

/** An open intent is of its link's kind; the link of an open intent is always there. */
function ofKind(tx: Tx, kind: Kind): postgres.PendingQuery<postgres.Row[]> {
  return tx`exists (select from item_link l where l.organization_id = intent.organization_id
    and l.item_link_id = intent.item_link_id and l.kind = ${kind})`;
}

type IntentRow = Omit<Intent, "id" | "linkId" | "at"> & {
  intent_id: Intent["id"];
  item_link_id: Intent["linkId"];
  at: Date;
};

async function openIntents(tx: Tx, { userId, kind, clock }: SyncOf): Promise<OpenIntent[]> {
  const now = clock === undefined ? tx`clock_timestamp()` : tx`${new Date(clock.now())}::timestamptz`;
  const rows = await tx<(IntentRow & { ageMs: number })[]>`
    select (extract(epoch from ${now} - recorded_at) * 1000)::float8 as "ageMs", intent_id, item_link_id, target, operation, link_revision as "linkRevision", row, fields, key, source,
      expected, narrow, masked, counted, at
    from intent where user_id = ${userId} and outcome is null and ${ofKind(tx, kind)} order by at, intent_id`;
  return rows.map(({ intent_id: id, item_link_id: linkId, at, ageMs, ...row }) => ({
    intent: { ...row, id, linkId, at: at.getTime() },
    ageMs,
  }));
}

type OpenIntent = Omit<Beginning["open"][number], "link">;

async function withLinks(tx: Tx, intents: readonly OpenIntent[]): Promise<Beginning["open"]> {
  if (intents.length === 0) return [];
  const ids = intents.map(({ intent }) => intent.linkId);
  const links = await linksOf(tx, tx`select unnest(${ids}::uuid[]) as item_link_id`);
  return intents.flatMap((open) => {
    const link = links.find((each) => each.id === open.intent.linkId);
    return link === undefined ? [] : [{ ...open, link }];
  });
}

function intentRow({ organizationId, userId, clock }: SyncOf, intent: Intent) {
  return {
    organization_id: organizationId,
    intent_id: intent.id,
    user_id: userId,
    item_link_id: intent.linkId,
    target: intent.target,
    operation: intent.operation,
    link_revision: intent.linkRevision,
    row: intent.row,
    fields: [...intent.fields],
    key: intent.key,
    source: { ...intent.source },
    expected: { ...intent.expected },
    narrow: { ...intent.narrow },
    masked: intent.masked,
    counted: intent.counted,
    at: new Date(intent.at),
    ...(clock === undefined ? {} : { recorded_at: new Date(clock.now()) }),
  };
}

async function countHour(tx: Tx, of: SyncOf, { counters }: End, at: number): Promise<void> {
  const { read, created, updated, deleted, calls } = counters;
  const row = {
    organization_id: of.organizationId,
    user_id: of.userId,
    hour: new Date(Math.floor(at / 3_600_000) * 3_600_000),
    kind: of.kind,
    slices: 1,
    read_crm: read.crm,
    read_mailbox: read.mailbox,
    created_crm: created.crm,
    created_mailbox: created.mailbox,
    updated_crm: updated.crm,
    updated_mailbox: updated.mailbox,
    deleted_crm: deleted.crm,
    deleted_mailbox: deleted.mailbox,
    calls_crm: calls.crm,
    calls_mailbox: calls.mailbox,
    adopted: counters.adopted,
    conflicts: counters.conflicts,
    findings: counters.findings,
    parked: counters.parked,
    held: counters.held,
  };
  await tx`insert into sync_hour ${tx(row)}
    on conflict (organization_id, user_id, hour, kind) do update set
      slices = sync_hour.slices + 1,
      read_crm = sync_hour.read_crm + excluded.read_crm, read_mailbox = sync_hour.read_mailbox + excluded.read_mailbox,
      created_crm = sync_hour.created_crm + excluded.created_crm,
      created_mailbox = sync_hour.created_mailbox + excluded.created_mailbox,
      updated_crm = sync_hour.updated_crm + excluded.updated_crm,
      updated_mailbox = sync_hour.updated_mailbox + excluded.updated_mailbox,
      deleted_crm = sync_hour.deleted_crm + excluded.deleted_crm,
      deleted_mailbox = sync_hour.deleted_mailbox + excluded.deleted_mailbox,
      calls_crm = sync_hour.calls_crm + excluded.calls_crm, calls_mailbox = sync_hour.calls_mailbox + excluded.calls_mailbox,
      adopted = sync_hour.adopted + excluded.adopted, conflicts = sync_hour.conflicts + excluded.conflicts,
      findings = sync_hour.findings + excluded.findings, parked = sync_hour.parked + excluded.parked,
      held = greatest(sync_hour.held, excluded.held)`;
}
