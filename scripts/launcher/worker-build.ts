import { join } from "node:path";
import { ProvisionError, type Progress } from "../provision/cache.ts";
import { run } from "../provision/run.ts";

const root = new URL("../../", import.meta.url).pathname;
const built = join(root, "dist/worker/");

/** Builds the worker when its sources or packages changed since the last build. @returns its program */
export async function buildWorker(progress: Progress): Promise<string> {
  const { code, output } = await run(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), join(root, "worker/build.ts")],
    { cwd: root },
  );
  if (code !== 0) throw new ProvisionError(`The worker could not be built:\n${output.slice(-2_000)}`);
  const lines = output.trim().split("\n");
  const folder = lines.findLast((line) => line.startsWith(built));
  if (folder === undefined) throw new ProvisionError(`The worker could not be built:\n${output}`);
  for (const line of lines) if (line !== folder) progress(line);
  return join(folder, "main.js");
}
