import type { UserRef } from "../activities/contract.ts";
import type { MailboxId } from "../core/ids.ts";
import type { Kind } from "../core/items/observed.ts";
import type { GraphStoreOptions } from "../connectors/graph/calls.ts";
import { translateIds } from "../connectors/graph/translate.ts";
import { carryOver, mailboxRefs } from "../db/backend-switch.ts";
import type { Database } from "../db/client.ts";
import { unsettledMs } from "../db/erasure.ts";
import type { Resource } from "../platform/entra.ts";

/** Kinds whose ids `translateExchangeIds` knows; To Do's tasks are found again by their content. */
const translatable: readonly Kind[] = ["appointment", "contact"];
/** No request by either protocol takes effect later than this. */
const longestRequestMs = 120_000;

/**
 * Takes a mailbox over to the other protocol, when it is time: not before the last request by the old one can have taken
 * effect. Whoever made it is fenced off by the caller's fence.
 *
 * @param options of Graph, whose service translates the ids in both directions
 * @returns the protocol to go on with now
 * @throws Failure when Graph, or the permission for either protocol, is not to be had
 */
export async function switchWhenSettled(
  database: Database,
  user: UserRef,
  mailbox: { id: MailboxId; backend: Resource; wanted: Resource },
  permission: (resource: Resource) => Promise<unknown>,
  options: GraphStoreOptions,
  signal: AbortSignal,
): Promise<Resource> {
  const { organizationId, userId } = user;
  // Both are needed now: one translates, the other goes on.
  await permission("graph");
  await permission(mailbox.wanted);
  const { refs, waitMs } = await database.inOrganization(organizationId, async (tx) => ({
    refs: await mailboxRefs(tx, userId, translatable),
    waitMs: await unsettledMs(tx, userId, longestRequestMs),
  }));
  if (waitMs > 0) return mailbox.backend;
  const translated = await translateIds(options, refs, mailbox.wanted, signal);
  await database.inOrganization(organizationId, (tx) =>
    carryOver(tx, { ...user, mailboxId: mailbox.id, backend: mailbox.wanted }, translated),
  );
  return mailbox.wanted;
}
