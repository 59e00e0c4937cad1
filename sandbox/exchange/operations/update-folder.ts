import { answerEach } from "../answers.ts";
import type { Call } from "../call.ts";
import { EwsError } from "../errors.ts";
import { extendedKey, readExtended, setExtended } from "../extended.ts";
import { FolderShape } from "../folder-shape.ts";
import type { Folder } from "../folders.ts";
import { attribute, child, children, type Xml } from "../xml.ts";

/** @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/updatefolder-operation */
export function updateFolder(request: Xml, call: Call): string {
  const shape = new FolderShape(undefined);
  return answerEach(
    "UpdateFolder",
    children(child(request, "FolderChanges")),
    (change) => {
      const [id, updates] = children(change);
      const folder = call.folder(id);
      for (const update of children(updates)) apply(folder, update);
      call.folders.update(folder);
      return `<m:Folders>${shape.write(folder, call)}</m:Folders>`;
    },
    "<m:Folders/>",
  );
}

function apply(folder: Folder, update: Xml): void {
  const [path, element] = children(update);
  if (!path) throw new EwsError("ErrorUpdatePropertyMismatch");
  if (path.name === "ExtendedFieldURI") {
    const key = extendedKey(path);
    if (update.name === "DeleteFolderField")
      folder.extended = folder.extended.filter((entry) => entry.key !== key);
    else setExtended(folder.extended, readExtended(children(element)[0] as Xml));
    return;
  }
  const uri = attribute(path, "FieldURI");
  const value = children(element)[0]?.text;
  if (update.name === "DeleteFolderField") {
    // Clients that save a whole folder delete what it does not have; only the name has to stay.
    if (uri === "folder:DisplayName") throw new EwsError("ErrorInvalidPropertyDelete");
  } else if (update.name !== "SetFolderField") throw new EwsError("ErrorInvalidPropertyAppend");
  else if (uri === "folder:DisplayName" && value !== undefined) folder.name = value;
  else if (uri === "folder:FolderClass" && value !== undefined) folder.class = value;
  else throw new EwsError("ErrorInvalidPropertySet");
}
