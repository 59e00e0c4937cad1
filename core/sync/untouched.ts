import { touches } from "../items/expand.ts";
import type { Side, Window } from "../items/observed.ts";
import { isValid } from "../items/validate.ts";
import type { UntouchedReason } from "./item-link.ts";
import type { BothCapabilities, Seen } from "./prints.ts";
import type { SyncSettings } from "./settings.ts";

/** The rows of the decision table for items that are left alone, by reason. */
export const untouchedRow: Readonly<Record<UntouchedReason, number>> = {
  "endless-series": 51,
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
};

export interface UntouchedContext {
  settings: SyncSettings;
  capabilities: BothCapabilities;
  window: Window;
}

/**
 * Why an item is left alone wherever it is, linked or not: what one of the systems could not hold without harm.
 * Meetings come first: their recurrence is the organizer's matter.
 */
export function whyUntouched(
  seen: Seen,
  { settings, capabilities }: UntouchedContext,
): UntouchedReason | null {
  const { traits } = seen.observed;
  if (traits.invited) return "invited";
  if (traits.participants > 0) return "meeting";
  if (traits.recurrenceUnknown) return "unknown-recurrence";
  if (traits.exceptions > 0 && !both(capabilities, "exceptions")) return "series-with-exceptions";
  if (seen.item.recurrenceRule?.end.kind === "endless" && !both(capabilities, "endless"))
    return "endless-series";
  if (!isValid(seen.item)) return "malformed";
  if (settings.privateItems === "skip" && seen.item.privacy === "private") return "private";
  return null;
}

/** Why a new item stays where it is. An item that is linked already and comes under a filter goes on in sync. */
export function whyNotNew(seen: Seen, side: Side, context: UntouchedContext): UntouchedReason | null {
  const { settings, window } = context;
  if (settings.skipFree && seen.item.freeBusyStatus === "free") return "free";
  if (settings.skipAllDay && seen.item.time.showWithoutTime) return "all-day";
  if (!touches(seen.item, window)) return "out-of-window";
  return mayFlow(settings, side) ? null : "direction";
}

/** Whether what happens on a side may change the other. */
export function mayFlow({ direction }: SyncSettings, from: Side): boolean {
  return direction === "two-way" || direction === (from === "crm" ? "crm-to-mailbox" : "mailbox-to-crm");
}

function both(capabilities: BothCapabilities, what: "endless" | "exceptions"): boolean {
  return capabilities.crm.recurrence?.[what] === true && capabilities.mailbox.recurrence?.[what] === true;
}
