import type { IntentId } from "../../core/ids.ts";
import type { Ref, Side } from "../../core/items/observed.ts";
import type { Settlement } from "../../engine/repository.ts";
import type { Intent, IntentOutcome, ItemLink, WriteKind } from "../../core/sync/item-link.ts";

/** An intent as the simulation saw it go by, and what came of it. */
export interface Entry {
  intent: Intent;
  /** The link with which it was recorded. */
  link: ItemLink;
  outcome: IntentOutcome | null;
  /** What of it was found to be there, where the outcome had to be looked for. */
  fields: readonly string[];
  /** Requests that were sent for it. */
  calls: number;
  /** Changes that they made. */
  changes: number;
}

/** The simulation's own account of remote writes: what was intended, sent, done, and recorded (I16). */
export class Ledger {
  readonly entries = new Map<IntentId, Entry>();

  intended(intent: Intent, link: ItemLink): void {
    this.entries.set(intent.id, { intent, link, outcome: null, fields: intent.fields, calls: 0, changes: 0 });
  }

  settled({ intent, outcome, event }: Settlement): void {
    const entry = this.entries.get(intent.id);
    if (entry === undefined) return;
    entry.outcome = outcome;
    if (event !== undefined && event.fields.length > 0) entry.fields = event.fields;
  }

  /**
   * The intent of a request that is being sent.
   *
   * @param subject the stamp of a create, else the ref
   * @returns a sentence when there is none, or not exactly one that waits for its request
   */
  sending(side: Side, operation: WriteKind, subject: Ref): Entry | string {
    const open = this.#of(side, operation, subject).filter(({ outcome }) => outcome === null);
    const [entry] = open;
    if (entry === undefined) return `a ${operation} of ${subject} is sent without an open intent`;
    if (open.length > 1) return `a ${operation} of ${subject} is sent for ${open.length} open intents`;
    entry.calls += 1;
    return entry.calls === 1 ? entry : `a ${operation} of ${subject} is sent again for one intent`;
  }

  /** A request has changed something: now, or long after it was sent. */
  made(side: Side, operation: WriteKind, subject: Ref): Entry | undefined {
    const entry = this.#of(side, operation, subject).findLast(({ calls }) => calls > 0);
    if (entry !== undefined) entry.changes += 1;
    return entry;
  }

  /** All entries; those that have an outcome are then forgotten. */
  takeAll(): Entry[] {
    const all = [...this.entries.values()];
    for (const { intent, outcome } of all) if (outcome !== null) this.entries.delete(intent.id);
    return all;
  }

  #of(side: Side, operation: WriteKind, subject: Ref): Entry[] {
    return [...this.entries.values()].filter(
      ({ intent, link }) =>
        intent.target === side &&
        intent.operation === operation &&
        (operation === "create" ? intent.key : link.sides[side]?.ref) === subject,
    );
  }
}
