import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ProvisionError, type Progress } from "../provision/cache.ts";
import { run } from "../provision/run.ts";

const root = new URL("../../", import.meta.url).pathname;
const sources = join(root, "ui/admin");
const target = join(root, "dist/console");

/** Builds the console when its sources changed since the last build. */
export async function buildConsole(progress: Progress): Promise<void> {
  const stamp = join(target, ".source");
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  progress("Building the console (a few seconds, only when it changed) …");
  const { code, output } = await run(
    process.execPath,
    [
      join(root, "node_modules/vite/bin/vite.js"),
      "build",
      "--config",
      join(sources, "vite.config.ts"),
      "--logLevel",
      "warn",
    ],
    { cwd: root },
  );
  if (code !== 0) throw new ProvisionError(`The console could not be built:\n${output.slice(-2_000)}`);
  writeFileSync(stamp, wanted);
}

function fingerprint(): string {
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).toSorted();
  for (const file of files) {
    const path = join(sources, file);
    if (statSync(path).isFile()) hash.update(file).update(readFileSync(path));
  }
  return hash.digest("hex");
}
