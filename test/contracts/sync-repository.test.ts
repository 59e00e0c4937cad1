import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import type { IntentId, ItemLinkId, OrganizationId, UserId } from "../../core/ids.ts";
import type { Intent, ItemLink } from "../../core/sync/item-link.ts";
import { chooseHeld } from "../../db/sync-reading.ts";
import { createSyncRepository } from "../../db/sync.ts";
import { MemoryRepository } from "../../engine/memory-repository.ts";
import { freshDatabase } from "../support/postgres.ts";
import { syncRepositoryContract } from "./sync-repository.suite.ts";

syncRepositoryContract("memory", async () => ({
  fresh: async () => {
    const repository = new MemoryRepository();
    return {
      repository: repository.under(repository.fence),
      takeOver: async () => void (repository.fence += 1),
      choose: async (target, planHash, choice) => void repository.choices.set(target, { planHash, choice }),
    };
  },
  close: async () => {},
}));

syncRepositoryContract("PostgreSQL", async () => {
  const { database, drop } = await freshDatabase();
  const organizationId = randomUUID() as OrganizationId;
  await database.inOrganization(organizationId, async (tx) => {
    await tx`insert into organization (organization_id, slug, name) values (${organizationId}, 'acme', 'Acme')`;
  });
  let people = 0;
  return {
    fresh: async () => {
      const userId = randomUUID() as UserId;
      people += 1;
      await database.inOrganization(organizationId, async (tx) => {
        await tx`insert into users (organization_id, user_id, associate_id)
          values (${organizationId}, ${userId}, ${people})`;
        await tx`insert into lifecycle (organization_id, user_id, stage, fence, link_generation)
          values (${organizationId}, ${userId}, 'syncing', 3, 1)`;
      });
      return {
        repository: createSyncRepository(database, { organizationId, userId, fence: 3, kind: "appointment" }),
        takeOver: () =>
          database.inOrganization(organizationId, async (tx) => {
            await tx`update lifecycle set fence = 4 where user_id = ${userId}`;
          }),
        choose: (target, planHash, choice) =>
          database.inOrganization(organizationId, async (tx) => {
            const expiresAt = new Date("2100-01-01T00:00:00Z");
            await chooseHeld(tx, { userId, kind: "appointment", target, planHash, choice, expiresAt });
          }),
      };
    },
    close: drop,
  };
});

it("what is remembered of one kind is not seen, and not forgotten, by another", async () => {
  const { database, drop } = await freshDatabase();
  const [organizationId, userId] = [randomUUID() as OrganizationId, randomUUID() as UserId];
  await database.inOrganization(organizationId, async (tx) => {
    await tx`insert into organization (organization_id, slug, name) values (${organizationId}, 'acme', 'Acme')`;
    await tx`insert into users (organization_id, user_id, associate_id) values (${organizationId}, ${userId}, 1)`;
    await tx`insert into lifecycle (organization_id, user_id, stage, fence, link_generation)
      values (${organizationId}, ${userId}, 'syncing', 1, 1)`;
  });
  const of = { organizationId, userId, fence: 1 };
  const [tasks, contacts] = (["task", "contact"] as const).map((kind) =>
    createSyncRepository(database, { ...of, kind }),
  );
  if (tasks === undefined || contacts === undefined) throw new Error("two repositories");
  const known = { version: "v1", uid: null, stamp: null, base: {}, out: false, unconfirmed: true };
  const link: ItemLink = {
    id: randomUUID() as ItemLinkId,
    key: "el.1",
    revision: 0,
    state: "new",
    reason: null,
    masked: false,
    sides: { crm: { ref: "17", ...known }, mailbox: null },
    agreed: {},
    pending: true,
    notBefore: null,
    attempts: 0,
    held: null,
    rewrites: 0,
    rewritesSince: null,
  };
  const intent: Intent = {
    id: randomUUID() as IntentId,
    linkId: link.id,
    target: "mailbox",
    operation: "create",
    linkRevision: 0,
    row: 41,
    fields: ["title"],
    key: "el.1",
    source: {},
    expected: {},
    narrow: {},
    masked: false,
    counted: false,
    at: 1,
  };
  const accounts = { crm: "associate 1", mailbox: "mailbox 1" };
  await tasks.begin(1, accounts);
  await tasks.intend(intent, { link });

  const began = await contacts.begin(2, accounts);
  expect(began).toMatchObject({ open: [], waiting: { due: false, unmatched: false, unconfirmed: false } });
  const lookup = { refs: { crm: ["17"], mailbox: [] }, uids: { crm: [], mailbox: [] }, keys: ["el.1"] };
  expect(await contacts.find(lookup)).toEqual([]);
  // Another mailbox: the contacts' memory of it goes, the tasks' stays until they are told themselves.
  await contacts.begin(3, { ...accounts, mailbox: "mailbox 2" });
  expect((await tasks.begin(4, accounts)).open.map((open) => open.intent.id)).toEqual([intent.id]);
  expect((await tasks.find(lookup)).map(({ id }) => id)).toEqual([link.id]);
  await drop();
});
