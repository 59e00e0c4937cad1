import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** What all systems of one protocol in this process have checked against their schema. */
export interface Tally {
  requests: number;
  responses: number;
  /** Broke the schema, in either direction, without being meant to. */
  invalid: number;
  /** Requests that a test broke on purpose, marked by the header `x-broken-on-purpose`. */
  brokenOnPurpose: number;
}

const folder = process.env["EVERLINK_WIRE_COUNTS"];

export const nothingChecked: Readonly<Tally> = { requests: 0, responses: 0, invalid: 0, brokenOnPurpose: 0 };

/**
 * Counts for a test run that wants the sum over all its processes: each leaves its totals as `<subject>-<process id>.json` in
 * the folder that `EVERLINK_WIRE_COUNTS` names.
 *
 * @param restMs between two notes: a process that is killed loses what it counted in the meantime
 * @returns what counts one
 */
export function tallyOf<Name extends string>(
  subject: "ews" | "graph" | "mails",
  nothing: Readonly<Record<Name, number>>,
  restMs = 200,
): (what: Name) => void {
  const tally: Record<Name, number> = { ...nothing };
  let pending: NodeJS.Timeout | undefined;
  let isWritten = true;

  function write(): void {
    if (folder === undefined || isWritten) return;
    writeFileSync(join(folder, `${subject}-${process.pid}.json`), JSON.stringify(tally));
    isWritten = true;
  }

  process.on("exit", write);
  return (what) => {
    tally[what] += 1;
    isWritten = false;
    if (folder === undefined || pending !== undefined) return;
    write();
    if (restMs === 0) return;
    pending = setTimeout(() => {
      pending = undefined;
      write();
    }, restMs);
    pending.unref();
  };
}
