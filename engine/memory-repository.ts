import { createHash } from "node:crypto";
import { Failure } from "../core/errors/failure.ts";
import type { ItemLinkId } from "../core/ids.ts";
import { sides, type Ref, type Side } from "../core/items/observed.ts";
import type { SideState } from "../core/sync/choice.ts";
import type { FindingCode } from "../core/sync/findings.ts";
import type { Intent, ItemLink } from "../core/sync/item-link.ts";
import { candidateOf, type Candidate } from "../core/sync/match.ts";
import { digestOfContent } from "./keys.ts";
import { IntentTable, LinkTable } from "./memory-tables.ts";
import type { Clock } from "./ports.ts";
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

/**
 * The repository in memory, with the same promises as the one in PostgreSQL: each method is all or nothing, ids
 * and stamps are unique, a stale fence changes nothing. The simulation reads what it remembers.
 */
export class MemoryRepository implements SyncRepository {
  readonly links = new LinkTable();
  readonly intents = new IntentTable();
  readonly findings = new Map<ItemLinkId, Set<FindingCode>>();
  /** What both sides held when a finding of the item was last told. */
  readonly states = new Map<ItemLinkId, SideState>();
  readonly events: (ItemEvent & { linkId: ItemLinkId; at: number })[] = [];
  readonly archive: (Archived & { linkId: ItemLinkId })[] = [];
  readonly progress: Record<Side, Progress | null> = { crm: null, mailbox: null };
  readonly choices = new Map<Side, { planHash: string; choice: "apply" | "restore" }>();
  readonly #listed: Record<Side, Map<ItemLinkId, number>> = { crm: new Map(), mailbox: new Map() };
  readonly #accounts = new Map<Side, string>();
  /** Grows whenever a newer run takes over. */
  fence = 1;
  readonly #clock: Clock | undefined;

  /** @param clock whose time ages are told in; the caller's, unless given */
  constructor(clock?: Clock) {
    this.#clock = clock;
  }

  /** As a run under that fence has it: once a newer one has taken over, nothing is stored any more. */
  under(fence: number): SyncRepository {
    const guarded =
      <Inputs extends unknown[], Answer>(work: (...inputs: Inputs) => Promise<Answer>) =>
      async (...inputs: Inputs): Promise<Answer> => {
        if (fence !== this.fence) throw new Failure("lifecycle.fenced");
        return work(...inputs);
      };
    return {
      begin: guarded((now, accounts) => this.begin(now, accounts)),
      find: (lookup) => this.find(lookup),
      due: (now, limit) => this.due(now, limit),
      unconfirmed: () => this.unconfirmed(),
      unmatched: (fields) => this.unmatched(fields),
      byIds: (ids) => this.byIds(ids),
      standAlone: guarded((ids) => this.standAlone(ids)),
      postpone: guarded((ids) => this.postpone(ids)),
      missing: (side, listing, thorough) => this.missing(side, listing, thorough),
      unverify: guarded((side) => this.unverify(side)),
      brake: (since) => this.brake(since),
      archived: (linkId, archiveId) => this.archived(linkId, archiveId),
      save: guarded((changes, at) => this.save(changes, at)),
      intend: guarded((intent, plan) => this.intend(intent, plan)),
      settle: guarded((settlement, at) => this.settle(settlement, at)),
      finish: guarded((end, at) => this.finish(end, at)),
    };
  }

  async begin(now: number, accounts: Readonly<Record<Side, string>>): Promise<Beginning> {
    for (const side of sides) {
      const known = this.#accounts.get(side);
      if (known !== undefined && known !== accounts[side]) this.#leave(side, now);
      this.#accounts.set(side, accounts[side]);
      // Listings are counted from one again: what an earlier first one told is not told by this one.
      if (this.progress[side] === null) this.#listed[side].clear();
    }
    const open = this.intents.of(this.intents.open);
    return {
      cursors: { ...this.progress },
      waiting: this.#waiting(now),
      open: open.map(({ intent, recordedAt }) => ({
        intent,
        link: this.#link(intent.linkId),
        ageMs: (this.#clock?.now() ?? now) - recordedAt,
      })),
    };
  }

  async find({ refs, uids, keys, stamps = [] }: Lookup): Promise<ItemLink[]> {
    const { byKey, byRef, byUid, byStamp } = this.links;
    const found = new Set(keys.flatMap((key) => [...byKey.get(key)]));
    for (const side of sides) {
      for (const ref of refs[side]) for (const id of byRef[side].get(ref)) found.add(id);
      for (const uid of uids[side]) for (const id of byUid[side].get(uid)) found.add(id);
      for (const stamp of stamps) for (const id of byStamp[side].get(stamp)) found.add(id);
    }
    return this.links.of(found);
  }

  async due(now: number, limit: number): Promise<ItemLink[]> {
    const due = (ids: Iterable<ItemLinkId>) => this.links.each(ids).filter((link) => this.#isDue(link, now));
    if (this.links.unread.size === 0) return [...due(this.links.pending).take(limit)];
    const last = ({ reason }: ItemLink) => (reason === "unreadable" ? 0 : 1);
    return [...due(this.links.pending)].toSorted((a, b) => last(a) - last(b)).slice(0, limit);
  }

  async unmatched(fields: readonly string[]): Promise<Candidate[]> {
    return this.links.of(this.links.fresh).map((link) => candidateOf(link, digestOfContent(fields, link)));
  }

  async byIds(ids: readonly ItemLinkId[]): Promise<ItemLink[]> {
    return this.links.of(ids);
  }

  async standAlone(ids: readonly ItemLinkId[]): Promise<void> {
    for (const link of this.links.of(ids))
      if (link.state === "new" && !link.pending)
        this.links.set(link.id, { ...link, state: "single", pending: true });
  }

  async postpone(ids: readonly ItemLinkId[]): Promise<void> {
    for (const link of this.links.of(ids))
      if (link.state !== "new" && link.state !== "deleted")
        this.links.set(link.id, { ...link, pending: true });
  }

  async unconfirmed(): Promise<ItemLink[]> {
    return this.links.of(this.links.unconfirmed);
  }

  async missing(side: Side, listing: number, thorough: boolean) {
    const missing = [...this.links.values()].flatMap((link) => {
      const known = link.sides[side];
      const isIn = thorough || sides.some((each) => link.sides[each]?.out === false);
      const expected = known !== null && isIn && link.state !== "deleted";
      return expected && this.#listed[side].get(link.id) !== listing ? [{ id: link.id, ref: known.ref }] : [];
    });
    return missing.toSorted((a, b) => (a.ref < b.ref ? -1 : 1));
  }

  async unverify(side: Side): Promise<void> {
    for (const link of this.links.values()) {
      const known = link.sides[side];
      if (known === null) continue;
      this.links.set(link.id, { ...link, sides: { ...link.sides, [side]: { ...known, unverified: true } } });
    }
  }

  async brake(since: number) {
    const executed = { crm: 0, mailbox: 0 };
    for (const { intent, outcome, settledAt } of this.intents.of(this.intents.counted)) {
      const took = outcome === "applied" || outcome === "adopted";
      if (took && (settledAt ?? 0) > since) executed[intent.target] += 1;
    }
    return { executed, linked: this.links.linked };
  }

  async archived(linkId: ItemLinkId, archiveId: string): Promise<Archived | undefined> {
    const found = this.archive[Number(archiveId)];
    return found?.linkId === linkId ? found : undefined;
  }

  async save(changes: readonly LinkChange[], at: number): Promise<void> {
    for (const change of changes) this.#apply(change, at);
  }

  async intend(intent: Intent, plan: LinkChange): Promise<void> {
    if (this.intents.knows(intent)) throw new Error("an intent is recorded once");
    this.#apply(plan, intent.at);
    const recordedAt = this.#clock?.now() ?? intent.at;
    this.intents.set(intent.id, { intent, outcome: null, settledAt: null, recordedAt });
  }

  async settle(settlement: Settlement, at: number): Promise<void> {
    const row = this.intents.get(settlement.intent.id);
    if (row === undefined || row.outcome !== null) throw new Error("an intent has one outcome");
    this.#apply(settlement, at);
    this.intents.set(settlement.intent.id, { ...row, outcome: settlement.outcome, settledAt: at });
  }

  async finish(end: End, at: number): Promise<Waiting> {
    for (const change of end.unhandled) this.#apply(change, at);
    for (const side of sides) {
      const progress = end.cursors[side];
      if (progress !== undefined) this.progress[side] = progress;
      for (const link of this.#byRefs(side, end.passed[side] ?? [])) {
        const known = link.sides[side];
        if (known === null || !known.unconfirmed) continue;
        this.links.set(link.id, {
          ...link,
          sides: { ...link.sides, [side]: { ...known, unconfirmed: false } },
        });
      }
      for (const { id } of this.#byRefs(side, end.listed[side] ?? []))
        this.#listed[side].set(id, this.progress[side]?.listing ?? 0);
    }
    for (const side of end.relisted) this.#believe(side);
    return this.#waiting(at);
  }

  /** What was deleted and is not there is deleted in this life of the store too. */
  #believe(side: Side): void {
    for (const link of this.links.values()) {
      const known = link.sides[side];
      if (link.state !== "deleted" || link.pending || known?.unverified !== true) continue;
      this.links.set(link.id, { ...link, sides: { ...link.sides, [side]: { ...known, unverified: false } } });
    }
  }

  /** Another account stands behind that side: its items are not known any more. */
  #leave(side: Side, now: number): void {
    this.progress[side] = null;
    for (const row of this.intents.of(this.intents.open)) {
      this.intents.set(row.intent.id, { ...row, outcome: "not-applied", settledAt: now });
    }
    for (const link of this.links.values()) {
      const rest = sides.filter((other) => other !== side && link.sides[other] !== null);
      if (link.state === "deleted" || rest.length === 0) this.links.delete(link.id);
      else this.links.set(link.id, renewed(link, side));
    }
  }

  #waiting(now: number): Waiting {
    const later = this.links
      .of(this.links.timed)
      .flatMap((link) =>
        link.notBefore !== null && link.notBefore > now && this.#free(link) ? [link.notBefore] : [],
      );
    return {
      due: this.links.each(this.links.pending).some((link) => this.#isDue(link, now)),
      nextDue: later.length === 0 ? null : later.reduce((a, b) => Math.min(a, b)),
      unmatched: this.links.each(this.links.fresh).some((link) => !link.pending || this.#isDue(link, now)),
      unconfirmed: this.links.unconfirmed.size > 0,
      holds: this.#holds(),
    };
  }

  #holds(): BrakeHold[] {
    return sides.flatMap((target) => {
      const held = this.links.of(this.links.held).filter((link) => link.held === target);
      const ids = held.map((link) => link.id);
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

  #byRefs(side: Side, refs: readonly Ref[]): ItemLink[] {
    return this.links.of(new Set(refs.flatMap((ref) => [...this.links.byRef[side].get(ref)])));
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
    for (const id of this.links.byKey.get(link.key))
      if (id !== link.id) throw new Error(`stamp ${link.key} is taken`);
    for (const side of sides) {
      const ref = link.sides[side]?.ref;
      const holders = ref === undefined ? [] : this.links.byRef[side].get(ref);
      for (const id of holders) if (id !== link.id) throw new Error(`${side} item ${ref} is linked`);
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
}
