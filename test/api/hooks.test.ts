import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectionOfKind } from "../../db/connections.ts";
import type { UserId } from "../../core/ids.ts";
import type { Tx } from "../../db/client.ts";
import { forgetOldSync } from "../../db/sync-reading.ts";
import { createBrowser } from "./browser.ts";
import { startInstallation, type Installation } from "./installation.ts";
import { createInvitees, type Invitees } from "./invitees.ts";

const id = "hook-0123456789abcdefghij";
const secret = "the secret that SuperOffice signs with";

describe("SuperOffice's notifications", () => {
  let everlink: Installation;
  let north: Invitees;
  let south: Invitees;
  let userId: UserId;
  let associateId: number;

  beforeAll(async () => {
    everlink = await startInstallation();
    north = await createInvitees(everlink, "north");
    south = await createInvitees(everlink, "south");
    const { database, vault } = everlink;
    const { organizationId } = north;
    await database.inOrganization(organizationId, async (tx) => {
      await tx`update connection set configuration = configuration || ${tx.json({ webhookId: id })} where kind = 'superoffice'`;
      const connection = await connectionOfKind(tx, "superoffice");
      const place = {
        organizationId,
        userId: null,
        purpose: "connection",
        id: `${connection?.id}/webhookSecret`,
      } as const;
      await vault.replace(tx, place, secret);
    });
    const person = north.somebody();
    associateId = person.associateId;
    const invited = await north.invited(person);
    userId = invited.userId as UserId;
    const browser = createBrowser();
    await browser.signIn(await north.begin(browser, invited.link), person);
    await everlink.carryOut(organizationId, userId);
    expect((await north.api.post(`/users/${userId}/link`, {})).status).toBe(202);
    await everlink.carryOut(organizationId, userId);
  });
  afterAll(() => everlink?.close());

  const event = (more: Record<string, unknown> = {}) =>
    JSON.stringify({
      EventId: "e",
      Timestamp: "2026-03-02T08:00:00Z",
      Changes: [],
      Event: "activity.changed",
      PrimaryKey: 4711,
      Entity: "activity",
      ContextIdentifier: "Cust12345",
      ChangedByAssociateId: 1,
      WebhookName: "Everlink",
      FieldValues: { associate_id: associateId, type: 1 },
      ...more,
    });
  const sign = (body: string, by = secret) => createHmac("sha256", by).update(body).digest("base64");
  async function send(
    body: string,
    options: { organizationId?: string; hook?: string; signature?: string } = {},
  ) {
    const { organizationId = north.organizationId, hook = id, signature = sign(body) } = options;
    const answer = await fetch(`${everlink.publicUrl}/hooks/superoffice/${organizationId}/${hook}`, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8", "x-superoffice-signature": signature },
      body,
    });
    return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
  }
  const wakes = () =>
    everlink.delivered.filter((each) => each.userId === userId && each.kind === "syncNow").length;
  const passTime = () =>
    everlink.database.inOrganization(
      north.organizationId,
      (tx) => tx`update notified set woken_at = now() - interval '21 s'`,
    );

  it("are believed only under their address, signed over the body as it came, and of that tenant", async () => {
    const body = event();
    const refusals = [
      [404, await send(body, { hook: `${id}x` })],
      [404, await send(body, { organizationId: south.organizationId })],
      [404, await send(body, { organizationId: "nobody" })],
      [401, await send(body, { signature: "" })],
      [401, await send(body, { signature: sign(body, "another secret") })],
      [401, await send(`${body} `, { signature: sign(body) })],
      [403, await send(event({ ContextIdentifier: "Cust99999" }))],
      [400, await send("{}")],
      [400, await send("no json")],
      [413, await send(event({ Padding: "x".repeat(70_000) }))],
    ] as const;
    for (const [status, answer] of refusals) {
      expect([answer.status, answer.type?.split(";")[0]]).toEqual([status, "application/problem+json"]);
      expect(answer.text).not.toContain("4711");
    }
    expect(wakes()).toBe(0);
  });

  it("wake whose appointment it is, at most every 20 seconds, and nobody for nothing", async () => {
    for (const body of [
      event({ FieldValues: { associate_id: 999_999 } }),
      event({ Event: "webhook.test" }),
      event({ Event: "contact.changed" }),
    ])
      expect((await send(body)).status).toBe(200);
    expect(wakes()).toBe(0);
    for (let turn = 0; turn < 5; turn += 1) expect((await send(event())).status).toBe(200);
    expect(wakes()).toBe(1);
    await passTime();
    expect((await send(event())).status).toBe(200);
    expect(wakes()).toBe(2);
  });

  it("are nobody's acts: the audit does not name them, and they are forgotten with what they brought", async () => {
    const inside = <Row extends object>(work: (tx: Tx) => Promise<readonly Row[]>) =>
      everlink.database.inOrganization(north.organizationId, work);
    const acts = await inside(
      (tx) => tx<{ actor: string }[]>`select actor from audit where action = 'syncNow'`,
    );
    expect(acts).toEqual([]);
    const hints = () => inside((tx) => tx`select 1 from command where actor = 'policy'`);
    await everlink.carryOut(north.organizationId, userId);
    expect((await hints()).length).toBeGreaterThan(0);
    await inside(async (tx) => {
      await forgetOldSync(tx, new Date(Date.now() + 100 * 86_400_000));
      return [];
    });
    expect(await hints()).toHaveLength(0);
  });

  it("of a delete, which names the item alone, wake whoever has it linked", async () => {
    await passTime();
    const before = wakes();
    const gone = event({
      Event: "activity.deleted",
      PrimaryKey: 88,
      FieldValues: undefined,
      Values: { appointment_id: 88 },
    });
    await send(gone);
    expect(wakes()).toBe(before);
    await everlink.database.inOrganization(north.organizationId, async (tx) => {
      const own = {
        organization_id: north.organizationId,
        user_id: userId,
        item_link_id: "00000000-0000-4000-8000-000000000088",
        kind: "appointment",
      };
      await tx`insert into item_link ${tx({ ...own, key: "k", revision: 1, state: "linked", masked: false, agreed: {}, pending: false, attempts: 0, rewrites: 0 })}`;
      await tx`insert into item_side ${tx({ ...own, side: "crm", ref: "appointment:88", version: "1", base: {}, out: false })}`;
    });
    await send(gone);
    expect(wakes()).toBe(before + 1);
  });

  it("wake nobody who is paused", async () => {
    await north.api.post(`/users/${userId}/pause`);
    await everlink.carryOut(north.organizationId, userId);
    await passTime();
    const before = wakes();
    await send(event());
    expect(wakes()).toBe(before);
  });
});
