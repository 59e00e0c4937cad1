import type { ServerResponse } from "node:http";
import type { Call } from "./context.ts";

/** What one operation of one system has cost since the counters were last reset. Bytes are of bodies only. */
export interface OperationTraffic {
  calls: number;
  bytesIn: number;
  bytesOut: number;
  /** Answers by status class; `broken` are connections that a fault rule cut. */
  statuses: Record<string, number>;
}

export interface Traffic {
  /** The frame tells how long the request body was before a system sees it. */
  received(response: ServerResponse, bytes: number): void;
  answered(call: Call, response: ServerResponse, outcome: { status: number; bytes: number } | "broken"): void;
  counts(): Record<string, Record<string, OperationTraffic>>;
  reset(): void;
}

/** Counters in memory: they describe this run of the sandbox, not its state. */
export function createTraffic(): Traffic {
  const bodies = new WeakMap<ServerResponse, number>();
  let counts: Record<string, Record<string, OperationTraffic>> = {};
  return {
    received: (response, bytes) => void bodies.set(response, bytes),
    answered(call, response, outcome) {
      const operations = (counts[call.system] ??= {});
      const traffic = (operations[call.operation] ??= { calls: 0, bytesIn: 0, bytesOut: 0, statuses: {} });
      traffic.calls += 1;
      traffic.bytesIn += bodies.get(response) ?? 0;
      const status = outcome === "broken" ? "broken" : `${Math.trunc(outcome.status / 100)}xx`;
      traffic.bytesOut += outcome === "broken" ? 0 : outcome.bytes;
      traffic.statuses[status] = (traffic.statuses[status] ?? 0) + 1;
    },
    counts: () => structuredClone(counts),
    reset: () => void (counts = {}),
  };
}
