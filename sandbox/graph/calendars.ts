import type { Folder } from "../exchange/folders.ts";
import { formatChangeKey } from "../exchange/ids.ts";
import { badRequest } from "./errors.ts";
import { calendarOf } from "./events.ts";
import { page, shaped } from "./query.ts";
import type { GraphRequest } from "./request.ts";

type Entity = Record<string, unknown>;

function readCalendar(folder: Folder, request: GraphRequest): Entity {
  const { fullName, address } = request.person;
  const isDefault = folder.distinguished === "calendar";
  return {
    id: request.idOf({ kind: "folder", row: folder.row }),
    name: folder.name,
    color: "auto",
    hexColor: "",
    isDefaultCalendar: isDefault,
    changeKey: formatChangeKey("Folder", request.call.mailbox().replica, folder.version),
    canShare: true,
    canViewPrivateItems: true,
    canEdit: true,
    allowedOnlineMeetingProviders: ["teamsForBusiness"],
    defaultOnlineMeetingProvider: "teamsForBusiness",
    isTallyingResponses: true,
    isRemovable: !isDefault,
    owner: { name: fullName, address },
  };
}

function answer(folder: Folder, request: GraphRequest): Entity {
  const entity = shaped({ entity: readCalendar(folder, request) }, request);
  return { "@odata.context": `${request.context("calendars")}/$entity`, ...entity };
}

export function listCalendars(request: GraphRequest): Entity {
  const folders = request.foldersOf("calendar", "IPF.Appointment");
  return page(
    folders.map((folder) => ({ entity: readCalendar(folder, request) })),
    "calendars",
    request,
  );
}

export const getCalendar = (request: GraphRequest): Entity => answer(calendarOf(request), request);

/** New calendars lie beside the default one's items, in a folder below it. */
export function createCalendar(request: GraphRequest): Entity {
  const parent = request.call.defaultFolder("calendar");
  const folder = request.call.folders.create(parent, String(request.body["name"]), "IPF.Appointment", []);
  return answer(folder, request);
}

export function updateCalendar(request: GraphRequest): Entity {
  const folder = calendarOf(request);
  const { name } = request.body;
  if (typeof name === "string" && name !== folder.name) {
    folder.name = name;
    request.call.folders.update(folder);
  }
  return answer(folder, request);
}

export function deleteCalendar(request: GraphRequest): undefined {
  const folder = calendarOf(request);
  if (folder.distinguished !== undefined) {
    throw badRequest("ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.");
  }
  request.call.folders.remove(folder);
}
