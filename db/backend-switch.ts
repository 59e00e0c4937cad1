import type { MailboxId, OrganizationId, UserId } from "../core/ids.ts";
import type { Kind } from "../core/items/observed.ts";
import type { Tx } from "./client.ts";
import { tellTimeline } from "./timeline.ts";

type Backend = "ews" | "graph";

/** Notes the protocol that a user's mailbox is to have; asking for the one that it has takes an open wish back. */
export async function wantBackend(tx: Tx, userId: UserId, backend: Backend): Promise<void> {
  await tx`
    update mailbox set wanted_backend = nullif(${backend}, backend)
    where mailbox_id = (select mailbox_id from mailbox where user_id = ${userId}
      order by registered_at desc limit 1)`;
}

/** The protocol for which a user's next sign-in is to ask permission; `undefined` for one without a mailbox. */
export async function backendToSignInFor(tx: Tx, userId: UserId): Promise<Backend | undefined> {
  const [row] = await tx<{ backend: Backend }[]>`
    select coalesce(wanted_backend, backend) as backend from mailbox
    where user_id = ${userId} order by registered_at desc limit 1`;
  return row?.backend;
}

/** The mailbox's own ids of all items that sync knows, of the kinds whose ids can be translated. */
export async function mailboxRefs(tx: Tx, userId: UserId, kinds: readonly Kind[]): Promise<string[]> {
  const rows = await tx<{ ref: string }[]>`
    select ref from item_side where user_id = ${userId} and side = 'mailbox' and kind in ${tx(kinds)}
      and ref not like 'nowhere/%'`;
  return rows.map(({ ref }) => ref);
}

/**
 * Makes the other protocol the mailbox's own: every item link keeps its item under the id that it has there. Versions and
 * cursors are the old protocol's; what was last known of each field stays, so that a change made meanwhile still flows. An
 * item whose id has no translation is to be found again by stamp, UID or content.
 *
 * @returns how many item links went over with their ids, and how many are to be found again
 */
export async function carryOver(
  tx: Tx,
  of: { organizationId: OrganizationId; userId: UserId; mailboxId: MailboxId; backend: Backend },
  translated: ReadonlyMap<string, string>,
): Promise<{ carried: number; sought: number }> {
  const { organizationId, userId, mailboxId, backend } = of;
  const [former, latter] = [[...translated.keys()], [...translated.values()]];
  const carried = await tx`
    update item_side s set ref = t.latter, version = ''
    from unnest(${former}::text[], ${latter}::text[]) as t (former, latter)
    where s.organization_id = ${organizationId} and s.user_id = ${userId} and s.side = 'mailbox'
      and s.ref = t.former collate "C"`;
  const sought = await tx`
    update item_side set ref = 'nowhere/' || item_link_id::text, version = '', unverified = true
    where organization_id = ${organizationId} and user_id = ${userId} and side = 'mailbox' and version <> ''`;
  await tx`delete from sync_cursor where user_id = ${userId} and side = 'mailbox'`;
  await tx`update mailbox set backend = ${backend}, wanted_backend = null where mailbox_id = ${mailboxId}`;
  const counts = { carried: carried.count, sought: sought.count };
  await tellTimeline(tx, {
    organizationId,
    userId,
    kind: "backend-switched",
    detail: { backend, ...counts },
  });
  return counts;
}
