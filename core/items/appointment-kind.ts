import type { Appointment } from "./appointment.ts";
import { touches } from "./expand.ts";
import type { ItemKind } from "./kind.ts";
import { appointmentFields, normalizeAppointment, normalizeField } from "./normalize.ts";
import { isOverrideField } from "./overrides.ts";
import { isValid } from "./validate.ts";

export const appointmentKind: ItemKind<Appointment> = {
  kind: "appointment",
  fields: appointmentFields,
  isElement: isOverrideField,
  normalizeField,
  normalize: normalizeAppointment,
  compared: {},
  isValid,
  touches,
};
