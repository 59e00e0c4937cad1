import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestAssociates } from "../../workflows/deliver.ts";
import { organizationWorkflowId } from "../../workflows/messages.ts";
import { hours, startLife, until, type Running } from "./harness.ts";

describe("an organization's workflow", () => {
  let life: Running;
  beforeAll(async () => {
    life = await startLife();
  });
  afterAll(() => life.stop());

  it("lists the associates every quarter of an hour, and at once when asked", async () => {
    const { world, client } = life;
    expect(await requestAssociates(client, world.organizationId)).toBe(true);
    await until(() => world.refreshes === 1, "the first list");
    await life.sleep(24 * hours);
    expect(world.refreshes).toBeGreaterThanOrEqual(96);
    expect(world.refreshes).toBeLessThanOrEqual(98);
    const before = world.refreshes;
    expect(await requestAssociates(client, world.organizationId)).toBe(true);
    await until(() => world.refreshes === before + 1, "the list that was asked for");
  });

  it("goes on when SuperOffice does not answer", async () => {
    const { world } = life;
    world.superofficeDown = true;
    await life.sleep(1 * hours);
    world.superofficeDown = false;
    const before = world.refreshes;
    await life.sleep(1 * hours);
    expect(world.refreshes).toBeGreaterThan(before + 2);
    const handle = life.client.workflow.getHandle(organizationWorkflowId(world.organizationId));
    expect((await handle.describe()).status.name).toBe("RUNNING");
  });
});
