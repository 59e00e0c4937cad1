import type { Call } from "./call.ts";
import { EwsError } from "./errors.ts";
import type { ItemData } from "./model.ts";
import { children, child, childText, type Xml } from "./xml.ts";

const attendeeLists = ["RequiredAttendees", "OptionalAttendees", "Resources"];

/** Addresses of all that are invited. */
export function attendeesOf(data: ItemData): string[] {
  return attendeeLists.flatMap((name) => addresses(data.values[name], "Mailbox"));
}

function addresses(list: Xml | undefined, inside?: string): string[] {
  return children(list)
    .map((entry) => childText(inside ? child(entry, inside) : entry, "EmailAddress"))
    .filter((address) => address !== undefined);
}

/** Writes down that a real server would now have mailed the attendees: invitation, update or cancellation. */
export function recordInvitation(
  call: Call,
  operation: string,
  data: ItemData,
  to = attendeesOf(data),
): void {
  if (to.length === 0) return;
  call.server.context.attendeeMails.add({
    system: "exchange",
    from: call.person.address,
    to,
    subject: data.values["Subject"]?.text ?? "",
    operation,
  });
}

/**
 * Puts a sent message into the inboxes of the people of this server; other recipients get nothing.
 * @throws EwsError `ErrorInvalidRecipients` when nobody is named
 */
export function deliver(data: ItemData, call: Call): void {
  const lists = ["ToRecipients", "CcRecipients", "BccRecipients"];
  const to = lists.flatMap((name) => addresses(data.values[name]));
  if (to.length === 0) throw new EwsError("ErrorInvalidRecipients");
  for (const address of to) {
    const person = call.server.context.directory.byAddress(address);
    if (!person?.capabilities.mailbox) continue;
    const inbox = call.folders.distinguished(person.objectId, "inbox");
    if (inbox) call.items.insert(person.objectId, inbox.row, "Message", data, false);
  }
}
