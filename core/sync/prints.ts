import type { Appointment, AppointmentField } from "../items/appointment.ts";
import { appointmentKind } from "../items/appointment-kind.ts";
import { canonical, inCommon } from "../items/compare.ts";
import { appointmentFields, normalizeAppointment } from "../items/normalize.ts";
import { otherSide, type Capabilities, type Observed, type Side } from "../items/observed.ts";
import type { Prints } from "./item-link.ts";

/** Keyed hash of one field's canonical value. */
export type Hash = (field: string, canonicalValue: string) => string;

/** An item as just read, with the hashes of its own values and of its values in the narrower projection. */
export interface Seen {
  observed: Observed;
  /** In normal form. */
  item: Appointment;
  own: Prints;
  narrow: Prints;
}

export type BothCapabilities = Readonly<Record<Side, Capabilities>>;

export function look(observed: Observed, side: Side, capabilities: BothCapabilities, hash: Hash): Seen {
  const item = normalizeAppointment(observed.item);
  return { observed, item, own: printsOf(item, hash), narrow: narrowPrints(item, side, capabilities, hash) };
}

export function printsOf(item: Appointment, hash: Hash): Prints {
  return Object.fromEntries(
    appointmentFields.map((field) => [field, hash(field, canonical(appointmentKind, field, item))]),
  );
}

/** Hashes of what both systems can hold of an item that is now on `side`. */
export function narrowPrints(
  item: Appointment,
  side: Side,
  capabilities: BothCapabilities,
  hash: Hash,
): Prints {
  return printsOf(inCommon(appointmentKind, item, capabilities[side], capabilities[otherSide(side)]), hash);
}

export function samePrints(a: Prints, b: Prints): boolean {
  return appointmentFields.every((field) => a[field] === b[field]);
}

export function only(prints: Prints, fields: readonly AppointmentField[]): Prints {
  return Object.fromEntries(fields.map((field) => [field, prints[field]]));
}
