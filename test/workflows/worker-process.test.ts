import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { WorkflowNotFoundError } from "@temporalio/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandId, ConnectionId, MailboxId, OrganizationId, UserId } from "../../core/ids.ts";
import { shownState, type CommandKind } from "../../core/lifecycle/index.ts";
import { commandOutcome, recordCommand } from "../../db/commands.ts";
import type { Tx } from "../../db/client.ts";
import { erasureOf } from "../../db/erasure.ts";
import { beginLife, loadState } from "../../db/lifecycle.ts";
import { userWorkflowId } from "../../workflows/messages.ts";
import { freePort, freshDatabase } from "../support/postgres.ts";
import { startTemporal } from "../support/temporal.ts";

/** The real worker process on a real Temporal and a real PostgreSQL, killed at will. Nothing outside is connected. */
describe("the worker process", { timeout: 180_000 }, () => {
  const dataDir = mkdtempSync(join(tmpdir(), "everlink-worker-"));
  const organizationId = randomUUID() as OrganizationId;
  let temporal: TestWorkflowEnvironment;
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  let worker: ChildProcess | undefined;
  let output = "";
  let port = 0;

  beforeAll(async () => {
    [temporal, db, port] = await Promise.all([startTemporal(), freshDatabase(), freePort()]);
    const row = { organization_id: organizationId, slug: "northwind", name: "Northwind" };
    await inOrganization((tx) => tx`insert into organization ${tx(row)}`);
    await startWorker();
  });

  afterAll(async () => {
    await killWorker("SIGKILL");
    await db.drop();
    await temporal.teardown();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const inOrganization = <Result>(work: (tx: Tx) => Promise<Result>) =>
    db.database.inOrganization(organizationId, work);

  async function startWorker(): Promise<void> {
    worker = spawn(
      process.execPath,
      ["--import", import.meta.resolve("tsx"), join(import.meta.dirname, "../../worker/main.ts")],
      {
        env: {
          ...process.env,
          EVERLINK_DATA_DIR: dataDir,
          EVERLINK_WORKER_PORT: String(port),
          EVERLINK_SYNC_INTERVAL_SECONDS: "5",
          DATABASE_URL: db.url,
          TEMPORAL_ADDRESS: temporal.address,
          TEMPORAL_NAMESPACE: temporal.namespace ?? "default",
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-20_000));
    worker.stdout?.on("data", keep);
    worker.stderr?.on("data", keep);
    await eventually("the worker is ready", async () => {
      const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
      expect(await response.json()).toMatchObject({ status: "ok" });
    });
  }

  async function killWorker(signal: NodeJS.Signals): Promise<number | null> {
    if (!worker) return null;
    const { exitCode } = worker;
    if (exitCode !== null) return exitCode;
    const exited = new Promise<number | null>((resolve) => worker?.once("exit", resolve));
    worker.kill(signal);
    return await exited;
  }

  async function eventually(what: string, check: () => Promise<unknown>, timeoutMs = 90_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      try {
        await check();
        return;
      } catch (error) {
        if (Date.now() > deadline) {
          throw new Error(`waited in vain: ${what}\n${output}`, { cause: error });
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async function newUser(associateId: number): Promise<UserId> {
    const userId = randomUUID() as UserId;
    await inOrganization(async (tx) => {
      await tx`insert into users ${tx({ organization_id: organizationId, user_id: userId, associate_id: associateId })}`;
      await tx`insert into directory ${tx({ organization_id: organizationId, kind: "associate", ref: String(associateId), name: "Bo Lind", address: "bo@northwind.test" })}`;
      await beginLife(tx, organizationId, userId);
    });
    return userId;
  }

  /** Only recorded: the relay has to find it. */
  async function wish(
    userId: UserId,
    kind: CommandKind,
    body: Record<string, unknown> = {},
  ): Promise<CommandId> {
    let commandId = "" as CommandId;
    await inOrganization(async (tx) => {
      commandId = await recordCommand(tx, { organizationId, userId, actor: "operator", kind, body });
    });
    return commandId;
  }

  async function carriedOut(userId: UserId, kind: CommandKind, body: Record<string, unknown> = {}) {
    const commandId = await wish(userId, kind, body);
    await eventually(`${kind} is carried out`, async () => {
      await inOrganization(async (tx) =>
        expect(await commandOutcome(tx, commandId)).toEqual({ accepted: true }),
      );
    });
  }

  async function shows(userId: UserId, word: string): Promise<void> {
    await eventually(`the user is ${word}`, async () => {
      await inOrganization(async (tx) => {
        const stored = await loadState(tx, userId);
        expect(stored && shownState(stored.state)).toBe(word);
      });
    });
  }

  async function registeredMailbox(userId: UserId): Promise<MailboxId> {
    const mailboxId = randomUUID() as MailboxId;
    await inOrganization(async (tx) => {
      await tx`insert into mailbox ${tx({
        organization_id: organizationId,
        mailbox_id: mailboxId,
        user_id: userId,
        connection_id: randomUUID() as ConnectionId,
        tenant_id: randomUUID(),
        object_id: randomUUID(),
      })}`;
      await tx`insert into directory ${tx({ organization_id: organizationId, kind: "mailbox", ref: mailboxId, name: "Bo Lind", address: "bo@northwind.test" })}`;
    });
    return mailboxId;
  }

  const workflowOf = (userId: UserId) =>
    temporal.client.workflow.getHandle(userWorkflowId(organizationId, userId));

  it("carries out what was only recorded, and is found by its search attributes", async () => {
    const userId = await newUser(17);
    await carriedOut(userId, "invite", { mail: false });
    await shows(userId, "invited");
    // The server shows them a moment after the workflow has set them.
    await eventually("the workflow shows its search attributes", async () => {
      const { searchAttributes } = await workflowOf(userId).describe();
      expect(searchAttributes).toMatchObject({
        EverlinkState: ["invited"],
        EverlinkOrganization: [organizationId],
      });
    });
  });

  it("goes on after kill -9 with what was wished meanwhile", async () => {
    const userId = await newUser(18);
    await carriedOut(userId, "invite", { mail: false });
    const mailboxId = await registeredMailbox(userId);
    await killWorker("SIGKILL");
    const register = await wish(userId, "register", { mailboxId });
    const link = await wish(userId, "link", { mailboxId });
    await startWorker();
    await eventually("both are carried out, in their order", async () => {
      await inOrganization(async (tx) => {
        expect(await commandOutcome(tx, register)).toEqual({ accepted: true });
        expect(await commandOutcome(tx, link)).toEqual({ accepted: true });
      });
    });
    // Nothing is connected: that is shared by all, and no fault of the person.
    await shows(userId, "gate");
    await inOrganization(async (tx) => {
      const [status] = await tx`select last_problem from sync_status where user_id = ${userId}`;
      expect(status).toMatchObject({ last_problem: "superoffice.not-connected" });
      const [row] = await tx`select generation from link where user_id = ${userId}`;
      expect(row).toMatchObject({ generation: 1 });
    });
  });

  it("starts a workflow anew that somebody ended, with a higher fence", async () => {
    const userId = await newUser(19);
    await carriedOut(userId, "invite", { mail: false });
    await workflowOf(userId).terminate("by hand");
    const fenceOf = async () => {
      let fence = -1;
      await inOrganization(async (tx) => (fence = (await loadState(tx, userId))?.fence ?? -1));
      return fence;
    };
    const before = await fenceOf();
    expect(await killWorker("SIGTERM")).toBe(0);
    await startWorker();
    await eventually("the workflow runs again", async () => {
      expect((await workflowOf(userId).describe()).status.name).toBe("RUNNING");
    });
    expect(await fenceOf()).toBeGreaterThan(before);
  });

  it("erases a user everywhere, histories included, and says what was done", async () => {
    const userId = await newUser(20);
    await carriedOut(userId, "invite", { mail: false });
    const mailboxId = await registeredMailbox(userId);
    await carriedOut(userId, "register", { mailboxId });
    await carriedOut(userId, "link", { mailboxId });
    await wish(userId, "delete");
    await eventually("the receipt is complete", async () => {
      await inOrganization(async (tx) => {
        const erasure = await erasureOf(tx, userId);
        expect(erasure?.completedAt).toBeInstanceOf(Date);
        expect(erasure?.receipt).toMatchObject({
          deleted: { rows: { users: 1, mailbox: 1, link: 1 }, histories: 1 },
        });
        expect(erasure?.receipt?.cannot.length).toBeGreaterThan(0);
      });
    });
    await eventually("the history is gone", async () => {
      await expect(workflowOf(userId).describe()).rejects.toBeInstanceOf(WorkflowNotFoundError);
    });
    await inOrganization(async (tx) => {
      expect(await tx`select * from directory where ref in (${mailboxId}, '20')`).toEqual([]);
      expect(await tx`select * from lifecycle where user_id = ${userId}`).toEqual([]);
      expect(await tx`select associate_id from erased_associate`).toEqual([{ associate_id: 20 }]);
    });
  });

  it("says all that is wrong with its configuration and ends with code 2", async () => {
    const child = spawn(
      process.execPath,
      ["--import", import.meta.resolve("tsx"), join(import.meta.dirname, "../../worker/main.ts")],
      {
        env: { ...process.env, EVERLINK_WORKER_PORT: "none", EVERLINK_SYNC_INTERVAL_SECONDS: "1" },
        stdio: "pipe",
      },
    );
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(2);
    expect(said).toContain("EVERLINK_WORKER_PORT");
    expect(said).toContain("EVERLINK_SYNC_INTERVAL_SECONDS");
  });
});
