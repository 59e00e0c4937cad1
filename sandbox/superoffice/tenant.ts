import { SoError } from "./errors.ts";
import { TENANT, type Office } from "./office.ts";

/** States of a tenant, and whether its API answers in them (apps/tenant-status/status-page.md). */
const STATES = {
  Unknown: false,
  Provisioning: false,
  Running: true,
  Deleted: false,
  Suspended: false,
  OnlineMaintenance: true,
  OfflineMaintenance: false,
  ProvisioningFailed: false,
  Deleting: false,
  DeleteFailed: false,
  MigrationPending: false,
} as const;

export type TenantStateName = keyof typeof STATES;

const VALID_MS = 15 * 60_000;

/** Whether the customer's installation runs: `/api/state/Cust12345`, and what the API does when it does not. */
export class TenantState {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  get name(): TenantStateName {
    return (this.#office.sql.setting("tenant-state") ?? "Running") as TenantStateName;
  }

  /** @throws Error when SuperOffice has no such state */
  set(name: string): void {
    if (!Object.hasOwn(STATES, name))
      throw new Error(`A tenant cannot be ${name}; states: ${Object.keys(STATES).join(", ")}`);
    this.#office.write(() => this.#office.sql.saveSetting("tenant-state", name));
  }

  /** @throws SoError when the API is not available in this state */
  requireRunning(): void {
    if (STATES[this.name]) return;
    throw new SoError(
      this.#office.switches.unavailableStatus,
      "SoServerException",
      `The tenant ${TENANT} is not available: ${this.name}`,
    );
  }

  /** The state page; another customer's is `Unknown`. */
  page(context: string): Record<string, unknown> {
    const ours = context.toLowerCase() === TENANT.toLowerCase();
    const name = ours ? this.name : "Unknown";
    return {
      ContextIdentifier: ours ? TENANT : context,
      Endpoint: ours ? this.#office.baseUrl : null,
      State: name,
      IsRunning: STATES[name],
      ValidUntil: new Date(this.#office.now() + VALID_MS).toISOString().replace("Z", "0000Z"),
      Api: ours ? `${this.#office.baseUrl}/api` : null,
    };
  }
}
