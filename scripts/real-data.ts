import { runVitest } from "./vitest-run.ts";

/** `npm run real-data`: every calendar and contact file of the shared data, there and back. The last lines are the table. */
process.env["EVERLINK_REAL_DATA"] = "all";
const { counts } = await runVitest(["integration"], ["test/real-data"]);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed === 0 ? 0 : 1);
