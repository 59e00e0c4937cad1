import type { Appointment, RecurrenceRule } from "./appointment.ts";
import { occurrenceOf, overridesOf } from "./overrides.ts";

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/u;
const date = /^\d{4}-\d{2}-\d{2}$/u;
/** Longer texts are refused by one system or the other; the item is left where it is. */
export const longest = { title: 4_000, location: 4_000, description: 1_000_000 } as const;

/**
 * Whether an item in normal form can be held by any system at all: dates that exist, an end not before the
 * start, a rule that names what its frequency needs.
 */
export function isValid(item: Appointment): boolean {
  return (
    validItem(item) &&
    overridesOf(item).every(([date]) => {
      const occurrence = occurrenceOf(item, date);
      return occurrence === null || validItem(occurrence);
    })
  );
}

function validItem(item: Appointment): boolean {
  return (
    validTime(item) &&
    item.title.length <= longest.title &&
    item.location.length <= longest.location &&
    item.description.length <= longest.description &&
    (item.alertMinutes === null || Number.isSafeInteger(item.alertMinutes)) &&
    (item.recurrenceRule === null || validRule(item.recurrenceRule))
  );
}

function validTime({ time }: Appointment): boolean {
  const form = time.showWithoutTime ? date : instant;
  if (!form.test(time.start) || !form.test(time.end)) return false;
  if (!exists(time.start) || !exists(time.end)) return false;
  const [start, end] = [Date.parse(time.start), Date.parse(time.end)];
  return time.showWithoutTime ? start < end : start <= end;
}

/** 30 February is a text of the right form, and no day. */
function exists(text: string): boolean {
  const at = Date.parse(text);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text.slice(0, 19).replace("Z", ""));
}

function validRule(rule: RecurrenceRule): boolean {
  if (!Number.isSafeInteger(rule.interval) || rule.interval < 1) return false;
  if (rule.end.kind === "count" && (!Number.isSafeInteger(rule.end.count) || rule.end.count < 1))
    return false;
  if (rule.end.kind === "until" && !(date.test(rule.end.date) && exists(rule.end.date))) return false;
  if (rule.frequency === "daily") return true;
  if (rule.frequency === "weekly") return rule.byDay.length > 0;
  const day = rule.nthOfPeriod === null ? rule.byMonthDay !== null : rule.byDay.length > 0;
  return day && (rule.frequency === "monthly" || rule.byMonth !== null);
}
