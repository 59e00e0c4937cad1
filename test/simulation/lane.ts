import type { Account, ItemStore } from "../../connectors/contract.ts";
import type { Call, Fault } from "../../connectors/memory/faults.ts";
import { createMemoryStore } from "../../connectors/memory/store.ts";
import { MemorySystem } from "../../connectors/memory/system.ts";
import { Failure } from "../../core/errors/failure.ts";
import type { OrganizationId, UserId } from "../../core/ids.ts";
import { sides, type Observed, type Ref, type Side } from "../../core/items/observed.ts";
import type { SyncSettings } from "../../core/sync/settings.ts";
import type { Intent, ItemLink } from "../../core/sync/item-link.ts";
import type { Archived } from "../../engine/repository.ts";
import { callLimitMs } from "../../engine/run.ts";
import { runSlice, type SlicePorts, type SliceResult } from "../../engine/slice.ts";
import { fingerprint } from "./fingerprint.ts";
import type { KindModel } from "./kinds/model.ts";
import { Ledger } from "./ledger.ts";
import type { Memory } from "./memory.ts";
import { watched } from "./ports.ts";
import type { Running } from "./scheduler.ts";
import type { World } from "./world.ts";

/** One user's items of one kind: two systems, what sync remembers of them, and the slices between. */
export class Lane<Item extends object> {
  readonly number: number;
  readonly world: World;
  readonly model: KindModel<Item>;
  readonly memory: Memory;
  readonly systems: Readonly<Record<Side, MemorySystem<Item>>>;
  readonly ledger = new Ledger();
  settings: SyncSettings;
  /** The mailbox's, or the CRM's, credential is dead: nothing can be told from nothing there. */
  blind: Side | null = null;
  /** Names the key with which what is discarded is encrypted. */
  sealedWith = 1;
  /** Changes that sync made to the systems. */
  writes = 0;
  /** What conflicts discarded, as it went by. */
  readonly archived: string[] = [];
  /** When a deleted item was brought back, by side and ref. */
  readonly broughtBack = new Map<string, number>();
  /** Until when an administrator's decision about held writes may still be carried out. */
  readonly approvedUntil: Record<Side, number> = { crm: 0, mailbox: 0 };
  /** The most items that the brake may have counted since the running slices began. */
  population = 0;
  deletesOf: (side: Side) => number = () => 0;
  /** A person's act in the moment of a write, or of a reading. */
  overtake: (side: Side, ref: Ref, roll: number) => void = () => {};
  /** Told of every value that is discarded, with the write that does it. */
  onLoss: (intent: Intent, link: ItemLink, loss: Pick<Archived, "side" | "fields" | "private">) => void =
    () => {};
  /** Told of every change by sync, when it happens. */
  onWrite: (side: Side, call: Call, subject: Ref, before: Observed<Item> | undefined) => void = () => {};
  #ids = 0;

  constructor(world: World, number: number, model: KindModel<Item>, memory: Memory) {
    this.world = world;
    this.number = number;
    this.model = model;
    this.memory = memory;
    this.settings = model.settings(world.diceFor(number));
    const system = (side: Side) => new MemorySystem(side, model.capabilities[side], model.rules.kind);
    this.systems = { crm: system("crm"), mailbox: system("mailbox") };
  }

  /** One slice, beginning now. @returns `null` when it ended without an answer */
  async slice(running: Running): Promise<SliceResult | null> {
    const fence = await this.memory.raiseFence();
    await this.countPopulation();
    const { world } = this;
    const ports: SlicePorts<Item> = {
      ...watched(this, running, this.memory.under(fence)),
      clock: { now: () => world.now + running.skewMs },
      random: { uuid: () => this.#uuid() },
      fingerprint,
      seal: async (content) => `${this.sealedWith}:${content}`,
      unseal: async (sealed) => sealed.slice(sealed.indexOf(":") + 1),
      heartbeat: () => {},
      log: () => {},
    };
    const { budget } = world.history.weather;
    const input = {
      organizationId: "00000000-0000-4000-8000-000000000001" as OrganizationId,
      userId: `00000000-0000-4000-8000-${String(this.number).padStart(12, "0")}` as UserId,
      fence,
      rules: this.model.rules,
      settings: this.settings,
      budget,
    };
    try {
      const result = await runSlice(ports, input, running.stop.signal);
      return running.killed ? null : result;
    } catch (error) {
      if (isExpected(error, running)) return null;
      throw error;
    }
  }

  /** The store as one slice has it, without what may go wrong in between (`ports.ts`). */
  store(side: Side, running: Running, weather: () => Fault | undefined): ItemStore<Item> & Account {
    return createMemoryStore({
      system: this.systems[side],
      weather,
      pageSize: this.world.history.weather.pageSize,
      now: () => this.world.now,
      onWrite: (call, subject, before) => {
        this.writes += 1;
        this.onWrite(side, call, subject, before);
      },
      overtake: (ref) => this.overtake(side, ref, running.id),
    });
  }

  approved(side: Side): void {
    const days = this.world.history.weather.shortened ? 10 : 2;
    this.approvedUntil[side] = this.world.now + days * 86_400_000;
  }

  /** Items in pairs, with those that were deleted within the brake's day. */
  async countPopulation(): Promise<void> {
    const linked = (await this.memory.links()).filter(({ state }) => state === "linked").length;
    const now = linked + Math.max(...sides.map((side) => this.deletesOf(side)));
    this.population = this.world.scheduler.running.size > 1 ? Math.max(this.population, now) : now;
  }

  /** Writes that were given up arrive when their time has come. */
  arrive(): void {
    for (const side of sides) this.systems[side].arrive(this.world.now);
  }

  #uuid(): string {
    this.#ids += 1;
    return `0000000${this.number}-0000-4000-8000-${String(this.#ids).padStart(12, "0")}`;
  }
}

/** A call that nobody waits for any more: its store has given up by then. */
export const requestLimitMs = callLimitMs;

/** Ends that the worker knows how to go on from: killed, cancelled, fenced, database away. */
function isExpected(error: unknown, { killed, stop }: Running): boolean {
  if (killed || stop.signal.aborted || error instanceof DatabaseLost) return true;
  return error instanceof Failure && error.code === "lifecycle.fenced";
}

/** The database did not answer; whether the transaction took place is not known. */
export class DatabaseLost extends Error {}
