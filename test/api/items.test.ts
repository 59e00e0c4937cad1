import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMemoryStore } from "../../connectors/memory/store.ts";
import { crmLike, mailboxLike } from "../../connectors/memory/flavours.ts";
import { MemorySystem } from "../../connectors/memory/system.ts";
import type { UserId } from "../../core/ids.ts";
import { appointmentKind } from "../../core/items/appointment-kind.ts";
import { appointmentRules } from "../../core/sync/kinds/appointment.ts";
import { defaultSettings, type SyncSettings } from "../../core/sync/settings.ts";
import type { Tx } from "../../db/client.ts";
import { endLook } from "../../db/items.ts";
import { loadState } from "../../db/lifecycle.ts";
import { createSyncRepository } from "../../db/sync.ts";
import { forgetOldSync } from "../../db/sync-reading.ts";
import { runSlice, type SlicePorts } from "../../engine/slice.ts";
import { archiveLabel, lookLabel } from "../../platform/archive.ts";
import { appointment as plain } from "../contracts/appointments.ts";
import { fingerprint } from "../properties/simulation.ts";
import { createBrowser } from "./browser.ts";
import { createClient, type Client } from "./client.ts";
import { startInstallation, type Installation } from "./installation.ts";
import { createInvitees, type Invitees } from "./invitees.ts";

interface Finding {
  itemId: string;
  kind: string;
  code: string;
  fields: string[];
  row: number;
  seen: string;
  choices: { choice: string; allowed: boolean; reason: string | null }[];
}
interface Detail {
  item: { id: string; private: boolean; text: string; state: string };
  findings: Finding[];
  kept: { id: string; side: string; fields: string[]; restore: { allowed: boolean } }[];
  values: { allowed: boolean; reason: string | null };
  events: { row: number; action: string; text: string; fields: string[]; actor: string | null }[];
}
interface Problem {
  code: string;
  detail: string;
}
interface Held {
  kind: string;
  target: string;
  planHash: string;
  count: number;
  deletes: number;
  items: number;
  text: string;
}

/** Tomorrow: within the window whenever this runs. */
const appointment: typeof plain = (patch) => {
  const day = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const time = { showWithoutTime: false as const, start: `${day}T09:00:00Z`, end: `${day}T10:00:00Z` };
  return plain({ time, ...patch });
};

describe("single items and the brake, as people meet them", () => {
  let everlink: Installation;
  let north: Invitees;
  let helpdesk: Client;
  let auditor: Client;

  beforeAll(async () => {
    everlink = await startInstallation();
    north = await createInvitees(everlink, "north");
    helpdesk = createClient(everlink.publicUrl, await everlink.token(north.organizationId, "helpdesk"));
    auditor = createClient(everlink.publicUrl, await everlink.token(north.organizationId, "auditor"));
  });
  afterAll(() => everlink.close());

  /** A linked person with two systems behind; `sync` runs slices of the real engine on the real database. */
  async function syncing(settings: Partial<SyncSettings> = {}) {
    const person = north.somebody();
    const { userId: id, link } = await north.invited(person);
    const userId = id as UserId;
    const { organizationId } = north;
    const browser = createBrowser();
    await browser.signIn(await north.begin(browser, link), person);
    await everlink.carryOut(organizationId, userId);
    await north.api.post(`/users/${userId}/link`, {});
    await everlink.carryOut(organizationId, userId);
    const crm = new MemorySystem("crm", crmLike, appointmentKind);
    const mailbox = new MemorySystem("mailbox", mailboxLike, appointmentKind);
    const store = (system: MemorySystem) =>
      createMemoryStore({ system, weather: () => undefined, now: Date.now });
    const inside = <Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> =>
      everlink.database.inOrganization(organizationId, work);

    async function sync(): Promise<void> {
      await everlink.carryOut(organizationId, userId);
      const fence = (await inside((tx) => loadState(tx, userId)))?.fence ?? 0;
      const ports: SlicePorts = {
        crm: store(crm),
        mailbox: store(mailbox),
        repository: createSyncRepository(everlink.database, {
          organizationId,
          userId,
          fence,
          kind: "appointment",
        }),
        clock: Date,
        random: { uuid: randomUUID },
        fingerprint,
        seal: async (content) =>
          (
            await inside((tx) => everlink.vault.seal(tx, { organizationId, userId }, archiveLabel, content))
          ).toString("base64"),
        unseal: (sealed) =>
          inside((tx) =>
            everlink.vault.open(tx, { organizationId, userId }, archiveLabel, Buffer.from(sealed, "base64")),
          ),
        heartbeat: () => {},
        log: () => {},
      };
      const input = {
        organizationId,
        userId,
        fence,
        rules: appointmentRules,
        settings: { ...defaultSettings, ...settings },
        budget: { ms: 25_000, writes: 100 },
      };
      let held: "brake" | null = null;
      for (let slices = 0; slices < 5; slices += 1)
        ({ held } = await runSlice(ports, input, new AbortController().signal));
      await everlink.happened(organizationId, userId, { type: "cycleDone", problem: null, held });
    }

    /** The worker's part of a look at values. */
    everlink.onLook(({ lookId }) => {
      void inside(async (tx) => {
        const values = { crm: crm.all()[0]?.item ?? null, mailbox: mailbox.all()[0]?.item ?? null };
        const looked = { private: false, sides: values };
        const sealed = await everlink.vault.seal(
          tx,
          { organizationId, userId },
          lookLabel,
          JSON.stringify(looked),
        );
        await endLook(tx, lookId, { sealed: sealed.toString("base64") });
      });
    });
    const titles = () => [...crm.all(), ...mailbox.all()].map(({ item }) => item.title);
    return { userId, crm, mailbox, sync, titles, inside };
  }

  /** One item, changed on both sides in a field. */
  async function conflicting(settings: Partial<SyncSettings>) {
    const world = await syncing(settings);
    const ref = world.crm.put(appointment({ title: "Budget canary" }));
    await world.sync();
    world.crm.change(ref, { title: "CRM canary" });
    world.mailbox.change(world.mailbox.all()[0]!.ref, { title: "Mailbox canary" });
    await world.sync();
    return world;
  }

  const findingsOf = async (userId: string, query = "") =>
    (await north.api.get<{ findings: Finding[] }>(`/users/${userId}/findings${query}`)).body.findings;
  const itemOf = async (userId: string, itemId: string, api = north.api) =>
    (await api.get<Detail>(`/users/${userId}/items/${itemId}`)).body;

  it("lists a conflict that waits: kind, time, field names and buttons, never a value", async () => {
    const { userId } = await conflicting({ conflict: "ask" });
    const answer = await north.api.get<{ findings: Finding[] }>(`/users/${userId}/findings`);
    const [finding] = answer.body.findings;
    expect([finding?.kind, finding?.code, finding?.fields, finding?.row]).toEqual([
      "diary",
      "conflict",
      ["title"],
      22,
    ]);
    expect(finding?.choices.map(({ choice, allowed }) => [choice, allowed])).toEqual([
      ["take-crm", true],
      ["take-mailbox", true],
      ["compare", true],
      ["dismiss", true],
    ]);
    const detail = await itemOf(userId, finding!.itemId);
    expect(detail.item.text).toMatch(/wait for a decision/);
    expect(JSON.stringify([answer.body, detail])).not.toMatch(/canary/);
    const list = await north.api.get<{ items: unknown[] }>(`/users/${userId}/items?filter=conflicts`);
    expect(list.body.items).toHaveLength(1);
    const others = (await helpdesk.get<{ findings: Finding[] }>(`/users/${userId}/findings`)).body.findings;
    expect(others[0]?.choices.every(({ allowed, reason }) => !allowed && reason?.includes("helpdesk"))).toBe(
      true,
    );
  });

  it("takes a side by a recorded decision; the loser is kept, can be seen and had back", async () => {
    const { userId, sync, titles } = await conflicting({ conflict: "ask" });
    const [finding] = await findingsOf(userId);
    const item = `/users/${userId}/items/${finding!.itemId}`;
    const taken = await north.api.post(`${item}/decision`, { choice: "take-mailbox", seen: finding!.seen });
    expect(taken.status).toBe(202);
    await sync();
    expect(titles()).toEqual(["Mailbox canary", "Mailbox canary"]);
    expect(await findingsOf(userId)).toEqual([]);

    const { kept, events } = await itemOf(userId, finding!.itemId);
    expect(kept.map(({ side, fields, restore }) => [side, fields, restore.allowed])).toEqual([
      ["crm", ["title"], true],
    ]);
    expect(events.map(({ row, action }) => [row, action]).slice(0, 2)).toEqual([
      [22, "update"],
      [90, "take"],
    ]);
    expect(events[1]?.actor).toMatch(/^token:/);

    const values = await north.api.post<{
      kept: { values: Record<string, string> }[];
      crm: Record<string, string>;
    }>(`${item}/values`);
    expect([values.body.crm.title, values.body.kept[0]?.values]).toEqual([
      "Mailbox canary",
      { title: "CRM canary" },
    ]);

    await north.api.post(`${item}/decision`, { choice: "restore", versionId: kept[0]!.id });
    await sync();
    await sync();
    expect(titles()).toEqual(["CRM canary", "CRM canary"]);
  });

  it("409 for a decision about values that are others by now, and nothing is written", async () => {
    const { userId, crm, sync, titles } = await conflicting({ conflict: "ask" });
    const [before] = await findingsOf(userId);
    crm.change(crm.all()[0]!.ref, { title: "Newer" });
    await sync();
    const answer = await north.api.post<Problem>(`/users/${userId}/items/${before!.itemId}/decision`, {
      choice: "take-crm",
      seen: before!.seen,
    });
    expect([answer.status, answer.body.code]).toEqual([409, "request.conflict"]);
    expect(titles()).toEqual(["Newer", "Mailbox canary"]);
  });

  it("a dismissed finding stays away as long as nothing changes, and comes back when it does", async () => {
    const { userId, mailbox, sync } = await conflicting({ conflict: "ask" });
    const [finding] = await findingsOf(userId);
    await north.api.post(`/users/${userId}/items/${finding!.itemId}/decision`, {
      choice: "dismiss",
      code: finding!.code,
      seen: finding!.seen,
    });
    await sync();
    expect([await findingsOf(userId), (await findingsOf(userId, "?dismissed=true")).length]).toEqual([[], 1]);
    await sync();
    expect(await findingsOf(userId)).toEqual([]);
    mailbox.change(mailbox.all()[0]!.ref, { title: "Moved on" });
    await sync();
    expect((await findingsOf(userId)).map(({ code }) => code)).toEqual(["conflict"]);
  });

  it("an item that is left alone says why, and a dismissed one comes back when it changes", async () => {
    const { userId, mailbox, sync } = await syncing();
    const ref = mailbox.put(appointment({ title: "Meeting canary" }), { traits: { participants: 3 } });
    await sync();
    const [finding] = await findingsOf(userId);
    expect([finding?.code, finding?.row]).toEqual(["meeting", 54]);
    expect((await itemOf(userId, finding!.itemId)).item.text).toMatch(/participants is left untouched/);
    const wish = { choice: "dismiss", code: "meeting", seen: finding!.seen };
    await north.api.post(`/users/${userId}/items/${finding!.itemId}/decision`, wish);
    await sync();
    expect(await findingsOf(userId)).toEqual([]);
    mailbox.change(ref, { title: "Changed" });
    await sync();
    expect((await findingsOf(userId)).map(({ code }) => code)).toEqual(["meeting"]);
  });

  it("helpdesk tries again and sees no content; nobody sees anything of private items", async () => {
    const { userId, mailbox, sync } = await syncing();
    mailbox.put(appointment({ title: "Secret canary", privacy: "private" }));
    await sync();
    const { items } = (
      await helpdesk.get<{ items: { id: string; private: boolean }[] }>(`/users/${userId}/items`)
    ).body;
    const itemId = items[0]!.id;
    expect(items[0]!.private).toBe(true);
    expect((await helpdesk.post(`/users/${userId}/items/${itemId}/retry`)).status).toBe(202);
    expect((await helpdesk.post(`/users/${userId}/items/${itemId}/values`)).status).toBe(403);
    expect((await auditor.post(`/users/${userId}/items/${itemId}/values`)).status).toBe(403);
    const refused = await north.api.post<Problem>(`/users/${userId}/items/${itemId}/values`);
    expect([refused.status, refused.body.detail]).toEqual([
      409,
      "It is private in the mailbox: nobody is shown its content.",
    ]);
    const detail = await itemOf(userId, itemId);
    expect(detail.events.every(({ fields }) => fields.length === 0)).toBe(true);
  });

  it("says that the systems were not read while Temporal is away, and keeps no sealed value", async () => {
    const { userId, crm, sync, inside } = await syncing();
    crm.put(appointment({ title: "A" }));
    await sync();
    const { items } = (await north.api.get<{ items: { id: string }[] }>(`/users/${userId}/items`)).body;
    everlink.setTemporal(false);
    const answer = await north.api.post<Problem>(`/users/${userId}/items/${items[0]!.id}/values`);
    everlink.setTemporal(true);
    expect([answer.status, answer.body.code]).toEqual([503, "service.waiting"]);
    const left = await inside((tx) => tx`select sealed from item_look where sealed is not null`);
    expect(left).toHaveLength(0);
  });

  it("keeps an item's why for three months", async () => {
    const { userId, crm, sync, inside } = await syncing();
    crm.put(appointment({ title: "A" }));
    await sync();
    const events = () => inside((tx) => tx`select 1 from item_event where user_id = ${userId}`);
    expect((await events()).length).toBeGreaterThan(0);
    const after = (days: number) => new Date(Date.now() + days * 86_400_000);
    await inside((tx) => forgetOldSync(tx, after(85)));
    expect((await events()).length).toBeGreaterThan(0);
    await inside((tx) => forgetOldSync(tx, after(95)));
    expect(await events()).toHaveLength(0);
  });

  it("keeps what a conflict discarded for a year", async () => {
    const { userId, inside } = await conflicting({ conflict: "crm" });
    const kept = () => inside((tx) => tx`select 1 from conflict_archive where user_id = ${userId}`);
    const after = (days: number) => new Date(Date.now() + days * 86_400_000);
    await inside((tx) => forgetOldSync(tx, after(355)));
    expect((await kept()).length).toBeGreaterThan(0);
    await inside((tx) => forgetOldSync(tx, after(370)));
    expect(await kept()).toHaveLength(0);
  });

  it("404 for items of nobody and of other people", async () => {
    const one = await conflicting({ conflict: "ask" });
    const other = await syncing();
    const [finding] = await findingsOf(one.userId);
    for (const path of [
      `/users/${other.userId}/items/${finding!.itemId}`,
      `/users/${one.userId}/items/${randomUUID()}`,
      `/users/${randomUUID()}/items`,
      `/users/${randomUUID()}/brake`,
    ])
      expect([path, (await north.api.get(path)).status]).toEqual([path, 404]);
  });

  describe("the brake", () => {
    async function braked() {
      const world = await syncing();
      const refs = Array.from({ length: 12 }, (_, n) => world.crm.put(appointment({ title: `Item ${n}` })));
      await world.sync();
      for (const ref of refs) world.crm.remove(ref);
      await world.sync();
      const read = async () =>
        (await north.api.get<{ held: Held[] }>(`/users/${world.userId}/brake`)).body.held;
      return { ...world, refs, read };
    }
    const planOf = ({ kind, target, planHash }: Held) => ({ kind, target, planHash });
    const decide = (userId: string, choice: string, held: readonly Held[]) =>
      north.api.post<Problem>(`/users/${userId}/brake`, { choice, plans: held.map(planOf) });

    it("shows what it holds in numbers, and applies it when told to", async () => {
      const { userId, read, sync, titles } = await braked();
      const held = await read();
      expect(held.map(({ kind, target, count, deletes }) => [kind, target, count, deletes])).toEqual([
        ["diary", "mailbox", 12, 12],
      ]);
      expect(held[0]?.text).toBe("Sync would delete 12 items in the mailbox, of 12 items in all.");
      expect((await helpdesk.post(`/users/${userId}/brake`, {})).status).toBe(403);
      expect((await decide(userId, "apply", held)).status).toBe(202);
      await sync();
      expect(titles()).toEqual([]);
      expect(await read()).toEqual([]);
    });

    it("gives the emptied side its items back when told to", async () => {
      const { userId, read, sync, crm, mailbox } = await braked();
      await decide(userId, "restore", await read());
      await sync();
      await sync();
      expect([crm.all().length, mailbox.all().length]).toEqual([12, 12]);
    });

    it("binds a decision to what was shown: 409 when something else is held by now", async () => {
      const { userId, read, sync, crm, mailbox } = await braked();
      const shown = await read();
      // One of them is edited meanwhile: it comes back, and is held no more.
      mailbox.change(mailbox.all()[0]!.ref, { title: "Still needed" });
      await sync();
      const answer = await decide(userId, "apply", shown);
      expect([answer.status, answer.body.code]).toEqual([409, "request.conflict"]);
      await sync();
      expect(mailbox.all()).toHaveLength(12);
      expect(crm.all()).toHaveLength(1);
    });

    it("a decision is good for a day: what it had not reached by then is held again", async () => {
      const { userId, read, sync, inside, mailbox } = await braked();
      await decide(userId, "apply", await read());
      await everlink.carryOut(north.organizationId, userId);
      await inside(
        (tx) => tx`update brake_hold set expires_at = now() - interval '1 minute' where user_id = ${userId}`,
      );
      await sync();
      expect(mailbox.all()).toHaveLength(12);
      expect(await read()).toHaveLength(1);
      expect((await north.api.get<{ user: { state: string } }>(`/users/${userId}`)).body.user.state).toBe(
        "brake",
      );
    });
  });
});
