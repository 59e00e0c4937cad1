import type { AssociateId, MailboxId, OrganizationId, UserId } from "../core/ids.ts";
import {
  changedSettings,
  chosenSettings,
  settingsOf,
  type ChosenSettings,
  type KindSettings,
  type SettingsChange,
} from "../core/sync/settings.ts";
import type { Tx } from "./client.ts";

export interface Link {
  mailboxId: MailboxId;
  associateId: AssociateId;
  backend: "ews" | "graph";
  generation: number;
  /** Whole: the user's choice over the organization's, over the defaults. */
  settings: KindSettings;
  /** What was chosen for this user alone. */
  chosen: ChosenSettings;
}

type Stored = Readonly<Record<string, unknown>>;

/** @returns `undefined` for a user who is not linked */
export async function linkOfUser(tx: Tx, userId: UserId): Promise<Link | undefined> {
  const [row] = await tx<
    (Omit<Link, "settings" | "chosen"> & { settings: Stored; organization: Stored | null })[]
  >`
    select l.mailbox_id as "mailboxId", u.associate_id as "associateId", m.backend, l.generation, l.settings,
      o.settings -> 'sync' as organization
    from link l
    join users u on u.organization_id = l.organization_id and u.user_id = l.user_id
    join mailbox m on m.organization_id = l.organization_id and m.mailbox_id = l.mailbox_id
    join organization o on o.organization_id = l.organization_id
    where l.user_id = ${userId}`;
  if (!row) return undefined;
  const { organization, settings, ...link } = row;
  const chosen = chosenSettings(settings);
  return { ...link, chosen, settings: settingsOf(chosenSettings(organization ?? {}), chosen) };
}

/** What the organization chose for everybody who has no word of their own. */
export async function organizationSettings(tx: Tx): Promise<ChosenSettings> {
  const [row] = await tx<{ sync: Stored | null }[]>`select settings -> 'sync' as sync from organization`;
  return chosenSettings(row?.sync ?? {});
}

/** Changes what a user's link says; the next slice heeds it. Nothing for a user who is not linked. */
export async function changeLinkSettings(tx: Tx, userId: UserId, change: SettingsChange): Promise<void> {
  const [row] = await tx<{ settings: Stored }[]>`
    select settings from link where user_id = ${userId} for update`;
  if (!row) return;
  const after = changedSettings(chosenSettings(row.settings), change);
  await tx`update link set settings = ${tx.json(after)} where user_id = ${userId}`;
}

/** Changes the organization's defaults; the next slice of each user heeds it. @returns what they say now */
export async function changeOrganizationSettings(
  tx: Tx,
  {
    organizationId,
    actor,
    change,
  }: { organizationId: OrganizationId; actor: string; change: SettingsChange },
): Promise<ChosenSettings> {
  await tx`select from organization for update`;
  const after = changedSettings(await organizationSettings(tx), change);
  await tx`
    update organization set settings = settings || jsonb_build_object('sync', ${tx.json(after)}::jsonb)`;
  await tx`
    insert into audit (organization_id, actor, action, subject, detail)
    values (${organizationId}, ${actor}, 'settings', 'organization', ${tx.json(change)})`;
  return after;
}
