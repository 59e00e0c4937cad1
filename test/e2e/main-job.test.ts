import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, describe, it } from "vitest";
import { startInstallation, type Installation } from "../../scripts/demo/installation.ts";
import { mainJob } from "../../scripts/demo/main-job.ts";
import { Report } from "../../scripts/demo/report.ts";

describe("the main job", () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await startInstallation({ syncIntervalSeconds: 15 });
    setDefaultCACertificates([
      ...getCACertificates("default"),
      readFileSync(join(installation.dataDir, "tls/ca.pem"), "utf8"),
    ]);
  }, 300_000);
  afterAll(() => installation.stop());

  it("works from invitation to erasure, as `npm run demo` shows it, with nothing lost or doubled", async () => {
    await mainJob(installation, new Report());
  }, 2_400_000);
});
