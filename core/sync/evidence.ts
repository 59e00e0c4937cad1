import type { Appointment } from "../items/appointment.ts";
import { fieldsIn, type FieldOf, type ItemKind } from "../items/kind.ts";
import type { LinkSide } from "./item-link.ts";
import type { Seen } from "./prints.ts";

/**
 * What one side tells about an item.
 *
 * `gone` is a proof (I5), never a guess. It takes one of: the system calls the item deleted, or does not list it
 * in a complete listing, or says that it left; and in every case `get` answers that it does not exist; and where
 * the system did not itself say `deleted`, the account answers a probe, so that "not found" is not "not allowed".
 * An empty, partial, filtered or shortened listing alone proves nothing.
 *
 * `by`: what was said before `get` was asked. Where `get` alone says so, the item may just have got another ref, of which the
 * next reading tells together with its going. Where no listing looks, outside of the window, only `deleted` permits a delete.
 */
export type Told<Item = Appointment> =
  { kind: "untold" } | { kind: "present"; seen: Seen<Item> } | { kind: "gone"; by: Word };

/** Of an item that is gone: the system called it deleted, did not tell of it any more, or said nothing. */
export type Word = "deleted" | "missed" | "nothing";

export const untold: Told<never> = { kind: "untold" };

/** One side of an item compared with what that side last held. */
export type Observation<Item = Appointment> =
  | { change: "same"; seen: Seen<Item> | null }
  | { change: "changed"; seen: Seen<Item>; fields: readonly FieldOf<Item>[] }
  | { change: "deleted" }
  | { change: "never" };

/**
 * Compares with the side's own base. A new version with equal content is no change: that is what an echo of our own
 * write, an index run or a moved id look like (I9).
 */
export function observe<Item>(
  kind: ItemKind<Item>,
  side: LinkSide | null,
  told: Told<Item>,
): Observation<Item> {
  if (side === null) return { change: "never" };
  switch (told.kind) {
    case "untold":
      return { change: "same", seen: null };
    case "gone":
      return { change: "deleted" };
    case "present": {
      const { seen } = told;
      const fields = fieldsIn(kind, seen.own, side.base).filter(
        (field) => seen.own[field] !== side.base[field],
      );
      return fields.length === 0 ? { change: "same", seen } : { change: "changed", seen, fields };
    }
  }
}

export function seenOf<Item>(observation: Observation<Item>): Seen<Item> | null {
  return observation.change === "same" || observation.change === "changed" ? observation.seen : null;
}
