import { crmLikeTasks, mailboxLikeTasks } from "../../../connectors/memory/flavours.ts";
import { differences, inCommon } from "../../../core/items/compare.ts";
import type { Task } from "../../../core/items/task.ts";
import { taskRules } from "../../../core/sync/kinds/task.ts";
import { defaultSettings } from "../../../core/sync/settings.ts";
import type { Dice } from "../dice.ts";
import type { Edit, KindModel } from "./model.ts";
import { remembering } from "./remembering.ts";

const dayMs = 86_400_000;
const { rules, capabilities } = remembering(taskRules, { crm: crmLikeTasks, mailbox: mailboxLikeTasks });

function day(dice: Dice, from: number, days: number): string {
  return new Date(from + dice.below(days) * dayMs).toISOString().slice(0, 10);
}

function later(date: string, days: number): string {
  const from = Date.parse(date);
  // A hostile one is none.
  return Number.isNaN(from) ? date : new Date(from + days * dayMs).toISOString().slice(0, 10);
}

export const tasks: KindModel<Task> = {
  rules,
  capabilities,
  name: "title",
  texts: ["title", "description", "category"],

  settings: (dice) => ({
    ...defaultSettings,
    privateItems: dice.pick(["hide", "busy-only"]),
    conflict: dice.pick(["crm", "crm", "mailbox"]),
  }),

  make: (pen, dice, now) => ({
    title: pen("title"),
    description: pen("description"),
    due: dice.chance(0.05) ? null : day(dice, now, 40),
    start: null,
    progress: { status: "needs-action", percentComplete: 0, completedOn: null },
    priority: dice.pick(["high", "normal", "low"]),
    privacy: "public",
    alert: null,
    category: pen("category"),
  }),

  change(item, dice, now): Edit<Task> {
    const roll = dice.next();
    if (roll < 0.3) {
      const status = dice.pick(["needs-action", "in-process", "waiting", "deferred"] as const);
      return { patch: { progress: { status, percentComplete: dice.below(100), completedOn: null } } };
    }
    if (roll < 0.5) {
      const progress = { status: "completed", percentComplete: 100, completedOn: day(dice, now, 1) } as const;
      return { patch: { progress } };
    }
    if (roll < 0.7) return { patch: { priority: dice.pick(["high", "normal", "low"]) } };
    if (roll < 0.85) return { patch: { due: day(dice, now, 40), start: null } };
    if (roll < 0.9) return { patch: { due: null, start: null } };
    if (roll < 0.95 && item.due !== null) return { patch: { due: later(item.due, 1 + dice.below(9)) } };
    return { patch: { alert: dice.chance(0.3) ? null : `${day(dice, now, 20)}T07:00:00Z`, start: item.due } };
  },

  move(_item, where, dice, now) {
    const progress =
      where === "outside"
        ? ({ status: "completed", percentComplete: 100, completedOn: "2024-05-06" } as const)
        : ({ status: "needs-action", percentComplete: 0, completedOn: null } as const);
    return { patch: { progress, due: where === "outside" ? "2024-05-06" : day(dice, now, 40), start: null } };
  },

  hostile(_item, pen, dice): Edit<Task> {
    switch (dice.below(4)) {
      case 0:
        return { patch: { title: `${pen("title")} ${"x".repeat(5_000)}` } };
      case 1:
        return { patch: { title: `${pen("title")}\u0000\uDC00` } };
      case 2:
        return { patch: { due: "2026-02-30" } };
      default:
        return { patch: { start: "2026-09-01", due: "2026-08-01" } };
    }
  },

  togglePrivate: ({ privacy }) => ({ patch: { privacy: privacy === "private" ? "public" : "private" } }),

  mayStay({ item, traits }, _side, settings) {
    return (
      traits.participants > 0 ||
      traits.invited ||
      traits.recurrenceUnknown ||
      !rules.kind.isValid(item) ||
      item.due === null ||
      (settings.privateItems === "skip" && item.privacy === "private")
    );
  },

  differences: (a, b) =>
    differences(
      rules.kind,
      inCommon(rules.kind, a, capabilities.crm, capabilities.mailbox),
      inCommon(rules.kind, b, capabilities.crm, capabilities.mailbox),
    ),
};
