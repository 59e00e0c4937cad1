import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { WorkflowBundlePath } from "@temporalio/worker";

/** From the sources this file is `worker/bundle.ts`; built, it is part of the program that `build.ts` made. */
const fromSources = import.meta.url.endsWith(".ts");
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where every workflow is exported from. */
export const workflowsPath = here("../workflows/index.ts");
/** What the workflows are called in the folder that `build.ts` makes. */
export const workflowsFile = "workflows.js";

/**
 * The workflows as one file, made ahead: the bundler never runs in a worker's process. A worker that was built uses
 * what was built with it; one that runs from its sources has them built first.
 *
 * @throws with what the builder said when it cannot be built
 */
export async function prebuiltWorkflows(): Promise<WorkflowBundlePath> {
  if (!fromSources) return { codePath: here(`./${workflowsFile}`) };
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [...process.execArgv, here("./build.ts")]);
  const folder = stdout.trim().split("\n").at(-1) ?? "";
  return { codePath: join(folder, workflowsFile) };
}
