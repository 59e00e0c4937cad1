import type { Appointment, RecurrenceOverride, RecurrenceRule } from "../../core/items/appointment.ts";
import { localDate, occurrenceDates } from "../../core/items/expand.ts";
import { overrideField } from "../../core/items/overrides.ts";
import type { Ref, Side } from "../../core/items/observed.ts";
import { timed } from "../contracts/appointments.ts";
import type { Dice, World } from "./simulation.ts";

/**
 * People at both screens. Every text that is ever written is unique, so that it can be followed: it must be found
 * on a side, have been replaced by a later edit of the same field, have been deleted by a person, or lie in the
 * archive (I1).
 */
export class People {
  readonly #world: World;
  readonly #dice: Dice;
  #written = 0;
  /** Texts that a person wrote and nobody has replaced or deleted since, by text. */
  readonly alive = new Map<string, { side: Side; ref: Ref; field: "title" | "location" }>();

  /** Copies that people made, by title. */
  readonly copies = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
    this.#dice = world.dice;
    world.overtake = (side, ref) => this.#edit(side, ref);
  }

  /** One act of a person on either side. */
  act(): void {
    const side: Side = this.#dice.chance(0.5) ? "crm" : "mailbox";
    const system = this.#world.system(side);
    const refs = system.all().map((observed) => observed.ref);
    const ref = refs.length === 0 ? undefined : this.#dice.pick(refs);
    const roll = this.#dice.next();
    if (ref === undefined || roll < 0.22) this.#put(side);
    else if (roll < 0.62) this.#edit(side, ref);
    else if (roll < 0.71) this.#remove(side, ref);
    else if (roll < 0.72) this.#restore(side);
    else if (roll < 0.78) this.#copy(side, ref);
    else if (roll < 0.83) system.touch(ref);
    else if (roll < 0.87) this.#readdress(side, ref);
    else if (roll < 0.9)
      system.change(ref, { freeBusyStatus: this.#dice.pick(["free", "busy", "tentative", "out-of-office"]) });
    else if (roll < 0.91) system.change(ref, { recurrenceRule: this.#dice.pick([weekly, endless, null]) });
    else if (roll < 0.93) this.#changeOccurrence(side, ref);
    else if (roll < 0.96) system.change(ref, {}, { exceptions: this.#dice.below(2) });
    else if (roll < 0.98) system.change(ref, this.#time(this.#dice.chance(0.2)));
    else system.forgetCursors();
  }

  #put(side: Side): void {
    const title = this.#text("title");
    const location = this.#text("location");
    const ref = this.#world.system(side).put({
      title,
      location,
      description: "",
      ...this.#time(this.#dice.chance(0.1)),
      timeZone: null,
      freeBusyStatus: "busy",
      privacy: "public",
      alertMinutes: null,
      recurrenceRule: this.#dice.chance(0.1) ? weekly : null,
    });
    this.alive.set(title, { side, ref, field: "title" });
    this.alive.set(location, { side, ref, field: "location" });
  }

  #edit(side: Side, ref: Ref): void {
    const field = this.#dice.chance(0.5) ? "title" : "location";
    const system = this.#world.system(side);
    const before = system.get(ref)?.item[field] ?? "";
    const text = this.#text(field);
    // Replaced on this side by a person; a copy elsewhere may still hold it, and need not.
    this.alive.delete(before);
    system.change(ref, field === "title" ? { title: text } : { location: text });
    this.alive.set(text, { side, ref, field });
  }

  #remove(side: Side, ref: Ref): void {
    const system = this.#world.system(side);
    const item = system.get(ref)?.item;
    this.alive.delete(item?.title ?? "");
    this.alive.delete(item?.location ?? "");
    system.remove(ref);
  }

  /**
   * Everlink's own deletes are brought back as well. What comes back is not followed: brought back before anybody saw
   * the delete, it cannot be told from an item that was never deleted.
   */
  #restore(side: Side): void {
    const system = this.#world.system(side);
    if (system.deleted.length === 0) return;
    const ref = this.#dice.pick(system.deleted);
    system.restore(ref);
    const title = system.get(ref)?.item.title ?? "";
    // The counterpart may live on, not seen as deleted yet, or edited and therefore kept: then there are two.
    this.copies.set(title, (this.copies.get(title) ?? 0) + 1);
  }

  #copy(side: Side, ref: Ref): void {
    const title = this.#world.system(side).get(ref)?.item.title ?? "";
    this.copies.set(title, (this.copies.get(title) ?? 0) + 1);
    this.#world.system(side).copy(ref);
  }

  #readdress(side: Side, ref: Ref): void {
    this.#world.system(side).readdress(ref);
  }

  #text(kind: string): string {
    this.#written += 1;
    return `${kind} ${this.#written}`;
  }

  /** One date of a series is moved, renamed, cancelled or made regular again. */
  #changeOccurrence(side: Side, ref: Ref): void {
    const system = this.#world.system(side);
    const item = system.get(ref)?.item;
    if (!item?.recurrenceRule) return;
    const dates = [...occurrenceDates(localDate(item), item.recurrenceRule).take(5)];
    const override = this.#dice.pick<RecurrenceOverride | null>([
      null,
      { excluded: true },
      { description: this.#text("occurrence") },
      { ...this.#time(false), alertMinutes: 5 },
    ]);
    system.change(ref, { [overrideField(this.#dice.pick(dates))]: override });
  }

  #time(farAway: boolean): Pick<Appointment, "time"> {
    const start = Date.UTC(farAway ? 2031 : 2026, 3, 1 + this.#dice.below(60), 8);
    const iso = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;
    return timed(iso(start), iso(start + 3_600_000));
  }
}

const weekly: RecurrenceRule = {
  frequency: "weekly",
  interval: 1,
  byDay: ["mo"],
  nthOfPeriod: null,
  byMonthDay: null,
  byMonth: null,
  end: { kind: "count", count: 5 },
};

const endless: RecurrenceRule = { ...weekly, end: { kind: "endless" } };
