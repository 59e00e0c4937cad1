import { answerOne } from "../answers.ts";
import type { Call } from "../call.ts";
import { NO_ROW, readState, writeState } from "../changes.ts";
import { FolderShape } from "../folder-shape.ts";
import type { FolderChange } from "../folders.ts";
import { formatId } from "../ids.ts";
import { child, childText, el, write, type Xml } from "../xml.ts";

/** @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/syncfolderhierarchy-operation */
export function syncFolderHierarchy(request: Xml, call: Call): string {
  const shape = new FolderShape(request);
  return answerOne("SyncFolderHierarchy", () => {
    const { owner, replica } = call.mailbox();
    const top = child(request, "SyncFolderId")
      ? call.folder(child(request, "SyncFolderId"))
      : call.defaultFolder("msgfolderroot");
    const given = childText(request, "SyncState");
    const since = given ? readState(given, replica, -top.row).since : 0;
    const until = call.emptyListing ? since : call.items.sequence(owner);
    const inside = new Set(call.folders.below(top.row).map((folder) => folder.row));
    const changes = call.emptyListing ? [] : call.folders.changes(owner, since);
    const written = changes
      .filter(({ row, change }) => change === "delete" || inside.has(row))
      .map((change) => writeChange(change, shape, call));
    const state = writeState({ replica, folder: -top.row, since: until, until: 0, below: NO_ROW });
    return (
      `<m:SyncState>${state}</m:SyncState><m:IncludesLastFolderInRange>true</m:IncludesLastFolderInRange>` +
      `<m:Changes>${written.join("")}</m:Changes>`
    );
  });
}

function writeChange({ row, change }: FolderChange, shape: FolderShape, call: Call): string {
  const folder = change === "delete" ? undefined : call.folders.byRow(row);
  if (!folder) {
    const { owner, replica } = call.mailbox();
    const id = formatId({ mailbox: owner, replica, kind: "folder", row });
    return write(el("Delete", [el("FolderId", undefined, { Id: id })]));
  }
  const element = change === "create" ? "t:Create" : "t:Update";
  return `<${element}>${shape.write(folder, call)}</${element}>`;
}
