import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEntra } from "../../sandbox/entra/index.ts";
import { createExchange } from "../../sandbox/exchange/index.ts";
import { startSandbox, type Sandbox } from "../../sandbox/server.ts";

const run = promisify(execFile);
const version = "5.6.0";
const script = fileURLToPath(new URL("exchangelib_check.py", import.meta.url));

/** The Python of a virtual environment with exchangelib, or why there is none. */
const python = await provideExchangelib().catch((error: unknown) => {
  if (process.env["CI"] === "true") throw error;
  return { missing: error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error) };
});
if (typeof python !== "string")
  console.warn(`skipped: exchangelib cannot be installed here (${python.missing})`);

async function provideExchangelib(): Promise<string> {
  const cache = process.env["EVERLINK_CACHE_DIR"] ?? join(homedir(), ".cache", "everlink");
  const { stdout } = await run("python3", ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]);
  const folder = join(cache, `exchangelib-${version}-python-${stdout.trim()}`);
  const binary = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const ready = join(folder, "everlink-ready");
  if (existsSync(ready)) return binary;
  mkdirSync(cache, { recursive: true });
  await run("python3", ["-m", "venv", "--clear", folder], { timeout: 120_000 });
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `exchangelib==${version}`];
  await run(binary, pip, { timeout: 300_000 });
  writeFileSync(ready, "");
  return binary;
}

describe.skipIf(typeof python !== "string")("exchangelib, a client that is not ours", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "everlink-exchangelib-"));
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await startSandbox({
      dataDir,
      seed: { people: 2, appointmentsPerPerson: 30, randomSeed: 7 },
      systems: [createEntra, createExchange],
    });
  });
  afterAll(async () => {
    await sandbox?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("lists, creates, changes, deletes and syncs a sample person's items with Basic credentials over HTTPS", async () => {
    const person = sandbox.context.directory.people()[0];
    if (!person) throw new Error("the sample company is empty");
    const url = `${sandbox.origin}/EWS/Exchange.asmx`;
    const { stdout } = await run(
      python as string,
      [script, url, person.address, person.userPrincipalName, person.password, sandbox.caFile],
      { env: { ...process.env, REQUESTS_CA_BUNDLE: sandbox.caFile }, timeout: 300_000 },
    );
    const seen = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
    expect(seen).toMatchObject({
      version: "Exchange2016",
      calendarChanges: ["create", "create", "create"],
      calendarDeletes: ["delete", "delete"],
      bulk: 25,
      bulkDeletes: ["delete"],
      names: [person.address],
    });
    expect((seen["seeded"] as { calendar: number }).calendar).toBeGreaterThan(0);
    const counters = sandbox.systems.find((system) => system.name === "exchange")?.counters?.() ?? {};
    expect(counters).toMatchObject({ requestsInvalid: 0, responsesInvalid: 0 });
    expect(counters["requestsValid"]).toBeGreaterThan(50);
    expect(sandbox.context.attendeeMails.count()).toBe(0);
  });
});
