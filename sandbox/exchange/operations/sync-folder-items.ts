import { answerOne } from "../answers.ts";
import type { Call } from "../call.ts";
import { NO_ROW, readState, writeState, type SyncState } from "../changes.ts";
import { whole } from "../series.ts";
import { ItemShape } from "../shape.ts";
import type { ItemChange } from "../store.ts";
import { attribute, child, children, childText, el, write, type Xml } from "../xml.ts";

/**
 * Masters and single items only, as the sync engine knows no calendar logic; newest first; at most 512 changes,
 * which the schema sees to.
 * @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/syncfolderitems-operation
 */
export function syncFolderItems(request: Xml, call: Call): string {
  const shape = new ItemShape(request, true);
  return answerOne("SyncFolderItems", () => {
    const folder = call.folder(child(request, "SyncFolderId"));
    const { owner, replica } = call.mailbox();
    const given = childText(request, "SyncState");
    const state: SyncState = given
      ? readState(given, replica, folder.row)
      : { replica, folder: folder.row, since: 0, until: 0, below: NO_ROW };
    if (call.emptyListing) return page(writeState(state), true, "");
    if (state.until === 0) state.until = call.items.sequence(owner);
    const limit = Number(childText(request, "MaxChangesReturned"));
    const found = call.items.changes(folder.row, state.since, state.below, limit + 1);
    const changes = found.slice(0, limit);
    const isLast = found.length <= limit;
    const next: SyncState = isLast
      ? { ...state, since: state.until, until: 0, below: NO_ROW }
      : { ...state, below: changes.at(-1)?.row ?? 0 };
    const ignored = new Set(children(child(request, "Ignore")).map((id) => attribute(id, "Id")));
    const written = changes.map((change) => writeChange(change, shape, call, ignored)).join("");
    return page(writeState(next), isLast, written);
  });
}

function page(state: string, isLast: boolean, changes: string): string {
  return (
    `<m:SyncState>${state}</m:SyncState><m:IncludesLastItemInRange>${isLast}</m:IncludesLastItemInRange>` +
    `<m:Changes>${changes}</m:Changes>`
  );
}

function writeChange(
  change: ItemChange,
  shape: ItemShape,
  call: Call,
  ignored: Set<string | undefined>,
): string {
  const id = call.rowId(change.row, change.kind, change.change === "delete" ? undefined : change.version);
  if (ignored.has(attribute(id, "Id"))) return "";
  if (change.change === "delete") return `<t:Delete>${write(id)}</t:Delete>`;
  if (change.change === "read") return write(el("ReadFlagChange", [id, el("IsRead", String(change.isRead))]));
  const element = change.change === "create" ? "t:Create" : "t:Update";
  const item = shape.idsOnly ? undefined : call.items.item(change.row);
  const content = item ? shape.write(whole(item), call) : write(el(change.kind, [id]));
  return `<${element}>${content}</${element}>`;
}
