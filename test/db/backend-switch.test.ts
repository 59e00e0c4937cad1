import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ItemLinkId, MailboxId, OrganizationId, UserId } from "../../core/ids.ts";
import type { ItemLink, LinkSide } from "../../core/sync/item-link.ts";
import { carryOver, mailboxRefs, wantBackend } from "../../db/backend-switch.ts";
import type { Tx } from "../../db/client.ts";
import { markUnverified } from "../../db/incarnation.ts";
import { mailboxIdentity } from "../../db/mailboxes.ts";
import { createSyncRepository } from "../../db/sync.ts";
import { noCounters } from "../../engine/counters.ts";
import { freshDatabase } from "../support/postgres.ts";

const now = Date.parse("2026-03-02T08:00:00Z");
const window = { from: "2026-02-01T00:00:00Z", to: "2027-03-01T00:00:00Z" };
const accounts = { crm: "crm account", mailbox: "mailbox account" };

describe("item links of a living mailbox", () => {
  const organizationId = randomUUID() as OrganizationId;
  const userId = randomUUID() as UserId;
  const mailboxId = randomUUID() as MailboxId;
  const own = { organization_id: organizationId, user_id: userId };
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  const within = <Result>(work: (tx: Tx) => Promise<Result>) =>
    db.database.inOrganization(organizationId, work);
  const repository = (fence: number, kind: "appointment" | "task" = "appointment") =>
    createSyncRepository(db.database, { organizationId, userId, fence, kind });
  const find = async (fence: number, key: string) => {
    const none = { refs: { crm: [], mailbox: [] }, uids: { crm: [], mailbox: [] } };
    return (await repository(fence).find({ ...none, keys: [key] }))[0];
  };

  beforeAll(async () => {
    db = await freshDatabase();
    await within(async (tx) => {
      await tx`insert into organization ${tx({ organization_id: organizationId, slug: "acme", name: "Acme" })}`;
      await tx`insert into users ${tx({ ...own, associate_id: 1 })}`;
      await tx`insert into lifecycle ${tx({ ...own, stage: "syncing", fence: 1, link_generation: 1 })}`;
      await tx`insert into mailbox ${tx({ ...own, mailbox_id: mailboxId, connection_id: randomUUID(), tenant_id: randomUUID(), object_id: randomUUID() })}`;
    });
    await repository(1).begin(now, accounts);
    const cursor = { cursor: "c", listing: 1, open: false, thorough: false, window };
    await repository(1).save(
      [linked("a"), linked("b")].map((link) => ({ link })),
      now,
    );
    await repository(1).finish(
      {
        cursors: { crm: cursor, mailbox: cursor },
        listed: {},
        passed: {},
        relisted: [],
        unhandled: [],
        counters: noCounters(),
      },
      now,
    );
  });
  afterAll(() => db.drop());

  it("go over to another protocol with their ids; one without a translation is to be found again", async () => {
    await within((tx) => wantBackend(tx, userId, "graph"));
    expect(await within((tx) => mailboxIdentity(tx, mailboxId))).toMatchObject({
      backend: "ews",
      wantedBackend: "graph",
    });
    expect(await within((tx) => mailboxRefs(tx, userId, ["appointment"]))).toEqual([
      "mailbox-a",
      "mailbox-b",
    ]);
    const of = { organizationId, userId, mailboxId, backend: "graph" as const };
    expect(await within((tx) => carryOver(tx, of, new Map([["mailbox-a", "graph-a"]])))).toEqual({
      carried: 1,
      sought: 1,
    });
    const [a, b] = [await find(1, "el.a"), await find(1, "el.b")];
    // What was last known of each field stays: an edit made meanwhile still flows, and an unchanged item does not.
    expect(a?.sides.mailbox).toMatchObject({ ref: "graph-a", base: { title: "h" }, unverified: false });
    expect(b?.sides.mailbox).toMatchObject({
      ref: `nowhere/${b?.id}`,
      base: { title: "h" },
      unverified: true,
    });
    expect(a?.sides.crm).toMatchObject({ ref: "crm-a", unverified: false });
    const { cursors } = await repository(1).begin(now, accounts);
    expect(cursors.mailbox).toBeNull();
    expect(cursors.crm).toMatchObject({ cursor: "c" });
    expect(await within((tx) => mailboxIdentity(tx, mailboxId))).toMatchObject({
      backend: "graph",
      wantedBackend: null,
    });
  });

  it("a wish for the protocol that the mailbox has takes an open wish back", async () => {
    await within((tx) => wantBackend(tx, userId, "ews"));
    await within((tx) => wantBackend(tx, userId, "graph"));
    expect(await within((tx) => mailboxIdentity(tx, mailboxId))).toMatchObject({ wantedBackend: null });
  });

  it("are to be found again after a restored backup, and whoever syncs under the fence of before is refused", async () => {
    const told = await within((tx) =>
      markUnverified(tx, { organizationId, actor: "superoffice", side: "crm" }),
    );
    expect(told).toEqual({ items: 2, userIds: [userId] });
    await expect(repository(1).save([{ link: linked("c") }], now)).rejects.toMatchObject({
      code: "lifecycle.fenced",
    });
    const { cursors } = await repository(2).begin(now, accounts);
    expect(cursors.crm).toMatchObject({ cursor: null, thorough: true });
    expect((await find(2, "el.a"))?.sides.crm?.unverified).toBe(true);
  });
});

function linked(name: string): ItemLink {
  const side = (of: string): LinkSide => ({
    ref: `${of}-${name}`,
    version: "v1",
    uid: null,
    stamp: null,
    base: { title: "h" },
    out: false,
    unconfirmed: false,
    born: null,
    unverified: false,
  });
  return {
    id: randomUUID() as ItemLinkId,
    key: `el.${name}`,
    revision: 0,
    state: "linked",
    reason: null,
    masked: false,
    sides: { crm: side("crm"), mailbox: side("mailbox") },
    agreed: { title: "n" },
    pending: false,
    notBefore: null,
    attempts: 0,
    held: null,
    rewrites: 0,
    rewritesSince: null,
  };
}
