import { TestWorkflowEnvironment } from "@temporalio/testing";
import { inject } from "vitest";
import { searchAttributeNames } from "../../platform/temporal.ts";

/** A Temporal whose clock jumps over idle time. It lacks lists, schedules and `continueAsNewSuggested`. */
export function startTimeSkippingTemporal(): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: "existing-path", path: inject("timeSkippingPath") } },
  });
}

/** A real Temporal dev server with our search attributes. */
export function startTemporal(
  options: { dbFilename?: string; port?: number } = {},
): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: "existing-path", path: inject("temporalPath") },
      ...(options.dbFilename === undefined ? {} : { dbFilename: options.dbFilename }),
      ...(options.port === undefined ? {} : { port: options.port }),
      extraArgs: searchAttributeNames.flatMap((name) => ["--search-attribute", `${name}=Keyword`]),
    },
  });
}
