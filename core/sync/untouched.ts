import type { Appointment } from "../items/appointment.ts";
import type { Side, Window } from "../items/observed.ts";
import type { UntouchedReason } from "./item-link.ts";
import type { BothCapabilities, Seen } from "./prints.ts";
import type { KindRules } from "./rules.ts";
import type { SyncSettings } from "./settings.ts";

/** The rows of the decision table for items that are left alone, by reason. */
export const untouchedRow: Readonly<Record<UntouchedReason, number>> = {
  "unsupported-recurrence": 51,
  "series-with-exceptions": 52,
  "unknown-recurrence": 53,
  meeting: 54,
  invited: 55,
  private: 56,
  free: 57,
  "all-day": 58,
  "out-of-window": 59,
  malformed: 60,
  direction: 61,
  unreadable: 62,
  conflict: 63,
  incomplete: 64,
  unsubscribed: 82,
  "left-selection": 84,
};

export interface UntouchedContext<Item = Appointment> {
  rules: KindRules<Item>;
  settings: SyncSettings;
  capabilities: BothCapabilities<Item>;
  window: Window;
}

/**
 * Why an item is left alone wherever it is, linked or not: what one of the systems could not hold without harm.
 */
export function whyUntouched<Item>(
  seen: Seen<Item>,
  { rules, settings, capabilities }: UntouchedContext<Item>,
): UntouchedReason | null {
  const reason = rules.whyUntouched(seen, capabilities);
  if (reason !== null) return reason;
  if (!rules.kind.isValid(seen.item)) return "malformed";
  if (lacks(seen.item, [...(capabilities.crm.requires ?? []), ...(capabilities.mailbox.requires ?? [])]))
    return "incomplete";
  return settings.privateItems === "skip" && rules.isPrivate(seen.item) ? "private" : null;
}

/** Why a new item stays where it is. An item that is linked already and comes under a filter goes on in sync. */
export function whyNotNew<Item>(
  seen: Seen<Item>,
  side: Side,
  { rules, settings, window }: UntouchedContext<Item>,
): UntouchedReason | null {
  const filtered = rules.whyFiltered(seen.item, settings);
  if (filtered !== null) return filtered;
  if (!rules.kind.touches(seen.item, window)) return "out-of-window";
  return mayMakeNew(side, { rules, settings }) ? null : "direction";
}

/** Whether anything new on that side is made on the other one. */
export function mayMakeNew<Item>(
  side: Side,
  { rules, settings }: Pick<UntouchedContext<Item>, "rules" | "settings">,
): boolean {
  const makesNew = rules.subscribes === null || side === rules.subscribes || settings.createPersons;
  return makesNew && mayFlow(settings, side);
}

function lacks<Item>(item: Item, required: readonly (keyof Item)[]): boolean {
  return required.some((field) => item[field] === null || item[field] === "");
}

/** Whether what happens on a side may change the other. */
export function mayFlow({ direction }: SyncSettings, from: Side): boolean {
  return direction === "two-way" || direction === (from === "crm" ? "crm-to-mailbox" : "mailbox-to-crm");
}
