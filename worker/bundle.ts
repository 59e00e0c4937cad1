import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, type WorkflowBundle } from "@temporalio/worker";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Where every workflow is exported from. */
export const workflowsPath = join(root, "workflows", "index.ts");

/** What a bundle is made of: workflows, the pure core, and the SDK's version. */
const sources = ["workflows", "core"];

/**
 * The workflows as one file, made once per state of the sources and kept in `dist`: bundling costs two seconds and
 * twice the worker's memory, so a production image holds it ready (`npm run build:workflows` or the first start).
 */
export async function prebuiltWorkflows(log: (message: string) => void = () => {}): Promise<WorkflowBundle> {
  const folder = join(root, "dist");
  const file = join(folder, `workflows-${fingerprint()}.js`);
  if (existsSync(file)) return { code: readFileSync(file, "utf8") };
  log("bundling the workflows");
  const bundle = await bundleWorkflowCode({ workflowsPath });
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, bundle.code);
  } catch {
    // A read-only installation bundles at every start.
  }
  return bundle;
}

function fingerprint(): string {
  const hash = createHash("sha256");
  const version: unknown = JSON.parse(
    readFileSync(join(root, "node_modules/@temporalio/workflow/package.json"), "utf8"),
  );
  hash.update(String((version as { version?: string }).version));
  for (const folder of sources) {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
    for (const name of files
      .filter((each) => each.endsWith(".ts") && !each.endsWith(".test.ts"))
      .toSorted()) {
      hash.update(name).update(readFileSync(join(root, folder, name)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}
