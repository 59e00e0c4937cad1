import { appointmentKind } from "../../items/appointment-kind.ts";
import type { Appointment, RecurrenceOverride } from "../../items/appointment.ts";
import { localDate, occurrenceDates } from "../../items/expand.ts";
import {
  dateOfField,
  isOverrideField,
  overrideField,
  overridesOf,
  withOverrides,
} from "../../items/overrides.ts";
import type { BothCapabilities } from "../prints.ts";
import type { KindRules, Rolling } from "../rules.ts";

/** Series without an end, and what of them is written to a system that needs one. */
const rolling: Rolling<Appointment> = {
  bound(item, until) {
    const rule = item.recurrenceRule;
    if (rule?.end.kind !== "endless") return null;
    let end = localDate(item);
    let dates = 0;
    for (const date of occurrenceDates(end, rule)) {
      // Two at least: one date would not be a series.
      if (date > until && dates >= 2) break;
      end = date;
      dates += 1;
    }
    const ended: Appointment = { ...item, recurrenceRule: { ...rule, end: { kind: "until", date: end } } };
    return {
      item: withOverrides(
        ended,
        overridesOf(item).filter(([date]) => date <= end),
      ),
      end,
    };
  },
  endOf: ({ recurrenceRule }) => (recurrenceRule?.end.kind === "until" ? recurrenceRule.end.date : null),
  unbound: (item) =>
    item.recurrenceRule === null
      ? item
      : { ...item, recurrenceRule: { ...item.recurrenceRule, end: { kind: "endless" } } },
  nextAfter(item, after) {
    if (item.recurrenceRule === null) return null;
    for (const date of occurrenceDates(localDate(item), item.recurrenceRule)) if (date > after) return date;
    return null;
  },
};

export const appointmentRules: KindRules<Appointment> = {
  kind: appointmentKind,
  content: ["title", "description", "location"],
  privacy: "privacy",
  isPrivate: (item) => item.privacy === "private",
  mask: (item, title) =>
    mapOverrides({ ...item, title, description: "", location: "" }, (override) => withoutContent(override)),
  maskParts: (item, title) =>
    mapOverrides(item, (override) =>
      override.excluded !== true && override.privacy === "private"
        ? { ...override, title, description: "", location: "" }
        : override,
    ),
  keepContent: (item, present) =>
    mapOverrides(item, (override, date) => {
      const now = present[overrideField(date)];
      if (override.excluded === true || !now || now.excluded === true) return override;
      const { title, description, location } = now;
      const content = Object.entries({ title, description, location }).filter(
        ([, value]) => value !== undefined,
      );
      return { ...override, ...Object.fromEntries(content) };
    }),
  emptied: { title: '""', description: '""', location: '""', recurrenceRule: "null" },
  /** Meetings come first: their recurrence is the organizer's matter. */
  whyUntouched: ({ observed: { traits }, item }, capabilities) => {
    if (traits.invited) return "invited";
    if (traits.participants > 0) return "meeting";
    if (traits.recurrenceUnknown) return "unknown-recurrence";
    if (traits.exceptions > 0) return "series-with-exceptions";
    if (overridesOf(item).length > 0 && !bothTellExceptions(capabilities)) return "series-with-exceptions";
    const { crm, mailbox } = capabilities;
    const held = [crm, mailbox].every(({ recurrence }) => recurrence?.holds?.(item) !== false);
    return held ? null : "unsupported-recurrence";
  },
  whyFiltered: (item, { skipFree, skipAllDay }) => {
    if (skipFree && item.freeBusyStatus === "free") return "free";
    return skipAllDay && item.time.showWithoutTime ? "all-day" : null;
  },
  subscribes: null,
  rolling,
  elementDate: (field) => (isOverrideField(field) ? dateOfField(field) : null),
};

function bothTellExceptions({ crm, mailbox }: BothCapabilities): boolean {
  return crm.recurrence?.exceptions === true && mailbox.recurrence?.exceptions === true;
}

function mapOverrides(
  item: Appointment,
  change: (override: RecurrenceOverride, date: string) => RecurrenceOverride,
): Appointment {
  return withOverrides(
    item,
    overridesOf(item).map(([date, override]) => [date, change(override, date)]),
  );
}

function withoutContent(override: RecurrenceOverride): RecurrenceOverride {
  if (override.excluded === true) return override;
  const { title: _title, description: _description, location: _location, ...rest } = override;
  return rest;
}
