import { sides, type Ref, type Side } from "../../core/items/observed.ts";
import type { IntentId, ItemLinkId } from "../../core/ids.ts";
import type { ItemLink } from "../../core/sync/item-link.ts";

/** A delete that nobody contested: the counterpart must be gone when everything is at rest (I4). */
export interface ExpectedGone {
  side: Side;
  ref: Ref;
  /** By which the item is known, on both sides. */
  name: string;
  /** The deleted one lay in the window. */
  wasInside: boolean;
}

/**
 * What people did, as far as something can be demanded of sync because of it. Where it is not certain what is to happen
 * (a delete and an edit at once, a direction that was changed in between) nothing is demanded.
 */
export class Chronicle {
  /** Texts that a person wrote and nobody has replaced or deleted since (I1). */
  readonly alive = new Map<string, { side: Side; ref: Ref; field: string }>();
  /** How many more items of a name there may be than one, on each side (I2). */
  readonly more = new Map<string, number>();
  expectedGone: ExpectedGone[] = [];
  /** Persons whose copy was deleted in the mailbox: by their link, and by their name where there was none yet. */
  readonly unsubscribed = new Set<string>();
  /** Links whose copy was deleted in the mailbox, with the intents that there were by then. */
  readonly ended = new Map<ItemLinkId, ReadonlySet<IntentId>>();
  /** What an item, by its UID, was called before people renamed it. */
  readonly formerNames = new Map<string, readonly string[]>();
  /** Items that may differ from their counterparts: edited against the direction. */
  readonly #divergent = new Set<string>();
  /** Items that people have touched since everything was at rest. */
  readonly touched: Readonly<Record<Side, Set<Ref>>> = { crm: new Set(), mailbox: new Set() };
  /** Sides, refs and fields that people have ever written. */
  readonly wrote = new Set<string>();
  /** Refs, with their sides, that items got when they were given another one. */
  readonly moved = new Set<string>();
  /** Those of them that no listing could tell at some rest: taken for gone there, and for new once they are told. */
  readonly untold = new Set<string>();
  /** Made private in the mailbox. */
  readonly madePrivate = new Set<Ref>();
  /** UIDs of items that were made public in the mailbox since everything was at rest. */
  readonly madePublic = new Set<string>();
  /** UIDs of items whose privacy a person has changed in the CRM since both sides were last alike: nothing need be hidden. */
  readonly privacyInCrm = new Set<string>();
  /** Items that are on both sides and were not compared yet: by side and ref, with their names and with what tells it. */
  readonly twins = new Map<string, { name: string; by: "uid" | "content" }>();
  /** Series, by side and ref, whose rule a person has changed. */
  readonly reshaped = new Set<string>();
  /** Unlinked and linked again at some time. */
  relinked = false;
  /** The direction forbade something at some time. */
  oneWay = false;

  touch(side: Side, ref: Ref): void {
    this.touched[side].add(ref);
    this.expectedGone = this.expectedGone.filter((gone) => gone.side !== side || gone.ref !== ref);
  }

  /** Edited before it was compared: who should know that it was the same? */
  edited(side: Side, ref: Ref, onlyTexts: boolean): void {
    const twin = this.twins.get(`${side} ${ref}`);
    if (twin !== undefined && !(twin.by === "uid" && onlyTexts)) this.mayBeMore(twin.name);
  }

  mayBeMore(name: string): void {
    this.more.set(name, (this.more.get(name) ?? 0) + 1);
    this.expectedGone = this.expectedGone.filter((gone) => gone.name !== name);
  }

  diverge(side: Side, ref: Ref): void {
    this.#divergent.add(`${side} ${ref}`);
  }

  mayDiffer(side: Side, ref: Ref): boolean {
    return this.#divergent.has(`${side} ${ref}`);
  }

  /** What people have written into one item is in another one now. */
  written(side: Side, from: Ref, to: Ref): void {
    const own = `${side} ${from} `;
    for (const each of this.wrote)
      if (each.startsWith(own)) this.wrote.add(`${side} ${to} ${each.slice(own.length)}`);
  }

  /** The system gave an item another ref. */
  readdressed(side: Side, before: Ref, after: Ref): void {
    this.moved.add(`${side} ${after}`);
    this.written(side, before, after);
    const twin = this.twins.get(`${side} ${before}`);
    if (twin !== undefined) this.twins.set(`${side} ${after}`, twin);
    for (const known of [this.untold, this.reshaped])
      if (known.has(`${side} ${before}`)) known.add(`${side} ${after}`);
    this.touch(side, before);
    this.touch(side, after);
    if (this.mayDiffer(side, before)) this.diverge(side, after);
    if (this.madePrivate.delete(before)) this.madePrivate.add(after);
  }

  /** A conflict that waits for a person is two edits that are still to be handled. */
  rested(links: readonly ItemLink[]): void {
    this.madePublic.clear();
    // What lies outside of the window is compared when it comes in.
    for (const link of links)
      if (link.state === "linked")
        for (const side of sides) this.twins.delete(`${side} ${link.sides[side]?.ref}`);
    for (const side of sides) this.touched[side].clear();
    this.expectedGone = [];
    const conflicts = links.filter(({ reason }) => reason === "conflict");
    for (const link of conflicts)
      for (const side of sides) this.touched[side].add(link.sides[side]?.ref ?? "");
  }
}
