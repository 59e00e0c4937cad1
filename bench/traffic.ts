import type { Sandbox } from "../scripts/demo/sandbox.ts";

export interface Traffic {
  calls: number;
  bytes: number;
}

/** Calls and bytes of the product to Entra, Exchange and SuperOffice so far by operation, as the sandbox counted them. */
export async function remote(sandbox: Sandbox): Promise<Map<string, Traffic>> {
  const { traffic } = (await sandbox.counters()) as {
    traffic: Record<string, Record<string, { calls: number; bytesIn: number; bytesOut: number }>>;
  };
  return new Map(
    ["exchange", "superoffice", "entra"].flatMap((system) =>
      Object.entries(traffic[system] ?? {}).map(([operation, { calls, bytesIn, bytesOut }]) => [
        `${system} ${operation}`,
        { calls, bytes: bytesIn + bytesOut },
      ]),
    ),
  );
}

export function sum(traffic: Map<string, Traffic>, what: keyof Traffic): number {
  return [...traffic.values()].reduce((total, each) => total + each[what], 0);
}

/** Calls by operation between two readings, divided among `count`. */
export function callsByOperation(
  before: Map<string, Traffic>,
  after: Map<string, Traffic>,
  count: number,
  digits = 1,
): Record<string, number> {
  const factor = 10 ** digits;
  return Object.fromEntries(
    [...after]
      .map(([operation, { calls }]): [string, number] => [
        operation,
        Math.round(((calls - (before.get(operation)?.calls ?? 0)) / count) * factor) / factor,
      ])
      .filter(([, calls]) => calls !== 0),
  );
}
