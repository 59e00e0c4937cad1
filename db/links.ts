import type { AssociateId, MailboxId, UserId } from "../core/ids.ts";
import { defaultSettings, type SyncSettings } from "../core/sync/settings.ts";
import type { Tx } from "./client.ts";

export interface Link {
  mailboxId: MailboxId;
  associateId: AssociateId;
  generation: number;
  /** Whole: what the link does not say is the default. */
  settings: SyncSettings;
}

/** @returns `undefined` for a user who is not linked */
export async function linkOfUser(tx: Tx, userId: UserId): Promise<Link | undefined> {
  const [row] = await tx<(Omit<Link, "settings"> & { settings: Partial<SyncSettings> })[]>`
    select l.mailbox_id as "mailboxId", u.associate_id as "associateId", l.generation, l.settings
    from link l join users u on u.organization_id = l.organization_id and u.user_id = l.user_id
    where l.user_id = ${userId}`;
  return row && { ...row, settings: { ...defaultSettings, ...row.settings } };
}
