import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "../platform/logger.ts";

const longestPauseMs = 30_000;

/**
 * Does something over and over until told to stop. A failed round is logged once per row of failures and tried
 * again soon, more and more patiently: database and Temporal may be away for hours.
 */
export async function repeat(
  name: string,
  everyMs: number,
  signal: AbortSignal,
  log: Logger,
  round: () => Promise<unknown>,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await round();
      if (failures > 0) log.info({ failures }, `${name} works again`);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === 1) log.warn({ err: error }, `${name} failed, and is tried again`);
    }
    const waitMs = failures === 0 ? everyMs : Math.min(1_000 * 2 ** (failures - 1), longestPauseMs, everyMs);
    await pause(waitMs, undefined, { signal }).catch(() => {});
  }
}
