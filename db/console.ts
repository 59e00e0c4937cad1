import type { AssociateId, MailboxId, UserId } from "../core/ids.ts";
import type { Tx } from "./client.ts";

/** What the table of associates is made of, before lifecycle rules and texts are added. */
export interface ConsoleRow {
  associateId: AssociateId;
  userId: UserId | null;
  name: string;
  address: string;
  retired: boolean;
  mailboxId: MailboxId | null;
  mailboxAddress: string | null;
  linked: boolean;
  state: string;
  lastSyncAt: Date | null;
  nextSyncAt: Date | null;
  problemSince: Date | null;
  sortKey: string;
}

export interface ConsoleQuery {
  search: string;
  states: readonly string[];
  problem: "any" | "none" | undefined;
  sort: "name" | "address" | "state" | "lastSync" | "nextSync";
  order: "asc" | "desc";
  after: { key: string; associateId: number } | undefined;
  limit: number;
}

export interface ConsoleCounts {
  counts: Record<string, number>;
  all: number;
  withProblem: number;
  total: number;
}

/** Every associate that matches the search; who is retired and was never invited is left out. */
function people(tx: Tx, search: string) {
  const pattern = `%${search.replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
  return tx`
    select a.associate_id, a.retired, coalesce(d.name, '') as name, coalesce(d.address, '') as address,
      u.user_id, l.next_due, l.updated_at,
      case when l.stage is null then 'not-invited' else shown_state(l.stage, l.holds) end as state,
      l.stage is not null and (jsonb_path_exists(l.holds, '$[*] ? (@.problem != null)')
        or jsonb_typeof(l.course -> 'trouble') = 'object') as has_problem
    from associate a
    left join directory d on d.organization_id = a.organization_id and d.kind = 'associate'
      and d.ref = a.associate_id::text
    left join users u on u.organization_id = a.organization_id and u.associate_id = a.associate_id
    left join lifecycle l on l.organization_id = u.organization_id and l.user_id = u.user_id
    where not (a.retired and u.user_id is null)
      and (${search} = '' or d.name ilike ${pattern} or d.address ilike ${pattern})`;
}

function filter(tx: Tx, { states, problem }: Pick<ConsoleQuery, "states" | "problem">) {
  return tx`
    (${states.length === 0} or p.state = any(${[...states]}::text[]))
    and ${problem === undefined ? tx`true` : problem === "any" ? tx`p.has_problem` : tx`not p.has_problem`}`;
}

/** Sorting is by text, so that one cursor serves every column; empty values come last when ascending. */
function sortKey(tx: Tx, sort: ConsoleQuery["sort"]) {
  const time = (column: ReturnType<typeof tx>) =>
    tx`coalesce(to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '~')`;
  switch (sort) {
    case "name":
      return tx`lower(p.name)`;
    case "address":
      return tx`lower(p.address)`;
    case "state":
      return tx`coalesce(lpad(array_position(array['blocked', 'needs-reauth', 'removal', 'brake', 'preview', 'gate', 'paused',
        'invited', 'registered', 'linked', 'syncing', 'not-invited', 'disconnected', 'ended', 'erasing',
        'erased'], p.state)::text, 2, '0'), '99')`;
    case "lastSync":
      return time(tx`s.last_succeeded_at`);
    case "nextSync":
      return time(tx`p.next_due`);
  }
}

/** One page of the table, in a stable order. */
export async function consoleRows(tx: Tx, query: ConsoleQuery): Promise<ConsoleRow[]> {
  const { after, limit } = query;
  const comparison = query.order === "asc" ? tx`>` : tx`<`;
  const direction = query.order === "asc" ? tx`asc` : tx`desc`;
  return await tx<ConsoleRow[]>`
    with p as (${people(tx, query.search)}),
    sorted as (
      select p.*, s.last_succeeded_at, s.problem_since,
        (${sortKey(tx, query.sort)}) collate "und-x-icu" as sort_key
      from p left join sync_status s on s.user_id = p.user_id
      where ${filter(tx, query)})
    select p.associate_id as "associateId", p.user_id as "userId", p.name, p.address, p.retired, p.state,
      m.mailbox_id as "mailboxId", md.address as "mailboxAddress", k.user_id is not null as linked,
      p.last_succeeded_at as "lastSyncAt", p.next_due as "nextSyncAt", p.problem_since as "problemSince",
      p.sort_key as "sortKey"
    from sorted p
    left join lateral (select mailbox_id from mailbox where user_id = p.user_id order by registered_at desc limit 1) m
      on true
    left join directory md on md.kind = 'mailbox' and md.ref = m.mailbox_id::text
    left join link k on k.user_id = p.user_id
    where ${
      after
        ? tx`(p.sort_key, p.associate_id) ${comparison} (${after.key} collate "und-x-icu", ${after.associateId})`
        : tx`true`
    }
    order by p.sort_key ${direction}, p.associate_id ${direction}
    limit ${limit}`;
}

/** One row of the table by the user's id. */
export async function consoleRowOfUser(tx: Tx, userId: UserId): Promise<ConsoleRow | undefined> {
  const [row] = await tx<ConsoleRow[]>`
    with p as (${people(tx, "")})
    select p.associate_id as "associateId", p.user_id as "userId", p.name, p.address, p.retired, p.state,
      m.mailbox_id as "mailboxId", md.address as "mailboxAddress", k.user_id is not null as linked,
      s.last_succeeded_at as "lastSyncAt", p.next_due as "nextSyncAt", s.problem_since as "problemSince",
      '' as "sortKey"
    from p
    left join sync_status s on s.user_id = p.user_id
    left join lateral (select mailbox_id from mailbox where user_id = p.user_id order by registered_at desc limit 1) m
      on true
    left join directory md on md.kind = 'mailbox' and md.ref = m.mailbox_id::text
    left join link k on k.user_id = p.user_id
    where p.user_id = ${userId}`;
  return row;
}

/** The counts that are the filters, of all that match the search; `total` also respects the filter. */
export async function consoleCounts(
  tx: Tx,
  query: Pick<ConsoleQuery, "search" | "states" | "problem">,
): Promise<ConsoleCounts> {
  const rows = await tx<{ state: string; count: number; withProblem: number; total: number }[]>`
    with p as (${people(tx, query.search)})
    select p.state, count(*)::integer as count, (count(*) filter (where p.has_problem))::integer as "withProblem",
      (count(*) filter (where ${filter(tx, query)}))::integer as total
    from p group by p.state`;
  const sum = (pick: (row: (typeof rows)[number]) => number) =>
    rows.reduce((total, row) => total + pick(row), 0);
  return {
    counts: Object.fromEntries(rows.map((row) => [row.state, row.count])),
    all: sum((row) => row.count),
    withProblem: sum((row) => row.withProblem),
    total: sum((row) => row.total),
  };
}

/**
 * A text that is another one whenever anything changed that the table shows. Cheap: each part is the end of an
 * index or a small aggregate.
 */
export async function consoleTick(tx: Tx): Promise<string> {
  const [row] = await tx<{ tick: string }[]>`
    select concat_ws('/',
      (select max(updated_at) from lifecycle), (select max(last_succeeded_at) from sync_status),
      (select max(problem_since) from sync_status), (select max(entry_id) from timeline),
      (select max(settled_at) from command), (select max(position) from command),
      (select max(seen_at) from associate), (select max(updated_at) from outbox),
      (select count(*) from associate), (select count(*) from users)) as tick`;
  return row?.tick ?? "";
}

export interface TimelineRow {
  id: string;
  at: Date;
  kind: string;
  detail: Record<string, unknown>;
}

/** Newest first. */
export async function timelineOfUser(
  tx: Tx,
  userId: UserId,
  before: string | undefined,
  limit: number,
): Promise<TimelineRow[]> {
  return await tx<TimelineRow[]>`
    select entry_id::text as id, at, kind, detail from timeline
    where user_id = ${userId} and (${before ?? null}::bigint is null or entry_id < ${before ?? null}::bigint)
    order by entry_id desc limit ${limit}`;
}

export interface MailboxRow {
  id: MailboxId;
  userId: UserId;
  associateId: AssociateId;
  address: string;
  name: string;
  associateName: string;
  associateAddress: string;
  registeredAt: Date;
  backend: "ews" | "graph";
  linked: boolean;
}

/** Registered mailboxes by id, each with the associate that was invited. */
export async function registeredMailboxes(
  tx: Tx,
  query: { linked?: boolean | undefined; after?: string | undefined; limit: number },
): Promise<MailboxRow[]> {
  return await tx<MailboxRow[]>`
    select m.mailbox_id as id, m.user_id as "userId", u.associate_id as "associateId",
      coalesce(md.address, '') as address, coalesce(md.name, '') as name, coalesce(d.name, '') as "associateName",
      coalesce(d.address, '') as "associateAddress", m.registered_at as "registeredAt", m.backend,
      k.user_id is not null as linked
    from mailbox m
    join users u on u.user_id = m.user_id
    left join directory md on md.kind = 'mailbox' and md.ref = m.mailbox_id::text
    left join directory d on d.kind = 'associate' and d.ref = u.associate_id::text
    left join link k on k.mailbox_id = m.mailbox_id
    where (${query.linked ?? null}::boolean is null or (k.user_id is not null) = ${query.linked ?? null}::boolean)
      and (${query.after ?? null}::uuid is null or m.mailbox_id > ${query.after ?? null}::uuid)
    order by m.mailbox_id limit ${query.limit}`;
}

export interface CommandRow {
  id: string;
  userId: UserId;
  kind: string;
  actor: string;
  createdAt: Date;
  deliveredAt: Date | null;
  settledAt: Date | null;
  outcome: Record<string, unknown> | null;
}

export async function readCommandRow(tx: Tx, commandId: string): Promise<CommandRow | undefined> {
  const [row] = await tx<CommandRow[]>`
    select command_id as id, user_id as "userId", kind, actor, created_at as "createdAt",
      delivered_at as "deliveredAt", settled_at as "settledAt", outcome
    from command where command_id = ${commandId}`;
  return row;
}

/** What the user's own page tells of the state behind it. */
export async function lifecycleRecord(
  tx: Tx,
  userId: UserId,
): Promise<
  { seq: number; fence: number; linkGeneration: number; nextDue: Date | null; updatedAt: Date } | undefined
> {
  const [row] = await tx<
    { seq: string; fence: string; linkGeneration: number; nextDue: Date | null; updatedAt: Date }[]
  >`
    select seq, fence, link_generation as "linkGeneration", next_due as "nextDue", updated_at as "updatedAt"
    from lifecycle where user_id = ${userId}`;
  return row && { ...row, seq: Number(row.seq), fence: Number(row.fence) };
}

export interface ConsoleMailbox {
  id: MailboxId;
  address: string;
  backend: "ews" | "graph";
  wantedBackend: "ews" | "graph" | null;
  registeredAt: Date;
}

/** The mailbox that a user registered, as the directory has it. */
export async function registeredMailboxOf(tx: Tx, userId: UserId): Promise<ConsoleMailbox | undefined> {
  const [row] = await tx<ConsoleMailbox[]>`
    select m.mailbox_id as id, coalesce(d.address, '') as address, m.backend, m.wanted_backend as "wantedBackend",
      m.registered_at as "registeredAt"
    from mailbox m
    left join directory d on d.kind = 'mailbox' and d.ref = m.mailbox_id::text
    where m.user_id = ${userId} order by m.registered_at desc limit 1`;
  return row;
}

/** Since when a user is linked. */
export async function linkedSince(tx: Tx, userId: UserId): Promise<Date | undefined> {
  const [row] = await tx<{ at: Date }[]>`select linked_at as at from link where user_id = ${userId}`;
  return row?.at;
}
