import type { RemovalPlanInput } from "./messages.ts";
import { removalPlanning } from "./proxies.ts";

/** Plans what an unlink would remove, for somebody who wants to see it first. The plan goes into the database. */
export async function removalPlan({ organizationId, userId, removalId }: RemovalPlanInput): Promise<void> {
  await removalPlanning.planRemoval({ organizationId, userId, removalId });
}
