import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Everlink } from "../../scripts/demo/everlink.ts";
import { json } from "../../scripts/demo/http.ts";
import { startInstallation, type Installation } from "../../scripts/demo/installation.ts";
import { until } from "../../scripts/demo/report.ts";
import { Sandbox } from "../../scripts/demo/sandbox.ts";

/** One installation through its whole life: started, stopped in order, killed, and each time going on where it was. */
describe("npm start", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "everlink-start-"));
  let installation: Installation;
  let token: string;

  beforeAll(async () => {
    chmodSync(dataDir, 0o755);
    installation = await startInstallation({ dataDir });
    setDefaultCACertificates([
      ...getCACertificates("default"),
      readFileSync(join(dataDir, "tls/ca.pem"), "utf8"),
    ]);
    token = (await installation.cli(["token", "create", "--role", "administrator"])).split("\n").at(-1)!;
  }, 300_000);
  afterAll(async () => {
    await installation.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const everlink = () => new Everlink(installation.origin, token);
  const alive = (pid: number) => {
    try {
      process.kill(pid, 0);
      return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
    } catch {
      return false;
    }
  };

  it("answers live, ready, metrics and its own description", async () => {
    expect(await json(`${installation.origin}/health/live`)).toBeDefined();
    expect(JSON.stringify(await json(`${installation.origin}/health/ready`))).toMatch(/postgres/i);
    expect(await (await fetch(`${installation.origin}/metrics`)).text()).toContain("# TYPE");
    const description = await json<{ openapi: string; paths: object }>(
      `${installation.origin}/api/openapi.json`,
    );
    expect(description.openapi).toMatch(/^3\./);
    expect(Object.keys(description.paths).length).toBeGreaterThan(20);
  });

  it("connects the sample company, so that everybody can be invited", async () => {
    await everlink().refresh();
    expect((await everlink().rows()).length).toBe(25);
  });

  it("starts each service again that is killed, and nothing else needs to be restarted", async () => {
    const associateId = (await everlink().rows())[0]!.associateId;
    for (const service of ["worker", "api", "temporal", "postgres", "sandbox"] as const)
      installation.kill(service);
    await until(
      "everything answers again",
      async () => {
        const ready = await fetch(`${installation.origin}/health/ready`).catch(() => undefined);
        const people = await new Sandbox(installation.sandboxOrigin).people().catch(() => []);
        return ready?.ok === true && people.length === 25;
      },
      60_000,
    );
    const invitation = {
      associateIds: [associateId],
      subject: "After the storm",
      message: "Hello",
      senderName: "Us",
    };
    expect((await everlink().invite(invitation)).invited).toBe(1);
    const sandbox = new Sandbox(installation.sandboxOrigin);
    await until("the mail arrives", async () => (await sandbox.mails()).length === 1, 60_000);
  });

  it("leaves no process behind when it is stopped, and goes on where it was", async () => {
    const processes = installation.processes();
    expect(Object.keys(processes).toSorted()).toEqual([
      "api",
      "launcher",
      "postgres",
      "sandbox",
      "temporal",
      "worker",
    ]);
    await installation.stop();
    for (const [name, pid] of Object.entries(processes)) expect([name, alive(pid)]).toEqual([name, false]);

    const startedAt = Date.now();
    installation = await startInstallation({ dataDir, env: installation.env });
    console.log(`npm start after Ctrl-C: ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    expect((await everlink().rows()).filter((row) => row.state === "invited").length).toBe(1);
  });

  it("cleans up after kill -9 of everything, and goes on where it was", async () => {
    const processes = installation.processes();
    for (const pid of Object.values(processes)) process.kill(pid, "SIGKILL");
    await until("all are gone", () => Promise.resolve(Object.values(processes).every((pid) => !alive(pid))));

    const startedAt = Date.now();
    installation = await startInstallation({ dataDir, env: installation.env });
    console.log(`npm start after kill -9: ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    expect((await everlink().rows()).filter((row) => row.state === "invited").length).toBe(1);
    expect((await new Sandbox(installation.sandboxOrigin).mails()).length).toBe(1);
  });

  it("ends what a killed launcher left running", async () => {
    const { launcher, ...left } = installation.processes();
    process.kill(launcher!, "SIGKILL");
    await until("the launcher is gone", () => Promise.resolve(!alive(launcher!)));
    expect(Object.values(left).every(alive)).toBe(true);
    installation = await startInstallation({ dataDir, env: installation.env });
    for (const [name, pid] of Object.entries(left)) expect([name, alive(pid)]).toEqual([name, false]);
  });

  it("refuses a second start on the same folder, and a taken port, in one sentence each", async () => {
    await expect(startInstallation({ dataDir, env: installation.env })).rejects.toThrow(/already runs on/);
    const other = mkdtempSync(join(tmpdir(), "everlink-start-"));
    await expect(
      startInstallation({ dataDir: other, env: { ...installation.env, EVERLINK_DATA_DIR: other } }),
    ).rejects.toThrow(/Port \d+ is taken by another program\. Set EVERLINK_PORT to a free port/);
    rmSync(other, { recursive: true, force: true });
  });

  it("lists every mistake of the configuration at once and ends with exit code 2", async () => {
    await expect(startInstallation({ env: { EVERLINK_PORT: "none", EVERLINK_MODE: "toy" } })).rejects.toThrow(
      /exit code 2(.|\n)*EVERLINK_MODE(.|\n)*EVERLINK_PORT/,
    );
  });

  it("two installations run side by side", async () => {
    const second = await startInstallation();
    expect((await fetch(`${second.origin}/health/live`)).ok).toBe(true);
    expect((await fetch(`${installation.origin}/health/live`)).ok).toBe(true);
    await second.stop();
  });
});
