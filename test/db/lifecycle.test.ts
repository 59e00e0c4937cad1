import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandId, MailboxId, OrganizationId, UserId } from "../../core/ids.ts";
import { initialState, type UserState } from "../../core/lifecycle/index.ts";
import type { Tx } from "../../db/client.ts";
import {
  commandOutcome,
  markDelivered,
  pendingCommands,
  recordCommand,
  settleCommand,
  undelivered,
} from "../../db/commands.ts";
import { completeErasure, deleteUser, erasureOf, openErasures } from "../../db/erasure.ts";
import {
  beginLife,
  commitTransition,
  livingUsers,
  loadState,
  recordCycle,
  takeFence,
} from "../../db/lifecycle.ts";
import { kindReadings } from "../../db/kinds.ts";
import { linkOfUser } from "../../db/links.ts";
import { freshDatabase } from "../support/postgres.ts";

describe("lifecycle and commands in PostgreSQL", () => {
  const organizationId = randomUUID() as OrganizationId;
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  let associates = 0;

  beforeAll(async () => {
    db = await freshDatabase();
    const row = { organization_id: organizationId, slug: "northwind", name: "Northwind" };
    await inOrganization((tx) => tx`insert into organization ${tx(row)}`);
  });
  afterAll(() => db.drop());

  const inOrganization = <Result>(work: (tx: Tx) => Promise<Result>) =>
    db.database.inOrganization(organizationId, work);

  async function newUser(): Promise<UserId> {
    const userId = randomUUID() as UserId;
    associates += 1;
    const row = { organization_id: organizationId, user_id: userId, associate_id: associates };
    await inOrganization(async (tx) => {
      await tx`insert into users ${tx(row)}`;
      await beginLife(tx, organizationId, userId);
    });
    return userId;
  }

  async function newMailbox(userId: UserId): Promise<MailboxId> {
    const mailboxId = randomUUID() as MailboxId;
    await inOrganization(
      (tx) =>
        tx`insert into mailbox ${tx({
          organization_id: organizationId,
          mailbox_id: mailboxId,
          user_id: userId,
          connection_id: randomUUID(),
          tenant_id: randomUUID(),
          object_id: randomUUID(),
        })}`,
    );
    return mailboxId;
  }

  const wish = (tx: Tx, userId: UserId, kind: "pause" | "resume" | "invite", commandId?: CommandId) =>
    recordCommand(tx, {
      organizationId,
      userId,
      actor: "operator",
      kind,
      ...(commandId ? { commandId } : {}),
    });

  const commit = (userId: UserId, expectedSeq: number, state: UserState, extra = {}) =>
    inOrganization((tx) =>
      commitTransition(tx, {
        organizationId,
        userId,
        expectedSeq,
        state,
        commands: [],
        settled: [],
        ...extra,
      }),
    );

  it("keeps a state whole", async () => {
    const userId = await newUser();
    const state: UserState = {
      ...initialState,
      stage: "syncing",
      holds: [
        {
          code: "needs-reauth",
          actor: "everlink",
          since: "2026-03-02T08:00:00.000Z",
          problem: "entra.grant-revoked",
          clearedBy: "register",
          reminders: 1,
          reminderAt: "2026-03-05T08:00:00.000Z",
        },
      ],
      linkGeneration: 3,
      mailboxId: randomUUID() as MailboxId,
      invitation: { invitationId: randomUUID(), expiresAt: "2026-03-16T08:00:00.000Z" },
      duties: [{ type: "revoke", key: "revoke/1" }],
      trouble: { problem: "network.timeout", since: "2026-03-02T08:00:00.000Z", attempts: 2 },
      cycleAt: "2026-03-02T08:05:00.123Z",
    };
    expect(await commit(userId, 0, state)).toEqual({ seq: 1, fence: 0 });
    expect(await inOrganization((tx) => loadState(tx, userId))).toEqual({ state, seq: 1, fence: 0 });
  });

  it("commits by compare-and-set: of two who decided on the same state one wins, and the loser leaves no trace", async () => {
    const userId = await newUser();
    const commandId = await inOrganization((tx) => wish(tx, userId, "pause"));
    const settled = [{ commandId, outcome: { accepted: true } }];
    const tell = { type: "tell", kind: "paused", detail: {} };
    const results = await Promise.all(
      Array.from({ length: 8 }, () =>
        commit(userId, 0, { ...initialState, stage: "registered" }, { settled, commands: [tell] }),
      ),
    );
    expect(results.filter((result) => result !== undefined)).toHaveLength(1);
    const told = await inOrganization((tx) => tx`select kind from timeline where user_id = ${userId}`);
    expect(told).toHaveLength(1);
    expect(await inOrganization((tx) => commandOutcome(tx, commandId))).toEqual({ accepted: true });
  });

  it("commits link, fence, tombstone and timeline with the state, or nothing of it", async () => {
    const userId = await newUser();
    const mailboxId = await newMailbox(userId);
    const commands = [
      { type: "bumpFence" },
      { type: "saveLink", mailboxId, generation: 1, settings: { conflict: "mailbox" } },
      { type: "tell", kind: "linked", detail: { generation: 1 } },
    ];
    const linked: UserState = { ...initialState, stage: "syncing", linkGeneration: 1, mailboxId };
    expect(await commit(userId, 0, linked, { commands })).toEqual({ seq: 1, fence: 1 });
    const links = () =>
      inOrganization((tx) => tx`select generation, settings from link where user_id = ${userId}`);
    expect(await links()).toEqual([{ generation: 1, settings: { conflict: "mailbox" } }]);

    // The same mailbox cannot be linked twice; the whole transition fails.
    const other = await newUser();
    await expect(commit(other, 0, linked, { commands })).rejects.toThrow(/unique/);
    expect(await inOrganization((tx) => loadState(tx, other))).toMatchObject({ seq: 0, fence: 0 });

    // Linked anew with no settings of its own, it keeps what was set.
    const again = [{ type: "saveLink", mailboxId, generation: 2, settings: null }];
    await commit(userId, 1, { ...linked, linkGeneration: 2 }, { commands: again });
    expect(await links()).toEqual([{ generation: 2, settings: { conflict: "mailbox" } }]);
    await commit(userId, 2, { ...linked, stage: "registered" }, { commands: [{ type: "dropLink" }] });
    expect(await links()).toEqual([]);
  });

  it("gives the fence only to whoever finds the user in the right stage, each time a higher one", async () => {
    const userId = await newUser();
    await commit(userId, 0, { ...initialState, stage: "syncing" });
    const fences = await Promise.all(
      Array.from({ length: 5 }, () => inOrganization((tx) => takeFence(tx, userId, ["syncing"]))),
    );
    expect(fences.map((taken) => taken?.fence ?? 0).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    expect(await inOrganization((tx) => takeFence(tx, userId, ["erasing"]))).toBeUndefined();
  });

  it("keeps commands in the order in which they were recorded, with their audit entries", async () => {
    const userId = await newUser();
    const ids = await inOrganization(async (tx) => [
      await wish(tx, userId, "pause"),
      await wish(tx, userId, "resume"),
      await wish(tx, userId, "pause"),
    ]);
    const pending = await inOrganization((tx) => pendingCommands(tx, userId));
    expect(pending.map(({ commandId }) => commandId)).toEqual(ids);
    const audit = await inOrganization(
      (tx) => tx`select action from audit where subject = ${`user:${userId}`}`,
    );
    expect(audit.map(({ action }) => action as string)).toEqual(["pause", "resume", "pause"]);
  });

  it("records a known id once, settles once, and keeps the first outcome", async () => {
    const userId = await newUser();
    const commandId = randomUUID() as CommandId;
    await inOrganization((tx) => wish(tx, userId, "pause", commandId));
    await inOrganization((tx) => wish(tx, userId, "pause", commandId));
    expect(await inOrganization((tx) => pendingCommands(tx, userId))).toHaveLength(1);
    expect(await inOrganization((tx) => commandOutcome(tx, commandId))).toBeNull();
    await inOrganization((tx) => settleCommand(tx, commandId, { accepted: true }));
    await inOrganization((tx) =>
      settleCommand(tx, commandId, { accepted: false, reason: "Paused already.", status: 409 }),
    );
    expect(await inOrganization((tx) => commandOutcome(tx, commandId))).toEqual({ accepted: true });
    expect(await inOrganization((tx) => commandOutcome(tx, randomUUID() as CommandId))).toBeUndefined();
  });

  it("offers the relay what nobody delivered, after the API's own try", async () => {
    const userId = await newUser();
    const commandId = await inOrganization((tx) => wish(tx, userId, "pause"));
    const mine = async (olderThanMs: number) =>
      (await inOrganization((tx) => undelivered(tx, olderThanMs))).filter((each) => each.userId === userId);
    expect(await mine(60_000)).toEqual([]);
    expect(await mine(0)).toEqual([{ commandId, userId, kind: "pause" }]);
    await inOrganization((tx) => markDelivered(tx, [commandId]));
    expect(await mine(0)).toEqual([]);
    await inOrganization((tx) => markDelivered(tx, []));
  });

  it("reads an invitation's expiry from its row", async () => {
    const userId = await newUser();
    const invitationId = randomUUID();
    const expiresAt = new Date("2026-03-16T08:00:00.000Z");
    await inOrganization(async (tx) => {
      await tx`insert into invitation ${tx({ organization_id: organizationId, invitation_id: invitationId, user_id: userId, actor: "operator", expires_at: expiresAt })}`;
      await recordCommand(tx, {
        organizationId,
        userId,
        actor: "operator",
        kind: "invite",
        body: { invitationId },
      });
    });
    const [command] = await inOrganization((tx) => pendingCommands(tx, userId));
    expect(command?.body).toEqual({ invitationId, expiresAt: expiresAt.toISOString() });
  });

  it("counts cycles, and keeps since when something is wrong", async () => {
    const userId = await newUser();
    const cycle = (problem: string | null, nextDue: string | null) =>
      inOrganization((tx) =>
        recordCycle(tx, { organizationId, userId, startedAt: "2026-03-02T08:00:00.000Z", problem, nextDue }),
      );
    const status = async () => {
      const [row] = await inOrganization(
        (tx) =>
          tx`select cycles, last_problem, problem_since, last_succeeded_at from sync_status where user_id = ${userId}`,
      );
      return row as {
        cycles: string;
        last_problem: string | null;
        problem_since: Date | null;
        last_succeeded_at: Date;
      };
    };
    await cycle(null, "2026-03-02T08:05:00.000Z");
    expect((await inOrganization((tx) => loadState(tx, userId)))?.state.cycleAt).toBe(
      "2026-03-02T08:05:00.000Z",
    );
    await cycle("network.timeout", "2026-03-02T08:09:00.000Z");
    const first = await status();
    await cycle("network.timeout", null);
    const second = await status();
    expect(second.problem_since).toEqual(first.problem_since);
    expect(second.last_succeeded_at).toEqual(first.last_succeeded_at);
    await cycle(null, null);
    expect(await status()).toMatchObject({ cycles: "4", last_problem: null, problem_since: null });
  });

  it("keeps of each kind what is wrong with it and since when; a kind in trouble is no failure of the others", async () => {
    const userId = await newUser();
    const cycle = (problems: Record<string, string>, partial: boolean) =>
      inOrganization((tx) =>
        recordCycle(tx, {
          organizationId,
          userId,
          startedAt: "2026-03-02T08:00:00.000Z",
          problem: Object.values(problems)[0] ?? null,
          partial,
          problems,
          nextDue: null,
        }),
      );
    const problemsOf = async () => {
      const readings = await inOrganization((tx) => kindReadings(tx, userId));
      return { task: readings.task.problem, contact: readings.contact.problem };
    };
    await cycle({ task: "network.timeout" }, true);
    const first = await problemsOf();
    expect(first).toMatchObject({ task: { code: "network.timeout" }, contact: null });
    await cycle({ contact: "ews.access-denied", task: "network.timeout" }, true);
    const second = await problemsOf();
    expect(second.task).toEqual(first.task);
    expect(second.contact?.code).toBe("ews.access-denied");
    const [status] = await inOrganization(
      (tx) => tx`select last_succeeded_at, last_problem from sync_status where user_id = ${userId}`,
    );
    expect(status?.last_succeeded_at).toBeInstanceOf(Date);
    expect(status?.last_problem).toBe("ews.access-denied");
    await cycle({}, false);
    expect(await problemsOf()).toEqual({ task: null, contact: null });
  });

  it("changes settings field by field, over rows from before there were kinds", async () => {
    const userId = await newUser();
    const mailboxId = await newMailbox(userId);
    const linked: UserState = { ...initialState, stage: "syncing", linkGeneration: 1, mailboxId };
    const save = { type: "saveLink", mailboxId, generation: 1, settings: { direction: "crm-to-mailbox" } };
    await commit(userId, 0, linked, { commands: [save] });
    const read = async () => (await inOrganization((tx) => linkOfUser(tx, userId)))?.settings;
    expect((await read())?.appointment.direction).toBe("crm-to-mailbox");
    const change = { tasks: { direction: "two-way" }, diary: { skipFree: true } };
    await commit(userId, 1, linked, { commands: [{ type: "changeSettings", change }] });
    expect(await read()).toMatchObject({
      appointment: { direction: "crm-to-mailbox", skipFree: true, conflict: "crm" },
      task: { direction: "two-way" },
      contact: { direction: "off" },
    });
    await commit(userId, 2, linked, { commands: [{ type: "changeSettings", change: { diary: null } }] });
    expect(await read()).toMatchObject({
      appointment: { direction: "two-way", skipFree: false },
      task: { direction: "two-way" },
    });
  });

  it("pages through those whose workflow must run", async () => {
    const users = [await newUser(), await newUser(), await newUser()];
    await commit(users[0]!, 0, { ...initialState, stage: "ended" });
    await commit(users[1]!, 0, { ...initialState, stage: "ended" });
    await inOrganization((tx) => wish(tx, users[1]!, "invite"));
    const seen: UserId[] = [];
    for (let after: UserId | null = null; ;) {
      const page: UserId[] = await inOrganization((tx) => livingUsers(tx, after, 2));
      seen.push(...page);
      if (page.length < 2) break;
      after = page.at(-1)!;
    }
    expect(seen).not.toContain(users[0]);
    expect(seen).toContain(users[1]);
    expect(seen).toContain(users[2]);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it("erases one user everywhere and nobody else, and keeps a receipt of random ids", async () => {
    const [userId, other] = [await newUser(), await newUser()];
    const associateId = associates - 1;
    const mailboxId = await newMailbox(userId);
    await inOrganization(async (tx) => {
      for (const [kind, ref] of [
        ["mailbox", mailboxId],
        ["associate", String(associateId)],
        ["associate", String(associateId + 1)],
      ] as const) {
        await tx`insert into directory ${tx({ organization_id: organizationId, kind, ref, name: "Bo Lind", address: "bo@northwind.test" })}`;
      }
      await tx`insert into associate ${tx({ organization_id: organizationId, associate_id: associateId, connection_id: randomUUID() })}`;
      await tx`insert into vault_key ${tx({ organization_id: organizationId, user_id: userId, purpose: "data", wrapped: Buffer.from("x") })}`;
      await wish(tx, userId, "pause");
    });
    await commit(userId, 0, { ...initialState, stage: "erasing" }, { commands: [{ type: "tombstone" }] });
    expect(await inOrganization((tx) => openErasures(tx, null, 10))).toContain(userId);

    await inOrganization((tx) => deleteUser(tx, organizationId, userId));
    await inOrganization((tx) => deleteUser(tx, organizationId, userId));
    await inOrganization((tx) => completeErasure(tx, userId, 2));
    await inOrganization((tx) => completeErasure(tx, userId, 9));
    const erasure = await inOrganization((tx) => erasureOf(tx, userId));
    expect(erasure?.receipt).toMatchObject({
      items: { choice: "kept", inBothSystems: 0 },
      deleted: {
        rows: { users: 1, lifecycle: 1, command: 1, mailbox: 1, vault_key: 1, directory: 2, associate: 1 },
        histories: 2,
      },
    });
    expect(JSON.stringify(erasure)).not.toContain("Bo Lind");
    expect(await inOrganization((tx) => openErasures(tx, null, 10))).not.toContain(userId);
    await inOrganization(async (tx) => {
      const tables = await tx<{ name: string }[]>`
        select table_name as name from information_schema.columns
        where column_name = 'user_id' and table_schema = current_schema() and table_name <> 'erasure'`;
      for (const { name } of tables) {
        expect(await tx`select 1 from ${tx(name)} where user_id = ${userId}`, name).toEqual([]);
      }
      expect(await tx`select ref from directory order by ref`).toEqual([{ ref: String(associateId + 1) }]);
      expect(await loadState(tx, other)).toBeDefined();
    });
  });
});
