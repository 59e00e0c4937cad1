import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OrganizationId, UserId } from "../../core/ids.ts";
import type { Intent, IntentOutcome } from "../../core/sync/item-link.ts";
import { linksOf } from "../../db/item-links.ts";
import { chooseHeld, heldWrites } from "../../db/sync-reading.ts";
import { createSyncRepository } from "../../db/sync.ts";
import type { SyncRepository } from "../../engine/repository.ts";
import { People } from "../properties/history.ts";
import { broken } from "../properties/invariants.ts";
import { World, type WorldOptions } from "../properties/simulation.ts";
import { freshDatabase } from "../support/postgres.ts";

/** The hostile histories of `test/properties/engine.test.ts`, remembered in PostgreSQL. */
describe("two systems, people at both, PostgreSQL between them", () => {
  const organizationId = randomUUID() as OrganizationId;
  let postgres: Awaited<ReturnType<typeof freshDatabase>>;
  let people = 0;

  beforeAll(async () => {
    postgres = await freshDatabase();
    await postgres.database.inOrganization(organizationId, async (tx) => {
      await tx`insert into organization (organization_id, slug, name) values (${organizationId}, 'acme', 'Acme')`;
    });
  });
  afterAll(() => postgres?.drop());

  let world: World | undefined;
  const clock = { now: () => world?.now ?? 0 };

  async function newUser(): Promise<{ userId: UserId; repository: SyncRepository }> {
    const userId = randomUUID() as UserId;
    people += 1;
    await postgres.database.inOrganization(organizationId, async (tx) => {
      await tx`insert into users (organization_id, user_id, associate_id)
        values (${organizationId}, ${userId}, ${people})`;
      await tx`insert into lifecycle (organization_id, user_id, stage, fence)
        values (${organizationId}, ${userId}, 'syncing', 1)`;
    });
    return {
      userId,
      repository: createSyncRepository(postgres.database, {
        organizationId,
        userId,
        fence: 1,
        kind: "appointment",
        clock,
      }),
    };
  }

  /** Applies whatever the brake holds. */
  async function approve(userId: UserId): Promise<boolean> {
    return postgres.database.inOrganization(organizationId, async (tx) => {
      const held = await heldWrites(tx, userId);
      for (const { target, planHash } of held) {
        const expiresAt = new Date("2100-01-01T00:00:00Z");
        expect(
          await chooseHeld(tx, { userId, kind: "appointment", target, planHash, choice: "apply", expiresAt }),
        ).toBe(true);
      }
      return held.length > 0;
    });
  }

  /** Gives the world what PostgreSQL remembers, for the invariants. */
  async function remember(world: World, userId: UserId): Promise<void> {
    await postgres.database.inOrganization(organizationId, async (tx) => {
      for (const link of await linksOf(tx, tx`select item_link_id from item_link where user_id = ${userId}`))
        world.memory.links.set(link.id, link);
      const intents = await tx<
        (Pick<Intent, "id" | "operation" | "fields"> & { outcome: IntentOutcome | null })[]
      >`
        select intent_id as id, operation, fields, outcome from intent where user_id = ${userId}`;
      for (const { outcome, ...intent } of intents) {
        world.memory.intents.set(intent.id, {
          intent: intent as Intent,
          outcome,
          settledAt: null,
          recordedAt: 0,
        });
      }
      const archive = await tx<
        { sealed: string }[]
      >`select sealed from conflict_archive where user_id = ${userId}`;
      for (const { sealed } of archive)
        world.memory.archive.push({ sealed } as (typeof world.memory.archive)[number]);
    });
  }

  async function live(options: WorldOptions): Promise<void> {
    const { userId, repository } = await newUser();
    world = new World({ ...options, repository });
    const crowd = new People(world);
    for (let n = 0; n < 30; n += 1) {
      crowd.act();
      if (world.dice.chance(0.35)) {
        await world.slice();
        world.now += world.dice.below(400_000);
        await approve(userId);
      }
    }
    for (let n = 0; n < 3; n += 1) {
      await world.settle();
      if (!(await approve(userId))) break;
    }
    await remember(world, userId);
    expect(broken(world, crowd), `seed ${options.seed}`).toEqual([]);
    const writes = world.mutations.length;
    await world.settle();
    expect(world.mutations.length, `seed ${options.seed}: writes at rest`).toBe(writes);
  }

  it.each([1, 2, 3, 4])("fair weather, seed %i", (seed) => live({ seed, pageSize: 3 }));
  it.each([5, 6, 7, 8, 9, 10])("faults and kills, seed %i", (seed) =>
    live({ seed, faults: 0.1, crashes: 0.02, pageSize: 4, budget: { ms: 3_000, writes: 10 } }),
  );
});
