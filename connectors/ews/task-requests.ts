import type { Request } from "./client.ts";
import { ews, instant } from "./library.ts";
import { folder, getItem, shape, stampProperty, update } from "./requests.ts";
import type { EwsTaskFields, EwsTaskStatus } from "./task-map.ts";
import { assignCategories, existing } from "./writing.ts";

/** The requests for tasks. Each is valid against Microsoft's schema (see `requests.test.ts`). */

const { ItemSchema, TaskSchema } = ews;

/** All that `readTask` reads. */
export function getTasks(ids: readonly string[]): Request {
  const wanted = shape(
    ItemSchema.Subject,
    ItemSchema.Body,
    ItemSchema.Sensitivity,
    ItemSchema.Importance,
    ItemSchema.Categories,
    ItemSchema.IsReminderSet,
    ItemSchema.ReminderDueBy,
    TaskSchema.DueDate,
    TaskSchema.StartDate,
    TaskSchema.CompleteDate,
    TaskSchema.Status,
    TaskSchema.PercentComplete,
    TaskSchema.Recurrence,
    stampProperty,
  );
  wanted.RequestedBodyType = ews.BodyType.Text;
  return getItem(ids, wanted);
}

export function createTask(container: string, fields: EwsTaskFields, key: string): Request {
  return {
    operation: "CreateItem",
    messages: 1,
    write: (service) => {
      const task = new ews.Task(service);
      assign(task, fields, { isNew: true });
      task.SetExtendedProperty(stampProperty, key);
      return task.Save(folder(container));
    },
  };
}

export function updateTask(id: string, changeKey: string, fields: EwsTaskFields): Request {
  return {
    operation: "UpdateItem",
    messages: 1,
    write: (service) => {
      const task = existing(ews.Task, service, id, changeKey);
      assign(task, fields, { isNew: false });
      return update(service, task);
    },
  };
}

/** Into Deleted Items. What becomes of the later occurrences must be said for every task; ours have none. */
export function deleteTask(id: string): Request {
  return {
    operation: "DeleteItem",
    messages: 1,
    write: (service) =>
      service.DeleteItems(
        [new ews.ItemId(id)],
        ews.DeleteMode.MoveToDeletedItems,
        null as never,
        ews.AffectedTaskOccurrence.AllOccurrences,
      ),
  };
}

const statuses: Record<EwsTaskStatus, ews.TaskStatus> = {
  NotStarted: ews.TaskStatus.NotStarted,
  InProgress: ews.TaskStatus.InProgress,
  Completed: ews.TaskStatus.Completed,
  WaitingOnOthers: ews.TaskStatus.WaitingOnOthers,
  Deferred: ews.TaskStatus.Deferred,
};

/** Of an existing task `null` deletes a property; a new one has none to delete. */
function assign(task: ews.Task, fields: EwsTaskFields, { isNew }: { isNew: boolean }): void {
  const isWritten = (value: unknown) => value !== undefined && !(isNew && value === null);
  const at = (text: string | null | undefined) => (text ? instant(text) : (null as never));
  if (isWritten(fields.subject)) task.Subject = fields.subject as string;
  if (fields.body !== undefined) task.Body = new ews.MessageBody(ews.BodyType.Text, fields.body);
  if (isWritten(fields.due)) task.DueDate = at(fields.due);
  if (isWritten(fields.start)) task.StartDate = at(fields.start);
  if (fields.status !== undefined) task.Status = statuses[fields.status];
  if (fields.percent !== undefined) task.PercentComplete = fields.percent;
  if (fields.completed !== undefined) task.CompleteDate = at(fields.completed);
  if (fields.importance !== undefined) task.Importance = ews.Importance[fields.importance];
  if (fields.sensitivity !== undefined) task.Sensitivity = ews.Sensitivity[fields.sensitivity];
  if (fields.reminder !== undefined) {
    task.IsReminderSet = fields.reminder !== null;
    if (fields.reminder !== null) task.ReminderDueBy = at(fields.reminder);
  }
  if (fields.categories !== undefined && !(isNew && fields.categories.length === 0))
    assignCategories(task, fields.categories);
}
