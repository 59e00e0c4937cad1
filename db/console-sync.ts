import type { UserId } from "../core/ids.ts";
import type { FindingCode } from "../core/sync/findings.ts";
import type { Tx } from "./client.ts";

/** What sync did and found for one user; counts only. */
export interface SyncNumbers {
  /** Items written to each side in the last 24 hours, by whole hours. */
  changes24h: { toCrm: number; toMailbox: number };
  /** Open findings. */
  findings: number;
}

export async function syncNumbers(tx: Tx, userIds: readonly UserId[]): Promise<Map<UserId, SyncNumbers>> {
  if (userIds.length === 0) return new Map();
  const rows = await tx<{ userId: UserId; toCrm: number; toMailbox: number; findings: number }[]>`
    select u.id as "userId", coalesce(h.to_crm, 0) as "toCrm", coalesce(h.to_mailbox, 0) as "toMailbox",
      (select count(*)::integer from finding f
        where f.user_id = u.id and f.dismissed_at is null) as findings
    from unnest(${[...userIds]}::uuid[]) as u(id)
    left join lateral (
      select sum(created_crm + updated_crm + deleted_crm)::integer as to_crm,
        sum(created_mailbox + updated_mailbox + deleted_mailbox)::integer as to_mailbox
      from sync_hour where user_id = u.id and hour > now() - interval '24 hours') h on true`;
  return new Map(
    rows.map(({ userId, toCrm, toMailbox, findings }) => [
      userId,
      { changes24h: { toCrm, toMailbox }, findings },
    ]),
  );
}

export interface FindingRow {
  code: FindingCode;
  since: Date;
  count: number;
}

/** Open findings of one user by code, most frequent first. */
export async function findingsOfUser(tx: Tx, userId: UserId): Promise<FindingRow[]> {
  return await tx<FindingRow[]>`
    select code, min(since) as since, count(*)::integer as count from finding
    where user_id = ${userId} and dismissed_at is null
    group by code order by 3 desc, code`;
}

/** How many cycles were run for a user. */
export async function cyclesOfUser(tx: Tx, userId: UserId): Promise<number> {
  const [row] = await tx<{ cycles: number }[]>`
    select cycles::integer as cycles from sync_status where user_id = ${userId}`;
  return row?.cycles ?? 0;
}
