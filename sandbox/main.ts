import { resolve } from "node:path";
import { PortTakenError, startSandbox } from "./server.ts";
import { allSystems } from "./systems.ts";

/** Entry of `npm run sandbox`; see README.md for the environment it reads. */

const mistakes: string[] = [];
const port = (name: string, otherwise: number): number => {
  const given = process.env[name];
  if (given === undefined || given === "") return otherwise;
  const value = Number(given);
  if (!Number.isInteger(value) || value < 0 || value > 65535) {
    mistakes.push(`${name} must be a port number (0 to 65535), but is ${JSON.stringify(given)}.`);
  }
  return value;
};

const checkout = resolve(import.meta.dirname, "..");
const dataDir = resolve(process.env["EVERLINK_DATA_DIR"] || resolve(checkout, ".everlink"));
const options = {
  port: port("SANDBOX_PORT", 8443),
  smtpPort: port("SANDBOX_SMTP_PORT", 2525),
  dataDir: resolve(dataDir, "sandbox"),
  tlsDir: resolve(dataDir, "tls"),
  sharedDir: resolve(checkout, process.env["EVERLINK_SHARED"] || "../shared"),
  systems: allSystems,
  log(entry: Record<string, unknown>) {
    if (entry["level"] === "error" || process.env["SANDBOX_LOG"]) {
      process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
    }
  },
};

if (mistakes.length > 0) {
  process.stderr.write(`${mistakes.join("\n")}\n`);
  process.exit(2);
}

try {
  const sandbox = await startSandbox(options);
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void sandbox.close().then(() => process.exit(0));
    });
  }
  process.stdout.write(
    [
      `Sandbox is ready at ${sandbox.origin}`,
      `  Inbox       ${sandbox.origin}/mail/`,
      `  Control     ${sandbox.origin}/control/`,
      `  SMTP        localhost:${sandbox.smtpPort}`,
      `  Trust       ${sandbox.caFile}`,
      "",
    ].join("\n"),
  );
} catch (error) {
  process.stderr.write(`${error instanceof PortTakenError ? error.message : String(error)}\n`);
  process.exit(1);
}
