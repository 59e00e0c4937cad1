import type { Task } from "../../core/items/task.ts";
import { taskKind } from "../../core/items/task-kind.ts";
import type { Account, ItemStore } from "../contract.ts";
import type { EwsStoreOptions } from "./calls.ts";
import { createFolderStore, type FolderKind } from "./folder-store.ts";
import {
  needsPresentTask,
  observedTask,
  readTask,
  taskDeclaration,
  taskFields,
  type EwsTask,
  type EwsTaskFields,
} from "./task-map.ts";
import { createTask, deleteTask, getTasks, updateTask } from "./task-requests.ts";

const tasks: FolderKind<Task, EwsTask, EwsTaskFields> = {
  element: "Task",
  container: "tasks",
  declaration: taskDeclaration,
  read: readTask,
  observe: observedTask,
  inWindow: (item, window) => taskKind.touches(item, window),
  needsPresent: needsPresentTask,
  fields: taskFields,
  get: getTasks,
  create: createTask,
  update: updateTask,
  remove: deleteTask,
};

/** The tasks folder of one mailbox by Exchange Web Services. */
export function createEwsTaskStore(options: EwsStoreOptions): ItemStore<Task> & Account {
  return createFolderStore(tasks, options);
}
