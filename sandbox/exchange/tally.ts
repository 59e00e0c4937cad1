import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What all Exchanges of this process have checked against the schema, for a test run that wants the sum over all its
 * processes: each leaves its totals as `ews-<process id>.json` in the folder that `EVERLINK_WIRE_COUNTS` names.
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
const tally: Tally = { requests: 0, responses: 0, invalid: 0, brokenOnPurpose: 0 };
let pending: NodeJS.Timeout | undefined;

export function count(what: keyof Tally): void {
  tally[what] += 1;
  if (folder === undefined || pending !== undefined) return;
  // Often enough that a process which is killed loses next to nothing, seldom enough to cost nothing.
  pending = setTimeout(write, 200);
  pending.unref();
}

function write(): void {
  pending = undefined;
  if (folder !== undefined) writeFileSync(join(folder, `ews-${process.pid}.json`), JSON.stringify(tally));
}

process.on("exit", () => {
  if (pending !== undefined) write();
});
