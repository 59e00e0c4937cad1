import type { FieldOf } from "../../core/items/kind.ts";
import { otherSide, sides, type Observed, type Ref, type Side } from "../../core/items/observed.ts";
import type { ItemLink } from "../../core/sync/item-link.ts";
import { settingsChange } from "./administrators.ts";
import { surelyInside } from "./at-rest.ts";
import { Chronicle } from "./chronicle.ts";
import { Dice, diceOf } from "./dice.ts";
import type { Act, Step } from "./history.ts";
import type { Edit } from "./kinds/model.ts";
import type { Lane } from "./lane.ts";

/** More items than these on a side are not made: histories live from people meeting at the same items. */
const crowded = 22;

/**
 * People at both screens, and the administrator. Every text that is ever written is unique, so that it can be followed:
 * it must be found on a side, have been replaced by a later edit of the same field, have been deleted by a person, or
 * lie in the archive (I1).
 */
export class People<Item extends object> {
  readonly chronicle = new Chronicle();
  readonly #lane: Lane<Item>;
  #written = 0;

  constructor(lane: Lane<Item>) {
    this.#lane = lane;
    lane.overtake = (side, ref, roll) =>
      void this.#edit(side, ref, diceOf(lane.world.history.seed, roll, lane.world.now));
  }

  /** @returns what was done, in words; `undefined` when there was nothing to do it with */
  async act({ do: deed, side, nth, roll }: Step & { do: Act }): Promise<string | undefined> {
    const dice = new Dice(roll);
    const system = this.#lane.systems[side];
    const all = system.all();
    const ref = all[Math.floor(nth * all.length)]?.ref;
    const ofLane = this.#ofLane(deed, side, nth, dice);
    if (ofLane !== null) return ofLane;
    if (ref === undefined) return this.#create(side, dice);
    if (deed === "create") return all.length < crowded ? this.#create(side, dice) : this.#remove(side, ref);
    return this.#actOn(deed, side, ref, dice);
  }

  /** Acts that are not about one item; `null` for the others. */
  #ofLane(
    deed: Act,
    side: Side,
    nth: number,
    dice: Dice,
  ): Promise<string | undefined> | string | undefined | null {
    const lane = this.#lane;
    if (deed === "import") return this.#many(side, dice);
    if (deed === "restore") return this.#restore(side, nth);
    if (deed === "set-settings") return this.#setSettings(dice);
    if (deed === "choose-held") return this.#choose(side, dice);
    if (deed === "twin") return this.#twin(side, dice);
    if (deed === "relink") {
      this.chronicle.relinked = true;
      return lane.memory.relink().then(() => "unlinked, and linked again");
    }
    if (deed === "forget-cursors") {
      lane.world.troubles.count("forgotten-cursors");
      lane.systems[side].forgetCursors();
      return `the ${side} forgets every cursor`;
    }
    if (deed === "rotate-key") {
      lane.sealedWith += 1;
      return "the data key is rotated";
    }
    if (deed !== "blind") return null;
    lane.blind = lane.blind === null ? side : null;
    return lane.blind === null ? "both accounts are good" : `the ${side}'s account sees nothing`;
  }

  /** An edit of one of the texts, by whomever. */
  #edit(side: Side, ref: Ref, dice: Dice, field = dice.pick(this.#lane.model.texts)): string {
    const patch = { [field]: this.#write(field) } as Partial<Item>;
    return this.#apply(side, ref, { patch });
  }

  async #actOn(deed: Act, side: Side, ref: Ref, dice: Dice): Promise<string | undefined> {
    const { model, systems, world } = this.#lane;
    const item = systems[side].get(ref)?.item;
    if (item === undefined) return undefined;
    const pen = (field: string) => this.#write(field);
    switch (deed) {
      case "edit":
        return this.#edit(side, ref, dice);
      case "edit-both": {
        const field = dice.pick(model.texts);
        const other = await this.#counterpart(side, ref);
        const first = this.#edit(side, ref, dice, field);
        return other === undefined
          ? first
          : `${first}; ${this.#edit(otherSide(side), other.ref, dice, field)}`;
      }
      case "change":
        return this.#apply(side, ref, model.change(item, dice, world.now));
      case "change-both": {
        const other = await this.#counterpart(side, ref);
        const first = this.#apply(side, ref, model.change(item, dice, world.now));
        const there = other && systems[otherSide(side)].get(other.ref)?.item;
        if (!other || !there) return first;
        const second = this.#apply(otherSide(side), other.ref, model.change(there, dice, world.now));
        return `${first}; ${second}`;
      }
      case "leave-window":
      case "enter-window": {
        const where = deed === "enter-window" ? "inside" : "outside";
        const moved = model.move(item, where, dice, world.now) ?? model.change(item, dice, world.now);
        return this.#apply(side, ref, moved);
      }
      case "remove":
        return this.#remove(side, ref);
      case "remove-both": {
        const other = await this.#counterpart(side, ref);
        const first = await this.#remove(side, ref);
        return other === undefined ? first : `${first}; ${await this.#remove(otherSide(side), other.ref)}`;
      }
      case "copy": {
        const copy = systems[side].copy(ref);
        this.chronicle.mayBeMore(this.#name(item));
        this.chronicle.written(side, ref, copy);
        if (!this.#flows(side) || this.chronicle.mayDiffer(side, ref)) this.chronicle.diverge(side, copy);
        return `${side} ${ref} is copied as ${copy}`;
      }
      case "save-unchanged":
        world.troubles.count("save-unchanged");
        systems[side].touch(ref);
        return `${side} ${ref} is saved unchanged`;
      case "readdress": {
        world.troubles.count("readdress");
        const moved = systems[side].readdress(ref);
        this.chronicle.readdressed(side, ref, moved);
        return `${side} ${ref} becomes ${moved}`;
      }
      case "recur":
        return this.#apply(side, ref, model.recur?.(item, dice) ?? model.change(item, dice, world.now));
      case "change-occurrence": {
        const edit = model.changeOccurrence?.(item, pen, dice, world.now) ?? model.recur?.(item, dice);
        return this.#apply(side, ref, edit ?? model.change(item, dice, world.now));
      }
      case "split": {
        const split = model.split?.(item, pen, dice);
        if (!split) return this.#edit(side, ref, dice);
        return `${this.#apply(side, ref, split.before)}; ${this.#put(side, split.after)}`;
      }
      case "attend": {
        // Contacts have nobody to be mailed.
        if (model.rules.subscribes !== null) return this.#edit(side, ref, dice);
        const { participants } = systems[side].get(ref)?.traits ?? { participants: 0 };
        return this.#apply(side, ref, { patch: {}, traits: { participants: participants === 0 ? 3 : 0 } });
      }
      case "make-private": {
        const edit = model.togglePrivate(item);
        if (edit === null) return this.#edit(side, ref, dice);
        const uid = systems[side].get(ref)?.uid ?? ref;
        if (side === "mailbox") this.chronicle.madePrivate.delete(ref);
        else this.chronicle.privacyInCrm.add(uid);
        const said = this.#apply(side, ref, edit);
        const now = systems[side].get(ref)?.item;
        const hides =
          side === "mailbox" && this.#flows(side) && now !== undefined && model.rules.isPrivate(now);
        // There and back again may be nothing at all, and what the CRM had of its own it shows.
        const isKnown = !this.chronicle.madePublic.has(uid) && !this.chronicle.twins.has(`${side} ${ref}`);
        if (hides && isKnown) this.chronicle.madePrivate.add(ref);
        if (side === "mailbox" && !hides) this.chronicle.madePublic.add(uid);
        return said;
      }
      case "hostile":
        world.troubles.count("hostile");
        return this.#apply(side, ref, model.hostile(item, pen, dice));
      case "rename-company":
        return this.#renameCompany(ref, dice);
      case "create":
      case "twin":
      case "import":
      case "restore":
      case "set-settings":
      case "choose-held":
      case "relink":
      case "rotate-key":
      case "forget-cursors":
      case "blind":
        // Not about one item: see `#ofLane`.
        return undefined;
    }
  }

  #create(side: Side, dice: Dice): string {
    const { model, world } = this.#lane;
    return this.#put(
      side,
      model.make((field) => this.#write(field), dice, world.now),
    );
  }

  #put(side: Side, item: Item): string {
    const ref = this.#lane.systems[side].put(item);
    this.chronicle.touch(side, ref);
    this.#note(side, ref, this.#lane.model.texts);
    return `${side} ${ref} "${this.#name(item)}" is made`;
  }

  /** The same item on both sides, which sync has not seen yet: it is to be adopted, not doubled. */
  async #twin(side: Side, dice: Dice): Promise<string> {
    const { memory, model, settings, systems, world } = this.#lane;
    const isNew = (await memory.links()).length === 0 && world.scheduler.running.size === 0;
    if (!isNew || settings.direction !== "two-way") return this.#create(side, dice);
    const item = model.make((field) => this.#write(field), dice, world.now);
    const uid = dice.chance(0.5) ? `uid-${this.#name(item)}` : undefined;
    const made = sides.map(
      (each) => [each, systems[each].put(item, uid === undefined ? {} : { uid })] as const,
    );
    for (const [each, ref] of made) {
      this.chronicle.touch(each, ref);
      // Whatever differs by then is a conflict of both.
      this.chronicle.reshaped.add(`${each} ${ref}`);
      const by = uid === undefined ? "content" : "uid";
      this.chronicle.twins.set(`${each} ${ref}`, { name: this.#name(item), by });
    }
    for (const [each, ref] of made) this.#note(each, ref, model.texts);
    return `"${this.#name(item)}" is on both sides: ${made.map(([, ref]) => ref).join(", ")}`;
  }

  /** Many items come, or, where there are many, many go. */
  async #many(side: Side, dice: Dice): Promise<string> {
    const all = this.#lane.systems[side].all();
    if (all.length < crowded) {
      const count = dice.chance(0.02) ? 60 : 4 + dice.below(12);
      for (let n = 0; n < count; n += 1) this.#create(side, dice);
      return `${count} items are imported into the ${side}`;
    }
    const going = all.filter(() => dice.chance(0.7));
    for (const { ref } of going) await this.#remove(side, ref);
    return `${going.length} items of the ${side} are deleted at once`;
  }

  #apply(side: Side, ref: Ref, { patch, traits }: Edit<Item>): string {
    const { model, systems } = this.#lane;
    const texts = model.texts.filter((field) => field in patch);
    const before = systems[side].get(ref)?.item;
    // Replaced on this side by a person; a copy elsewhere may still hold it, and need not.
    for (const field of texts) this.chronicle.alive.delete(String(before?.[field] ?? ""));
    systems[side].change(ref, patch, traits);
    this.chronicle.edited(side, ref, !traits && texts.length === Object.keys(patch).length);
    if ("recurrenceRule" in patch) this.chronicle.reshaped.add(`${side} ${ref}`);
    const after = systems[side].get(ref)?.item;
    if (before && after) this.#rename(side, ref, this.#name(before), this.#name(after));
    this.chronicle.touch(side, ref);
    if (!this.#flows(side)) this.chronicle.diverge(side, ref);
    this.#note(side, ref, texts);
    return `${side} ${ref} gets ${JSON.stringify({ ...patch, ...traits }).slice(0, 160)}`;
  }

  async #remove(side: Side, ref: Ref): Promise<string> {
    const { systems, model, settings } = this.#lane;
    const { chronicle } = this;
    const present = systems[side].get(ref);
    if (present === undefined) return "";
    const other = await this.#counterpart(side, ref);
    const name = this.#name(present.item);
    this.#forget(present.item);
    systems[side].remove(ref);
    if (other !== undefined) {
      const there = otherSide(side);
      const item = systems[there].get(other.ref)?.item;
      const differs = other.link.masked || [side, there].some((each) => this.#mayDiffer(each, other.link));
      // With the one, the other goes, and what it has that never came over here.
      if (differs && item !== undefined) this.#forget(item);
      const contested =
        chronicle.touched[there].has(other.ref) ||
        chronicle.touched[side].has(ref) ||
        chronicle.more.has(name) ||
        other.link.state !== "linked" ||
        // Another one with its stamp was brought back, and may take its place.
        systems[side].withKey(other.link.key).length > 0 ||
        other.link.reason === "conflict";
      const flows = settings.direction === "two-way" && !chronicle.oneWay && model.rules.subscribes === null;
      if (flows && !contested && item !== undefined && this.#name(item) === name)
        chronicle.expectedGone.push({
          side: there,
          ref: other.ref,
          name,
          wasInside: surelyInside(this.#lane, present.item),
        });
    }
    if (model.rules.subscribes === otherSide(side)) await this.#unsubscribe(side, present);
    return `${side} ${ref} "${name}" is deleted`;
  }

  #rename(side: Side, ref: Ref, before: string, after: string): void {
    if (before === after) return;
    const { unsubscribed, formerNames } = this.chronicle;
    if (unsubscribed.has(before)) unsubscribed.add(after);
    const { uid } = this.#lane.systems[side].get(ref) ?? {};
    if (typeof uid === "string") formerNames.set(uid, [...(formerNames.get(uid) ?? []), before]);
  }

  /** The person may have another name by now, or no link yet; either may have another ref since. */
  async #unsubscribe(side: Side, { ref, uid, item }: Observed<Item>): Promise<void> {
    const names = [this.#name(item), ...(this.chronicle.formerNames.get(uid ?? "") ?? [])];
    for (const name of names) this.chronicle.unsubscribed.add(name);
    const intents = new Set(this.#lane.ledger.entries.keys());
    for (const { id, sides, state } of await this.#lane.memory.links()) {
      if (sides[side]?.ref !== ref && sides[side]?.uid !== uid) continue;
      this.chronicle.unsubscribed.add(id);
      if (state === "linked") this.chronicle.ended.set(id, intents);
    }
  }

  /**
   * Everlink's own deletes are brought back as well. What comes back is not followed: brought back before anybody saw
   * the delete, it cannot be told from an item that was never deleted.
   */
  #restore(side: Side, nth: number): string | undefined {
    const system = this.#lane.systems[side];
    const ref = system.deleted[Math.floor(nth * system.deleted.length)];
    if (ref === undefined) return undefined;
    system.restore(ref);
    this.#lane.broughtBack.set(`${side} ${ref}`, this.#lane.world.now);
    const item = system.get(ref)?.item;
    // The counterpart may live on, not seen as deleted yet, or edited and therefore kept: then there are two.
    if (item !== undefined) this.chronicle.mayBeMore(this.#name(item));
    this.chronicle.touch(side, ref);
    return `${side} ${ref} is brought back`;
  }

  #renameCompany(ref: Ref, dice: Dice): string | undefined {
    const system = this.#lane.systems.crm;
    const field = "organizations/company" as FieldOf<Item>;
    const [one] = system.all();
    const old = (system.get(ref) ?? one)?.item[field];
    const company = `Company ${dice.below(1_000)}`;
    if (one === undefined) return undefined;
    if (old === undefined) return this.#edit("crm", one.ref, dice);
    for (const each of system.all())
      if (each.item[field] === old)
        this.#apply("crm", each.ref, { patch: { [field]: company } as Partial<Item> });
    return `a company is renamed to ${company}`;
  }

  async #setSettings(dice: Dice): Promise<string> {
    const lane = this.#lane;
    const before = lane.settings;
    const change = settingsChange(dice, before, lane.model.rules.subscribes !== null);
    lane.settings = { ...before, ...change };
    const { chronicle } = this;
    if (lane.settings.direction !== "two-way") {
      chronicle.oneWay = true;
      chronicle.expectedGone = [];
    }
    for (const side of ["crm", "mailbox"] as const) {
      // What has not come over yet need not do so any more; or the other way round.
      if (this.#flows(side)) continue;
      const linked = new Set((await lane.memory.links()).map(({ sides: known }) => known[side]?.ref));
      const alone = lane.systems[side].all().filter(({ ref }) => !linked.has(ref));
      for (const ref of [...chronicle.touched[side], ...alone.map((each) => each.ref)])
        chronicle.diverge(side, ref);
    }
    if (change.privateItems !== undefined || change.direction !== undefined) chronicle.madePrivate.clear();
    return `settings become ${JSON.stringify(change)}`;
  }

  async #choose(side: Side, dice: Dice): Promise<string | undefined> {
    const choice = dice.chance(0.75) ? "apply" : "restore";
    return (await this.choose(side, choice)) ? `what is held in the ${side}: ${choice}` : undefined;
  }

  /** @returns whether anything was held */
  async choose(side: Side, choice: "apply" | "restore"): Promise<boolean> {
    const held = await this.#lane.memory.choose(side, choice);
    if (!held) return false;
    this.#lane.approved(side);
    if (choice === "restore") this.chronicle.expectedGone = [];
    return true;
  }

  /** The other item of a pair; either may have got another ref of which sync does not know yet. */
  async #counterpart(side: Side, ref: Ref): Promise<{ ref: Ref; link: ItemLink } | undefined> {
    const { memory, systems } = this.#lane;
    const there = otherSide(side);
    const uid = systems[side].get(ref)?.uid;
    for (const link of await memory.links()) {
      const [known, other] = [link.sides[side], link.sides[there]];
      if (link.state === "deleted" || known === null || other === null) continue;
      if (known.ref !== ref && (known.uid === null || known.uid !== uid)) continue;
      const now =
        systems[there].get(other.ref) ?? systems[there].all().find((each) => each.uid === other.uid);
      if (now !== undefined) return { ref: now.ref, link };
    }
    return undefined;
  }

  #mayDiffer(side: Side, link: ItemLink): boolean {
    return this.chronicle.mayDiffer(side, link.sides[side]?.ref ?? "");
  }

  /** Whether what happens here may change the other side. A subscriber's edit is taken back, which is as good. */
  #flows(side: Side): boolean {
    const { settings, model } = this.#lane;
    const { direction, outsideEdits } = settings;
    if (direction === "two-way" || direction === `${side}-to-${otherSide(side)}`) return true;
    return model.rules.subscribes === otherSide(side) && outsideEdits === "revert" && direction !== "off";
  }

  #name(item: Item): string {
    return String(item[this.#lane.model.name]);
  }

  #note(side: Side, ref: Ref, fields: readonly FieldOf<Item>[]): void {
    const item = this.#lane.systems[side].get(ref)?.item;
    for (const field of fields) {
      const text = String(item?.[field] ?? "");
      this.chronicle.wrote.add(`${side} ${ref} ${field}`);
      if (text !== "") this.chronicle.alive.set(text, { side, ref, field });
    }
  }

  #forget(item: Item): void {
    for (const field of this.#lane.model.texts) this.chronicle.alive.delete(String(item[field]));
  }

  #write(field: string): string {
    this.#written += 1;
    return `${field} ${this.#lane.number}.${this.#written}`;
  }
}
