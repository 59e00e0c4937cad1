import { appointmentRules } from "../../core/sync/kinds/appointment.ts";
import { possible, type Call, type Weather } from "../../connectors/memory/faults.ts";
import { crmLike, mailboxLike } from "../../connectors/memory/flavours.ts";
import type { Account, ItemStore } from "../../connectors/contract.ts";
import { createMemoryStore } from "../../connectors/memory/store.ts";
import { MemorySystem } from "../../connectors/memory/system.ts";
import type { OrganizationId, UserId } from "../../core/ids.ts";
import type { Appointment } from "../../core/items/appointment.ts";
import { appointmentKind } from "../../core/items/appointment-kind.ts";
import { differences, inCommon } from "../../core/items/compare.ts";
import { otherSide, type Observed, type Ref, type Side } from "../../core/items/observed.ts";
import { defaultSettings, type SyncSettings } from "../../core/sync/settings.ts";
import { MemoryRepository } from "../../engine/memory-repository.ts";
import type { SyncRepository } from "../../engine/repository.ts";
import { runSlice, type SliceInput, type SlicePorts, type SliceResult } from "../../engine/slice.ts";
import { Dice } from "../simulation/dice.ts";
import { fingerprint } from "../simulation/fingerprint.ts";

export { Dice } from "../simulation/dice.ts";
export { fingerprint } from "../simulation/fingerprint.ts";

/** The process was killed: nothing after it runs, nothing catches it. */
export class Crash extends Error {}

export interface WorldOptions {
  seed: number;
  settings?: Partial<SyncSettings>;
  /** Listings that claim to be complete may be cut short. What they hide is found days later. */
  shortened?: boolean;
  /** Probability of a fault per call, and of a crash per await. */
  faults?: number;
  crashes?: number;
  pageSize?: number;
  budget?: { ms: number; writes: number };
  repository?: SyncRepository;
  startAt?: string;
  /** Puts something between sync and a system. */
  through?: (side: Side, store: ItemStore & Account, system: MemorySystem) => ItemStore & Account;
}

/** Two systems, one user, one virtual clock. Everything follows from the seed. */
export class World {
  readonly dice: Dice;
  readonly crm = new MemorySystem("crm", crmLike, appointmentKind);
  readonly mailbox = new MemorySystem("mailbox", mailboxLike, appointmentKind);
  readonly memory = new MemoryRepository();
  readonly settings: SyncSettings;
  /** Calls that changed a system, in order: what the ledger must explain. */
  readonly mutations: { side: Side; call: Call; subject: string }[] = [];
  readonly options: WorldOptions;
  now: number;
  faults: number;
  crashes: number;
  /** A person who edits an item in the very moment in which we write it. */
  overtake: (side: Side, ref: Ref) => void = () => {};
  #ids = 0;
  #killed = false;

  constructor(options: WorldOptions) {
    this.options = options;
    this.dice = new Dice(options.seed);
    this.settings = { ...defaultSettings, ...options.settings };
    this.faults = options.faults ?? 0;
    this.crashes = options.crashes ?? 0;
    this.now = Date.parse(options.startAt ?? "2026-03-02T06:00:00Z");
  }

  system(side: Side): MemorySystem {
    return side === "crm" ? this.crm : this.mailbox;
  }

  /** One slice; `null` when the process was killed in the middle of it. */
  slice(): Promise<SliceResult | null> {
    return this.process((signal) => runSlice(this.ports(), this.input(), signal));
  }

  /** Work of a process that may be killed in the middle of it: `null` then. */
  async process<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result | null> {
    this.#killed = false;
    try {
      const result = await work(new AbortController().signal);
      return this.#killed ? null : result;
    } catch (error) {
      if (this.#killed) return null;
      throw error;
    }
  }

  ports(): SlicePorts {
    return {
      crm: this.fragile(this.#store("crm")),
      mailbox: this.fragile(this.#store("mailbox")),
      repository: this.fragile(this.options.repository ?? this.memory),
      clock: { now: () => this.now },
      random: { uuid: () => this.#uuid() },
      fingerprint,
      seal: async (content) => content,
      unseal: async (sealed) => sealed,
      heartbeat: () => {},
      log: () => {},
    };
  }

  input(): SliceInput {
    return {
      organizationId: "00000000-0000-4000-8000-000000000001" as OrganizationId,
      userId: "00000000-0000-4000-8000-000000000002" as UserId,
      fence: 1,
      rules: appointmentRules,
      settings: this.settings,
      budget: this.options.budget ?? { ms: 25_000, writes: 100 },
    };
  }

  /** Slices until nothing is left to do at once. */
  async cycle(limit = 200): Promise<SliceResult | null> {
    let last: SliceResult | null = null;
    for (let slice = 0; slice < limit; slice += 1) {
      last = await this.slice();
      this.now += 1_000;
      if (last === null || !last.more) return last;
    }
    throw new Error("a cycle must come to an end");
  }

  /** The weather clears, late writes land, waiting times pass: cycles until one changes nothing. */
  async settle(): Promise<void> {
    this.faults = 0;
    this.crashes = 0;
    for (let cycle = 0; cycle < 12; cycle += 1) {
      // With them go the days after which everything is listed anew.
      this.now += cycle === 1 && this.options.shortened === true ? 8 * 86_400_000 : 7 * 3_600_000;
      this.crm.arrive(this.now);
      this.mailbox.arrive(this.now);
      const before = this.mutations.length;
      const result = await this.cycle();
      if (result !== null && this.mutations.length === before && result.problem === null && cycle > 2) return;
    }
    throw new Error("sync must come to rest");
  }

  /** What a person sees on a side, as both systems can hold it, sorted. */
  picture(side: Side): string[] {
    return this.system(side)
      .all()
      .map((observed) => JSON.stringify(inCommon(appointmentKind, observed.item, crmLike, mailboxLike)))
      .toSorted();
  }

  /** The linked counterpart of an item. */
  counterpart(side: Side, ref: Ref): Observed | undefined {
    const link = [...this.memory.links.values()].find(
      (each) => each.sides[side]?.ref === ref && each.state === "linked",
    );
    const other = otherSide(side);
    return this.system(other).get(link?.sides[other]?.ref ?? "");
  }

  #store(side: Side) {
    const system = this.system(side);
    const store = createMemoryStore({
      system,
      weather: this.#weather,
      pageSize: this.options.pageSize ?? 512,
      now: () => this.now,
      onWrite: (call, subject) => this.mutations.push({ side, call, subject }),
      overtake: (ref) => this.overtake(side, ref),
    });
    return this.options.through?.(side, store, system) ?? store;
  }

  readonly #weather: Weather = (call) => {
    if (this.faults === 0 || !this.dice.chance(this.faults)) return undefined;
    const faults = possible[call].filter(
      (fault) => this.options.shortened === true || (fault !== "empty" && fault !== "truncated"),
    );
    return faults.length === 0 ? undefined : this.dice.pick(faults);
  };

  /** The process may be killed before and after each await on anything outside of it. */
  fragile<Port extends object>(port: Port): Port {
    const crash = () => {
      // A dead process does nothing more, whatever its code would catch.
      this.#killed ||= this.crashes > 0 && this.dice.chance(this.crashes);
      if (this.#killed) throw new Crash("kill -9");
    };
    return new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return async (...inputs: unknown[]) => {
          crash();
          const answer: unknown = await value.apply(target, inputs);
          this.now += 20;
          crash();
          return answer;
        };
      },
    });
  }

  #uuid(): string {
    this.#ids += 1;
    return `${String(this.options.seed).padStart(8, "0")}-0000-4000-8000-${String(this.#ids).padStart(12, "0")}`;
  }
}

/** Whether two items are the same as far as both systems can hold them; of endless series, as far as the CRM's reaches. */
export function alike(a: Appointment, b: Appointment): boolean {
  return (
    differences(
      appointmentKind,
      inCommon(appointmentKind, endedAs(b, a), crmLike, mailboxLike),
      inCommon(appointmentKind, endedAs(a, b), crmLike, mailboxLike),
    ).length === 0
  );
}

/** An endless series ends where its counterpart does; people of the simulation make no series that end on a date. */
function endedAs(other: Appointment, item: Appointment): Appointment {
  const end = other.recurrenceRule?.end;
  return item.recurrenceRule?.end.kind === "endless" && end?.kind === "until"
    ? { ...item, recurrenceRule: { ...item.recurrenceRule, end } }
    : item;
}
