import { crmLike, mailboxLike } from "../../../connectors/memory/flavours.ts";
import type { Appointment, RecurrenceOverride, RecurrenceRule } from "../../../core/items/appointment.ts";
import { differences, inCommon } from "../../../core/items/compare.ts";
import { localDate, occurrenceDates } from "../../../core/items/expand.ts";
import { isOverrideField, overrideField, overridesOf } from "../../../core/items/overrides.ts";
import { appointmentRules } from "../../../core/sync/kinds/appointment.ts";
import { defaultSettings } from "../../../core/sync/settings.ts";
import type { Dice } from "../dice.ts";
import type { Edit, KindModel } from "./model.ts";
import { remembering } from "./remembering.ts";

const dayMs = 86_400_000;
const { rules, capabilities } = remembering(appointmentRules, { crm: crmLike, mailbox: mailboxLike });

const weekly: RecurrenceRule = {
  frequency: "weekly",
  interval: 1,
  byDay: ["mo"],
  nthOfPeriod: null,
  byMonthDay: null,
  byMonth: null,
  end: { kind: "count", count: 5 },
};
const series: readonly RecurrenceRule[] = [
  weekly,
  { ...weekly, interval: 2, byDay: ["tu", "th"] },
  { ...weekly, end: { kind: "endless" } },
  { ...weekly, frequency: "daily", byDay: [], end: { kind: "count", count: 9 } },
  { ...weekly, frequency: "monthly", byDay: [], byMonthDay: 31, end: { kind: "count", count: 4 } },
  { ...weekly, frequency: "monthly", byDay: ["fr"], nthOfPeriod: -1, end: { kind: "endless" } },
];
const zones = [null, null, null, "Europe/Oslo", "America/New_York"] as const;

function timeOf(dice: Dice, fromDay: number, days: number): Pick<Appointment, "time"> {
  const day = Math.floor(fromDay / dayMs) * dayMs + dice.below(days) * dayMs;
  if (dice.chance(0.15)) {
    const date = (at: number) => new Date(at).toISOString().slice(0, 10);
    return {
      time: { showWithoutTime: true, start: date(day), end: date(day + (1 + dice.below(3)) * dayMs) },
    };
  }
  const start = day + (6 + dice.below(14)) * 3_600_000 + dice.below(60) * 60_000;
  const iso = (at: number) => new Date(at).toISOString().replace(".000Z", "Z");
  return { time: { showWithoutTime: false, start: iso(start), end: iso(start + dice.below(180) * 60_000) } };
}

const near = (dice: Dice, now: number) => timeOf(dice, now - 5 * dayMs, 60);
const far = (dice: Dice) => timeOf(dice, Date.UTC(2034, 0, 1), 300);

export const appointments: KindModel<Appointment> = {
  rules,
  capabilities,
  name: "title",
  texts: ["title", "location", "description"],

  settings: (dice) => ({
    ...defaultSettings,
    privateItems: dice.pick(["hide", "busy-only", "busy-only"]),
    conflict: dice.pick(["crm", "crm", "mailbox"]),
  }),

  make: (pen, dice, now) => ({
    title: pen("title"),
    location: pen("location"),
    description: pen("description"),
    ...(dice.chance(0.08) ? far(dice) : near(dice, now)),
    timeZone: dice.pick(zones),
    freeBusyStatus: "busy",
    privacy: "public",
    alertMinutes: dice.pick([null, 15]),
    recurrenceRule: dice.chance(0.1) ? dice.pick(series) : null,
  }),

  change(item, dice, now) {
    const roll = dice.next();
    if (roll < 0.35) return { patch: near(dice, now) };
    if (roll < 0.7)
      return { patch: { freeBusyStatus: dice.pick(["free", "busy", "tentative", "out-of-office"]) } };
    if (roll < 0.85) return { patch: { alertMinutes: dice.pick([null, 0, 5, 15, 30]) } };
    // Of a series that would move single dates against the others, in systems without zones: known, and not exact.
    return { patch: item.recurrenceRule === null ? { timeZone: dice.pick(zones) } : near(dice, now) };
  },

  move: (_item, where, dice, now) => ({ patch: where === "outside" ? far(dice) : near(dice, now) }),

  hostile(_item, pen, dice): Edit<Appointment> {
    switch (dice.below(6)) {
      case 0:
        return { patch: { title: `${pen("title")} ${"x".repeat(5_000)}` } };
      case 1:
        return { patch: { title: `${pen("title")}\u0007\uD800` } };
      case 2:
        return {
          patch: {
            time: { showWithoutTime: false, start: "2026-04-02T10:00:00Z", end: "2026-04-01T10:00:00Z" },
          },
        };
      case 3:
        return {
          patch: {
            time: { showWithoutTime: false, start: "2026-02-30T10:00:00Z", end: "2026-02-30T11:00:00Z" },
          },
        };
      case 4:
        return { patch: {}, traits: { recurrenceUnknown: true } };
      default:
        return { patch: { recurrenceRule: { ...weekly, interval: 0, byDay: [] } } };
    }
  },

  togglePrivate: ({ privacy }) => ({ patch: { privacy: privacy === "private" ? "public" : "private" } }),

  recur: (item, dice) => ({
    patch: { recurrenceRule: item.recurrenceRule !== null && dice.chance(0.3) ? null : dice.pick(series) },
  }),

  changeOccurrence(item, pen, dice, now) {
    const rule = item.recurrenceRule;
    if (rule === null || rule.interval === 0) return null;
    const dates = [...occurrenceDates(localDate(item), rule).take(8)];
    if (dates.length === 0) return null;
    const override = dice.pick<RecurrenceOverride | null>([
      null,
      { excluded: true },
      { description: pen("occurrence") },
      { title: pen("occurrence"), alertMinutes: 5 },
      { ...near(dice, now), location: pen("occurrence") },
    ]);
    return { patch: { [overrideField(dice.pick(dates))]: override } };
  },

  split(item, pen, dice) {
    const rule = item.recurrenceRule;
    if (rule === null || rule.interval === 0) return null;
    const dates = [...occurrenceDates(localDate(item), rule).take(6)];
    const last = dates[dice.below(dates.length - 2)];
    const first = dates[dates.indexOf(last ?? "") + 1];
    if (last === undefined || first === undefined || dates.length < 3) return null;
    const { time } = item;
    const moved = (at: string) =>
      new Date(Date.parse(at) + Date.parse(first) - Date.parse(localDate(item))).toISOString();
    const after: Appointment = {
      ...item,
      title: pen("title"),
      location: pen("location"),
      description: pen("description"),
      time: time.showWithoutTime
        ? { showWithoutTime: true, start: moved(time.start).slice(0, 10), end: moved(time.end).slice(0, 10) }
        : {
            showWithoutTime: false,
            start: moved(time.start).replace(".000Z", "Z"),
            end: moved(time.end).replace(".000Z", "Z"),
          },
    };
    for (const [date] of overridesOf(after)) delete after[overrideField(date)];
    return { before: { patch: { recurrenceRule: { ...rule, end: { kind: "until", date: last } } } }, after };
  },

  mayStay({ item, traits }, _side, settings) {
    return (
      traits.participants > 0 ||
      traits.invited ||
      traits.recurrenceUnknown ||
      traits.exceptions > 0 ||
      !rules.kind.isValid(item) ||
      capabilities.crm.recurrence?.holds?.(item) === false ||
      (settings.privateItems === "skip" && item.privacy === "private") ||
      (settings.skipFree && item.freeBusyStatus === "free") ||
      (settings.skipAllDay && item.time.showWithoutTime)
    );
  },

  differences(a, b, now) {
    const one = inCommon(rules.kind, endedAs(b, a, now), capabilities.crm, capabilities.mailbox);
    const other = inCommon(rules.kind, endedAs(a, b, now), capabilities.crm, capabilities.mailbox);
    // What is over stays as it is on either side.
    const since = new Date(now - (defaultSettings.window.daysBack - 3) * dayMs).toISOString().slice(0, 10);
    return differences(rules.kind, one, other).filter(
      (field) =>
        !(isOverrideField(field) && field.slice(-10) < since) &&
        !(isOverrideField(field) && a.timeZone !== b.timeZone && onlyTimesDiffer(one[field], other[field])),
    );
  },
};

/** Where one system has no zones, single dates of a series are an hour off while the clocks are: known, and not exact. */
function onlyTimesDiffer(a: RecurrenceOverride | null | undefined, b: typeof a): boolean {
  const rest = (override: typeof a) => JSON.stringify({ ...override, time: undefined });
  return rest(a) === rest(b);
}

/** An endless series ends where its counterpart does, if that is far enough away to be an end of ours. */
function endedAs(other: Appointment, item: Appointment, now: number): Appointment {
  const end = other.recurrenceRule?.end;
  if (item.recurrenceRule?.end.kind !== "endless" || end?.kind !== "until") return item;
  if (Date.parse(end.date) < now + 60 * dayMs) return item;
  const kept = Object.fromEntries(
    Object.entries(item).filter(
      ([field]) => !field.startsWith("recurrenceOverrides/") || field.slice(-10) <= end.date,
    ),
  ) as unknown as Appointment;
  return { ...kept, recurrenceRule: { ...item.recurrenceRule, end } };
}
