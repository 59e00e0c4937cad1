import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consoleRoutes } from "../../api/console.ts";
import { freePort, freshDatabase } from "../support/postgres.ts";

describe("the API process", () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let folder: string;
  let port: number;

  beforeAll(async () => {
    fresh = await freshDatabase();
    folder = mkdtempSync(join(tmpdir(), "everlink-main-"));
    port = await freePort();
  });
  afterAll(async () => {
    await fresh.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(environment: Record<string, string> = {}) {
    const child = spawn(process.execPath, ["--import", "tsx", "api/main.ts"], {
      env: {
        PATH: process.env.PATH ?? "",
        EVERLINK_DATA_DIR: folder,
        EVERLINK_PORT: String(port),
        DATABASE_URL: fresh.url,
        TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}`,
        ...environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += String(chunk)));
    child.stderr.on("data", (chunk) => (output += String(chunk)));
    const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
    return { child, exited, output: () => output };
  }

  it("answers while Temporal is down, says so, makes its root key for itself alone, and ends when told", async () => {
    const api = await start();
    const url = `http://127.0.0.1:${port}`;
    await expect
      .poll(
        () =>
          fetch(`${url}/health/live`).then(
            (answer) => answer.status,
            () => 0,
          ),
        { timeout: 30_000 },
      )
      .toBe(200);
    const ready = await fetch(`${url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      dependencies: { postgres: { ok: true }, temporal: { ok: false } },
    });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain("everlink_api_request_seconds");
    expect(statSync(join(folder, "root.key")).mode & 0o777).toBe(0o600);

    const second = await start();
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain("Set EVERLINK_PORT to a free port");

    api.child.kill("SIGTERM");
    expect(await api.exited).toBe(0);
  });

  it("tells all mistakes of the configuration at once, with exit code 2", async () => {
    const api = await start({
      EVERLINK_MODE: "production",
      EVERLINK_PUBLIC_URL: "http://plain.example",
      EVERLINK_LOG_LEVEL: "loud",
    });
    expect(await api.exited).toBe(2);
    for (const name of ["EVERLINK_PUBLIC_URL", "EVERLINK_ROOT_KEY_FILE", "EVERLINK_LOG_LEVEL"])
      expect(api.output()).toContain(name);
  });

  it("makes no root key in production", async () => {
    const file = join(folder, "elsewhere", "production.key");
    const api = await start({
      EVERLINK_MODE: "production",
      EVERLINK_PUBLIC_URL: "https://everlink.example",
      EVERLINK_ROOT_KEY_FILE: file,
    });
    expect(await api.exited).toBe(1);
    expect(api.output()).toContain("everlink key create");
  });
});

describe("the console's files", () => {
  const folder = mkdtempSync(join(tmpdir(), "everlink-console-"));
  const consoleDir = join(folder, "dist");
  const get = (path: string) => consoleRoutes({ consoleDir }).request(path);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("say what to do while they are not built", async () => {
    const answer = await get("/");
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("npm run build");
  });

  it("are served strictly; the console's own addresses get its page, other files do not exist", async () => {
    mkdirSync(join(consoleDir, "assets"), { recursive: true });
    writeFileSync(join(consoleDir, "index.html"), "<title>Everlink</title>");
    writeFileSync(join(consoleDir, "assets", "app-1.js"), "0");
    writeFileSync(join(folder, "outside.js"), "secret");
    const script = await get("/assets/app-1.js");
    expect(script.headers.get("cache-control")).toContain("immutable");
    for (const path of ["/", "/people/12?state=syncing", "/register"]) {
      const page = await get(path);
      expect([path, await page.text()]).toEqual([path, "<title>Everlink</title>"]);
      expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
    }
    for (const path of [
      "/assets/none.js",
      "/../outside.js",
      "/%2e%2e/outside.js",
      "/..%2foutside.js",
      "/assets/..%2f..%2foutside.js",
    ]) {
      expect([path, (await get(path)).status, (await (await get(path)).text()).includes("secret")]).toEqual([
        path,
        404,
        false,
      ]);
    }
    expect((await get("/%")).status).toBeLessThan(500);
  });
});
