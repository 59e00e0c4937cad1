import type { MailboxId } from "../core/ids.ts";
import type { Tx } from "./client.ts";

export interface MailboxIdentity {
  tenantId: string;
  objectId: string;
  backend: "ews" | "graph";
  /** The protocol that it is to go over to. */
  wantedBackend: "ews" | "graph" | null;
  address: string;
}

/** Who a registered mailbox is, and its address as the directory has it. */
export async function mailboxIdentity(tx: Tx, mailboxId: MailboxId): Promise<MailboxIdentity | undefined> {
  const [row] = await tx<MailboxIdentity[]>`
    select m.tenant_id as "tenantId", m.object_id as "objectId", m.backend,
      m.wanted_backend as "wantedBackend", coalesce(d.address, '') as address
    from mailbox m
    left join directory d on d.organization_id = m.organization_id and d.kind = 'mailbox'
      and d.ref = m.mailbox_id::text
    where m.mailbox_id = ${mailboxId}`;
  return row;
}
