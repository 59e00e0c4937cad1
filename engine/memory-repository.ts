import { createHash } from "node:crypto";
import { Failure } from "../core/errors/failure.ts";
import type { IntentId, ItemLinkId } from "../core/ids.ts";
import { sides, type Side } from "../core/items/observed.ts";
import type { SideState } from "../core/sync/choice.ts";
import type { FindingCode } from "../core/sync/findings.ts";
import type { Intent, IntentOutcome, ItemLink } from "../core/sync/item-link.ts";
import type {
  Archived,
  Beginning,
  BrakeHold,
  End,
  ItemEvent,
  LinkChange,
  Lookup,
  Progress,
  Settlement,
  SyncRepository,
  Waiting,
} from "./repository.ts";

/** A link whose one side is forgotten: its other side's item is new again. */
function renewed(link: ItemLink, left: Side): ItemLink {
  const known = link.sides[left === "crm" ? "mailbox" : "crm"];
  return {
    ...link,
    revision: link.revision + 1,
    state: "new",
    reason: null,
    masked: false,
    sides: {
      crm: null,
      mailbox: null,
      [left === "crm" ? "mailbox" : "crm"]: known && { ...known, base: {} },
    },
    pending: false,
    notBefore: null,
    attempts: 0,
    held: null,
  };
}

function isUnconfirmed(link: ItemLink): boolean {
  const handled = link.state !== "deleted" && !link.pending && link.held === null;
  return handled && sides.some((side) => link.sides[side]?.unconfirmed === true);
}

/**
 * The repository in memory, with the same promises as the one in PostgreSQL: each method is all or nothing, ids
 * and stamps are unique, a stale fence changes nothing. The simulation reads what it remembers.
 */
export class MemoryRepository implements SyncRepository {
  readonly links = new Map<ItemLinkId, ItemLink>();
  readonly intents = new Map<
    IntentId,
    { intent: Intent; outcome: IntentOutcome | null; settledAt: number | null }
  >();
  readonly findings = new Map<ItemLinkId, Set<FindingCode>>();
  /** What both sides held when a finding of the item was last told. */
  readonly states = new Map<ItemLinkId, SideState>();
  readonly events: (ItemEvent & { linkId: ItemLinkId; at: number })[] = [];
  readonly archive: (Archived & { linkId: ItemLinkId })[] = [];
  readonly progress: Record<Side, Progress | null> = { crm: null, mailbox: null };
  readonly choices = new Map<Side, { planHash: string; choice: "apply" | "restore" }>();
  readonly #listed: Record<Side, Map<ItemLinkId, number>> = { crm: new Map(), mailbox: new Map() };
  readonly #accounts = new Map<Side, string>();
  /** True once a newer run has taken over. */
  fenced = false;

  async begin(now: number, accounts: Readonly<Record<Side, string>>): Promise<Beginning> {
    this.#guard();
    for (const side of sides) {
      const known = this.#accounts.get(side);
      if (known !== undefined && known !== accounts[side]) this.#leave(side, now);
      this.#accounts.set(side, accounts[side]);
    }
    const open = [...this.intents.values()].filter(({ outcome }) => outcome === null);
    return {
      cursors: { ...this.progress },
      waiting: this.#waiting(now),
      open: open.map(({ intent }) => ({ intent, link: this.#link(intent.linkId) })),
    };
  }

  async find(lookup: Lookup): Promise<ItemLink[]> {
    const refs = { crm: new Set(lookup.refs.crm), mailbox: new Set(lookup.refs.mailbox) };
    const uids = { crm: new Set(lookup.uids.crm), mailbox: new Set(lookup.uids.mailbox) };
    const keys = new Set(lookup.keys);
    return [...this.links.values()].filter(
      (link) =>
        keys.has(link.key) ||
        sides.some((side) => {
          const known = link.sides[side];
          return (
            known !== null && (refs[side].has(known.ref) || (known.uid !== null && uids[side].has(known.uid)))
          );
        }),
    );
  }

  async due(now: number, limit: number): Promise<ItemLink[]> {
    return [...this.links.values()].filter((link) => this.#isDue(link, now)).slice(0, limit);
  }

  async unmatched(): Promise<ItemLink[]> {
    return [...this.links.values()].filter((link) => link.state === "new");
  }

  async unconfirmed(): Promise<ItemLink[]> {
    return [...this.links.values()].filter(isUnconfirmed);
  }

  async missing(side: Side, listing: number, thorough: boolean) {
    const missing = [...this.links.values()].flatMap((link) => {
      const known = link.sides[side];
      const expected = known !== null && (thorough || !known.out) && link.state !== "deleted";
      return expected && this.#listed[side].get(link.id) !== listing ? [{ id: link.id, ref: known.ref }] : [];
    });
    return missing.toSorted((a, b) => (a.ref < b.ref ? -1 : 1));
  }

  async brake(since: number) {
    const executed = { crm: 0, mailbox: 0 };
    for (const { intent, outcome, settledAt } of this.intents.values()) {
      const took = outcome === "applied" || outcome === "adopted";
      if (intent.counted && took && (settledAt ?? 0) > since) executed[intent.target] += 1;
    }
    const linked = [...this.links.values()].filter((link) => link.state === "linked").length;
    return { executed, linked };
  }

  async archived(linkId: ItemLinkId, archiveId: string): Promise<Archived | undefined> {
    const found = this.archive[Number(archiveId)];
    return found?.linkId === linkId ? found : undefined;
  }

  async save(changes: readonly LinkChange[], at: number): Promise<void> {
    this.#guard();
    for (const change of changes) this.#apply(change, at);
  }

  async intend(intent: Intent, plan: LinkChange): Promise<void> {
    this.#guard();
    for (const other of this.intents.values()) {
      const { linkId, target, operation, linkRevision } = other.intent;
      if (
        linkId === intent.linkId &&
        target === intent.target &&
        operation === intent.operation &&
        linkRevision === intent.linkRevision
      ) {
        throw new Error("an intent is recorded once");
      }
    }
    this.#apply(plan, intent.at);
    this.intents.set(intent.id, { intent, outcome: null, settledAt: null });
  }

  async settle(settlement: Settlement, at: number): Promise<void> {
    this.#guard();
    const row = this.intents.get(settlement.intent.id);
    if (row === undefined || row.outcome !== null) throw new Error("an intent has one outcome");
    this.#apply(settlement, at);
    this.intents.set(settlement.intent.id, { ...row, outcome: settlement.outcome, settledAt: at });
  }

  async finish(end: End, at: number): Promise<Waiting> {
    this.#guard();
    for (const change of end.unhandled) this.#apply(change, at);
    for (const side of sides) {
      const progress = end.cursors[side];
      if (progress !== undefined) this.progress[side] = progress;
      const passed = new Set(end.passed[side] ?? []);
      for (const link of this.links.values()) {
        const known = link.sides[side];
        if (known === null || !known.unconfirmed || !passed.has(known.ref)) continue;
        this.links.set(link.id, {
          ...link,
          sides: { ...link.sides, [side]: { ...known, unconfirmed: false } },
        });
      }
      const refs = new Set(end.listed[side] ?? []);
      for (const link of this.links.values()) {
        if (refs.has(link.sides[side]?.ref ?? ""))
          this.#listed[side].set(link.id, this.progress[side]?.listing ?? 0);
      }
    }
    return this.#waiting(at);
  }

  /** Another account stands behind that side: its items are not known any more. */
  #leave(side: Side, now: number): void {
    this.progress[side] = null;
    for (const row of this.intents.values()) {
      if (row.outcome !== null) continue;
      this.intents.set(row.intent.id, { ...row, outcome: "not-applied", settledAt: now });
    }
    for (const link of this.links.values()) {
      const rest = sides.filter((other) => other !== side && link.sides[other] !== null);
      if (link.state === "deleted" || rest.length === 0) this.links.delete(link.id);
      else this.links.set(link.id, renewed(link, side));
    }
  }

  #waiting(now: number): Waiting {
    const links = [...this.links.values()];
    const later = links.flatMap((link) =>
      link.pending && link.notBefore !== null && link.notBefore > now && this.#free(link)
        ? [link.notBefore]
        : [],
    );
    return {
      due: links.some((link) => this.#isDue(link, now)),
      nextDue: later.length === 0 ? null : Math.min(...later),
      unmatched: links.some((link) => link.state === "new"),
      unconfirmed: links.some(isUnconfirmed),
      holds: this.#holds(),
    };
  }

  #holds(): BrakeHold[] {
    return sides.flatMap((target) => {
      const ids = [...this.links.values()].filter((link) => link.held === target).map((link) => link.id);
      if (ids.length === 0) {
        this.choices.delete(target);
        return [];
      }
      const planHash = createHash("sha256").update(ids.toSorted().join(",")).digest("hex");
      return [{ target, planHash, count: ids.length, choice: this.choices.get(target)?.choice ?? null }];
    });
  }

  #isDue(link: ItemLink, now: number): boolean {
    return link.pending && (link.notBefore === null || link.notBefore <= now) && this.#free(link);
  }

  #free(link: ItemLink): boolean {
    return link.held === null || this.choices.has(link.held);
  }

  #link(id: ItemLinkId): ItemLink {
    const link = this.links.get(id);
    if (link === undefined) throw new Error(`no item link ${id}`);
    return link;
  }

  #apply({ link, event, open = [], lift = [], archive, absorbs = [] }: LinkChange, at: number): void {
    for (const other of absorbs) {
      this.links.delete(other);
      this.findings.delete(other);
    }
    for (const other of this.links.values()) {
      if (other.id === link.id) continue;
      if (other.key === link.key) throw new Error(`stamp ${link.key} is taken`);
      for (const side of sides) {
        const ref = link.sides[side]?.ref;
        if (ref !== undefined && other.sides[side]?.ref === ref)
          throw new Error(`${side} item ${ref} is linked`);
      }
    }
    this.links.set(link.id, link);
    const findings = this.findings.get(link.id) ?? new Set();
    if (lift === "all" || link.state === "deleted") findings.clear();
    else for (const code of lift) findings.delete(code);
    for (const { code, state } of open) {
      findings.add(code);
      this.states.set(link.id, state ?? {});
    }
    this.findings.set(link.id, findings);
    if (event !== undefined) this.events.push({ ...event, linkId: link.id, at });
    if (archive !== undefined) this.archive.push({ ...archive, linkId: link.id });
  }

  #guard(): void {
    if (this.fenced) throw new Failure("lifecycle.fenced");
  }
}
