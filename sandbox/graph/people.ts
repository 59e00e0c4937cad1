import { completeMailbox } from "../exchange/readers/reader.ts";
import { child, children, childText, el, type Xml } from "../exchange/xml.ts";

export interface EmailAddress {
  name?: string | null;
  address?: string | null;
}

export interface Attendee {
  type?: "required" | "optional" | "resource" | null;
  emailAddress?: EmailAddress | null;
  status?: { response?: string | null; time?: string | null } | null;
}

const lists = {
  required: "RequiredAttendees",
  optional: "OptionalAttendees",
  resource: "Resources",
} as const;

const responses: Record<string, string> = {
  Unknown: "none",
  Organizer: "organizer",
  Tentative: "tentativelyAccepted",
  Accept: "accepted",
  Decline: "declined",
  NoResponseReceived: "notResponded",
};

const never = "0001-01-01T00:00:00Z";

export function writeAttendees(values: Record<string, Xml>): Attendee[] {
  return (Object.keys(lists) as (keyof typeof lists)[]).flatMap((type) =>
    children(values[lists[type]]).map((attendee) => {
      const mailbox = completeMailbox(child(attendee, "Mailbox"));
      return {
        type,
        status: {
          response: responses[childText(attendee, "ResponseType") ?? "Unknown"] ?? "none",
          time: childText(attendee, "LastResponseTime") ?? never,
        },
        emailAddress: {
          name: childText(mailbox, "Name") ?? "",
          address: childText(mailbox, "EmailAddress") ?? "",
        },
      };
    }),
  );
}

/** The three attendee lists of the store; a list without anybody is `undefined`. */
export function attendeeLists(attendees: (Attendee | null)[]): Record<string, Xml | undefined> {
  const entries = Object.entries(lists).map(([type, element]) => {
    const invited = attendees
      .filter((attendee) => attendee !== null)
      .filter((attendee) => (attendee.type ?? "required") === type);
    const list = invited.map(({ emailAddress }) =>
      el("Attendee", [
        el("Mailbox", [
          ...(emailAddress?.name ? [el("Name", emailAddress.name)] : []),
          el("EmailAddress", emailAddress?.address ?? ""),
        ]),
      ]),
    );
    return [element, list.length > 0 ? el(element, list) : undefined] as const;
  });
  return Object.fromEntries(entries);
}
