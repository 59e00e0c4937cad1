import { spawn } from "node:child_process";

/** What needs no test run: format, lint (with import arrows and floating promises), types, dead code. */
const checks: readonly { name: string; command: string; args: readonly string[] }[] = [
  { name: "format", command: "prettier", args: ["--check", "--log-level", "warn", "."] },
  { name: "lint", command: "oxlint", args: ["--type-aware", "--deny-warnings", "."] },
  { name: "types", command: "tsc", args: ["--noEmit"] },
  { name: "dead code", command: "knip", args: ["--no-progress"] },
];

/** Runs all of them, one after the other, and prints what each that failed has to say. @returns the names that failed */
export async function runStaticChecks(): Promise<{ passed: number; failed: string[] }> {
  const failed: string[] = [];
  for (const { name, command, args } of checks) {
    const startedAt = Date.now();
    const { code, output } = await capture(command, args);
    console.log(`${code === 0 ? "✓" : "✗"} ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
    if (code !== 0) {
      console.log(output);
      failed.push(name);
    }
  }
  return { passed: checks.length - failed.length, failed };
}

function capture(command: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
