import { runStaticChecks } from "./static-checks.ts";
import { provideChromium } from "./provision/chromium.ts";
import { ProvisionError } from "./provision/cache.ts";
import { provideTemporal } from "./provision/temporal.ts";
import { provideTimeSkippingServer } from "./provision/time-skipping.ts";
import { runVitest } from "./vitest-run.ts";

/** `npm test`: set-up, static checks and every test. The last line is `N passed, N failed, N skipped`. */
const progress = (message: string) => console.log(message);
try {
  await provideTemporal(progress);
  await provideTimeSkippingServer(progress);
  process.env.CHROMIUM_PATH = await provideChromium(progress);
} catch (error) {
  if (!(error instanceof ProvisionError)) throw error;
  console.error(error.message);
  console.log("0 passed, 1 failed, 0 skipped");
  process.exit(1);
}

const checks = await runStaticChecks();
const { counts, wire, mails } = await runVitest(["unit", "integration", "e2e"], process.argv.slice(2));
const total = {
  ...counts,
  passed: counts.passed + checks.passed,
  failed: counts.failed + checks.failed.length,
};
// An EWS message that breaks Microsoft's schema without being meant to fails the run, wherever it came from.
if (wire.invalid > 0) total.failed += 1;
// Nobody is ever mailed because of sync.
if (mails.sync > 0) total.failed += 1;

console.log(
  `EWS messages checked against Microsoft's schema: ${wire.requests} requests, ${wire.responses} responses, ${wire.invalid} invalid, ${wire.brokenOnPurpose} broken on purpose`,
);
console.log(
  `Mails to attendees: ${mails.people} because of people's own acts, ${mails.sync} because of sync`,
);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 && (total.skipped === 0 || process.env.CI !== "true") ? 0 : 1);
