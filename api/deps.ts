import type { CommandId, OrganizationId, UserId } from "../core/ids.ts";
import type { CommandKind } from "../core/lifecycle/index.ts";
import type { Database } from "../db/client.ts";
import type { Mode } from "../platform/config.ts";
import type { Entra } from "../platform/entra.ts";
import type { Logger } from "../platform/logger.ts";
import type { ApiMetrics } from "../platform/metrics.ts";
import type { Secrets } from "../platform/secret.ts";
import type { Vault } from "../platform/vault.ts";

/** Everything the application is made of; `main.ts` and the tests wire it. */
export interface ApiDependencies {
  mode: Mode;
  /** Without a trailing slash. */
  publicUrl: string;
  database: Database;
  vault: Vault;
  secrets: Secrets;
  entra: Entra;
  metrics: ApiMetrics;
  log: Logger;
  /** Tells the workflow; `false` when Temporal did not take it now: the relay repeats. */
  deliver(command: {
    organizationId: OrganizationId;
    userId: UserId;
    commandId: CommandId;
    kind: CommandKind;
  }): Promise<boolean>;
  /** Asks the organization's workflow to read the associates. */
  requestAssociates(organizationId: OrganizationId): Promise<boolean>;
  /** Has an item read for somebody who waits: the values come sealed into the database. `false`: Temporal is not there. */
  requestLook(look: { organizationId: OrganizationId; userId: UserId; lookId: string }): Promise<boolean>;
  /** Has a removal planned; the plan comes into the database. `false`: Temporal is not there. */
  requestRemovalPlan(plan: {
    organizationId: OrganizationId;
    userId: UserId;
    removalId: string;
  }): Promise<boolean>;
  /** One per dependency, by name; resolves when it is well. */
  checks: Record<string, (signal: AbortSignal) => Promise<void>>;
  /** Where Vite put the console. */
  consoleDir: string;
  /** Addresses of the operator's tools, shown in the sandbox. */
  tools: { temporal: string | null; inbox: string | null };
}
