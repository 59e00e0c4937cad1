import { randomUUID } from "node:crypto";
import type { Folder } from "../exchange/folders.ts";
import type { GraphData, ItemView } from "../exchange/model.ts";
import { whole } from "../exchange/series.ts";
import { deltaPage, deltaState, queryToRemember, refuseParameters, removed } from "./delta.ts";
import { badRequest, notFound } from "./errors.ts";
import { lazyRow, page, shaped, type Row } from "./query.ts";
import type { GraphRequest } from "./request.ts";
import { readTask } from "./task-read.ts";
import { changedTask, newTask } from "./task-write.ts";
import { instant } from "./time.ts";

type Entity = Record<string, unknown>;

/** The list of the path; To Do's lists are the folders of tasks. */
function listOf(request: GraphRequest): Folder {
  return request.folder(request.path["list"] ?? "", "IPF.Task");
}

/** A task is found in its own list only. */
export function taskOf(request: GraphRequest): ItemView {
  const view = request.view(request.path["task"] ?? "", "Task");
  if (view.item.folder !== listOf(request).row) throw notFound();
  return view;
}

const row = (view: ItemView, request: GraphRequest): Row => lazyRow(view, () => readTask(view, request));

function answer(view: ItemView, request: GraphRequest): Entity {
  const context = `${request.context(`todo/lists('${request.path["list"] ?? ""}')/tasks`)}/$entity`;
  return { "@odata.context": context, ...shaped(row(view, request), request) };
}

export function listTasks(request: GraphRequest): Entity {
  const items = request.call.items.itemsIn(listOf(request).row).filter((item) => item.kind === "Task");
  return page(
    items.map((item) => row(whole(item), request)),
    "todo/lists/tasks",
    request,
    100,
  );
}

export const getTask = (request: GraphRequest): Entity => answer(taskOf(request), request);

/** @see https://learn.microsoft.com/graph/api/todotasklist-post-tasks */
export function createTask(request: GraphRequest): Entity {
  const { call } = request;
  const draft = newTask(request);
  return answer(
    whole(call.items.insert(call.mailbox().owner, listOf(request).row, "Task", draft.data)),
    request,
  );
}

export function updateTask(request: GraphRequest): Entity {
  const view = taskOf(request);
  request.demandMatch(view.item);
  view.item.data = { ...changedTask(view, request).data, modified: request.call.now };
  request.call.items.update(view.item);
  return answer(whole(view.item), request);
}

export function deleteTask(request: GraphRequest): undefined {
  const { item } = taskOf(request);
  request.demandMatch(item);
  request.call.items.move(item, request.call.defaultFolder("deleteditems").row);
}

/** @see https://learn.microsoft.com/graph/api/todotask-delta */
export function tasksDelta(request: GraphRequest): Entity {
  refuseParameters(request, ["$filter", "$orderby", "$search"]);
  const state = deltaState(request, listOf(request).row, () => queryToRemember(request));
  return deltaPage(request, state, "todo/lists/tasks", (change) => {
    if (change.change === "delete") return [removed(request.taskId(change.row), "todoTask")];
    const item = change.kind === "Task" ? request.call.items.item(change.row) : undefined;
    return item
      ? [{ "@odata.type": "#microsoft.graph.todoTask", ...shaped(row(whole(item), request), request) }]
      : [];
  });
}

function readList(folder: Folder, request: GraphRequest): Entity {
  return {
    id: request.idOf({ kind: "folder", row: folder.row }, false),
    displayName: folder.name,
    isOwner: true,
    isShared: false,
    wellknownListName: folder.distinguished === "tasks" ? "defaultList" : "none",
  };
}

function answerList(folder: Folder, request: GraphRequest): Entity {
  const entity = shaped({ entity: readList(folder, request) }, request);
  return { "@odata.context": `${request.context("todo/lists")}/$entity`, ...entity };
}

export function listLists(request: GraphRequest): Entity {
  const folders = request.foldersOf("tasks", "IPF.Task");
  return page(
    folders.map((folder) => ({ entity: readList(folder, request) })),
    "todo/lists",
    request,
    100,
  );
}

export const getList = (request: GraphRequest): Entity => answerList(listOf(request), request);

export function createList(request: GraphRequest): Entity {
  const name = String(request.body["displayName"]);
  const parent = request.call.defaultFolder("tasks");
  return answerList(request.call.folders.create(parent, name, "IPF.Task", []), request);
}

export function updateList(request: GraphRequest): Entity {
  const folder = listOf(request);
  const { displayName } = request.body;
  if (typeof displayName === "string" && displayName !== folder.name) {
    folder.name = displayName;
    request.call.folders.update(folder);
  }
  return answerList(folder, request);
}

export function deleteList(request: GraphRequest): undefined {
  const folder = listOf(request);
  if (folder.distinguished !== undefined)
    throw badRequest("invalidRequest", "The default list cannot be deleted.");
  request.call.folders.remove(folder);
}

type PartName = "linkedResources" | "checklistItems";
type Part = NonNullable<GraphData[PartName]>[number];

/** What hangs below a task: linkedResources and checklistItems. A write of one is a write of its task. */
export function partsOf(name: PartName, parameter: string) {
  const find = (request: GraphRequest): { view: ItemView; list: Part[]; part: Part } => {
    const view = taskOf(request);
    const list = view.item.data.graph?.[name] ?? [];
    const part = list.find((each) => each.id === request.path[parameter]);
    if (!part) throw notFound();
    return { view, list, part };
  };
  const save = (view: ItemView, list: Part[], request: GraphRequest): void => {
    view.item.data.graph = { ...view.item.data.graph, [name]: list };
    view.item.data.modified = request.call.now;
    request.call.items.update(view.item);
  };
  const told = (part: Part, request: GraphRequest): Entity => ({
    "@odata.context": `${request.context(`todo/lists/tasks/${name}`)}/$entity`,
    ...part,
  });
  return {
    list: (request: GraphRequest): Entity =>
      page(
        (taskOf(request).data.graph?.[name] ?? []).map((entity) => ({ entity })),
        name,
        request,
        100,
      ),
    get: (request: GraphRequest): Entity => told(find(request).part, request),
    create(request: GraphRequest): Entity {
      const view = taskOf(request);
      const made =
        name === "checklistItems" ? { createdDateTime: instant(request.call.now), isChecked: false } : {};
      const part = { ...made, ...request.body, id: randomUUID() };
      save(view, [...(view.item.data.graph?.[name] ?? []), part], request);
      return told(part, request);
    },
    update(request: GraphRequest): Entity {
      const { view, list, part } = find(request);
      const changed = { ...part, ...request.body, id: part.id };
      save(
        view,
        list.map((each) => (each === part ? changed : each)),
        request,
      );
      return told(changed, request);
    },
    remove(request: GraphRequest): undefined {
      const { view, list, part } = find(request);
      save(
        view,
        list.filter((each) => each !== part),
        request,
      );
    },
  };
}
