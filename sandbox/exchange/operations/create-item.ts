import { answerEach } from "../answers.ts";
import type { Call } from "../call.ts";
import { EwsError } from "../errors.ts";
import type { Folder } from "../folders.ts";
import { deliver, recordInvitation } from "../meetings.ts";
import type { ItemKind, StoredItem } from "../model.ts";
import { isMeeting } from "../readers/calendar.ts";
import { whole } from "../series.ts";
import { draftFrom } from "../writers/item.ts";
import { attribute, child, children, el, write, type Xml } from "../xml.ts";

const kinds: Record<string, ItemKind> = {
  CalendarItem: "CalendarItem",
  Task: "Task",
  Contact: "Contact",
  Message: "Message",
  Item: "Item",
};

/** @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/createitem-operation */
export function createItem(request: Xml, call: Call): string {
  return answerEach(
    "CreateItem",
    children(child(request, "Items")),
    (element) => create(element, request, call),
    "<m:Items/>",
  );
}

function create(element: Xml, request: Xml, call: Call): string {
  const kind = kinds[element.name];
  if (!kind)
    throw new EwsError("ErrorInvalidOperation", `Items of type ${element.name} cannot be created here.`);
  const send = attribute(request, "SendMeetingInvitations");
  if (kind === "CalendarItem" && send === undefined)
    throw new EwsError("ErrorSendMeetingInvitationsRequired");
  const disposition = attribute(request, "MessageDisposition");
  if (kind === "Message" && disposition === undefined) throw new EwsError("ErrorMessageDispositionRequired");
  const target = child(request, "SavedItemFolderId");
  const folder = target ? call.folder(target) : call.defaultFolder(defaultFolderOf(kind, disposition));
  demandRightFolder(kind, folder);
  const draft = draftFrom(element, kind, call);
  const sends = kind === "CalendarItem" && send !== "SendToNone" && isMeeting(draft);
  if (sends && draft.data.calendar) draft.data.calendar.requestSent = true;
  if (kind === "Message" && disposition !== "SaveOnly") {
    deliver(draft.data, call);
    if (disposition === "SendOnly") return "<m:Items/>";
  }
  const item = call.items.insert(call.mailbox().owner, folder.row, kind, draft.data, draft.isRead);
  if (sends) recordInvitation(call, "CreateItem", draft.data);
  return `<m:Items>${writeId(item, call)}</m:Items>`;
}

function writeId(item: StoredItem, call: Call): string {
  return write(el(item.kind, [call.itemId(whole(item))]));
}

function defaultFolderOf(kind: ItemKind, disposition: string | undefined): string {
  switch (kind) {
    case "CalendarItem":
      return "calendar";
    case "Task":
      return "tasks";
    case "Contact":
      return "contacts";
    case "Message":
    case "Item":
      return disposition === "SaveOnly" ? "drafts" : "sentitems";
  }
}

function demandRightFolder(kind: ItemKind, folder: Folder): void {
  if (kind === "CalendarItem" && !folder.class.startsWith("IPF.Appointment")) {
    throw new EwsError("ErrorCannotCreateCalendarItemInNonCalendarFolder");
  }
  if (kind === "Contact" && !folder.class.startsWith("IPF.Contact")) {
    throw new EwsError("ErrorCannotCreateContactInNonContactFolder");
  }
  if (kind === "Task" && !folder.class.startsWith("IPF.Task")) {
    throw new EwsError("ErrorCannotCreateTaskInNonTaskFolder");
  }
}
