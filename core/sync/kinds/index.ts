import type { ItemOf } from "../../items/kinds.ts";
import type { Kind } from "../../items/observed.ts";
import type { KindRules } from "../rules.ts";
import { appointmentRules } from "./appointment.ts";
import { contactRules } from "./contact.ts";
import { taskRules } from "./task.ts";

export const rulesOf: { readonly [K in Kind]: KindRules<ItemOf<K>> } = {
  appointment: appointmentRules,
  task: taskRules,
  contact: contactRules,
};
