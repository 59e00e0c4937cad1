import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { workflowsFile, workflowsPath } from "./bundle.ts";

/**
 * Makes the worker ready to run: its own program as plain JavaScript, and the workflows as one file. Compiler and
 * bundler take more memory than everything else that a worker does, so they run here, in a process that ends.
 *
 * Each state of sources and packages has a folder of its own, made whole or not at all: a worker that is running keeps
 * the parts that it has not loaded yet. The last line of the output is the folder.
 */

const root = fileURLToPath(new URL("../", import.meta.url));
/** Everything that the worker's program is made of; `workflows` and `core` make the workflows as well. */
const sources = [
  "activities",
  "connectors",
  "core",
  "db",
  "engine",
  "platform",
  "ui/email",
  "worker",
  "workflows",
];
const built = join(root, "dist/worker");
/** Folders of earlier states that stay, for workers that still run from them. */
const kept = 4;

/** Packages stay where npm put them: native ones must, and sharing them costs nothing. */
async function buildProgram(folder: string): Promise<void> {
  const { build } = await import("esbuild");
  await build({
    entryPoints: [join(root, "worker/main.ts")],
    outdir: folder,
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    target: "node24",
    format: "esm",
    jsx: "automatic",
    logLevel: "warning",
  });
}

async function buildWorkflows(folder: string): Promise<void> {
  const { bundleWorkflowCode, DefaultLogger } = await import("@temporalio/worker");
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger("WARN") });
  await writeFile(join(folder, workflowsFile), code);
}

function fingerprint(): string {
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  for (const folder of sources) {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
    for (const file of files.filter((each) => /\.tsx?$/.test(each)).toSorted()) {
      if (/\.test\.tsx?$/.test(file)) continue;
      hash.update(`${folder}/${file}\n`).update(readFileSync(join(root, folder, file)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

const folder = join(built, fingerprint());
if (!existsSync(folder)) {
  console.log("Building the worker (a few seconds, only when it changed) …");
  const beside = `${folder}.${process.pid}`;
  mkdirSync(beside, { recursive: true });
  try {
    await Promise.all([buildProgram(beside), buildWorkflows(beside)]);
    renameSync(beside, folder);
  } catch (error) {
    // Whoever built the same at the same time was first.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
  const older = readdirSync(built)
    .map((name) => ({ path: join(built, name), at: statSync(join(built, name)).mtimeMs }))
    .toSorted((a, b) => b.at - a.at);
  for (const { path } of older.slice(kept)) rmSync(path, { recursive: true, force: true });
}
console.log(folder);
