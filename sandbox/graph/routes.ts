import { createCalendar, deleteCalendar, getCalendar, listCalendars, updateCalendar } from "./calendars.ts";
import type { ItemView } from "../exchange/model.ts";
import {
  contactOf,
  contactsDelta,
  createContact,
  createContactFolder,
  deleteContact,
  deleteContactFolder,
  getContact,
  getContactFolder,
  listContactFolders,
  listContacts,
  updateContact,
  updateContactFolder,
} from "./contacts.ts";
import { calendarViewDelta } from "./event-delta.ts";
import {
  cancelEvent,
  createEvent,
  deleteEvent,
  eventOf,
  getEvent,
  listEvents,
  listInstances,
  respondToEvent,
  updateEvent,
  viewCalendar,
} from "./events.ts";
import { extensionsOn } from "./extension-routes.ts";
import { getMailboxSettings, getTimeZone, getUser } from "./profile.ts";
import type { GraphRequest } from "./request.ts";
import {
  createList,
  createTask,
  deleteList,
  deleteTask,
  getList,
  getTask,
  listLists,
  listTasks,
  partsOf,
  taskOf,
  tasksDelta,
  updateList,
  updateTask,
} from "./tasks.ts";
import { translateExchangeIds } from "./translate.ts";

/** One operation of Graph, with the definitions of Microsoft's schema for its two bodies. */
export interface Route {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below the user: `/events/{event}`. */
  path: string;
  /** Permissions of which one is enough. */
  scopes: readonly string[];
  request?: string;
  /** What the body of a success must be; without it there is none. */
  response?: string;
  status: number;
  perform: (request: GraphRequest) => Record<string, unknown> | undefined;
}

const calendars = {
  read: ["Calendars.Read", "Calendars.ReadWrite"],
  write: ["Calendars.ReadWrite"],
} as const;

type Perform = Route["perform"];
interface Permissions {
  read: readonly string[];
  write: readonly string[];
}

/** Makes routes of one area. */
export const area = ({ read, write }: Permissions) => ({
  get: (path: string, response: string | undefined, perform: Perform): Route => ({
    method: "GET",
    path,
    scopes: read,
    ...(response === undefined ? {} : { response }),
    status: 200,
    perform,
  }),
  post: (
    path: string,
    request: string | undefined,
    response: string | undefined,
    status: number,
    perform: Perform,
  ): Route => ({
    method: "POST",
    path,
    scopes: write,
    ...(request === undefined ? {} : { request }),
    ...(response === undefined ? {} : { response }),
    status,
    perform,
  }),
  patch: (path: string, request: string | undefined, response: string, perform: Perform): Route => ({
    method: "PATCH",
    path,
    scopes: write,
    ...(request === undefined ? {} : { request }),
    response,
    status: 200,
    perform,
  }),
  remove: (path: string, perform: Perform): Route => ({
    method: "DELETE",
    path,
    scopes: write,
    status: 204,
    perform,
  }),
});

const calendar = area(calendars);
const { get, post, patch, remove } = calendar;

/** Events are reached by themselves, and through the calendar that holds them. */
const eventRoutes = ["", "/calendar", "/calendars/{calendar}"].flatMap((prefix): Route[] => [
  get(`${prefix}/events`, "eventCollectionResponse", listEvents),
  post(`${prefix}/events`, "eventCreate", "eventResponse", 201, createEvent),
  get(`${prefix}/events/{event}`, "eventResponse", getEvent),
  patch(`${prefix}/events/{event}`, "eventWrite", "eventResponse", updateEvent),
  remove(`${prefix}/events/{event}`, deleteEvent),
  get(`${prefix}/events/{event}/instances`, "eventCollectionResponse", listInstances),
  post(`${prefix}/events/{event}/cancel`, undefined, undefined, 202, cancelEvent),
  ...["accept", "decline", "tentativelyAccept"].map((action) =>
    post(`${prefix}/events/{event}/${action}`, undefined, undefined, 202, respondToEvent),
  ),
  get(`${prefix}/calendarView`, "eventCollectionResponse", viewCalendar),
  get(`${prefix}/calendarView/delta`, "eventDeltaResponse", calendarViewDelta),
]);

const calendarRoutes: Route[] = [
  get("/calendars", "calendarCollectionResponse", listCalendars),
  post("/calendars", "calendarCreate", "calendarResponse", 201, createCalendar),
  get("/calendar", "calendarResponse", getCalendar),
  patch("/calendar", "calendarWrite", "calendarResponse", updateCalendar),
  get("/calendars/{calendar}", "calendarResponse", getCalendar),
  patch("/calendars/{calendar}", "calendarWrite", "calendarResponse", updateCalendar),
  remove("/calendars/{calendar}", deleteCalendar),
  ...eventRoutes,
  ...extensionRoutes(calendar, "/events/{event}", eventOf),
];

const contact = area({ read: ["Contacts.Read", "Contacts.ReadWrite"], write: ["Contacts.ReadWrite"] });

const contactRoutes: Route[] = [
  ...["", "/contactFolders/{folder}"].flatMap((prefix): Route[] => [
    contact.get(`${prefix}/contacts`, "contactCollectionResponse", listContacts),
    contact.post(`${prefix}/contacts`, "contactWrite", "contactResponse", 201, createContact),
    contact.get(`${prefix}/contacts/delta`, "contactDeltaResponse", contactsDelta),
    contact.get(`${prefix}/contacts/{contact}`, "contactResponse", getContact),
    contact.patch(`${prefix}/contacts/{contact}`, "contactWrite", "contactResponse", updateContact),
    contact.remove(`${prefix}/contacts/{contact}`, deleteContact),
  ]),
  ...[
    ["/contactFolders", "/contactFolders/{folder}"],
    ["/contactFolders/{folder}/childFolders", "/contactFolders/{folder}/childFolders/{child}"],
  ].flatMap(([all = "", one = ""]): Route[] => [
    contact.get(all, "contactFolderCollectionResponse", listContactFolders),
    contact.post(all, "contactFolderCreate", "contactFolderResponse", 201, createContactFolder),
    contact.get(one, "contactFolderResponse", getContactFolder),
    contact.patch(one, "contactFolderWrite", "contactFolderResponse", updateContactFolder),
    contact.remove(one, deleteContactFolder),
  ]),
  ...extensionRoutes(contact, "/contacts/{contact}", contactOf),
];

const task = area({ read: ["Tasks.Read", "Tasks.ReadWrite"], write: ["Tasks.ReadWrite"] });
const TASKS = "/todo/lists/{list}/tasks";
const TASK = `${TASKS}/{task}`;

const taskRoutes: Route[] = [
  task.get("/todo/lists", "todoTaskListCollectionResponse", listLists),
  task.post("/todo/lists", "todoTaskListCreate", "todoTaskListResponse", 201, createList),
  task.get("/todo/lists/{list}", "todoTaskListResponse", getList),
  task.patch("/todo/lists/{list}", "todoTaskListWrite", "todoTaskListResponse", updateList),
  task.remove("/todo/lists/{list}", deleteList),
  task.get(TASKS, "todoTaskCollectionResponse", listTasks),
  task.post(TASKS, "todoTaskCreate", "todoTaskResponse", 201, createTask),
  task.get(`${TASKS}/delta`, "todoTaskDeltaResponse", tasksDelta),
  task.get(TASK, "todoTaskResponse", getTask),
  task.patch(TASK, "todoTaskWrite", "todoTaskResponse", updateTask),
  task.remove(TASK, deleteTask),
  ...partRoutes("linkedResources", "linkedResource"),
  ...partRoutes("checklistItems", "checklistItem"),
  ...extensionRoutes(task, TASK, taskOf),
];

function partRoutes(name: "linkedResources" | "checklistItems", type: string): Route[] {
  const parts = partsOf(name, "part");
  const one = `${TASK}/${name}/{part}`;
  return [
    task.get(`${TASK}/${name}`, `${type}CollectionResponse`, parts.list),
    task.post(`${TASK}/${name}`, type, `${type}Response`, 201, parts.create),
    task.get(one, `${type}Response`, parts.get),
    task.patch(one, type, `${type}Response`, parts.update),
    task.remove(one, parts.remove),
  ];
}

function extensionRoutes(
  { get, post, patch, remove }: ReturnType<typeof area>,
  path: string,
  itemOf: (request: GraphRequest) => ItemView,
): Route[] {
  const on = extensionsOn(itemOf);
  const one = `${path}/extensions/{extension}`;
  return [
    post(`${path}/extensions`, "openTypeExtension", "openTypeExtension", 201, on.create),
    get(one, "openTypeExtension", on.get),
    patch(one, "openTypeExtension", "openTypeExtension", on.update),
    remove(one, on.remove),
  ];
}

const profile = area({ read: ["User.Read"], write: [] });
const settings = area({ read: ["MailboxSettings.Read"], write: [] });

const profileRoutes: Route[] = [
  profile.get("", "user", getUser),
  settings.get("/mailboxSettings", "mailboxSettingsResponse", getMailboxSettings),
  // A single value, for which the schema has no definition.
  settings.get("/mailboxSettings/timeZone", undefined, getTimeZone),
];

const translate: Route = {
  method: "POST",
  path: "/translateExchangeIds",
  scopes: [...calendars.write, "User.Read", "User.ReadWrite"],
  request: "translateExchangeIdsRequest",
  response: "convertIdResultCollectionResponse",
  status: 200,
  perform: translateExchangeIds,
};

const routes: Route[] = [...profileRoutes, ...calendarRoutes, ...contactRoutes, ...taskRoutes, translate];

/** A route with the values of its parameters; literal parts win over parameters. */
export function match(
  method: string,
  path: string,
): { route: Route; path: Record<string, string> } | "method" | undefined {
  const parts = path.split("/").filter(Boolean);
  let other = false;
  let best: { route: Route; path: Record<string, string>; literals: number } | undefined;
  for (const route of routes) {
    const values = parametersOf(route.path, parts);
    if (!values) continue;
    if (route.method !== method) other = true;
    else {
      const literals = parts.length - Object.keys(values).length;
      if (!best || literals > best.literals) best = { route, path: values, literals };
    }
  }
  return best ?? (other ? "method" : undefined);
}

function parametersOf(template: string, parts: string[]): Record<string, string> | undefined {
  const names = template.split("/").filter(Boolean);
  if (names.length !== parts.length) return undefined;
  const values: Record<string, string> = {};
  for (const [at, name] of names.entries()) {
    const part = parts[at] ?? "";
    if (name.startsWith("{")) values[name.slice(1, -1)] = decodeURIComponent(part);
    else if (name.toLowerCase() !== part.toLowerCase()) return undefined;
  }
  return values;
}
