import { answerEach } from "../answers.ts";
import type { Call } from "../call.ts";
import { FolderShape } from "../folder-shape.ts";
import { child, children, type Xml } from "../xml.ts";

/** @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/getfolder-operation */
export function getFolder(request: Xml, call: Call): string {
  const shape = new FolderShape(request);
  return answerEach(
    "GetFolder",
    children(child(request, "FolderIds")),
    (id) => `<m:Folders>${shape.write(call.folder(id), call)}</m:Folders>`,
    "<m:Folders/>",
  );
}
