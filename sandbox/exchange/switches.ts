import type { DatabaseSync } from "node:sqlite";

/**
 * States of the server, and behaviours that no document settles, each with what is known about it.
 * A client must work with every position; `/control/exchange` (through `configure`) and tests turn them.
 */
export interface Switches {
  /** Tenants (ids) whose administrator switched EWS off: HTTP 403 for all of their people (`Set-OrganizationConfig`). */
  disabledTenants: string[];
  /**
   * Calendar items without a word about reminders get one of 15 minutes. Clients of the EWS Managed API see it, the
   * reference of `ReminderIsSet` says nothing.
   */
  reminderByDefault: boolean;
  /**
   * `StartTimeZone` in answers: with periods and transitions, as recorded from Exchange 2010 (EWS provider for
   * Lightning), or id and name only, as in the examples of learn.microsoft.com "time zones and EWS".
   */
  zoneDetail: "full" | "id";
  /**
   * What follows the dates of a recurrence: recorded answers carry the offset of the request's zone
   * (`2013-05-19+02:00`), examples in the reference a `Z` or nothing.
   */
  recurrenceDates: "offset" | "Z" | "plain";
  /** `IsRecurring` of a master: false in the recorded answer, "part of a recurring series" in the reference. */
  masterIsRecurring: boolean;
  /** Restrictions on `calendar:UID`: refused according to exchangelib's field table, the reference names no error. */
  uidSearchable: boolean;
  /**
   * AutoResolve with a stale change key: the reference says that "the update operation automatically resolves any
   * conflict", not how.
   */
  autoResolve: "apply" | "refuse";
}

export const DEFAULT_SWITCHES: Switches = {
  disabledTenants: [],
  reminderByDefault: true,
  zoneDetail: "full",
  recurrenceDates: "offset",
  masterIsRecurring: false,
  uidSearchable: false,
  autoResolve: "apply",
};

const choices: Partial<Record<keyof Switches, readonly string[]>> = {
  zoneDetail: ["full", "id"],
  recurrenceDates: ["offset", "Z", "plain"],
  autoResolve: ["apply", "refuse"],
};

function fits(name: keyof Switches, value: unknown): boolean {
  if (name === "disabledTenants")
    return Array.isArray(value) && value.every((entry) => typeof entry === "string");
  const allowed = choices[name];
  return allowed ? allowed.includes(String(value)) : typeof value === typeof DEFAULT_SWITCHES[name];
}

/** The switches of one server; they outlive a restart. */
export class SwitchBoard {
  readonly #db: DatabaseSync;
  #now: Switches;

  constructor(db: DatabaseSync) {
    this.#db = db;
    db.exec("create table if not exists exchange_switch (name text primary key, value text not null) strict");
    const rows = db.prepare("select name, value from exchange_switch").all();
    const turned = rows.map((row) => [String(row["name"]), JSON.parse(String(row["value"]))] as const);
    this.#now = { ...DEFAULT_SWITCHES, ...Object.fromEntries(turned) };
  }

  get now(): Readonly<Switches> {
    return this.#now;
  }

  /** @throws Error that names every unknown switch and every position that does not exist; nothing is turned then */
  turn(settings: Record<string, unknown>): Switches {
    const mistakes = Object.entries(settings).flatMap(([name, value]) => {
      if (!Object.hasOwn(DEFAULT_SWITCHES, name)) return [`no switch is called ${name}`];
      return fits(name as keyof Switches, value) ? [] : [`${name} cannot be ${JSON.stringify(value)}`];
    });
    if (mistakes.length > 0) throw new Error(`Exchange switches: ${mistakes.join("; ")}`);
    const save = this.#db.prepare("insert or replace into exchange_switch (name, value) values (?, ?)");
    for (const [name, value] of Object.entries(settings)) save.run(name, JSON.stringify(value));
    this.#now = { ...this.#now, ...settings };
    return this.#now;
  }

  clear(): void {
    this.#db.exec("delete from exchange_switch");
    this.#now = { ...DEFAULT_SWITCHES };
  }
}
