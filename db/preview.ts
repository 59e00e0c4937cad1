import type { OrganizationId, UserId } from "../core/ids.ts";
import type { Kind } from "../core/items/observed.ts";
import type { ItemLink } from "../core/sync/item-link.ts";
import type { Rehearsal } from "../engine/rehearse.ts";
import type { Tx } from "./client.ts";
import { linksOf } from "./item-links.ts";

/** Whether somebody has to look at the plan of a first sync before it is carried out. */
export interface PreviewPolicy {
  required: boolean;
  /** Plans of at most so many writes need nobody. */
  acceptUpTo: number;
}

/** Without a word of the organization: the first sync begins at once. */
const defaultPolicy: PreviewPolicy = { required: false, acceptUpTo: 0 };

export async function previewPolicy(tx: Tx): Promise<PreviewPolicy> {
  const [row] = await tx<{ policy: Partial<PreviewPolicy> | null }[]>`
    select settings -> 'preview' as policy from organization`;
  return { ...defaultPolicy, ...row?.policy };
}

export async function changePreviewPolicy(
  tx: Tx,
  {
    organizationId,
    actor,
    change,
  }: { organizationId: OrganizationId; actor: string; change: Partial<PreviewPolicy> },
): Promise<void> {
  const after = { ...(await previewPolicy(tx)), ...change };
  await tx`
    update organization set settings = settings || jsonb_build_object('preview', ${tx.json({ ...after })}::jsonb)`;
  await tx`
    insert into audit (organization_id, actor, action, subject, detail)
    values (${organizationId}, ${actor}, 'preview', 'organization', ${tx.json({ ...change })})`;
}

/** Everything that is remembered of a user's items of a kind: a rehearsal begins with it. */
export async function everyLink(tx: Tx, userId: UserId, kind: Kind): Promise<ItemLink[]> {
  return await linksOf(
    tx,
    tx`select item_link_id from item_link where user_id = ${userId} and kind = ${kind} and state <> 'deleted'`,
  );
}

export interface PlanOfKind {
  kind: Kind;
  generation: number;
  plan: Rehearsal;
  madeAt: Date;
}

/** Keeps the plans of a user's kinds in the place of former ones. */
export async function savePreview(
  tx: Tx,
  of: { organizationId: OrganizationId; userId: UserId; generation: number },
  plans: readonly { kind: Kind; plan: Rehearsal }[],
): Promise<void> {
  await tx`delete from preview where user_id = ${of.userId}`;
  for (const { kind, plan } of plans) {
    await tx`
      insert into preview (organization_id, user_id, kind, generation, plan)
      values (${of.organizationId}, ${of.userId}, ${kind}, ${of.generation}, ${tx.json(plan as never)})`;
  }
}

export async function previewOf(tx: Tx, userId: UserId): Promise<PlanOfKind[]> {
  return await tx<PlanOfKind[]>`
    select kind, generation, plan, made_at as "madeAt" from preview where user_id = ${userId} order by kind`;
}
