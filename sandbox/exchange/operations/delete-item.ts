import { answerEach } from "../answers.ts";
import type { Call } from "../call.ts";
import { EwsError } from "../errors.ts";
import { recordInvitation } from "../meetings.ts";
import { deleteOccurrence } from "../occurrences.ts";
import { attribute, child, children, type Xml } from "../xml.ts";

/** @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/deleteitem-operation */
export function deleteItem(request: Xml, call: Call): string {
  return answerEach("DeleteItem", children(child(request, "ItemIds")), (id) => remove(id, request, call));
}

function remove(id: Xml, request: Xml, call: Call): string {
  const view = call.view(id);
  const { item } = view;
  const cancellations = attribute(request, "SendMeetingCancellations");
  if (item.kind === "CalendarItem" && cancellations === undefined) {
    throw new EwsError("ErrorSendMeetingCancellationsRequired");
  }
  if (item.kind === "Task" && attribute(request, "AffectedTaskOccurrences") === undefined) {
    throw new EwsError("ErrorAffectedTaskOccurrencesRequired");
  }
  if (item.kind === "CalendarItem" && cancellations !== "SendToNone")
    recordInvitation(call, "DeleteItem", view.data);
  if (view.originalStart !== undefined) {
    deleteOccurrence(view, call.now);
    call.items.update(item);
    return "";
  }
  const bin = binOf(attribute(request, "DeleteType") ?? "");
  const folder = bin === undefined ? undefined : call.defaultFolder(bin);
  if (folder && folder.row !== item.folder) call.items.move(item, folder.row);
  else call.items.remove(item);
  return "";
}

/** Where a deleted item goes; undefined: nowhere. */
function binOf(deleteType: string): string | undefined {
  if (deleteType === "MoveToDeletedItems") return "deleteditems";
  if (deleteType === "SoftDelete") return "recoverableitemsdeletions";
  return undefined;
}
