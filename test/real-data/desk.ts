import { createHash, randomUUID } from "node:crypto";
import type { SuperOfficeClient } from "../../connectors/superoffice/client.ts";
import { readLists } from "../../connectors/superoffice/lists.ts";
import type { OrganizationId, UserId } from "../../core/ids.ts";
import { kinds } from "../../core/items/kinds.ts";
import { sides, type Kind, type Side } from "../../core/items/observed.ts";
import type { ItemLink } from "../../core/sync/item-link.ts";
import { rulesOf } from "../../core/sync/kinds/index.ts";
import { defaultSettings, type SyncSettings } from "../../core/sync/settings.ts";
import { MemoryRepository } from "../../engine/memory-repository.ts";
import { runSlice } from "../../engine/slice.ts";
import { json } from "../../scripts/demo/http.ts";
import type { Appointment, Contact, Person, Task } from "../../scripts/demo/sandbox.ts";
import { ewsSide, pairs, superofficeSide, type StorePairs } from "../../worker/stores.ts";

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

/** Items as `/control/` lists them. */
export interface Listed {
  appointment: Appointment;
  task: Task;
  contact: Contact;
}

/** One new colleague with nothing on either side, both real protocols away, and sync between them. */
export class Desk {
  readonly person: Person;
  readonly #origin: string;
  readonly #stores: StorePairs;
  readonly #repositories = new Map(kinds.map((kind) => [kind, new MemoryRepository()]));
  readonly #clock: { at: number };
  #window: SyncSettings["window"] = defaultSettings.window;

  private constructor(origin: string, person: Person, stores: StorePairs, clock: { at: number }) {
    this.#origin = origin;
    this.#stores = stores;
    this.#clock = clock;
    this.person = person;
  }

  static async open(origin: string, client: SuperOfficeClient): Promise<Desk> {
    const person = await json<Person>(`${origin}/control/people`, post({ firstName: "Ny" }));
    const { address, password, timeZone, associateId, tenant, objectId } = person;
    const selection = { associateId, name: defaultSettings.selections[0], kind: "Static" };
    await json(`${origin}/control/selections`, post(selection));
    const clock = { at: Date.now() };
    const crm = superofficeSide({
      client,
      associateId,
      timeZone: "Europe/Oslo",
      now: () => clock.at,
      lists: await readLists(client, new AbortController().signal),
      selections: defaultSettings.selections,
    });
    const mailbox = await ewsSide({
      url: `${origin}/EWS/Exchange.asmx`,
      mailboxAddress: address,
      basic: { user: address, password },
      userAgent: "Everlink test",
      timeZone,
      identity: `entra/${tenant}/${objectId}`,
    });
    return new Desk(origin, person, pairs(crm, mailbox), clock);
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

  items<K extends Kind>(kind: K, side: Side): Promise<Listed[K][]> {
    const query = new URLSearchParams({
      side: systemOf[side],
      associateId: String(this.person.associateId),
      kind,
    });
    return json(`${this.#origin}/control/items?${query}`);
  }

  async change<K extends Kind>(kind: K, side: Side, id: string, item: Partial<Listed[K]>): Promise<void> {
    const { associateId } = this.person;
    const wish = { side: systemOf[side], associateId, kind, action: "change", id, item };
    await json(`${this.#origin}/control/edit`, post(wish));
  }

  /** Sets the clock and the window so that these lie ahead. */
  lookAt(items: readonly Appointment[]): void {
    const starts = items.map(({ startsAt }) => Date.parse(startsAt));
    const first = Math.min(...starts);
    const endless = items.some(({ recurrence }) => recurrence?.end.kind === "endless");
    const reach = Math.ceil((Math.max(...starts) - first) / dayMs) + 400;
    this.#clock.at = first - dayMs;
    this.#window = { daysBack: 30, daysAhead: Math.min(reach, endless ? endlessDays : farthestDays) };
  }

  /** The last moment of the window. */
  horizon(): number {
    return this.#clock.at + this.#window.daysAhead * dayMs;
  }

  /** Cycles until one writes nothing. @returns how many writes were made */
  async sync(kind: Kind): Promise<number> {
    let all = 0;
    for (let cycle = 0; cycle < 8; cycle += 1) {
      const writes = await this.#cycle(kind);
      all += writes;
      this.#clock.at += 60_000;
      if (cycle > 0 && writes === 0) return all;
    }
    throw new Error("sync must come to rest");
  }

  link(kind: Kind, side: Side, id: string): ItemLink | undefined {
    const ref = refOf(kind, side, id);
    return [...(this.#repositories.get(kind)?.links.values() ?? [])].find(
      (link) => link.state !== "deleted" && link.sides[side]?.ref === ref,
    );
  }

  findings(kind: Kind, link: ItemLink): string[] {
    return [...(this.#repositories.get(kind)?.findings.get(link.id) ?? [])];
  }

  async #cycle<K extends Kind>(kind: K): Promise<number> {
    const [stores, repository] = [this.#stores[kind], this.#repositories.get(kind)];
    if (stores === undefined || repository === undefined) throw new Error(`no stores of ${kind}s`);
    let writes = 0;
    for (let slice = 0; slice < 500; slice += 1) {
      const { more, problem, counters } = await runSlice(
        {
          ...stores,
          repository,
          clock: { now: () => this.#clock.at },
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
          rules: rulesOf[kind],
          settings: { ...defaultSettings, privateItems: "hide", createPersons: true, window: this.#window },
          budget: { ms: 60_000, writes: 500 },
        },
        new AbortController().signal,
      );
      if (problem !== null) throw new Error(`a slice ended with ${problem}`);
      for (const done of ["created", "updated", "deleted"] as const)
        writes += sides.reduce((sum, side) => sum + counters[done][side], 0);
      this.#clock.at += 1_000;
      if (!more) return writes;
    }
    throw new Error("a cycle must come to an end");
  }
}

/** The connectors' names of what `/control/` lists. */
export function refOf(kind: Kind, side: Side, id: string): string {
  if (side === "mailbox") return id;
  return id.startsWith("series-") ? id.replace("-", ":") : `${rowOf[kind]}:${id}`;
}

const rowOf = { appointment: "appointment", task: "task", contact: "person" } as const;

function fingerprint(field: string, value: string): string {
  return createHash("sha256").update(`${field}/${value}`).digest("base64url").slice(0, 22);
}

function post(body: unknown): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
