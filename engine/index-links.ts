import type { ItemLinkId } from "../core/ids.ts";
import { sides, type Observed, type Ref, type Side } from "../core/items/observed.ts";
import type { ItemLink } from "../core/sync/item-link.ts";
import type { Reading } from "./reading.ts";
import type { Lookup, SyncRepository } from "./repository.ts";

/** The links of a slice, by everything an item can be recognized by. */
export class LinkIndex {
  readonly #repository: SyncRepository;
  readonly #byId = new Map<ItemLinkId, ItemLink>();
  readonly #byKey = new Map<string, ItemLink>();
  readonly #byRef: Record<Side, Map<Ref, ItemLink>> = { crm: new Map(), mailbox: new Map() };
  readonly #byUid: Record<Side, Map<string, ItemLink>> = { crm: new Map(), mailbox: new Map() };

  constructor(repository: SyncRepository) {
    this.#repository = repository;
  }

  /** Loads, in one query, the links of everything that both sides told. */
  async load(readings: Readonly<Record<Side, Reading<unknown>>>): Promise<void> {
    const lookup: Lookup = {
      refs: { crm: toldRefs(readings.crm), mailbox: toldRefs(readings.mailbox) },
      uids: { crm: uidsOf(readings.crm.upserts), mailbox: uidsOf(readings.mailbox.upserts) },
      keys: sides.flatMap((side) => [...readings[side].upserts.values()].flatMap(({ key }) => key ?? [])),
    };
    if (lookup.refs.crm.length + lookup.refs.mailbox.length > 0) await this.#add(lookup);
  }

  /** Loads what one item, read only now, may belong to. */
  async loadFor(side: Side, { key, uid }: Observed<unknown>): Promise<void> {
    const uids = { crm: [], mailbox: [], [side]: uid === null ? [] : [uid] };
    if (key !== null || uid !== null) {
      await this.#add({ refs: { crm: [], mailbox: [] }, uids, keys: key === null ? [] : [key] });
    }
  }

  async loadRefs(side: Side, refs: readonly Ref[]): Promise<ItemLink[]> {
    const none = { uids: { crm: [], mailbox: [] }, keys: [] };
    const ids = await this.#add({ refs: { crm: [], mailbox: [], [side]: refs }, ...none });
    return ids.flatMap((id) => this.#byId.get(id) ?? []);
  }

  byRef(side: Side, ref: Ref): ItemLink | undefined {
    return this.#byRef[side].get(ref);
  }

  /** The living links that an item without a link of its own may belong to: by its UID, and by its stamp. */
  related(side: Side, { key, uid }: Observed<unknown>): ItemLink[] {
    const byUid = uid === null ? undefined : this.#byUid[side].get(uid);
    const byKey = key === null ? undefined : this.#byKey.get(key);
    return [...new Set([byUid, byKey])].filter(
      (link): link is ItemLink => link !== undefined && link.state !== "deleted",
    );
  }

  /** Loads; what was loaded before stays as it was. */
  async #add(lookup: Lookup): Promise<ItemLinkId[]> {
    const links = await this.#repository.find(lookup);
    for (const link of links) {
      if (this.#byId.has(link.id)) continue;
      this.#byId.set(link.id, link);
      this.#byKey.set(link.key, link);
      for (const side of sides) {
        const known = link.sides[side];
        if (known === null) continue;
        this.#byRef[side].set(known.ref, link);
        if (known.uid !== null && link.state !== "deleted") this.#byUid[side].set(known.uid, link);
      }
    }
    return links.map((link) => link.id);
  }
}

function toldRefs({ upserts, gone, failed }: Reading<unknown>): Ref[] {
  return [...upserts.keys(), ...gone.keys(), ...failed.keys()];
}

function uidsOf(upserts: Reading<unknown>["upserts"]): string[] {
  return [...upserts.values()].flatMap(({ uid }) => uid ?? []);
}
