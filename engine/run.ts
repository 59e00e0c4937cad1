import type { Account, ItemStore } from "../connectors/contract.ts";
import { Failure } from "../core/errors/failure.ts";
import { errorRow, type ErrorCode } from "../core/errors/table.ts";
import type { ItemLinkId } from "../core/ids.ts";
import {
  otherSide,
  type Kind,
  type Observed,
  type Ref,
  type Scope,
  type Side,
  type Window,
} from "../core/items/observed.ts";
import { isNowhere } from "../core/sync/incarnation.ts";
import type { ItemLink, Prints } from "../core/sync/item-link.ts";
import type { FieldOf } from "../core/items/kind.ts";
import type { Elements } from "../core/sync/outcome.ts";
import type { PlanContext } from "../core/sync/plan.ts";
import { unrolled } from "../core/sync/rolling.ts";
import { look, type Seen } from "../core/sync/prints.ts";
import { planningText } from "../core/sync/settings.ts";
import { noCounters, type Counters } from "./counters.ts";
import { stampFor } from "./keys.ts";
import type { SliceInput, SlicePorts } from "./ports.ts";

const dayMs = 86_400_000;
/**
 * Shares of a slice's time: pages are asked for during the first, items are looked at during the second, the rest is
 * for writing. Each phase does at least one thing, so that a slow system slows sync down and never stops it.
 */
export const readingShare = 0.5;
export const lookingShare = 0.7;
/** A listing reaches this much further than promised, and is repeated before that is used up. */
const listingSlackDays = 7;
/** Ours, above the stores' own: after this we give up on a write, so that we know when its outcome is settled. */
export const callLimitMs = 60_000;
/** A write is sent within this time of its intent, or not at all: a process may stand still in between. */
export const sendLimitMs = 10_000;

/** The systems' own names of the places, unless told otherwise. */
const containers: Readonly<Record<Kind, Readonly<Record<Side, string>>>> = {
  appointment: { crm: "diary", mailbox: "calendar" },
  task: { crm: "checklist", mailbox: "tasks" },
  contact: { crm: "persons", mailbox: "contacts" },
};

/** One slice on its way: ports, limits and counters in one place. */
export class Run<Item> {
  readonly ports: SlicePorts<Item>;
  readonly input: SliceInput<Item>;
  readonly signal: AbortSignal;
  readonly counters: Counters = noCounters();
  readonly context: PlanContext<Item>;
  /** Another text than at the last listing asks for a new one. */
  readonly planning: string;
  /** Sides that told of items which could not be read and are not known. */
  readonly strangers = new Set<Side>();
  readonly #startedAt: number;
  readonly #probes = new Map<Side, ErrorCode | null>();
  /** Sides whose answer was relied on again after it was given. */
  readonly #leanedOn = new Set<Side>();
  #writes = 0;

  constructor(
    ports: SlicePorts<Item>,
    input: SliceInput<Item>,
    signal: AbortSignal,
    restore: ReadonlySet<Side>,
  ) {
    this.ports = ports;
    this.input = input;
    this.signal = signal;
    this.planning = planningText(input.settings);
    this.#startedAt = ports.clock.now();
    this.context = {
      rules: input.rules,
      settings: input.settings,
      capabilities: { crm: ports.crm.capabilities, mailbox: ports.mailbox.capabilities },
      window: this.window(0),
      hash: ports.fingerprint,
      restore,
      nextKey: (link) => this.nextKey(link),
    };
  }

  now(): number {
    return this.ports.clock.now();
  }

  /** Whether the share of the time, or the number of writes, is used up. The slice then ends in good order. */
  exhausted(share = 1): boolean {
    const { ms, writes } = this.input.budget;
    return this.signal.aborted || this.now() - this.#startedAt >= ms * share || this.#writes >= writes;
  }

  countWrite(): void {
    this.#writes += 1;
  }

  /** Whole days, so that it stays the same all day long. */
  window(slackDays = listingSlackDays): Window {
    const today = Math.floor(this.now() / dayMs) * dayMs;
    const { daysBack, daysAhead } = this.input.settings.window;
    const day = (offset: number) => new Date(today + offset * dayMs).toISOString().replace(".000Z", "Z");
    return { from: day(-daysBack), to: day(daysAhead + 1 + slackDays) };
  }

  scope(side: Side, window: Window = this.context.window): Scope {
    const { kind } = this.input.rules.kind;
    return { kind, container: this.input.containers?.[side] ?? containers[kind][side], window };
  }

  /**
   * One remote call: counted, abortable, with a heartbeat after it. Whatever goes wrong comes out as a `Failure`,
   * except the abort of the slice itself.
   */
  async call<Result>(
    side: Side,
    work: (store: ItemStore<Item> & Account, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    this.signal.throwIfAborted();
    this.counters.calls[side] += 1;
    try {
      return await work(this.ports[side], AbortSignal.any([this.signal, AbortSignal.timeout(callLimitMs)]));
    } catch (error) {
      this.signal.throwIfAborted();
      if (error instanceof Failure) throw error;
      if (error instanceof DOMException && (error.name === "TimeoutError" || error.name === "AbortError")) {
        throw new Failure("network.timeout", { cause: error });
      }
      throw new Failure("everlink.unexpected", { cause: error });
    } finally {
      this.ports.heartbeat();
    }
  }

  see(side: Side, observed: Observed<Item>): Seen<Item> {
    return look(this.context.rules.kind, observed, side, this.context.capabilities, this.ports.fingerprint);
  }

  /** As `see`, with an end of ours looked through: `known` is what the side, or a write to it, expects. */
  seeMeant(side: Side, observed: Observed<Item>, known: Prints): Seen<Item> {
    return unrolled(this.see(side, observed), side, known, this.context);
  }

  /** @param at when the write was made, milliseconds since 1970 */
  elements(target: Side, at: number): Elements {
    const { rules, capabilities } = this.context;
    const today = new Date(at).toISOString().slice(0, 10);
    const keepsPast = capabilities[target].recurrence?.keepsPast === true;
    const is = (name: string) => rules.kind.isElement?.(name) === true;
    const dateOf = (name: string) => rules.elementDate?.(name as FieldOf<Item>) ?? null;
    return { is, isKept: (name) => keepsPast && is(name) && (dateOf(name) ?? "9") <= today };
  }

  async get(side: Side, ref: Ref): Promise<Seen<Item> | undefined> {
    if (isNowhere(ref)) return undefined;
    const observed = await this.call(side, (store, signal) => store.get(ref, signal));
    return observed === undefined ? undefined : this.see(side, observed);
  }

  /**
   * Whether "not found" can be believed: the account answers. Asked once per side, and, where more than one item was not
   * found, once more before anything comes of it (`confirmTrust`): an account may cease to see in the middle of a slice.
   */
  async trusted(side: Side): Promise<boolean> {
    return (await this.refusal(side)) === null;
  }

  /** With which code the account is refused; `null` when it answers. */
  async refusal(side: Side): Promise<ErrorCode | null> {
    const known = this.#probes.get(side);
    if (known === null) this.#leanedOn.add(side);
    if (known !== undefined) return known;
    const answer = await this.call(side, (store, signal) => store.probe(signal));
    const code = answer.ok ? null : answer.code;
    this.#probes.set(side, code);
    return code;
  }

  /** As `trusted`, of this very moment. */
  async trustedNow(side: Side): Promise<boolean> {
    this.#probes.delete(side);
    return this.trusted(side);
  }

  /** @throws Failure of an account that does not answer any more, after something was not found in it */
  async confirmTrust(): Promise<void> {
    for (const side of this.#leanedOn) {
      this.#probes.delete(side);
      const code = await this.refusal(side);
      if (code !== null) throw new Failure(code);
    }
    this.#leanedOn.clear();
  }

  newLinkId(): ItemLinkId {
    return this.ports.random.uuid() as ItemLinkId;
  }

  /** The stamp for the item that will be made from this one. */
  keyFor(side: Side, ref: Ref, restored = 0): string {
    return stampFor(this.ports[side].identity ?? "", side, ref, restored);
  }

  nextKey(link: ItemLink): string {
    const source: Side = link.sides.crm === null ? "mailbox" : "crm";
    const side = link.sides[source] ?? link.sides[otherSide(source)];
    return this.keyFor(source, `${side?.ref ?? ""}/${link.id}`, link.revision + 1);
  }
}

/** A failure of one item: it is set aside, everything else goes on. */
export function isOfItem(error: unknown): error is Failure {
  return error instanceof Failure && errorRow(error.code).scope === "item";
}

const minuteMs = 60_000;

/** When an item that failed by itself is tried again: 1, 2, 4 … minutes, at most 6 hours. */
export function retryAt(now: number, attempts: number): number {
  return now + Math.min(minuteMs * 2 ** Math.max(0, attempts - 1), 360 * minuteMs);
}
