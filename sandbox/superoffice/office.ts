import type { SandboxContext } from "../context.ts";
import { Sql } from "./database.ts";
import { DEFAULT_SWITCHES, readSwitches, type Switches } from "./switches.ts";
import type { Event } from "./webhooks.ts";
import { Validation } from "./validation.ts";

/** The one customer of this pretend SuperOffice. */
export const TENANT = "Cust12345";
export const TENANT_SERIAL = "1801550193";

/** The associate that background calls act as. */
export const SYSTEM_ASSOCIATE = 900_000;

/** What every part of the pretend SuperOffice works with. */
export class Office {
  readonly context: SandboxContext;
  readonly sql: Sql;
  readonly validation = new Validation();
  readonly switches: Switches;
  /** Who is at work; what a row's own stamps do not tell (deletes) is told by this. */
  actor = SYSTEM_ASSOCIATE;

  /** Tells webhooks of a change, as part of its transaction. */
  tell: (event: Event) => void = () => undefined;

  constructor(context: SandboxContext) {
    this.context = context;
    this.sql = new Sql(context.db);
    const saved = this.sql.setting("switches");
    this.switches = { ...DEFAULT_SWITCHES, ...(saved ? (JSON.parse(saved) as Partial<Switches>) : {}) };
  }

  get baseUrl(): string {
    return `${this.context.origin()}/${TENANT}`;
  }

  now(): number {
    return this.context.clock.now().getTime();
  }

  /** One write, on disk when it returns (or with the transaction that it is part of). */
  write<T>(work: () => T): T {
    return this.context.transaction(work);
  }

  /** Does `work` as this associate. */
  as<T>(associateId: number, work: () => T): T {
    const before = this.actor;
    this.actor = associateId;
    try {
      return work();
    } finally {
      this.actor = before;
    }
  }

  /** Empties the tenant and puts every setting back; credentials and sessions stay. */
  reset(): void {
    this.write(() => this.sql.clear());
    Object.assign(this.switches, DEFAULT_SWITCHES);
  }

  /** Turns switches; `{}` changes nothing. @throws Error for unknown ones, and then turns none */
  turn(settings: Record<string, unknown>): Switches {
    Object.assign(this.switches, readSwitches(settings));
    this.write(() => this.sql.saveSetting("switches", JSON.stringify(this.switches)));
    return { ...this.switches };
  }
}
