import type { AssociateId, UserId } from "../core/ids.ts";
import type { Tx } from "./client.ts";

export interface AssociateToInvite {
  associateId: AssociateId;
  userId: UserId | null;
  name: string;
  address: string;
  retired: boolean;
}

/** An associate with its user, locked: two who invite the same person at once take turns. */
export async function associateToInvite(
  tx: Tx,
  associateId: AssociateId,
): Promise<AssociateToInvite | undefined> {
  // A statement of its own: one that waits for the lock goes on with the users it saw before it waited.
  await tx`select from associate where associate_id = ${associateId} for update`;
  const [row] = await tx<AssociateToInvite[]>`
    select a.associate_id as "associateId", u.user_id as "userId", coalesce(d.name, '') as name,
      coalesce(d.address, '') as address, a.retired
    from associate a
    left join users u on u.associate_id = a.associate_id
    left join directory d on d.kind = 'associate' and d.ref = a.associate_id::text
    where a.associate_id = ${associateId}`;
  return row;
}

/** Is there an `invite` that was recorded and is not carried out yet? */
export async function hasPendingInvite(tx: Tx, userId: UserId): Promise<boolean> {
  const [row] = await tx<{ pending: boolean }[]>`
    select exists (select from command where user_id = ${userId} and kind = 'invite' and settled_at is null)
      as pending`;
  return row?.pending ?? false;
}

/** Was the user of this associate erased, so that the name was not fetched again? */
export async function wasErased(tx: Tx, associateId: AssociateId): Promise<boolean> {
  const [row] = await tx<{ erased: boolean }[]>`
    select exists (select from erased_associate where associate_id = ${associateId}) as erased`;
  return row?.erased ?? false;
}

/** Puts down that an associate is on the way to a mailbox. */
export async function createUser(
  tx: Tx,
  user: { organizationId: string; userId: UserId; associateId: AssociateId },
): Promise<void> {
  await tx`
    insert into users (organization_id, user_id, associate_id)
    values (${user.organizationId}, ${user.userId}, ${user.associateId})`;
}
