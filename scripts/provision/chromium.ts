import { onPath, ProvisionError, type Progress } from "./cache.ts";
import { run } from "./run.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * Chromium for browser tests: named → on PATH → installed from the system's packages where allowed.
 *
 * @throws ProvisionError with the choices
 */
export async function provideChromium(progress: Progress, environment = process.env): Promise<string> {
  const named = environment.CHROMIUM_PATH;
  if (named) return named;
  const find = () => names.map((name) => onPath(name, environment)).find((path) => path !== undefined);
  const found = find();
  if (found) return found;
  const apt = onPath("apt-get", environment);
  if (apt && process.getuid?.() === 0) {
    progress("Installing Chromium from the system's packages …");
    await run(apt, ["update", "-q"]);
    await run(apt, ["install", "-q", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"], {
      env: { ...environment, DEBIAN_FRONTEND: "noninteractive" },
    });
    const installed = find();
    if (installed) return installed;
  }
  throw new ProvisionError(
    "The browser tests need Chromium. Install it (on Debian: apt-get install chromium) or name it with CHROMIUM_PATH.",
  );
}
