import type { UserId } from "../core/ids.ts";
import type { Kind } from "../core/items/observed.ts";
import type { Tx } from "./client.ts";

/** What a system told: no more than a hint that somebody's next cycle will find something. */
export interface Hint {
  kind: Kind;
  /** The associate whose item it is, where that was told. */
  associateId: number | null;
  /** Names that the item may have in item links. */
  refs: readonly string[];
}

/** Nobody is woken more often. */
const pauseMs = 20_000;

/** Notes a hint for the users concerned who sync: whose item it is, and whoever has an item link with it. */
export async function noteHint(tx: Tx, { kind, associateId, refs }: Hint): Promise<void> {
  await tx`
    insert into notified (organization_id, user_id, kinds)
    select u.organization_id, u.user_id, array[${kind}]
    from users u join lifecycle l using (organization_id, user_id)
    where l.stage = 'syncing'
      and (u.associate_id = ${associateId}
        or u.user_id in (select user_id from item_side where side = 'crm' and ref = any(${[...refs]})))
    on conflict (organization_id, user_id) do update
    set kinds = array(select distinct k from unnest(notified.kinds || excluded.kinds) k order by k)`;
}

/** Takes the users whose turn it is to be woken; each is taken once. */
export async function claimWakes(tx: Tx): Promise<UserId[]> {
  const rows = await tx<{ userId: UserId }[]>`
    update notified set kinds = '{}', woken_at = now()
    where kinds <> '{}' and (woken_at is null or woken_at <= now() - ${pauseMs} * interval '1 ms')
    returning user_id as "userId"`;
  return rows.map(({ userId }) => userId);
}

/** How long until the next one's turn, in milliseconds; `null` when nobody waits. */
export async function nextWakeInMs(tx: Tx): Promise<number | null> {
  const [row] = await tx<{ ms: number | null }[]>`
    select extract(epoch from min(woken_at) - now())::float8 * 1000 + ${pauseMs} as ms
    from notified where kinds <> '{}'`;
  return row?.ms ?? null;
}
