import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { bundleWorkflowCode, Worker, type WorkflowBundle } from "@temporalio/worker";
import { DeterminismViolationError } from "@temporalio/workflow";
import { beforeAll, describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { workflowsPath } from "../../worker/bundle.ts";
import { requestAssociates } from "../../workflows/deliver.ts";
import { erasureWorkflowId, organizationWorkflowId } from "../../workflows/messages.ts";
import { days, hours, minutes, startLife, until } from "../workflows/harness.ts";
import { someMailbox } from "../workflows/world.ts";

const folder = import.meta.dirname;

/** Lives a few lives, and keeps their histories. */
async function record(): Promise<void> {
  const life = await startLife({ intervalMs: 1 * hours });
  const keep = async (name: string, workflowId: string, runId?: string) => {
    const file = join(folder, `${name}.${packageJson.version}.json`);
    if (existsSync(file)) return;
    const history = await life.client.workflow.getHandle(workflowId, runId).fetchHistory();
    writeFileSync(file, `${historyToJSON(history)}\n`);
  };
  try {
    const unused = await life.invited();
    await life.sleep(15 * days);
    await keep("invitation-expired", life.handle(unused).workflowId);

    const user = await life.invited();
    await life.carriedOut(user, "register", { mailboxId: someMailbox });
    await life.carriedOut(user, "link");
    const first = (await life.handle(user).describe()).runId;
    await life.sleep(3 * hours);
    life.world.cycle = (each) => (each.mended ? {} : { problem: "entra.grant-revoked" });
    await life.sleep(5 * days);
    user.mended = true;
    await life.carriedOut(user, "register", { mailboxId: someMailbox });
    await until(() => user.mails.some((mail) => mail.kind === "recovery" && mail.at !== null), "the recovery");
    await life.quiet(user);
    await life.handle(user).signal("pause");
    await life.sleep(1 * hours);
    await life.carriedOut(user, "resume");
    await life.sleep(40 * hours);
    await keep("life-first-run", life.handle(user).workflowId, first);
    await life.quiet(user);
    await life.carriedOut(user, "unlink");
    const before = user.cycles.length;
    await life.carriedOut(user, "link");
    await until(() => user.cycles.length > before, "the cycle after the link");
    await life.quiet(user);
    await life.carriedOut(user, "disconnect");
    await life.command(user, "delete");
    await until(() => user.tombstone, "the tombstone");
    await life.sleep(1 * hours);
    await until(() => user.completed, "the receipt");
    await keep("life-last-run", life.handle(user).workflowId);
    life.world.cycle = () => ({});
    const leaving = await life.syncing();
    const remove = { copies: "remove", from: "mailbox", planId: "plan" } as const;
    life.world.removal = (_user, number) => (number < 3 ? { more: true, progress: { left: [], ended: {} } } : {});
    await life.carriedOut(leaving, "unlink", remove);
    await life.sleep(5 * minutes);
    await life.carriedOut(leaving, "undoUnlink");
    await life.quiet(leaving);
    await life.carriedOut(leaving, "unlink", remove);
    await life.sleep(11 * minutes);
    await until(() => leaving.state.stage === "registered", "the link has ended");
    await keep("unlinked-with-removal", life.handle(leaving).workflowId);

    const { organizationId, userId } = user.user;
    await keep("erasure", erasureWorkflowId(organizationId, userId));

    await requestAssociates(life.client, organizationId);
    await life.sleep(3 * hours);
    await keep("organization", organizationWorkflowId(organizationId));
  } finally {
    await life.stop();
  }
}

const files = () => readdirSync(folder).filter((name) => name.endsWith(".json"));

describe("histories of earlier code", { timeout: 120_000 }, () => {
  let workflowBundle: WorkflowBundle;
  beforeAll(async () => {
    if (process.env.EVERLINK_RECORD_HISTORIES) await record();
    workflowBundle = await bundleWorkflowCode({ workflowsPath });
  });

  it("are replayed by today's", async () => {
    const names = files();
    expect(names.length).toBeGreaterThanOrEqual(5);
    for (const name of names) {
      const history: unknown = JSON.parse(readFileSync(join(folder, name), "utf8"));
      try {
        await Worker.runReplayHistory({ workflowBundle }, history as never);
      } catch (error) {
        throw new Error(`${name} is not replayed`, { cause: error });
      }
    }
  });

  it("are looked at closely: one that this code could not have written is refused", async () => {
    const [name] = files().filter((each) => each.startsWith("life-first-run"));
    const text = readFileSync(join(folder, name ?? ""), "utf8");
    const tampered: unknown = JSON.parse(text.replaceAll('"syncSlice"', '"somethingElse"'));
    await expect(Worker.runReplayHistory({ workflowBundle }, tampered as never)).rejects.toBeInstanceOf(
      DeterminismViolationError,
    );
  });

  it("hold ids, codes and times only", () => {
    for (const name of files()) {
      const text = readFileSync(join(folder, name), "utf8");
      const payloads = [...text.matchAll(/"data": "([^"]+)"/g)].map(([, data]) =>
        Buffer.from(data ?? "", "base64").toString("utf8"),
      );
      for (const payload of payloads) expect(payload).not.toMatch(/@|Bo Lind|BEGIN|eyJ/u);
    }
  });
});
