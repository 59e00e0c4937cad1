import { sleep } from "@temporalio/workflow";
import type { ErasureInput } from "./messages.ts";
import { erasureSteps } from "./proxies.ts";

/**
 * Erases one user in the order of design §5. The tombstone and the fence were committed with the stage `erasing`;
 * each step may be repeated, and starting the whole anew is harmless.
 */
export async function erasure({ organizationId, userId }: ErasureInput): Promise<void> {
  const user = { organizationId, userId };
  const settling = await erasureSteps.settleUser(user);
  if (settling && settling.waitMs > 0) {
    await sleep(settling.waitMs, { summary: "requests made before may still take effect" });
  }
  await erasureSteps.revokePermission(user);
  await erasureSteps.deleteUserRows(user);
  const { deleted } = await erasureSteps.deleteHistories(user);
  await erasureSteps.completeErasure({ ...user, histories: deleted });
}
