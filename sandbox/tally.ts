import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What all systems of one protocol in this process have checked against their schema, for a test run that wants the sum
 * over all its processes: each leaves its totals as `<protocol>-<process id>.json` in the folder that
 * `EVERLINK_WIRE_COUNTS` names.
 */
export interface Tally {
  requests: number;
  responses: number;
  /** Broke the schema, in either direction, without being meant to. */
  invalid: number;
  /** Requests that a test broke on purpose, marked by the header `x-broken-on-purpose`. */
  brokenOnPurpose: number;
}

const folder = process.env["EVERLINK_WIRE_COUNTS"];

/** @returns what counts one message */
export function tallyOf(protocol: "ews" | "graph"): (what: keyof Tally) => void {
  const tally: Tally = { requests: 0, responses: 0, invalid: 0, brokenOnPurpose: 0 };
  let pending: NodeJS.Timeout | undefined;

  function write(): void {
    pending = undefined;
    if (folder === undefined) return;
    writeFileSync(join(folder, `${protocol}-${process.pid}.json`), JSON.stringify(tally));
  }

  process.on("exit", () => {
    if (pending !== undefined) write();
  });
  return (what) => {
    tally[what] += 1;
    if (folder === undefined || pending !== undefined) return;
    // Often enough that a process which is killed loses next to nothing, seldom enough to cost nothing.
    pending = setTimeout(write, 200);
    pending.unref();
  };
}
