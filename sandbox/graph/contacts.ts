import type { Folder } from "../exchange/folders.ts";
import type { ItemView } from "../exchange/model.ts";
import { whole } from "../exchange/series.ts";
import { readContact } from "./contact-read.ts";
import { changedContact, newContact } from "./contact-write.ts";
import { deltaPage, deltaState, queryToRemember, refuseParameters, removed } from "./delta.ts";
import { badRequest } from "./errors.ts";
import { lazyRow, page, shaped, type Row } from "./query.ts";
import type { GraphRequest } from "./request.ts";

type Entity = Record<string, unknown>;

/** The innermost folder that the path names, or the default one. */
function folderOf(request: GraphRequest): Folder {
  const id = request.path["child"] ?? request.path["folder"];
  return id === undefined ? request.call.defaultFolder("contacts") : request.folder(id, "IPF.Contact");
}

export const contactOf = (request: GraphRequest): ItemView =>
  request.view(request.path["contact"] ?? "", "Contact");

const row = (view: ItemView, request: GraphRequest): Row => lazyRow(view, () => readContact(view, request));

function answer(view: ItemView, request: GraphRequest): Entity {
  return {
    "@odata.context": `${request.context("contacts")}/$entity`,
    ...shaped(row(view, request), request),
  };
}

export function listContacts(request: GraphRequest): Entity {
  const items = request.call.items.itemsIn(folderOf(request).row).filter((item) => item.kind === "Contact");
  return page(
    items.map((item) => row(whole(item), request)),
    "contacts",
    request,
  );
}

export const getContact = (request: GraphRequest): Entity => answer(contactOf(request), request);

/** @see https://learn.microsoft.com/graph/api/user-post-contacts */
export function createContact(request: GraphRequest): Entity {
  const { call } = request;
  const draft = newContact(request);
  return answer(
    whole(call.items.insert(call.mailbox().owner, folderOf(request).row, "Contact", draft.data)),
    request,
  );
}

export function updateContact(request: GraphRequest): Entity {
  const view = contactOf(request);
  request.demandMatch(view.item);
  view.item.data = { ...changedContact(view, request).data, modified: request.call.now };
  request.call.items.update(view.item);
  return answer(whole(view.item), request);
}

export function deleteContact(request: GraphRequest): undefined {
  const { item } = contactOf(request);
  request.demandMatch(item);
  request.call.items.move(item, request.call.defaultFolder("deleteditems").row);
}

/** @see https://learn.microsoft.com/graph/api/contact-delta */
export function contactsDelta(request: GraphRequest): Entity {
  refuseParameters(request, ["$filter", "$expand", "$orderby", "$search", "$top"]);
  const state = deltaState(request, folderOf(request).row, () => queryToRemember(request));
  return deltaPage(request, state, "contacts", (change) => {
    if (change.change === "delete")
      return [removed(request.idOf({ kind: "item", row: change.row }), "contact")];
    const item = change.kind === "Contact" ? request.call.items.item(change.row) : undefined;
    return item
      ? [{ "@odata.type": "#microsoft.graph.contact", ...shaped(row(whole(item), request), request) }]
      : [];
  });
}

function readFolder(folder: Folder, request: GraphRequest): Entity {
  return {
    id: request.idOf({ kind: "folder", row: folder.row }),
    parentFolderId: request.idOf({ kind: "folder", row: folder.parent ?? folder.row }),
    displayName: folder.name,
  };
}

function answerFolder(folder: Folder, request: GraphRequest): Entity {
  const entity = shaped({ entity: readFolder(folder, request) }, request);
  return { "@odata.context": `${request.context("contactFolders")}/$entity`, ...entity };
}

/** The folders below the default one, or below the one of the path. */
export function listContactFolders(request: GraphRequest): Entity {
  const below = request.call.folders
    .childrenOf(folderOf(request).row)
    .filter((folder) => folder.class.startsWith("IPF.Contact"));
  return page(
    below.map((folder) => ({ entity: readFolder(folder, request) })),
    "contactFolders",
    request,
  );
}

export const getContactFolder = (request: GraphRequest): Entity => answerFolder(folderOf(request), request);

export function createContactFolder(request: GraphRequest): Entity {
  const name = String(request.body["displayName"]);
  return answerFolder(request.call.folders.create(folderOf(request), name, "IPF.Contact", []), request);
}

export function updateContactFolder(request: GraphRequest): Entity {
  const folder = folderOf(request);
  const { displayName } = request.body;
  if (typeof displayName === "string" && displayName !== folder.name) {
    folder.name = displayName;
    request.call.folders.update(folder);
  }
  return answerFolder(folder, request);
}

export function deleteContactFolder(request: GraphRequest): undefined {
  const folder = folderOf(request);
  if (folder.distinguished !== undefined) {
    throw badRequest("ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.");
  }
  request.call.folders.remove(folder);
}
