import type { Call } from "../call.ts";
import type { Xml } from "../xml.ts";
import { convertId } from "./convert-id.ts";
import { copyItem, moveItem } from "./move-item.ts";
import { createFolder } from "./create-folder.ts";
import { createItem } from "./create-item.ts";
import { deleteFolder } from "./delete-folder.ts";
import { deleteItem } from "./delete-item.ts";
import { findFolder } from "./find-folder.ts";
import { findItem } from "./find-item.ts";
import { getFolder } from "./get-folder.ts";
import { getItem } from "./get-item.ts";
import { getServerTimeZones } from "./get-server-time-zones.ts";
import { resolveNames } from "./resolve-names.ts";
import { syncFolderHierarchy } from "./sync-folder-hierarchy.ts";
import { syncFolderItems } from "./sync-folder-items.ts";
import { updateFolder } from "./update-folder.ts";
import { updateItem } from "./update-item.ts";

/** One operation: reads the request element, gives the response element. */
export interface Operation {
  perform(request: Xml, call: Call): string;
  /** True when it writes; all its writes are one transaction. */
  writes: boolean;
}

/** The operations that this Exchange speaks, by the name of their request element. */
export const operations: Record<string, Operation> = {
  ConvertId: { perform: convertId, writes: false },
  CopyItem: { perform: copyItem, writes: true },
  CreateFolder: { perform: createFolder, writes: true },
  CreateItem: { perform: createItem, writes: true },
  DeleteFolder: { perform: deleteFolder, writes: true },
  DeleteItem: { perform: deleteItem, writes: true },
  FindFolder: { perform: findFolder, writes: false },
  FindItem: { perform: findItem, writes: false },
  GetFolder: { perform: getFolder, writes: false },
  GetItem: { perform: getItem, writes: false },
  GetServerTimeZones: { perform: getServerTimeZones, writes: false },
  MoveItem: { perform: moveItem, writes: true },
  ResolveNames: { perform: resolveNames, writes: false },
  SyncFolderHierarchy: { perform: syncFolderHierarchy, writes: false },
  SyncFolderItems: { perform: syncFolderItems, writes: false },
  UpdateFolder: { perform: updateFolder, writes: true },
  UpdateItem: { perform: updateItem, writes: true },
};
