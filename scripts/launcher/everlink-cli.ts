import { spawn } from "node:child_process";
import { join } from "node:path";

const root = new URL("../../", import.meta.url).pathname;

/** Runs one `everlink` command with an installation's settings. @returns what it printed, trimmed */
export function runEverlink(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ["--import", import.meta.resolve("tsx"), join(root, "cli/everlink.ts"), ...args],
      {
        env,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.on("close", (code) =>
      code === 0
        ? resolve(output.trim())
        : reject(new Error(`everlink ${args.join(" ")} failed:\n${errors || output}`)),
    );
  });
}
