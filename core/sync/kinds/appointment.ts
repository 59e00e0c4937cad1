import { appointmentKind } from "../../items/appointment-kind.ts";
import type { Appointment } from "../../items/appointment.ts";
import type { BothCapabilities } from "../prints.ts";
import type { KindRules } from "../rules.ts";

export const appointmentRules: KindRules<Appointment> = {
  kind: appointmentKind,
  content: ["title", "description", "location"],
  privacy: "privacy",
  isPrivate: (item) => item.privacy === "private",
  mask: (item, title) => ({ ...item, title, description: "", location: "" }),
  emptied: { title: '""', description: '""', location: '""', recurrenceRule: "null" },
  /** Meetings come first: their recurrence is the organizer's matter. */
  whyUntouched: ({ observed: { traits }, item }, capabilities) => {
    if (traits.invited) return "invited";
    if (traits.participants > 0) return "meeting";
    if (traits.recurrenceUnknown) return "unknown-recurrence";
    if (traits.exceptions > 0 && !both(capabilities, "exceptions")) return "series-with-exceptions";
    if (item.recurrenceRule?.end.kind === "endless" && !both(capabilities, "endless"))
      return "endless-series";
    return null;
  },
  whyFiltered: (item, { skipFree, skipAllDay }) => {
    if (skipFree && item.freeBusyStatus === "free") return "free";
    return skipAllDay && item.time.showWithoutTime ? "all-day" : null;
  },
  subscribes: null,
};

function both({ crm, mailbox }: BothCapabilities, what: "endless" | "exceptions"): boolean {
  return crm.recurrence?.[what] === true && mailbox.recurrence?.[what] === true;
}
