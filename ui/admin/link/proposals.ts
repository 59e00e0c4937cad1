import type { z } from "@hono/zod-openapi";
import type { Mailbox } from "../../../api/contract/records.ts";
import type { Row } from "../associates/selection.ts";

export type MailboxRow = z.infer<typeof Mailbox>;

export interface Proposal {
  mailbox: MailboxRow;
  userId: string;
  name: string;
  reason: "same-address" | "invited";
}

/**
 * The mailboxes that wait, each with whom it most likely belongs to, for the selected people, or for everyone when
 * nobody is selected. `waiting` counts the selected who have no mailbox here.
 */
export function proposedLinks(
  mailboxes: readonly MailboxRow[],
  rows: readonly Row[],
): { proposals: Proposal[]; waiting: number } {
  const wanted = new Set(rows.map((row) => row.userId));
  const proposals = mailboxes
    .filter((mailbox) => !mailbox.linked && mailbox.proposal !== null)
    .flatMap((mailbox): Proposal[] => {
      const { proposal } = mailbox;
      if (!proposal) return [];
      const { userId, name, reason } = proposal;
      return rows.length === 0 || wanted.has(userId) ? [{ mailbox, userId, name, reason }] : [];
    });
  const found = new Set(proposals.map(({ userId }) => userId));
  return { proposals, waiting: rows.filter((row) => !row.userId || !found.has(row.userId)).length };
}
