import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ItemLinkId, UserId } from "../../core/ids.ts";
import { endRemovalPlan, openRemoval } from "../../db/removal.ts";
import { loadState } from "../../db/lifecycle.ts";
import type { RemovalPlan } from "../../engine/removal-plan.ts";
import { createBrowser } from "./browser.ts";
import { createClient } from "./client.ts";
import { startInstallation, type Installation } from "./installation.ts";
import { createInvitees, type Invitees } from "./invitees.ts";

interface Problem {
  code: string;
  detail: string;
}
interface Plan {
  state: string;
  kinds: { kind: string; removes: number; stays: { reason: string; message: string; count: number }[] }[];
  problem: { message: string } | null;
}
interface Shown {
  removal: { from: string; startsAt: string; begunAt: string | null; items: number; removed: number } | null;
}

const items = [randomUUID(), randomUUID(), randomUUID()] as ItemLinkId[];
const plan: RemovalPlan = {
  items,
  stays: { original: 40, edited: 2 },
  samples: [{ row: 99, operation: "delete", target: "mailbox", when: "2026-03-02T08:00:00Z" }],
};

describe("the end of a link with something removed", () => {
  let everlink: Installation;
  let north: Invitees;

  beforeAll(async () => {
    everlink = await startInstallation();
    north = await createInvitees(everlink, "north");
  });
  afterAll(() => everlink.close());

  async function syncing(): Promise<UserId> {
    const person = north.somebody();
    const { userId: id, link } = await north.invited(person);
    const userId = id as UserId;
    const browser = createBrowser();
    await browser.signIn(await north.begin(browser, link), person);
    await everlink.carryOut(north.organizationId, userId);
    await north.api.post(`/users/${userId}/link`, {});
    await everlink.carryOut(north.organizationId, userId);
    return userId;
  }
  const inNorth = <T>(work: Parameters<typeof everlink.database.inOrganization<T>>[1]) =>
    everlink.database.inOrganization(north.organizationId, work);
  const personOf = async (userId: string) => (await north.detailOf(userId)).user;
  const removalOf = async (userId: string) =>
    (await north.api.get<Shown>(`/users/${userId}/removal`)).body.removal;
  const carryOut = (userId: UserId) => everlink.carryOut(north.organizationId, userId);

  async function planned(userId: UserId, from = "mailbox"): Promise<string> {
    const asked = await north.api.post<{ planId: string }>(`/users/${userId}/removal-plans`, { from });
    expect(asked.status).toBe(202);
    return asked.body.planId;
  }
  /** The worker's part. */
  async function made(userId: UserId, planId: string): Promise<void> {
    await inNorth((tx) =>
      endRemovalPlan(
        tx,
        { organizationId: north.organizationId, userId, removalId: planId },
        { plans: [{ kind: "appointment", plan }] },
      ),
    );
  }
  const remove = (userId: string, planId: string, from = "mailbox") =>
    north.api.post<Problem>(`/users/${userId}/unlink`, { copies: "remove", from, planId });

  it("without a word both copies stay, as before", async () => {
    const typed = { "content-type": "application/json" };
    for (const [body, headers] of [[undefined], [undefined, typed], [{}], [{ copies: "keep" }]] as const) {
      const userId = await syncing();
      expect((await north.api.post(`/users/${userId}/unlink`, body, headers)).status).toBe(202);
      await carryOut(userId);
      expect((await personOf(userId)).state).toBe("registered");
    }
  });

  it("is planned, shown, decided about that very plan, undone, and decided again", async () => {
    const userId = await syncing();
    const planId = await planned(userId);
    expect(everlink.planned.at(-1)).toMatchObject({ userId, removalId: planId });
    expect(await planned(userId)).toBe(planId); // asked for twice, planned once
    const early = await remove(userId, planId);
    expect([early.status, early.body.detail]).toEqual([409, "It is still being planned."]);
    await made(userId, planId);
    const { state, kinds } = (await north.api.get<Plan>(`/users/${userId}/removal-plans/${planId}`)).body;
    expect([state, kinds[0]?.kind, kinds[0]?.removes]).toEqual(["ready", "diary", 3]);
    expect(kinds[0]?.stays.map(({ reason, count }) => [reason, count])).toEqual([
      ["original", 40],
      ["edited", 2],
    ]);
    expect((await remove(userId, planId, "crm")).body.detail).toBe("The plan is about the other side.");

    expect((await remove(userId, planId)).status).toBe(202);
    await carryOut(userId);
    expect((await personOf(userId)).state).toBe("removal");
    const removal = await removalOf(userId);
    expect(removal).toMatchObject({ from: "mailbox", begunAt: null, items: 3, removed: 0 });
    const inMs = Date.parse(removal?.startsAt ?? "") - Date.now();
    expect(inMs).toBeGreaterThan(500_000);
    expect(inMs).toBeLessThanOrEqual(600_000);
    expect((await remove(userId, planId)).status).toBe(409);
    expect((await north.api.post(`/users/${userId}/sync-now`)).status).toBe(409);

    expect((await north.api.post(`/users/${userId}/unlink/undo`)).status).toBe(202);
    await carryOut(userId);
    expect([(await personOf(userId)).state, await removalOf(userId)]).toEqual(["syncing", null]);
    const none = await north.api.post<Problem>(`/users/${userId}/unlink/undo`);
    expect([none.status, none.body.detail]).toEqual([409, "Nothing to undo: not being unlinked."]);
    expect((await remove(userId, planId)).status).toBe(202);
    await carryOut(userId);
    expect((await personOf(userId)).state).toBe("removal");
  });

  it("tells how far it is, can no longer be undone, and ends with the person registered", async () => {
    const userId = await syncing();
    const planId = await planned(userId);
    await made(userId, planId);
    await remove(userId, planId);
    await carryOut(userId);
    await everlink.happened(north.organizationId, userId, { type: "removalDue" });
    const stored = await inNorth((tx) => loadState(tx, userId));
    const part = openRemoval(everlink.database, {
      organizationId: north.organizationId,
      userId,
      fence: stored?.fence ?? 0,
      removalId: planId,
      kind: "appointment",
      from: "mailbox",
    });
    const [first, second] = await part.left();
    await part.note(first!, "removed");
    await part.note(second!, "edited");
    await part.note(second!, "removed"); // the first word stands
    expect(await part.left()).toHaveLength(1);
    expect(await removalOf(userId)).toMatchObject({ items: 3, removed: 1, stayed: 1 });
    const late = await north.api.post<Problem>(`/users/${userId}/unlink/undo`);
    expect([late.status, late.body.detail]).toEqual([
      409,
      "It has begun: unlink and keep both copies to stop it.",
    ]);
    await everlink.happened(north.organizationId, userId, {
      type: "removalDone",
      problem: null,
      left: 0,
      removed: 2,
      stayed: 1,
    });
    expect((await personOf(userId)).state).toBe("registered");
    await expect(part.note(first!, "removed")).rejects.toMatchObject({ code: "lifecycle.fenced" });
    const { timeline } = (await north.api.get<{ timeline: { kind: string }[] }>(`/users/${userId}`)).body;
    expect(timeline.map(({ kind }) => kind)).toContain("removed");
  });

  it("lets go of Everlink's copies, so that linking again makes no delete of theirs; originals stay known", async () => {
    const userId = await syncing();
    const [copy, original, uncertain] = [randomUUID(), randomUUID(), randomUUID()];
    const organization = north.organizationId;
    await inNorth(async (tx) => {
      for (const [id, stamp] of [
        [copy, "el.copy"],
        [original, null],
        [uncertain, "el.uncertain"],
      ] as const) {
        await tx`insert into item_link (organization_id, item_link_id, user_id, kind, key, revision, state, masked, agreed,
            pending, attempts, rewrites)
          values (${organization}, ${id}, ${userId}, 'appointment', ${stamp ?? `el.${id}`}, 1, 'linked', false, '{}', false, 0, 0)`;
        for (const side of ["crm", "mailbox"]) {
          await tx`insert into item_side (organization_id, item_link_id, side, user_id, kind, ref, version, stamp, base, out)
            values (${organization}, ${id}, ${side}, ${userId}, 'appointment', ${`${side}/${id}`}, '1',
              ${side === "mailbox" ? stamp : null}, '{"title":"x"}', false)`;
        }
      }
      await tx`insert into intent (organization_id, intent_id, user_id, item_link_id, target, operation, link_revision, row,
          fields, key, source, expected, narrow, masked, counted, at)
        values (${organization}, ${randomUUID()}, ${userId}, ${uncertain}, 'mailbox', 'delete', 1, 99, '{}', 'k', '{}', '{}',
          '{}', false, false, now())`;
    });
    const planId = await planned(userId);
    await made(userId, planId);
    await remove(userId, planId);
    await carryOut(userId);
    await everlink.happened(organization, userId, { type: "removalDue" });
    await north.api.post(`/users/${userId}/unlink`, {});
    await carryOut(userId);
    const sides = await inNorth(
      (tx) => tx<{ id: string; state: string; sides: string }[]>`
        select l.item_link_id as id, l.state, string_agg(s.side || ' ' || s.base::text, ', ' order by s.side) as sides
        from item_link l join item_side s using (organization_id, item_link_id) where l.user_id = ${userId}
        group by l.item_link_id, l.state`,
    );
    const both = 'crm {"title": "x"}, mailbox {"title": "x"}';
    expect(Object.fromEntries(sides.map(({ id, ...rest }) => [id, rest]))).toEqual({
      [copy]: { state: "new", sides: "crm {}" },
      [original]: { state: "linked", sides: both },
      [uncertain]: { state: "linked", sides: both },
    });
  });

  it("refuses another person's plan, another organization's, and one of a link before", async () => {
    const [userId, other] = [await syncing(), await syncing()];
    const planId = await planned(userId);
    await made(userId, planId);
    expect((await remove(other, planId)).status).toBe(404);
    expect((await north.api.get(`/users/${other}/removal-plans/${planId}`)).status).toBe(404);
    const south = await everlink.organization("south");
    const stranger = createClient(everlink.publicUrl, await everlink.token(south, "owner"));
    expect((await stranger.get(`/users/${userId}/removal-plans/${planId}`)).status).toBe(404);
    expect((await stranger.get(`/users/${userId}/removal`)).status).toBe(404);
    await north.api.post(`/users/${userId}/unlink`);
    await carryOut(userId);
    await north.api.post(`/users/${userId}/link`, {});
    await carryOut(userId);
    expect((await remove(userId, planId)).body.detail).toBe("The link was made anew meanwhile. Look again.");
  });

  it("tells what is missing in a body, and who may not", async () => {
    const userId = await syncing();
    const invalid = await north.api.post<Problem>(`/users/${userId}/unlink`, { copies: "remove" });
    expect([invalid.status, invalid.body.code]).toEqual([400, "request.invalid"]);
    const odd = await north.api.post<Problem>(`/users/${userId}/unlink`, { from: "mailbox" });
    expect(odd.status).toBe(400);
    const helpdesk = createClient(everlink.publicUrl, await everlink.token(north.organizationId, "helpdesk"));
    expect((await helpdesk.post(`/users/${userId}/removal-plans`, { from: "crm" })).status).toBe(403);
    everlink.setTemporal(false);
    const waits = await north.api.post<Problem>(`/users/${userId}/removal-plans`, { from: "crm" });
    everlink.setTemporal(true);
    expect([waits.status, waits.body.code]).toEqual([503, "service.waiting"]);
  });
});
