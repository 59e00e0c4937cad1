import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UserId } from "../../core/ids.ts";
import { savePreview } from "../../db/preview.ts";
import type { Rehearsal } from "../../engine/rehearse.ts";
import { createBrowser } from "./browser.ts";
import { createClient } from "./client.ts";
import { startInstallation, type Installation } from "./installation.ts";
import { createInvitees, type Invitees } from "./invitees.ts";

interface Preview {
  state: string;
  kinds: { kind: string; adopted: number; left: { message: string; count: number }[]; samples: unknown[] }[];
}
interface Problem {
  code: string;
  detail: string;
}

const none = { create: 0, update: 0, delete: 0 };
const plan: Rehearsal = {
  read: { crm: 40, mailbox: 20 },
  writes: { crm: { ...none, create: 12 }, mailbox: { ...none, create: 32 } },
  adopted: 8,
  conflicts: 0,
  left: { meeting: 3 },
  held: 0,
  samples: [{ row: 41, operation: "create", target: "mailbox", when: "2026-03-02T08:00:00Z" }],
  complete: true,
};

describe("the preview of a first sync", () => {
  let everlink: Installation;
  let north: Invitees;

  beforeAll(async () => {
    everlink = await startInstallation();
    north = await createInvitees(everlink, "north");
  });
  afterAll(() => everlink.close());

  async function linked(): Promise<UserId> {
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
  const stateOf = async (userId: string) => (await north.detailOf(userId)).user.state;
  const read = async (userId: string) => (await north.api.get<Preview>(`/users/${userId}/preview`)).body;

  /** The worker's part. */
  async function made(userId: UserId, accept = false): Promise<void> {
    await everlink.database.inOrganization(north.organizationId, (tx) =>
      savePreview(tx, { organizationId: north.organizationId, userId, generation: 1 }, [
        { kind: "appointment", plan },
      ]),
    );
    await everlink.happened(north.organizationId, userId, { type: "previewed", problem: null, accept });
  }

  it("is not asked for unless the organization wants it: the first sync begins at once", async () => {
    const userId = await linked();
    expect([await stateOf(userId), (await read(userId)).state]).toEqual(["syncing", "none"]);
    const answer = await north.api.post<Problem>(`/users/${userId}/preview/accept`);
    expect([answer.status, answer.body.detail]).toEqual([409, "Nothing waits for a preview."]);
  });

  describe("where the organization asks for it", () => {
    beforeAll(async () => {
      const changed = await north.api.patch<{ preview: unknown }>("/settings", {
        preview: { required: true, acceptUpTo: 10 },
      });
      expect(changed.body.preview).toEqual({ required: true, acceptUpTo: 10 });
    });

    it("keeps a linked person from syncing, shows counts when they are there, and begins when accepted", async () => {
      const userId = await linked();
      expect([await stateOf(userId), (await read(userId)).state]).toEqual(["preview", "making"]);
      const early = await north.api.post<Problem>(`/users/${userId}/preview/accept`);
      expect([early.status, early.body.detail]).toEqual([409, "The preview is still being made."]);
      await made(userId);
      const { state, kinds } = await read(userId);
      expect([state, kinds[0]?.kind, kinds[0]?.adopted, kinds[0]?.left[0]?.count]).toEqual([
        "ready",
        "diary",
        8,
        3,
      ]);
      expect(kinds[0]?.samples).toHaveLength(1);
      const auditor = createClient(everlink.publicUrl, await everlink.token(north.organizationId, "auditor"));
      expect((await auditor.post(`/users/${userId}/preview/accept`)).status).toBe(403);
      expect((await north.api.post(`/users/${userId}/preview/accept`)).status).toBe(202);
      await everlink.carryOut(north.organizationId, userId);
      expect(await stateOf(userId)).toBe("syncing");
    });

    it("is made anew when the settings change, and then has to be accepted anew", async () => {
      const userId = await linked();
      await made(userId);
      await north.api.patch(`/users/${userId}/settings`, { diary: { direction: "crm-to-mailbox" } });
      await everlink.carryOut(north.organizationId, userId);
      expect((await read(userId)).state).toBe("making");
      expect((await north.api.post(`/users/${userId}/preview/accept`)).status).toBe(409);
    });

    it("begins by itself when the policy finds it small enough", async () => {
      const userId = await linked();
      await made(userId, true);
      expect(await stateOf(userId)).toBe("syncing");
    });
  });
});
