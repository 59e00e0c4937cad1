import type { Call } from "./call.ts";
import { extendedKey, writeExtended } from "./extended.ts";
import type { Folder } from "./folders.ts";
import { attribute, child, children, childText, el, write, type Xml } from "./xml.ts";

/** Element name of a folder, which follows from its class. */
export function folderElement(folder: Pick<Folder, "class">): string {
  if (folder.class.startsWith("IPF.Appointment")) return "CalendarFolder";
  if (folder.class.startsWith("IPF.Contact")) return "ContactsFolder";
  if (folder.class.startsWith("IPF.Task")) return "TasksFolder";
  return "Folder";
}

const rights = el("EffectiveRights", [
  ...["CreateAssociated", "CreateContents", "CreateHierarchy", "Delete", "Modify", "Read"].map((name) =>
    el(name, "true"),
  ),
  el("ViewPrivateItems", "true"),
]);

/** Order of the schema; the letters say which base shapes hold the property. */
const properties: [element: string, shapes: string][] = [
  ["FolderId", "IDA"],
  ["ParentFolderId", "A"],
  ["FolderClass", "A"],
  ["DisplayName", "DA"],
  ["TotalCount", "DA"],
  ["ChildFolderCount", "DA"],
  ["ExtendedProperty", ""],
  ["EffectiveRights", "A"],
  ["DistinguishedFolderId", "A"],
  ["UnreadCount", "DA"],
];

/** Which properties of a folder an answer holds. */
export class FolderShape {
  readonly #elements: Set<string>;
  readonly #extended: { path: Xml; key: string }[];

  constructor(request: Xml | undefined) {
    const shape = child(request, "FolderShape");
    const letter = (childText(shape, "BaseShape") ?? "IdOnly").slice(0, 1);
    const paths = children(child(shape, "AdditionalProperties"));
    this.#elements = new Set(
      properties.filter(([, shapes]) => shapes.includes(letter)).map(([element]) => element),
    );
    for (const path of paths) this.#elements.add((attribute(path, "FieldURI") ?? "").replace("folder:", ""));
    this.#extended = paths
      .filter((path) => path.name === "ExtendedFieldURI")
      .map((path) => ({ path, key: extendedKey(path) }));
    if (this.#extended.length > 0) this.#elements.add("ExtendedProperty");
  }

  write(folder: Folder, call: Call): string {
    const values = properties
      .filter(([element]) => this.#elements.has(element))
      .flatMap(([element]) => this.#read(folder, element, call));
    return write(el(folderElement(folder), values));
  }

  #read(folder: Folder, element: string, call: Call): Xml[] {
    switch (element) {
      case "FolderId":
        return [call.folderId(folder)];
      case "ParentFolderId":
        return [call.parentFolderId(folder.parent ?? folder.row)];
      case "FolderClass":
        return folder.class === "" ? [] : [el("FolderClass", folder.class)];
      case "DisplayName":
        return [el("DisplayName", folder.name)];
      case "TotalCount":
        return [el("TotalCount", String(call.items.countIn(folder.row).total))];
      case "ChildFolderCount":
        return [el("ChildFolderCount", String(call.folders.countChildren(folder.row)))];
      case "ExtendedProperty":
        return this.#extended.flatMap(({ path, key }) => {
          const value = folder.extended.find((entry) => entry.key === key);
          return value ? [writeExtended(path, value)] : [];
        });
      case "EffectiveRights":
        return [rights];
      case "DistinguishedFolderId":
        return folder.distinguished === undefined ? [] : [el("DistinguishedFolderId", folder.distinguished)];
      case "UnreadCount":
        return ["Folder", "TasksFolder"].includes(folderElement(folder))
          ? [el("UnreadCount", String(call.items.countIn(folder.row).unread))]
          : [];
      default:
        return [];
    }
  }
}
