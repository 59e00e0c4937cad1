import type { Appointment, AppointmentField } from "./appointment.ts";
import { appointmentFields, normalizeAppointment } from "./normalize.ts";
import { isOverrideField } from "./overrides.ts";
import type { Capabilities } from "./observed.ts";

type Projecting = Pick<Capabilities, "project">;

/** One text per value: equal exactly when the normal forms are equal. Fingerprints are taken of it. */
export function canonical(field: AppointmentField, item: Appointment): string {
  return stable(item[field]);
}

/** What one system holds of an item, in normal form. Idempotent. */
export function held(item: Appointment, system: Projecting): Appointment {
  return normalizeAppointment(system.project(normalizeAppointment(item)));
}

/** What both systems can hold of an item: the ground on which their values are compared. Idempotent. */
export function inCommon(item: Appointment, one: Projecting, other: Projecting): Appointment {
  return held(held(item, one), other);
}

/** The fields in which two items differ, each in its normal form. */
export function differences(a: Appointment, b: Appointment): AppointmentField[] {
  const [left, right] = [normalizeAppointment(a), normalizeAppointment(b)];
  return fieldsOf(left, right).filter((field) => canonical(field, left) !== canonical(field, right));
}

/** Every field that any of them has. */
function fieldsOf(...items: readonly Appointment[]): AppointmentField[] {
  const own = items.flatMap((item) => Object.keys(item).filter((field) => isOverrideField(field)));
  return [...appointmentFields, ...new Set(own)];
}

/** JSON with sorted names, so that the order in which an object was built says nothing. */
function stable(value: unknown): string {
  if (value === undefined) return "null";
  if (Array.isArray(value)) return `[${value.map(stable).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, part]) => `${JSON.stringify(name)}:${stable(part)}`).join(",")}}`;
}
