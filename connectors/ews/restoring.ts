import type { Appointment } from "../../core/items/appointment.ts";
import { datesThatDiffer, overrideField } from "../../core/items/overrides.ts";
import type { EwsFields } from "./map.ts";
import type { EwsItem } from "./reading.ts";

/**
 * How Exchange brings back what it has no word for: it forgets all single dates of a series when its length changes.
 */

/** Cancelled in a series, and not to be: nothing in EWS brings a single one back. */
export function toRestore(present: Appointment, wanted: Appointment): string[] {
  return datesThatDiffer(present, wanted).filter(
    (date) =>
      present[overrideField(date)]?.excluded === true && wanted[overrideField(date)]?.excluded !== true,
  );
}

/** Another length, which nobody sees for long, and which does no harm should it stay. */
export function lengthened({ start, end, allDay }: EwsItem): EwsFields {
  const more = allDay ? 86_400_000 : 60_000;
  return { start, end: `${new Date(Date.parse(end) + more).toISOString().slice(0, 19)}Z` };
}
