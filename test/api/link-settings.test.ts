import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UserId } from "../../core/ids.ts";
import { availableKinds } from "../../platform/systems.ts";
import { createBrowser } from "./browser.ts";
import { createClient } from "./client.ts";
import { startInstallation, type Installation } from "./installation.ts";
import { createInvitees, type Invitees } from "./invitees.ts";

interface Kinds<Value> {
  diary: Value;
  tasks: Value;
  contacts: Value;
}
interface Detail {
  user: { state: string };
  link: {
    settings: Kinds<Record<string, unknown>>;
    chosen: Partial<Kinds<Record<string, unknown>>>;
    kinds: Kinds<{ state: string; locked: boolean; problem: { code: string } | null; itemLinks: number }>;
  };
}
interface Defaults {
  settings: Kinds<{ direction: string }>;
  chosen: Partial<Kinds<unknown>>;
  locked: string[];
}
interface Problem {
  code: string;
  detail: string;
  errors?: { field: string }[];
}

const available = (kind: "task" | "contact") =>
  availableKinds("ews").includes(kind) ? "on" : "not-available";

describe("settings of three kinds", () => {
  let everlink: Installation;
  let north: Invitees;

  beforeAll(async () => {
    everlink = await startInstallation();
    north = await createInvitees(everlink, "north");
  });
  afterAll(() => everlink.close());

  async function linked(body: unknown = {}): Promise<string> {
    const person = north.somebody();
    const { userId, link } = await north.invited(person);
    const browser = createBrowser();
    await browser.signIn(await north.begin(browser, link), person);
    await everlink.carryOut(north.organizationId, userId);
    expect((await north.api.post(`/users/${userId}/link`, body)).status).toBe(202);
    await everlink.carryOut(north.organizationId, userId);
    return userId;
  }

  const detailOf = async (userId: string) => (await north.api.get<Detail>(`/users/${userId}`)).body;

  async function change(userId: string, settings: unknown): Promise<void> {
    expect((await north.api.patch(`/users/${userId}/settings`, settings)).status).toBe(202);
    await everlink.carryOut(north.organizationId, userId);
  }

  it("links with what is said, and with the defaults where nothing is said", async () => {
    const userId = await linked({
      settings: { tasks: { direction: "two-way" }, contacts: { direction: "crm-to-mailbox" } },
    });
    const { link, user } = await detailOf(userId);
    expect(user.state).toBe("syncing");
    expect(link.settings).toMatchObject({
      diary: { direction: "two-way", privateItems: "busy-only" },
      tasks: { direction: "two-way" },
      contacts: { direction: "crm-to-mailbox", outsideEdits: "revert" },
    });
    expect(link.settings.contacts).not.toHaveProperty("skipFree");
    expect([link.kinds.diary.state, link.kinds.tasks.state, link.kinds.contacts.state]).toEqual([
      "on",
      available("task"),
      available("contact"),
    ]);
  });

  it("changes a person's settings while the person syncs, and takes a word back", async () => {
    const userId = await linked();
    await change(userId, { diary: { direction: "crm-to-mailbox", skipFree: true } });
    await change(userId, { diary: { skipFree: false } });
    expect((await detailOf(userId)).link.chosen).toEqual({
      diary: { direction: "crm-to-mailbox", skipFree: false },
    });
    await change(userId, { diary: null });
    const { link } = await detailOf(userId);
    expect([link.chosen, link.settings.diary.direction]).toEqual([{}, "two-way"]);
  });

  it("refuses what a kind does not have, field by field", async () => {
    const userId = await linked();
    for (const [settings, field] of [
      [{ contacts: { direction: "mailbox-to-crm" } }, "contacts.direction"],
      [{ tasks: { skipFree: true } }, "tasks"],
      [{ diary: { window: { daysBack: -1, daysAhead: 10 } } }, "diary.window.daysBack"],
      [{ notes: { direction: "two-way" } }, ""],
    ] as const) {
      const answer = await north.api.patch<Problem>(`/users/${userId}/settings`, settings);
      expect([answer.status, answer.body.code]).toEqual([400, "request.invalid"]);
      expect(answer.body.errors?.map((error) => error.field)).toContain(field);
    }
  });

  it("409 for somebody who is not linked", async () => {
    const { userId } = await north.invited(north.somebody());
    const answer = await north.api.patch<Problem>(`/users/${userId}/settings`, {
      diary: { direction: "off" },
    });
    expect([answer.status, answer.body.detail]).toEqual([409, "Not linked with a mailbox yet."]);
  });

  it("shows each kind's own problem and counts", async () => {
    const userId = (await linked({ settings: { tasks: { direction: "two-way" } } })) as UserId;
    await everlink.database.inOrganization(north.organizationId, async (tx) => {
      await tx`insert into sync_status (organization_id, user_id, problems)
        values (${north.organizationId}, ${userId},
          '{"appointment": {"problem": "ews.access-denied", "since": "2026-03-02T08:00:00Z"}}')`;
      await tx`insert into item_link (organization_id, item_link_id, user_id, kind, key, revision, state, masked, agreed,
          pending, attempts, rewrites)
        select ${north.organizationId}, gen_random_uuid(), ${userId}, kind, gen_random_uuid()::text, 1, 'linked', false,
          '{}', false, 0, 0
        from unnest(array['appointment', 'task', 'task']) as kind`;
    });
    const { kinds } = (await detailOf(userId)).link;
    expect([kinds.diary.state, kinds.diary.problem?.code]).toEqual(["failing", "ews.access-denied"]);
    expect([kinds.tasks.state, kinds.tasks.problem]).toEqual([available("task"), null]);
    expect([kinds.diary.itemLinks, kinds.tasks.itemLinks, kinds.contacts.itemLinks]).toEqual([1, 2, 0]);
  });

  it("lists with each mailbox what can be synced with it", async () => {
    const { mailboxes } = (await north.api.get<{ mailboxes: { kinds: string[] }[] }>("/mailboxes")).body;
    expect(mailboxes[0]?.kinds).toContain("diary");
  });

  it("changes the defaults for everybody without a word of their own, and locks a kind", async () => {
    const south = await createInvitees(everlink, "south");
    const other = await linked({ settings: { tasks: { direction: "mailbox-to-crm" } } });
    const follower = await linked();
    const before = (await north.api.get<Defaults>("/settings")).body;
    expect(before.settings.tasks.direction).toBe("off");

    const changed = await north.api.patch<Defaults>("/settings", { tasks: { direction: "two-way" } });
    expect([changed.status, changed.body.settings.tasks.direction]).toEqual([200, "two-way"]);
    expect((await detailOf(follower)).link.settings.tasks.direction).toBe("two-way");
    expect((await detailOf(other)).link.settings.tasks.direction).toBe("mailbox-to-crm");
    expect((await south.api.get<Defaults>("/settings")).body.settings.tasks.direction).toBe("off");

    await north.api.patch("/settings", { locked: ["tasks"] });
    const { link } = await detailOf(other);
    expect([link.settings.tasks.direction, link.kinds.tasks.locked]).toEqual(["two-way", true]);
    const refused = await north.api.patch<Problem>(`/users/${other}/settings`, {
      tasks: { direction: "off" },
    });
    expect([refused.status, refused.body.code]).toEqual([409, "request.conflict"]);
    expect(refused.body.detail).toContain("tasks");
    await change(other, { diary: { direction: "off" } });

    const helpdesk = createClient(everlink.publicUrl, await everlink.token(north.organizationId, "helpdesk"));
    expect((await helpdesk.patch("/settings", { locked: [] })).status).toBe(403);
    await north.api.patch("/settings", { tasks: null, locked: [] });
    const audited = await everlink.database.inOrganization(
      north.organizationId,
      (tx) => tx`select detail from audit where subject = 'organization' and action = 'settings'`,
    );
    expect(audited).toHaveLength(3);
  });
});
