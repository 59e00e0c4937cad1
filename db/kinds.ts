import type { UserId } from "../core/ids.ts";
import { kinds } from "../core/items/kinds.ts";
import type { Kind } from "../core/items/observed.ts";
import type { Tx } from "./client.ts";

/** How one kind of item does for one user; counts and codes only. */
export interface KindReading {
  /** Items that are the same on both sides. */
  linked: number;
  /** Left alone, by reason. */
  untouched: Record<string, number>;
  waiting: number;
  held: number;
  /** Items written to each side in the last 24 hours, by whole hours. */
  changes24h: { toCrm: number; toMailbox: number };
  /** What kept it from a good end in the last cycle. */
  problem: { code: string; since: string } | null;
}

export async function kindReadings(tx: Tx, userId: UserId): Promise<{ [K in Kind]: KindReading }> {
  const rows = await tx<
    (Omit<KindReading, "changes24h"> & { kind: Kind; toCrm: number; toMailbox: number })[]
  >`
    select k.kind, i.linked, i.waiting, i.held, coalesce(r.untouched, '{}') as untouched,
      coalesce(h.to_crm, 0) as "toCrm", coalesce(h.to_mailbox, 0) as "toMailbox",
      (select jsonb_build_object('code', s.problems -> k.kind -> 'problem', 'since', s.problems -> k.kind -> 'since')
        from sync_status s where s.user_id = ${userId} and s.problems ? k.kind) as problem
    from unnest(${[...kinds]}::text[]) as k(kind)
    cross join lateral (
      select count(*) filter (where state = 'linked')::int as linked,
        count(*) filter (where pending or state in ('new', 'single'))::int as waiting,
        count(*) filter (where held is not null)::int as held
      from item_link where user_id = ${userId} and kind = k.kind) as i
    cross join lateral (
      select jsonb_object_agg(reason, n) as untouched from (
        select reason, count(*)::int as n from item_link
        where user_id = ${userId} and kind = k.kind and state = 'untouched' group by reason) as by_reason) as r
    cross join lateral (
      select sum(created_crm + updated_crm + deleted_crm)::int as to_crm,
        sum(created_mailbox + updated_mailbox + deleted_mailbox)::int as to_mailbox
      from sync_hour where user_id = ${userId} and kind = k.kind and hour > now() - interval '24 hours') as h`;
  const of = (kind: Kind): KindReading => {
    const row = rows.find((each) => each.kind === kind);
    if (!row) throw new Error(`no reading of ${kind}`);
    const { linked, untouched, waiting, held, problem, toCrm, toMailbox } = row;
    return { linked, untouched, waiting, held, problem, changes24h: { toCrm, toMailbox } };
  };
  return { appointment: of("appointment"), task: of("task"), contact: of("contact") };
}
