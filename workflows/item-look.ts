import { sleep } from "@temporalio/workflow";
import type { ItemLookInput } from "./messages.ts";
import { looking } from "./proxies.ts";

/** Has one item read for somebody who waits for it, and takes away what was not fetched. */
export async function itemLook({ organizationId, userId, lookId }: ItemLookInput): Promise<void> {
  const look = { organizationId, userId, lookId };
  try {
    await looking.lookAtItem(look);
  } finally {
    await sleep("2 minutes", { summary: "what was not fetched is taken away" });
    await looking.forgetLook(look);
  }
}
