import type { Request } from "./client.ts";
import { linked } from "./task-map.ts";
import { goOnDelta, query } from "./requests.ts";

/** The requests for To Do's tasks, each within its list. */

const asText = { prefer: 'outlook.body-content-type="text"' };
const withLinks = "linkedResources";

function tasksPath(list: string): string {
  return `/me/todo/lists/${encodeURIComponent(list)}/tasks`;
}

function taskPath(list: string, id: string): string {
  return `${tasksPath(list)}/${encodeURIComponent(id)}`;
}

export function getLists(): Request {
  return { operation: "GET lists", method: "GET", path: "/me/todo/lists" };
}

export function startTaskDelta(list: string): Request {
  return goOnDelta(`${tasksPath(list)}/delta?${query({ $select: "id" })}`);
}

export function getTask(list: string, id: string): Request {
  return {
    operation: "GET task",
    method: "GET",
    path: `${taskPath(list, id)}?${query({ $expand: withLinks })}`,
    headers: asText,
  };
}

/** No document says that a filter reaches linked resources: the list is looked through. */
export function listTasks(list: string): Request {
  const asked = query({ $select: "id", $expand: withLinks, $top: "100" });
  return { operation: "GET tasks", method: "GET", path: `${tasksPath(list)}?${asked}` };
}

export function createTask(list: string, body: Record<string, unknown>, key: string): Request {
  return {
    operation: "POST task",
    method: "POST",
    path: tasksPath(list),
    headers: asText,
    body: { ...body, ...linked(key) },
  };
}

export function updateTask(
  list: string,
  id: string,
  version: string,
  body: Record<string, unknown>,
): Request {
  return {
    operation: "PATCH task",
    method: "PATCH",
    path: taskPath(list, id),
    headers: { ...asText, "if-match": version },
    body,
  };
}

export function deleteTask(list: string, id: string, version: string): Request {
  return {
    operation: "DELETE task",
    method: "DELETE",
    path: taskPath(list, id),
    headers: { "if-match": version },
  };
}
