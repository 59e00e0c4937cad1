import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheDir, onPath, ProvisionError, type Progress } from "./cache.ts";
import { run } from "./run.ts";

/** Version of the CLI in `scripts/temporal-server/go.mod`; it embeds server 1.31.2 and UI 2.50.1. */
const CLI_VERSION = "1.8.2";
const source = new URL("../temporal-server/", import.meta.url).pathname;

/**
 * The Temporal dev server: named → on PATH → cached → downloaded → built.
 *
 * @returns path of an executable `temporal`
 * @throws ProvisionError with the choices when none of the ways is open
 */
export async function provideTemporal(progress: Progress, environment = process.env): Promise<string> {
  const named = environment.TEMPORAL_CLI_PATH;
  if (named) {
    if (!existsSync(named))
      throw new ProvisionError(`TEMPORAL_CLI_PATH names ${named}, which does not exist.`);
    return named;
  }
  const installed = onPath("temporal", environment);
  if (installed && (await run(installed, ["--version"])).code === 0) return installed;

  const cached = join(cacheDir(environment), `temporal-${CLI_VERSION}`, "temporal");
  if (existsSync(cached)) return cached;

  progress("Looking for a Temporal server to download …");
  const downloaded = await download(environment);
  if (downloaded) return downloaded;

  const go = onPath("go", environment);
  if (!go) {
    throw new ProvisionError(
      [
        "Everlink needs a Temporal server, and none could be found, downloaded or built. Choose one:",
        "  - install the Temporal CLI and put `temporal` on PATH, or name it with TEMPORAL_CLI_PATH",
        "  - connect this machine to the internet once, so that it can be downloaded",
        "  - install Go 1.26, so that it can be built from source (about 5 minutes, once)",
        "  - set TEMPORAL_ADDRESS to a Temporal server that already runs",
      ].join("\n"),
    );
  }
  return build(go, cached, progress, environment);
}

async function build(
  go: string,
  target: string,
  progress: Progress,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const started = Date.now();
  const minutes = () =>
    `${Math.floor((Date.now() - started) / 60_000)} min ${Math.floor(((Date.now() - started) / 1000) % 60)} s`;
  progress("Building the Temporal server from source (about 5 minutes, only this once) …");
  const ticker = setInterval(
    () => progress(`Building the Temporal server from source … ${minutes()}`),
    20_000,
  );
  const workspace = mkdtempSync(join(tmpdir(), "everlink-temporal-"));
  try {
    cpSync(source, workspace, { recursive: true });
    const built = join(workspace, "temporal");
    const { code, output } = await run(
      go,
      ["build", "-trimpath", "-ldflags", "-s -w", "-o", built, "github.com/temporalio/cli/cmd/temporal"],
      {
        cwd: workspace,
        env: { ...environment, CGO_ENABLED: "0", GOFLAGS: `${environment.GOFLAGS ?? ""} -mod=mod`.trim() },
      },
    );
    if (code !== 0)
      throw new ProvisionError(`Go could not build the Temporal server:\n${output.slice(-2_000)}`);
    return install(built, target);
  } finally {
    clearInterval(ticker);
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** Puts a file in its place in one step, so that a second process never sees half of it. */
function install(built: string, target: string): string {
  mkdirSync(join(target, ".."), { recursive: true });
  const staging = `${target}.${process.pid}`;
  copyFileSync(built, staging);
  chmodSync(staging, 0o755);
  renameSync(staging, target);
  return target;
}

/** Lets the SDK fetch the dev server it was made for. @returns undefined where there is no way out to the internet */
async function download(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const target = join(cacheDir(environment), `temporal-${CLI_VERSION}`, "temporal");
  const downloadDir = mkdtempSync(join(tmpdir(), "everlink-download-"));
  try {
    const { TestWorkflowEnvironment } = await import("@temporalio/testing");
    const server = await TestWorkflowEnvironment.createLocal({
      server: { executable: { type: "cached-download", downloadDir, version: `v${CLI_VERSION}` } },
    });
    await server.teardown();
    const file = readdirSync(downloadDir).find((name) => name.startsWith("temporal"));
    return file ? install(join(downloadDir, file), target) : undefined;
  } catch {
    return undefined;
  } finally {
    rmSync(downloadDir, { recursive: true, force: true });
  }
}
