import type { SyncSettings } from "../../core/sync/settings.ts";
import type { Dice } from "./dice.ts";

/** What an administrator changes about the settings. */
export function settingsChange(dice: Dice, before: SyncSettings, subscribes: boolean): Partial<SyncSettings> {
  const roll = dice.next();
  if (roll < 0.15) {
    const direction = dice.pick(["two-way", "two-way", "crm-to-mailbox", "mailbox-to-crm"] as const);
    return subscribes && direction === "mailbox-to-crm" ? { direction: "two-way" } : { direction };
  }
  if (roll < 0.35) return { conflict: dice.pick(["crm", "mailbox", "ask"]) };
  if (roll < 0.5) return { privateItems: dice.pick(["hide", "busy-only", "skip"]) };
  if (roll < 0.65) return { skipFree: !before.skipFree };
  if (roll < 0.75) return { skipAllDay: !before.skipAllDay };
  if (roll < 0.85) return { outsideEdits: before.outsideEdits === "revert" ? "keep" : "revert" };
  const daysAhead = before.window.daysAhead === 365 ? 90 : 365;
  return { window: { ...before.window, daysAhead } };
}
