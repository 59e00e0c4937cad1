import { attendeesOf } from "../exchange/meetings.ts";
import type { ItemData } from "../exchange/model.ts";
import type { GraphRequest } from "./request.ts";

/**
 * Graph has no switch against mails: who writes or deletes a meeting as its organizer mails the attendees.
 * @see https://learn.microsoft.com/graph/api/user-post-events ("the server sends invitations to all the attendees")
 */
export function mailAttendees(
  request: GraphRequest,
  operation: string,
  data: ItemData,
  to = attendeesOf(data),
): void {
  if (to.length === 0) return;
  request.call.server.context.attendeeMails.add({
    system: "graph",
    from: request.person.address,
    to,
    subject: data.values["Subject"]?.text ?? "",
    operation,
  });
}

/** Members of an event that attendees see. */
const shared = new Set([
  "subject",
  "body",
  "start",
  "end",
  "isAllDay",
  "location",
  "locations",
  "recurrence",
  "importance",
  "attendees",
]);

/**
 * An update of the attendees alone mails those that are new; any other of what attendees see mails all.
 * @see https://learn.microsoft.com/graph/api/event-update
 */
export function mailUpdate(request: GraphRequest, before: ItemData, after: ItemData): void {
  const members = Object.keys(request.body).filter((name) => !name.includes("@odata."));
  const told =
    request.switches.updateMails === "always" ? members : members.filter((name) => shared.has(name));
  if (told.length === 0) return;
  const [was, now] = [attendeesOf(before), attendeesOf(after)];
  const changed = [...now.filter((to) => !was.includes(to)), ...was.filter((to) => !now.includes(to))];
  const onlyAttendees = told.every((name) => name === "attendees");
  mailAttendees(request, "update", after, onlyAttendees ? changed : [...new Set([...now, ...was])]);
}
