import { answerEach } from "../answers.ts";
import type { Call } from "../call.ts";
import { EwsError } from "../errors.ts";
import { attribute, child, children, type Xml } from "../xml.ts";

/** @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/deletefolder-operation */
export function deleteFolder(request: Xml, call: Call): string {
  return answerEach("DeleteFolder", children(child(request, "FolderIds")), (id) => {
    const folder = call.folder(id);
    if (folder.distinguished !== undefined) throw new EwsError("ErrorDeleteDistinguishedFolder");
    const bin = call.defaultFolder("deleteditems");
    if (attribute(request, "DeleteType") === "MoveToDeletedItems" && folder.parent !== bin.row) {
      call.folders.moveTo(folder, bin);
    } else call.folders.remove(folder);
    return "";
  });
}
