import type { AppointmentField } from "../core/items/appointment.ts";
import { appointmentFields } from "../core/items/normalize.ts";
import type { Side } from "../core/items/observed.ts";
import type { ItemEvent } from "./repository.ts";

/** One line of an item's "why". */
export function eventOf(
  row: number,
  action: string,
  target: Side | null,
  fields: readonly AppointmentField[] = [],
): ItemEvent {
  return { row, action, target, fields: fields.length === appointmentFields.length ? [] : fields };
}
