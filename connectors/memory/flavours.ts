import type { Appointment } from "../../core/items/appointment.ts";
import { normalizeAppointment } from "../../core/items/normalize.ts";
import type { Capabilities } from "../contract.ts";

/** Holds what a CRM's diary holds: free or busy, no zone, no endless series; creates are unique by key. */
export const crmLike: Capabilities = {
  fields: {
    title: "full",
    description: "full",
    location: "full",
    time: "full",
    timeZone: "none",
    freeBusyStatus: "lossy",
    privacy: "full",
    alertMinutes: "full",
    recurrenceRule: "full",
  },
  project: (item: Appointment) => ({
    ...normalizeAppointment(item),
    timeZone: null,
    freeBusyStatus: item.freeBusyStatus === "free" ? "free" : "busy",
  }),
  compareAndSet: "exact",
  createKey: "enforced",
  recurrence: { endless: false, exceptions: false },
  longestRequestMs: 60_000,
};

/** Holds everything; a create may be repeated, so the stamp must be looked up. */
export const mailboxLike: Capabilities = {
  fields: {
    title: "full",
    description: "full",
    location: "full",
    time: "full",
    timeZone: "full",
    freeBusyStatus: "full",
    privacy: "full",
    alertMinutes: "full",
    recurrenceRule: "full",
  },
  project: normalizeAppointment,
  compareAndSet: "exact",
  createKey: "stamp",
  recurrence: { endless: true, exceptions: true },
  longestRequestMs: 60_000,
};
