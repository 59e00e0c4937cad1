import { answerEach } from "../answers.ts";
import type { Call } from "../call.ts";
import { EwsError } from "../errors.ts";
import { parseChangeKey } from "../ids.ts";
import { attendeesOf, recordInvitation } from "../meetings.ts";
import type { ItemView } from "../model.ts";
import { storeException } from "../occurrences.ts";
import { occurrenceAt, whole } from "../series.ts";
import { draftOf } from "../writers/draft.ts";
import { applyUpdates } from "../writers/item.ts";
import { attribute, child, children, el, write, type Xml } from "../xml.ts";

const conflictResults = "<m:ConflictResults><t:Count>0</t:Count></m:ConflictResults>";

/** @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/updateitem-operation */
export function updateItem(request: Xml, call: Call): string {
  const changes = children(child(request, "ItemChanges"));
  return answerEach("UpdateItem", changes, (change) => update(change, request, call), "<m:Items/>");
}

function update(change: Xml, request: Xml, call: Call): string {
  const [id, updates] = children(change);
  if (!id) throw new EwsError("ErrorInvalidIdEmpty");
  const view = call.view(id);
  const { item } = view;
  const send = attribute(request, "SendMeetingInvitationsOrCancellations");
  if (item.kind === "CalendarItem" && send === undefined) {
    throw new EwsError("ErrorSendMeetingInvitationsOrCancellationsRequired");
  }
  if (item.kind === "Message" && attribute(request, "MessageDisposition") === undefined) {
    throw new EwsError("ErrorMessageDispositionRequired");
  }
  demandCurrent(
    attribute(id, "ChangeKey"),
    item.version,
    attribute(request, "ConflictResolution") ?? "",
    call,
  );
  const before = attendeesOf(view.data);
  const draft = draftOf(view);
  applyUpdates(draft, children(updates), call);
  const onlyReadFlag = draft.touched.size === 1 && draft.touched.has("IsRead");
  let after: ItemView;
  if (view.originalStart === undefined) {
    draft.data.modified = onlyReadFlag ? draft.data.modified : call.now;
    item.data = draft.data;
    item.isRead = draft.isRead;
    if (item.data.calendar && draft.pending.start !== undefined) item.data.calendar.sequence++;
    call.items.update(item, !onlyReadFlag);
    after = whole(item);
  } else {
    storeException(view, draft, call.now);
    call.items.update(item);
    after = occurrenceAt(item, view.originalStart);
  }
  if (send !== undefined && send !== "SendToNone") mail(call, send, before, after);
  return `<m:Items>${write(el(item.kind, [call.itemId(after)]))}</m:Items>${conflictResults}`;
}

/**
 * NeverOverwrite refuses when somebody wrote in between; AutoResolve lets the client's fields win unless
 * a switch says otherwise; AlwaysOverwrite asks for no change key at all.
 */
function demandCurrent(changeKey: string | undefined, version: number, resolution: string, call: Call): void {
  if (changeKey === undefined || changeKey === "") {
    if (resolution === "AlwaysOverwrite") return;
    throw new EwsError("ErrorChangeKeyRequiredForWriteOperations");
  }
  if (parseChangeKey(changeKey) === version || resolution === "AlwaysOverwrite") return;
  if (resolution === "NeverOverwrite" || call.switches.autoResolve === "refuse") {
    throw new EwsError("ErrorIrresolvableConflict");
  }
}

function mail(call: Call, send: string, before: string[], after: ItemView): void {
  const now = attendeesOf(after.data);
  const changed = [...now.filter((to) => !before.includes(to)), ...before.filter((to) => !now.includes(to))];
  const all = [...new Set([...now, ...before])];
  recordInvitation(call, "UpdateItem", after.data, send.includes("Changed") ? changed : all);
}
