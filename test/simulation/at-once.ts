import type { Call } from "../../connectors/memory/faults.ts";
import type { Appointment } from "../../core/items/appointment.ts";
import { otherSide, sides, type Observed, type Ref, type Side } from "../../core/items/observed.ts";
import type { Intent, ItemLink } from "../../core/sync/item-link.ts";
import type { Archived } from "../../engine/repository.ts";
import { surelyInside } from "./at-rest.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Lane } from "./lane.ts";

const dayMs = 86_400_000;

type Loss = Pick<Archived, "side" | "fields" | "private">;

/** In these both sides have a base: nothing but edits of people moves them. */
const mergeRows: ReadonlySet<number> = new Set([12, 21, 22]);

/** What must hold in the very moment in which sync changes something, whoever may mend it later. */
export class AtOnce<Item extends object> {
  readonly #lane: Lane<Item>;
  readonly #chronicle: Chronicle;
  /** Deletes made by sync, per side: when. */
  readonly #deletes: Record<Side, number[]> = { crm: [], mailbox: [] };

  constructor(lane: Lane<Item>, chronicle: Chronicle) {
    this.#lane = lane;
    this.#chronicle = chronicle;
  }

  /** A change that sync has just made. */
  look(side: Side, call: Call, ref: Ref, before: Observed<Item> | undefined): void {
    const { world, model } = this.#lane;
    const operation = call === "remove" ? "delete" : call === "update" ? "update" : "create";
    const entry = this.#lane.ledger.made(side, operation, ref);
    world.check("I16", entry !== undefined && entry.changes === 1, () =>
      this.#say(
        side,
        `${operation} of ${ref} is made ${entry?.changes ?? "without an intent"} times for one intent`,
      ),
    );
    const ended = entry && this.#chronicle.ended.get(entry.intent.linkId);
    world.check("I4", operation !== "create" || !ended || ended.has(entry.intent.id), () =>
      this.#say(side, `${ref} is made again although its subscriber has deleted it`),
    );
    if (before === undefined) return;
    world.check("I12", before.traits.participants === 0 && !before.traits.invited, () =>
      this.#say(side, `${operation} of ${ref} mails the participants of a meeting`),
    );
    const counterpart = `${otherSide(side)} ${entry?.link.sides[otherSide(side)]?.ref ?? ""}`;
    // What a conflict takes away is in the archive.
    if (entry?.intent.counted !== true) this.#staysEndless(side, ref, before, counterpart);
    // An item that was brought back with its stamp may stand for the one that was to be made under that stamp again.
    const isBack = this.#lane.broughtBack.has(counterpart);
    const uid = entry?.link.sides[otherSide(side)]?.uid ?? "";
    this.#nothingLost(side, ref, before, () => isBack || this.#isHidden(otherSide(side), uid));
    if (operation !== "delete") return;
    this.#deletes[side].push(world.now);
    const other = entry?.link.sides[otherSide(side)]?.ref;
    world.check("I5", other !== undefined && this.#wasGone(otherSide(side), other), () =>
      this.#say(side, `${ref} is deleted although its counterpart ${other ?? "(none)"} is there`),
    );
    world.check("I5", model.rules.subscribes !== side, () => this.#say(side, `the person ${ref} is deleted`));
    this.#brake(side);
  }

  /** I1, I6: what is overwritten or deleted is elsewhere, in the archive, or was replaced by its own author. */
  #nothingLost(side: Side, ref: Ref, before: Observed<Item>, excused: () => boolean): void {
    const { model, systems, world, archived } = this.#lane;
    const { alive } = this.#chronicle;
    const after = systems[side].get(ref)?.item;
    for (const field of model.texts) {
      const text = String(before.item[field]);
      if (text === "" || !alive.has(text) || String(after?.[field]) === text) continue;
      if (excused() || this.#chronicle.mayDiffer(side, ref)) {
        alive.delete(text);
        continue;
      }
      const elsewhere = sides.some((each) =>
        systems[each].all().some(({ item }) => model.texts.some((name) => item[name] === text)),
      );
      const kept = elsewhere || archived.some((sealed) => sealed.includes(JSON.stringify(text)));
      world.check(after === undefined ? "I6" : "I1", kept, () =>
        this.#say(side, `${field} "${text.slice(0, 40)}" of ${ref} is overwritten and nowhere else`),
      );
    }
  }

  /** Under another ref, where no listing looks: it cannot be told from one that is gone. */
  #isHidden(side: Side, uid: string): boolean {
    return this.#lane.systems[side].all().some((one) => {
      const moved = this.#chronicle.moved.has(`${side} ${one.ref}`);
      return one.uid === uid && moved && !surelyInside(this.#lane, one.item);
    });
  }

  /** I1: an edit gives way to nothing but an edit of the other side. */
  lost({ row }: Intent, { sides: known }: ItemLink, { side, fields, private: isPrivate }: Loss): void {
    const { model, settings, world } = this.#lane;
    if (!mergeRows.has(row) || settings.direction !== "two-way" || this.#chronicle.oneWay) return;
    // What is hidden gives way to the placeholder, or comes back in its place.
    if (model.rules.subscribes !== null || isPrivate) return;
    const winner = otherSide(side);
    const ref = known[winner]?.ref ?? "";
    for (const field of model.texts) {
      if (!fields.includes(field)) continue;
      world.check("I1", this.#chronicle.wrote.has(`${winner} ${ref} ${field}`), () =>
        this.#say(winner, `${field} of ${ref} wins in a conflict, and nobody has written it`),
      );
    }
  }

  /** I3: a series without an end gets one only from a person. */
  #staysEndless(side: Side, ref: Ref, before: Observed<Item>, counterpart: string): void {
    const isEndless = (item: Item | undefined) => endOf(item) === "endless";
    const after = this.#lane.systems[side].get(ref)?.item;
    if (side !== "mailbox" || after === undefined || !isEndless(before.item)) return;
    this.#lane.world.check("I3", isEndless(after) || this.#chronicle.reshaped.has(counterpart), () =>
      this.#say(side, `the series ${ref} is given an end that nobody gave it`),
    );
  }

  #wasGone(side: Side, ref: Ref): boolean {
    const { systems, world } = this.#lane;
    if (systems[side].get(ref) === undefined) return true;
    // Brought back after sync had looked.
    return (this.#lane.broughtBack.get(`${side} ${ref}`) ?? 0) > world.now - 3_600_000;
  }

  /** I14, by the simulation's own count: more than max(10, 20 %) in a day, or all of three and more, is never executed. */
  #brake(side: Side): void {
    const { world } = this.#lane;
    if (world.history.weather.skewed || this.#lane.approvedUntil[side] > world.now) return;
    const count = this.deletesToday(side);
    const { population } = this.#lane;
    world.check(
      "I14",
      count <= Math.max(10, population * 0.2) && (population < 3 || count < population),
      () => this.#say(side, `${count} of ${population} items are deleted within a day`),
    );
  }

  deletesToday(side: Side): number {
    const { now } = this.#lane.world;
    return this.#deletes[side].filter((at) => at > now - dayMs).length;
  }

  #say(side: Side, text: string): string {
    return `lane ${this.#lane.number} ${side}: ${text}`;
  }
}

function endOf(item: object | undefined): string | undefined {
  const { recurrenceRule: rule } = (item ?? {}) as Partial<Pick<Appointment, "recurrenceRule">>;
  return rule?.end.kind;
}
