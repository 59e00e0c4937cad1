import type { TestProject } from "vitest/node";
import { provideTemporal } from "../../scripts/provision/temporal.ts";
import { provideTimeSkippingServer } from "../../scripts/provision/time-skipping.ts";
import { startPostgres } from "./postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    temporalPath: string;
    timeSkippingPath: string;
  }
}

/** Starts what the integration tests share: one PostgreSQL; finds both Temporal servers. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const progress = (message: string) => console.log(message);
  const [postgres, temporalPath, timeSkippingPath] = await Promise.all([
    startPostgres(),
    provideTemporal(progress),
    provideTimeSkippingServer(progress),
  ]);
  project.provide("postgresUrl", postgres.url);
  project.provide("temporalPath", temporalPath);
  project.provide("timeSkippingPath", timeSkippingPath);
  return () => postgres.close();
}
