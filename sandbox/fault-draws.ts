import type { DatabaseSync } from "node:sqlite";
import { createRandom } from "./seed/random.ts";

/**
 * The dice of the fault rules that have a probability. What the n-th call of an operation meets is told by the rule's seed
 * and by nothing else: neither by other operations, whose calls may overtake each other, nor by other rules.
 */
export interface FaultDraws {
  /** Draws for one more call of the operation. */
  hits(rule: { id: number; seed: number; probability: number }, operation: string): boolean;
  /** Remembers how far the rule's draws have come, so that a sandbox that is killed goes on from there. */
  keep(ruleId: number, operation: string): void;
  forget(ruleId?: number): void;
}

/**
 * What is kept is as of a rule's last hit (to write each draw down would cost more than the call). A sandbox that was killed
 * draws again for the calls since then, which were misses, and are again.
 */
export function createFaultDraws(db: DatabaseSync): FaultDraws {
  db.exec(`create table if not exists sandbox_fault_draw (
    fault integer not null, operation text not null, calls integer not null, primary key (fault, operation)
  ) strict`);
  const select = db.prepare("select fault, operation, calls from sandbox_fault_draw");
  const upsert = db.prepare(
    `insert into sandbox_fault_draw (fault, operation, calls) values (?, ?, ?)
     on conflict (fault, operation) do update set calls = excluded.calls`,
  );
  const remove = db.prepare("delete from sandbox_fault_draw where fault = ?");
  /** By rule, then by operation. */
  const calls = new Map<number, Map<string, number>>();
  const of = (ruleId: number): Map<string, number> => {
    const known = calls.get(ruleId) ?? new Map<string, number>();
    calls.set(ruleId, known);
    return known;
  };
  for (const row of select.all())
    of(Number(row["fault"])).set(String(row["operation"]), Number(row["calls"]));

  return {
    hits({ id, seed, probability }, operation) {
      const call = (of(id).get(operation) ?? 0) + 1;
      of(id).set(operation, call);
      return createRandom(seed, operation, call).chance(probability);
    },
    keep: (ruleId, operation) => void upsert.run(ruleId, operation, of(ruleId).get(operation) ?? 0),
    forget(ruleId) {
      if (ruleId === undefined) {
        db.exec("delete from sandbox_fault_draw");
        calls.clear();
        return;
      }
      remove.run(ruleId);
      calls.delete(ruleId);
    },
  };
}
