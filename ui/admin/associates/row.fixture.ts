import type { Row } from "./selection.ts";

/** A syncing person of which a test changes what it is about. */
export function person(associateId: number, changes: Partial<Row> = {}): Row {
  return {
    associateId,
    userId: `00000000-0000-4000-8000-${String(associateId).padStart(12, "0")}`,
    name: `Person ${associateId}`,
    address: `p${associateId}@northwind.example`,
    retired: false,
    mailbox: null,
    linked: true,
    state: "syncing",
    stage: "syncing",
    holds: [],
    problem: null,
    invitation: null,
    lastSyncAt: null,
    nextSyncAt: null,
    changes24h: { toCrm: 0, toMailbox: 0 },
    findings: 0,
    actions: [],
    ...changes,
  };
}
