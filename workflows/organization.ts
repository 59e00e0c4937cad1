import { condition, continueAsNew, defineSignal, isCancellation, setHandler } from "@temporalio/workflow";
import { REFRESH_ASSOCIATES, type OrganizationInput } from "./messages.ts";
import { organizationSteps } from "./proxies.ts";

const refreshEvery = "15 minutes";
const refreshesPerRun = 100;

/** What is done once for all users of an organization: its associates are listed anew, by time and on demand. */
export async function organization(input: OrganizationInput): Promise<void> {
  let asked = false;
  setHandler(defineSignal(REFRESH_ASSOCIATES), () => {
    asked = true;
  });
  for (let refreshes = 0; refreshes < refreshesPerRun; refreshes += 1) {
    asked = false;
    try {
      await organizationSteps.refreshAssociates({ organizationId: input.organizationId });
    } catch (error) {
      if (isCancellation(error)) throw error;
      // SuperOffice does not answer: what is known stays, the next turn asks again.
    }
    await condition(() => asked, refreshEvery, { summary: "next list of associates" });
  }
  await continueAsNew<typeof organization>(input);
}
