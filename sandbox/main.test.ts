import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, describe, expect, it } from "vitest";

const dataDir = mkdtempSync(join(tmpdir(), "sandbox-main-"));
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(dataDir, { recursive: true, force: true });
});

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, ["--import", "tsx", join(import.meta.dirname, "main.ts")], {
    env: { ...process.env, EVERLINK_DATA_DIR: dataDir, SANDBOX_PORT: "0", SANDBOX_SMTP_PORT: "0", ...env },
  });
  running.add(child);
  let said = "";
  const ended = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
  const ready = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        const origin = /Sandbox is ready at (https:\/\/localhost:\d+)/.exec(said)?.[1];
        if (origin) resolve(origin);
      });
    }
  });
  return { child, ready, ended, said: () => said };
}

describe("npm run sandbox", () => {
  it(
    "goes on after kill -9 with all that it had answered, and stops on SIGTERM",
    { timeout: 60_000 },
    async () => {
      const first = start({});
      const origin = await first.ready;
      const ca = readFileSync(join(dataDir, "tls", "ca.pem"), "utf8");
      tls.setDefaultCACertificates([...tls.getCACertificates("default"), ca]);
      const made = await fetch(`${origin}/control/edit`, {
        method: "POST",
        body: JSON.stringify({
          side: "exchange",
          associateId: 101,
          action: "create",
          item: { subject: "Survivor", start: "2026-12-01T09:00:00", end: "2026-12-01T10:00:00" },
        }),
      });
      expect(made.status).toBe(200);
      first.child.kill("SIGKILL");
      await first.ended;

      const second = start({});
      const again = await second.ready;
      expect(readFileSync(join(dataDir, "tls", "ca.pem"), "utf8")).toBe(ca);
      const people = (await (await fetch(`${again}/control/people`)).json()) as unknown[];
      expect(people).toHaveLength(25);
      const items = (await (await fetch(`${again}/control/items?side=exchange&associateId=101`)).json()) as {
        subject: string;
      }[];
      expect(items.filter((each) => each.subject === "Survivor")).toHaveLength(1);
      expect(items).toHaveLength(31);
      second.child.kill("SIGTERM");
      expect(await second.ended).toBe(0);
    },
  );

  it("names the variable of a port that is taken or nonsense", { timeout: 60_000 }, async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const { port } = blocker.address() as AddressInfo;
    const taken = start({ SANDBOX_PORT: String(port) });
    expect(await taken.ended).toBe(1);
    expect(taken.said()).toContain("Set SANDBOX_PORT");
    const smtp = start({ SANDBOX_SMTP_PORT: String(port) });
    expect(await smtp.ended).toBe(1);
    expect(smtp.said()).toContain("Set SANDBOX_SMTP_PORT");
    const nonsense = start({ SANDBOX_PORT: "many", SANDBOX_SMTP_PORT: "-1" });
    expect(await nonsense.ended).toBe(2);
    expect(nonsense.said()).toMatch(/SANDBOX_PORT[^]*SANDBOX_SMTP_PORT/);
    blocker.close();
    expect(existsSync(join(dataDir, "sandbox"))).toBe(true);
  });
});
