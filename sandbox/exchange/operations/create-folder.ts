import { answerEach } from "../answers.ts";
import type { Call } from "../call.ts";
import { EwsError } from "../errors.ts";
import { readExtended } from "../extended.ts";
import { FolderShape } from "../folder-shape.ts";
import { child, children, childText, type Xml } from "../xml.ts";

const classes: Record<string, string> = {
  Folder: "IPF.Note",
  CalendarFolder: "IPF.Appointment",
  ContactsFolder: "IPF.Contact",
  TasksFolder: "IPF.Task",
};

/** @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/createfolder-operation */
export function createFolder(request: Xml, call: Call): string {
  const shape = new FolderShape(undefined);
  return answerEach(
    "CreateFolder",
    children(child(request, "Folders")),
    (element) => {
      const parent = call.folder(child(request, "ParentFolderId"));
      const name = childText(element, "DisplayName")?.trim() ?? "";
      if (name === "") throw new EwsError("ErrorFolderSavePropertyError", "A folder needs a display name.");
      const folderClass = childText(element, "FolderClass") ?? classes[element.name];
      if (folderClass === undefined) throw new EwsError("ErrorInvalidFolderTypeForOperation");
      const extended = children(element, "ExtendedProperty").map(readExtended);
      return `<m:Folders>${shape.write(call.folders.create(parent, name, folderClass, extended), call)}</m:Folders>`;
    },
    "<m:Folders/>",
  );
}
