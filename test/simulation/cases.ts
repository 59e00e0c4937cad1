import type { History } from "./history.ts";

/**
 * Histories in which a promise was once broken, as small as they could be made (`npm run sim` prints them so), with what
 * was wrong. They run with every check.
 */
export const cases: readonly { name: string; history: History }[] = [];
