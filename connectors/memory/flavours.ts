import type { Appointment } from "../../core/items/appointment.ts";
import { normalizeAppointment } from "../../core/items/normalize.ts";
import { localDate } from "../../core/items/expand.ts";
import { projectSeries } from "../../core/items/overrides.ts";
import { contactKind } from "../../core/items/contact-kind.ts";
import type { Contact } from "../../core/items/contact.ts";
import { declare, type FieldDeclarations } from "../../core/items/kind.ts";
import { taskKind } from "../../core/items/task-kind.ts";
import type { Task } from "../../core/items/task.ts";
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
  project: (item: Appointment) =>
    projectSeries(normalizeAppointment(item), (single) => ({
      ...single,
      timeZone: null,
      freeBusyStatus: single.freeBusyStatus === "free" ? "free" : "busy",
    })),
  compareAndSet: "exact",
  createKey: "enforced",
  // Dates are those of UTC: where the series' own zone has others, the rule would be another one.
  recurrence: {
    endless: false,
    exceptions: true,
    holds: (item) =>
      item.recurrenceRule === null || localDate(item) === localDate({ ...item, timeZone: null }),
  },
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

const wholeTask: FieldDeclarations<Task> = {
  title: "full",
  description: "full",
  due: "full",
  start: "full",
  progress: "full",
  priority: "full",
  privacy: "full",
  alert: "full",
  category: "full",
};

/** A checklist: no percentage and no waiting, a start always, and nothing without a day on which it is due. */
export const crmLikeTasks: Capabilities<Task> = {
  ...declare(taskKind, {
    ...wholeTask,
    start: { lossy: (start, item) => start ?? item.due },
    progress: {
      lossy: ({ status }) => ({
        status: status === "needs-action" || status === "completed" ? status : "in-process",
        percentComplete: null,
        completedOn: null,
      }),
    },
    alert: { none: null },
  }),
  compareAndSet: "exact",
  createKey: "enforced",
  requires: ["due"],
  follows: { start: ["due"] },
  longestRequestMs: 60_000,
};

export const mailboxLikeTasks: Capabilities<Task> = {
  ...declare(taskKind, wholeTask),
  compareAndSet: "exact",
  createKey: "stamp",
  longestRequestMs: 60_000,
};

const wholeContact = Object.fromEntries(
  contactKind.fields.map((field) => [field, "full"]),
) as unknown as FieldDeclarations<Contact>;

/** Persons: short names. */
export const crmLikeContacts: Capabilities<Contact> = {
  ...declare(contactKind, {
    ...wholeContact,
    "name/title": { lossy: (title) => title.slice(0, 20) },
    "onlineServices/im": { none: "" },
  }),
  compareAndSet: "exact",
  createKey: "enforced",
  longestRequestMs: 60_000,
};

export const mailboxLikeContacts: Capabilities<Contact> = {
  ...declare(contactKind, wholeContact),
  compareAndSet: "exact",
  createKey: "stamp",
  longestRequestMs: 60_000,
};
