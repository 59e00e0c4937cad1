import { answerEach } from "../answers.ts";
import type { Call } from "../call.ts";
import { EwsError } from "../errors.ts";
import { whole } from "../series.ts";
import { child, children, childText, el, write, type Xml } from "../xml.ts";

/**
 * The item gets a new id, as in any Exchange without immutable ids.
 * @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/moveitem-operation
 */
export function moveItem(request: Xml, call: Call): string {
  return transfer("MoveItem", request, call);
}

/**
 * Everything is copied: extended properties and the calendar's UID too.
 * @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/copyitem-operation
 */
export function copyItem(request: Xml, call: Call): string {
  return transfer("CopyItem", request, call);
}

function transfer(operation: "MoveItem" | "CopyItem", request: Xml, call: Call): string {
  const tellIds = !["false", "0"].includes(childText(request, "ReturnNewItemIds") ?? "true");
  return answerEach(
    operation,
    children(child(request, "ItemIds")),
    (id) => {
      const folder = call.folder(child(request, "ToFolderId"));
      const view = call.view(id);
      if (view.originalStart !== undefined) throw new EwsError("ErrorCalendarCannotMoveOrCopyOccurrence");
      const { item } = view;
      const copy =
        operation === "MoveItem"
          ? call.items.move(item, folder.row)
          : call.items.insert(item.mailbox, folder.row, item.kind, item.data, item.isRead);
      return tellIds
        ? `<m:Items>${write(el(copy.kind, [call.itemId(whole(copy))]))}</m:Items>`
        : "<m:Items/>";
    },
    "<m:Items/>",
  );
}
