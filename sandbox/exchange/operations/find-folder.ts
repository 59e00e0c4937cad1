import { answerEach } from "../answers.ts";
import type { Call } from "../call.ts";
import { FolderShape } from "../folder-shape.ts";
import type { Folder } from "../folders.ts";
import { pageOf } from "../paging.ts";
import { folderPredicate } from "../restriction.ts";
import { attribute, child, children, type Xml } from "../xml.ts";

/** @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/findfolder-operation */
export function findFolder(request: Xml, call: Call): string {
  const shape = new FolderShape(request);
  const matches = folderPredicate(child(request, "Restriction"));
  const deep = attribute(request, "Traversal") === "Deep";
  const view = child(request, "IndexedPageFolderView") ?? child(request, "FractionalPageFolderView");
  return answerEach("FindFolder", children(child(request, "ParentFolderIds")), (id) => {
    const parent = call.folder(id);
    const soft = attribute(request, "Traversal") === "SoftDeleted" || call.emptyListing;
    const all = soft ? [] : deep ? call.folders.below(parent.row) : call.folders.childrenOf(parent.row);
    const page = pageOf<Folder>(all.filter(matches), view);
    const folders = page.entries.map((folder) => shape.write(folder, call)).join("");
    return `<m:RootFolder ${page.attributes}><t:Folders>${folders}</t:Folders></m:RootFolder>`;
  });
}
