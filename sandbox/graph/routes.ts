import { createCalendar, deleteCalendar, getCalendar, listCalendars, updateCalendar } from "./calendars.ts";
import { calendarViewDelta } from "./event-delta.ts";
import {
  cancelEvent,
  createEvent,
  deleteEvent,
  getEvent,
  listEvents,
  listInstances,
  respondToEvent,
  updateEvent,
  viewCalendar,
} from "./events.ts";
import type { GraphRequest } from "./request.ts";

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
  get: (path: string, response: string, perform: Perform): Route => ({
    method: "GET",
    path,
    scopes: read,
    response,
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

const { get, post, patch, remove } = area(calendars);

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

export const routes: Route[] = [
  get("/calendars", "calendarCollectionResponse", listCalendars),
  post("/calendars", "calendarCreate", "calendarResponse", 201, createCalendar),
  get("/calendar", "calendarResponse", getCalendar),
  patch("/calendar", "calendarWrite", "calendarResponse", updateCalendar),
  get("/calendars/{calendar}", "calendarResponse", getCalendar),
  patch("/calendars/{calendar}", "calendarWrite", "calendarResponse", updateCalendar),
  remove("/calendars/{calendar}", deleteCalendar),
  ...eventRoutes,
];

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
