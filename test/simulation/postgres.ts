import { randomUUID } from "node:crypto";
import { openDatabase, type Database } from "../../db/client.ts";
import { linksOf } from "../../db/item-links.ts";
import { chooseHeld, heldWrites } from "../../db/sync-reading.ts";
import { createSyncRepository } from "../../db/sync.ts";
import type { OrganizationId, UserId } from "../../core/ids.ts";
import type { Kind } from "../../core/items/observed.ts";
import type { Clock } from "../../engine/ports.ts";
import { startPostgres } from "../support/postgres.ts";
import { seedOf } from "./batch.ts";
import { historyOf } from "./generate.ts";
import type { Memory } from "./memory.ts";
import { runHistory } from "./run.ts";
import type { Violation } from "./world.ts";

export interface Comparison {
  histories: number;
  operations: number;
  /** Histories that came to another end with PostgreSQL than in memory. */
  different: number[];
  /** Histories that broke a promise with PostgreSQL. */
  failed: { seed: number; violation: Violation }[];
}

/** The same histories with the repository in memory and in PostgreSQL: they must come to the same end. */
export async function compareWithPostgres(
  seed: number,
  histories: number,
  acts: number,
  progress: (done: Comparison) => void,
): Promise<Comparison> {
  const server = await startPostgres();
  const url = server.url.replace(/postgres$/u, "template_everlink");
  const database = openDatabase({ url, max: 5 });
  const result: Comparison = { histories: 0, operations: 0, different: [], failed: [] };
  try {
    let people = 0;
    for (let n = 0; n < histories; n += 1) {
      const own = seedOf(seed, n);
      // One of its own for each: the ids of a history are the same every time.
      const organizationId = await newOrganization(database, n);
      const history = historyOf(own, acts);
      const inMemory = await runHistory(history);
      const inPostgres = await runHistory(history, {
        memory: (_lane, kind, clock) => {
          people += 1;
          return remembered(database, organizationId, people, kind, clock);
        },
      });
      result.histories += 1;
      result.operations += inPostgres.operations;
      const [violation] = inPostgres.violations;
      if (violation !== undefined) result.failed.push({ seed: own, violation });
      else if (inMemory.pictures.join("\n\n") !== inPostgres.pictures.join("\n\n"))
        result.different.push(own);
      progress(result);
    }
    return result;
  } finally {
    await database.close();
    await server.close();
  }
}

async function newOrganization(database: Database, number: number): Promise<OrganizationId> {
  const organizationId = randomUUID() as OrganizationId;
  await database.inOrganization(organizationId, async (tx) => {
    await tx`insert into organization (organization_id, slug, name)
      values (${organizationId}, ${`acme-${number}`}, 'Acme')`;
  });
  return organizationId;
}

/** A lane's memory in PostgreSQL: a user of its own. */
async function remembered(
  database: Database,
  organizationId: OrganizationId,
  associateId: number,
  kind: Kind,
  clock: Clock,
): Promise<Memory> {
  const userId = randomUUID() as UserId;
  const inOrganization: Database["inOrganization"] = (organization, work) =>
    database.inOrganization(organization, work);
  await inOrganization(organizationId, async (tx) => {
    await tx`insert into users (organization_id, user_id, associate_id)
      values (${organizationId}, ${userId}, ${associateId})`;
    await tx`insert into lifecycle (organization_id, user_id, stage, fence)
      values (${organizationId}, ${userId}, 'syncing', 1)`;
  });
  return {
    under: (fence) => createSyncRepository(database, { organizationId, userId, fence, kind, clock }),
    raiseFence: () =>
      inOrganization(organizationId, async (tx) => {
        const [row] = await tx<{ fence: number }[]>`
          update lifecycle set fence = fence + 1 where user_id = ${userId} returning fence`;
        return row?.fence ?? 0;
      }),
    relink: () =>
      inOrganization(organizationId, async (tx) => {
        await tx`update lifecycle set fence = fence + 1, link_generation = link_generation + 1
          where user_id = ${userId}`;
      }),
    choose: (side, choice) =>
      inOrganization(organizationId, async (tx) => {
        const held = (await heldWrites(tx, userId)).find(({ target }) => target === side);
        if (held === undefined) return false;
        const expiresAt = new Date("2100-01-01T00:00:00Z");
        return chooseHeld(tx, { userId, kind, target: side, planHash: held.planHash, choice, expiresAt });
      }),
    links: () =>
      inOrganization(organizationId, (tx) =>
        linksOf(tx, tx`select item_link_id from item_link where user_id = ${userId}`),
      ),
    archive: () =>
      inOrganization(organizationId, async (tx) => {
        const rows = await tx<
          { sealed: string }[]
        >`select sealed from conflict_archive where user_id = ${userId}`;
        return rows.map(({ sealed }) => sealed);
      }),
  };
}
