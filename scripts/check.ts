import { runStaticChecks } from "./static-checks.ts";
import { runVitest } from "./vitest-run.ts";

/** `npm run check`: what a change must pass before it is worth looking at, in under two minutes. */
const checks = await runStaticChecks();
const { counts } = await runVitest(["unit"]);
const failed = counts.failed + checks.failed.length;
console.log(`${counts.passed + checks.passed} passed, ${failed} failed, ${counts.skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);
