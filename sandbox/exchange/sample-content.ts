import type { SampleAppointment } from "../samples.ts";
import {
  body,
  categories,
  importance,
  isPrivate,
  put,
  text,
  wordOf,
  type Field,
  type Fields,
} from "./sample-fields.ts";
import { child, children, childText, el } from "./xml.ts";

const busyNames = {
  free: "Free",
  tentative: "Tentative",
  busy: "Busy",
  oof: "OOF",
  elsewhere: "WorkingElsewhere",
} as const;

const attendees: Field<string[]> = {
  read: (data) =>
    children(data.values["RequiredAttendees"]).map(
      (attendee) => childText(child(attendee, "Mailbox"), "EmailAddress") ?? "",
    ),
  write(data, value) {
    const known = new Map(
      children(data.values["RequiredAttendees"]).map((attendee) => [
        childText(child(attendee, "Mailbox"), "EmailAddress"),
        attendee,
      ]),
    );
    const list = value.map(
      (address) => known.get(address) ?? el("Attendee", [el("Mailbox", [el("EmailAddress", address)])]),
    );
    put(data, "RequiredAttendees", list.length > 0 ? el("RequiredAttendees", list) : undefined);
  },
};

/** The members of an appointment that are not about time. */
export const contentFields: Fields<
  Omit<SampleAppointment, "start" | "end" | "timeZone" | "allDay" | "recurrence" | "uid">
> = {
  subject: text("Subject"),
  body,
  location: text("Location"),
  busy: {
    read: (data) => wordOf(busyNames, data.values["LegacyFreeBusyStatus"]?.text) ?? "busy",
    write: (data, value) => put(data, "LegacyFreeBusyStatus", busyNames[value]),
  },
  private: isPrivate,
  reminderMinutes: {
    read: (data) =>
      ["true", "1"].includes(data.values["ReminderIsSet"]?.text ?? "")
        ? Number(data.values["ReminderMinutesBeforeStart"]?.text ?? "15")
        : null,
    write(data, value) {
      put(data, "ReminderIsSet", String(value !== null));
      put(data, "ReminderMinutesBeforeStart", value === null ? undefined : String(value));
    },
  },
  categories,
  importance,
  attendees,
};
