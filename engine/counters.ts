import type { Side } from "../core/items/observed.ts";

/** What a slice did: counts only, so that it may stand in a history, a log and a metric. */
export interface Counters {
  /** Items told by `changes`, per side. */
  read: Record<Side, number>;
  created: Record<Side, number>;
  updated: Record<Side, number>;
  deleted: Record<Side, number>;
  /** Items found on both sides and linked without a create. */
  adopted: number;
  conflicts: number;
  findings: number;
  lifted: number;
  /** Items left where they are, by reason. */
  skipped: Record<string, number>;
  /** Remote calls, per side. */
  calls: Record<Side, number>;
  /** Items set aside after a failure of their own. */
  parked: number;
  /** Operations that the brake holds. */
  held: number;
}

export function noCounters(): Counters {
  return {
    read: { crm: 0, mailbox: 0 },
    created: { crm: 0, mailbox: 0 },
    updated: { crm: 0, mailbox: 0 },
    deleted: { crm: 0, mailbox: 0 },
    adopted: 0,
    conflicts: 0,
    findings: 0,
    lifted: 0,
    skipped: {},
    calls: { crm: 0, mailbox: 0 },
    parked: 0,
    held: 0,
  };
}
