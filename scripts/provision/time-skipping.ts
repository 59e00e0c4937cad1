import { chmodSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheDir, onPath, ProvisionError, type Progress } from "./cache.ts";
import { run } from "./run.ts";

const VERSION = "1.38.0";

/**
 * The time-skipping test server, for workflow tests: named → cached → downloaded → fetched with Maven (it is Java).
 *
 * @throws ProvisionError with the choices
 */
export async function provideTimeSkippingServer(
  progress: Progress,
  environment = process.env,
): Promise<string> {
  const named = environment.TEMPORAL_TEST_SERVER_PATH;
  if (named) {
    if (!existsSync(named))
      throw new ProvisionError(`TEMPORAL_TEST_SERVER_PATH names ${named}, which does not exist.`);
    return named;
  }
  const home = join(cacheDir(environment), `temporal-test-server-${VERSION}`);
  const launcher = join(home, "temporal-test-server");
  if (existsSync(launcher)) return launcher;

  progress("Fetching the time-skipping Temporal test server …");
  const maven = onPath("mvn", environment);
  const java = onPath("java", environment);
  if (maven && java) return fetchWithMaven(maven, java, home, launcher);
  const downloaded = await download(home, launcher);
  if (downloaded) return downloaded;
  throw new ProvisionError(
    [
      "The workflow tests need Temporal's time-skipping test server, which could not be had. Choose one:",
      "  - install Java 17 and Maven",
      "  - connect this machine to the internet once, so that it can be downloaded",
      "  - name one with TEMPORAL_TEST_SERVER_PATH",
    ].join("\n"),
  );
}

async function fetchWithMaven(maven: string, java: string, home: string, launcher: string): Promise<string> {
  const staging = mkdtempSync(join(tmpdir(), "everlink-maven-"));
  try {
    writeFileSync(
      join(staging, "pom.xml"),
      `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>everlink</groupId><artifactId>test-server</artifactId><version>1</version>
<dependencies><dependency><groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${VERSION}</version></dependency></dependencies></project>\n`,
    );
    const { code, output } = await run(
      maven,
      ["-q", "-B", "dependency:copy-dependencies", `-DoutputDirectory=${join(staging, "lib")}`],
      { cwd: staging },
    );
    if (code !== 0)
      throw new ProvisionError(`Maven could not fetch the test server:\n${output.slice(-2_000)}`);
    // `exec` matters: the SDK kills only its direct child.
    writeFileSync(
      join(staging, "temporal-test-server"),
      `#!/bin/sh\nexec "${java}" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "${join(home, "lib")}/*" io.temporal.testserver.TestServer "$@"\n`,
    );
    chmodSync(join(staging, "temporal-test-server"), 0o755);
    await run("cp", ["-r", staging, `${home}.${process.pid}`]);
    rmSync(home, { recursive: true, force: true });
    renameSync(`${home}.${process.pid}`, home);
    return launcher;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

async function download(home: string, launcher: string): Promise<string | undefined> {
  try {
    const { TestWorkflowEnvironment } = await import("@temporalio/testing");
    const server = await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: "cached-download", downloadDir: home } },
    });
    await server.teardown();
    const file = readdirSync(home).find((name) => name.startsWith("temporal-test-server"));
    if (!file) return undefined;
    renameSync(join(home, file), launcher);
    return launcher;
  } catch {
    return undefined;
  }
}
