import type { Appointment } from "./appointment.ts";
import type { Contact } from "./contact.ts";
import type { Kind } from "./observed.ts";
import type { Task } from "./task.ts";

/** In the order in which people are told about them. */
export const kinds = ["appointment", "task", "contact"] as const satisfies readonly Kind[];

/** What an item of a kind is: `ItemOf<"task">` is `Task`. */
export type ItemOf<K extends Kind> = { appointment: Appointment; task: Task; contact: Contact }[K];
