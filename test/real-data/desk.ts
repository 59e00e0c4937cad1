import { createHash, randomUUID } from "node:crypto";
import { createEwsStore } from "../../connectors/ews/store.ts";
import type { SuperOfficeClient } from "../../connectors/superoffice/client.ts";
import { createSuperOfficeStore } from "../../connectors/superoffice/store.ts";
import type { OrganizationId, UserId } from "../../core/ids.ts";
import { sides, type Side } from "../../core/items/observed.ts";
import type { ItemLink } from "../../core/sync/item-link.ts";
import { appointmentRules } from "../../core/sync/kinds/appointment.ts";
import { defaultSettings, type SyncSettings } from "../../core/sync/settings.ts";
import { MemoryRepository } from "../../engine/memory-repository.ts";
import { runSlice } from "../../engine/slice.ts";
import { json } from "../../scripts/demo/http.ts";
import { Sandbox, type Appointment, type Person } from "../../scripts/demo/sandbox.ts";

const dayMs = 86_400_000;
/** A person's own clock stands on the day before the first item of the file; sync looks this far ahead at most. */
const farthestDays = 40 * 365;
/** Where a series has no end each of its dates is a row of SuperOffice. */
const endlessDays = 2 * 365;

const systemOf = { crm: "superoffice", mailbox: "exchange" } as const;

export interface ImportAnswer {
  component: string;
  outcome: "stored" | "refused" | "not-held";
  kind?: "appointment" | "task" | "contact";
  id?: string;
  reason?: string;
}

/** One new colleague with an empty diary and an empty mailbox, both real protocols away, and sync between them. */
export class Desk {
  readonly person: Person;
  readonly #origin: string;
  readonly #sandbox: Sandbox;
  readonly #client: SuperOfficeClient;
  readonly #repository = new MemoryRepository();
  #settings: SyncSettings = { ...defaultSettings, privateItems: "hide" };
  #now = Date.now();

  private constructor(origin: string, client: SuperOfficeClient, person: Person) {
    this.#origin = origin;
    this.#sandbox = new Sandbox(origin);
    this.#client = client;
    this.person = person;
  }

  static async open(origin: string, client: SuperOfficeClient): Promise<Desk> {
    const added = await json<Person>(`${origin}/control/people`, post({ firstName: "Ny" }));
    return new Desk(origin, client, added);
  }

  /** Puts a file into one system as the system itself would hold it. */
  async import(side: Side, file: Buffer): Promise<ImportAnswer[]> {
    const { associateId } = this.person;
    const wish = { side: systemOf[side], associateId, base64: file.toString("base64") };
    const { components } = await json<{ components: ImportAnswer[] }>(
      `${this.#origin}/control/import`,
      post(wish),
    );
    return components;
  }

  appointments(side: Side): Promise<Appointment[]> {
    return this.#sandbox.items(systemOf[side], this.person.associateId);
  }

  async change(side: Side, id: string, item: Partial<Appointment>): Promise<void> {
    await this.#sandbox.edit(systemOf[side], this.person.associateId, { action: "change", id, item });
  }

  /** Sets the clock and the window so that these lie ahead. */
  lookAt(items: readonly Appointment[]): void {
    const starts = items.map(({ startsAt }) => Date.parse(startsAt));
    const first = Math.min(...starts);
    const endless = items.some(({ recurrence }) => recurrence?.end.kind === "endless");
    const reach = Math.ceil((Math.max(...starts) - first) / dayMs) + 400;
    this.#now = first - dayMs;
    const daysAhead = Math.min(reach, endless ? endlessDays : farthestDays);
    this.#settings = { ...this.#settings, window: { daysBack: 30, daysAhead } };
  }

  /** The last moment of the window. */
  horizon(): number {
    return this.#now + this.#settings.window.daysAhead * dayMs;
  }

  /** Cycles until one writes nothing. @returns how many writes were made */
  async sync(): Promise<number> {
    let all = 0;
    for (let cycle = 0; cycle < 8; cycle += 1) {
      const writes = await this.#cycle();
      all += writes;
      this.#now += 60_000;
      if (cycle > 0 && writes === 0) return all;
    }
    throw new Error("sync must come to rest");
  }

  link(side: Side, id: string): ItemLink | undefined {
    const ref = refOf(side, id);
    return [...this.#repository.links.values()].find(
      (link) => link.state !== "deleted" && link.sides[side]?.ref === ref,
    );
  }

  findings(link: ItemLink): string[] {
    return [...(this.#repository.findings.get(link.id) ?? [])];
  }

  async #cycle(): Promise<number> {
    let writes = 0;
    for (let slice = 0; slice < 500; slice += 1) {
      const { more, problem, counters } = await runSlice(
        {
          ...this.#stores(),
          repository: this.#repository,
          clock: { now: () => this.#now },
          random: { uuid: () => randomUUID() },
          fingerprint,
          seal: async (content) => content,
          unseal: async (sealed) => sealed,
          heartbeat: () => {},
          log: () => {},
        },
        {
          organizationId: "o" as OrganizationId,
          userId: "u" as UserId,
          fence: 1,
          rules: appointmentRules,
          settings: this.#settings,
          budget: { ms: 60_000, writes: 500 },
        },
        new AbortController().signal,
      );
      if (problem !== null) throw new Error(`a slice ended with ${problem}`);
      for (const done of ["created", "updated", "deleted"] as const)
        writes += sides.reduce((sum, side) => sum + counters[done][side], 0);
      this.#now += 1_000;
      if (!more) return writes;
    }
    throw new Error("a cycle must come to an end");
  }

  #stores() {
    const { address, password, timeZone, associateId, tenant, objectId } = this.person;
    return {
      crm: createSuperOfficeStore({
        client: this.#client,
        associateId,
        timeZone: "Europe/Oslo",
        now: () => this.#now,
      }),
      mailbox: createEwsStore({
        url: `${this.#origin}/EWS/Exchange.asmx`,
        mailboxAddress: address,
        basic: { user: address, password },
        userAgent: "Everlink test",
        timeZone,
        identity: `entra/${tenant}/${objectId}`,
      }),
    };
  }
}

/** The connectors' names of what `/control/` lists. */
function refOf(side: Side, id: string): string {
  if (side === "mailbox") return id;
  return id.startsWith("series-") ? id.replace("-", ":") : `appointment:${id}`;
}

function fingerprint(field: string, value: string): string {
  return createHash("sha256").update(`${field}/${value}`).digest("base64url").slice(0, 22);
}

function post(body: unknown): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
