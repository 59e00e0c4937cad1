import { randomUUID } from "node:crypto";
import type { OrganizationId, UserId } from "../../core/ids.ts";
import { chooseHeld } from "../../db/sync-reading.ts";
import { createSyncRepository } from "../../db/sync.ts";
import { MemoryRepository } from "../../engine/memory-repository.ts";
import { freshDatabase } from "../support/postgres.ts";
import { syncRepositoryContract } from "./sync-repository.suite.ts";

syncRepositoryContract("memory", async () => ({
  fresh: async () => {
    const repository = new MemoryRepository();
    return {
      repository,
      takeOver: async () => void (repository.fenced = true),
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
            await chooseHeld(tx, { userId, target, planHash, choice, expiresAt });
          }),
      };
    },
    close: drop,
  };
});
