import { declare } from "../../core/items/kind.ts";
import { plainTraits, type Observed } from "../../core/items/observed.ts";
import type { Task, TaskPriority, TaskStatus } from "../../core/items/task.ts";
import { taskKind } from "../../core/items/task-kind.ts";
import { withCategory } from "./categories.ts";
import { nearestDay } from "./days.ts";
import { shortLine } from "./map.ts";
import {
  optional,
  readBody,
  readBoolean,
  readId,
  readInstant,
  readInteger,
  readStamp,
  readTexts,
  required,
  UnreadableItem,
} from "./values.ts";
import { child, text, type Xml } from "./xml.ts";

/** Tasks and Exchange's tasks, in both directions; pure. */

/** A task as Exchange tells it. */
export interface EwsTask {
  id: string;
  changeKey: string;
  key: string | null;
  subject: string;
  body: string;
  /** UTC instants, each a midnight in the zone in which somebody chose the day. */
  due: string | null;
  start: string | null;
  completed: string | null;
  status: string;
  percent: number;
  importance: string;
  sensitivity: string;
  reminder: string | null;
  categories: string[];
  recurs: boolean;
}

/** What is written of a task; what is not named stays as it is, `null` deletes the property. */
export interface EwsTaskFields {
  subject?: string | null;
  body?: string;
  /** UTC instants. */
  due?: string | null;
  start?: string | null;
  completed?: string;
  status?: EwsTaskStatus;
  percent?: number;
  importance?: "Low" | "Normal" | "High";
  sensitivity?: "Normal" | "Private";
  reminder?: string | null;
  categories?: string[];
}

const statusNames = {
  "needs-action": "NotStarted",
  "in-process": "InProgress",
  completed: "Completed",
  waiting: "WaitingOnOthers",
  deferred: "Deferred",
} as const satisfies Record<TaskStatus, string>;
export type EwsTaskStatus = (typeof statusNames)[TaskStatus];
const statusOf = new Map(
  Object.entries(statusNames).map(([status, name]) => [name as string, status as TaskStatus]),
);
const importances = { low: "Low", normal: "Normal", high: "High" } as const satisfies Record<
  TaskPriority,
  string
>;
const priorityOf = new Map(
  Object.entries(importances).map(([priority, name]) => [name as string, priority as TaskPriority]),
);
/** As with appointments: "personal" asks for the same respect as "private". */
const privacyOf = new Map<string, Task["privacy"]>([
  ["Normal", "public"],
  ["Personal", "private"],
  ["Private", "private"],
  ["Confidential", "private"],
]);

export const taskDeclaration = declare(taskKind, {
  title: { lossy: shortLine },
  description: "full",
  due: "full",
  start: "full",
  progress: "full",
  priority: "full",
  privacy: "full",
  alert: "full",
  category: "full",
});

/** @throws UnreadableItem when something that every task has is missing or in no known form */
export function readTask(item: Xml): EwsTask {
  if (item.localName !== "Task") throw new UnreadableItem("not a task");
  const instantOf = (name: string) => {
    const value = optional(item, name);
    return value === null ? null : readInstant(value);
  };
  const percent = readPercent(required(item, "PercentComplete"));
  return {
    ...readId(item),
    key: readStamp(item),
    subject: text(child(item, "Subject")),
    body: readBody(item),
    due: instantOf("DueDate"),
    start: instantOf("StartDate"),
    completed: instantOf("CompleteDate"),
    status: required(item, "Status"),
    percent,
    importance: required(item, "Importance"),
    sensitivity: required(item, "Sensitivity"),
    reminder: readReminder(item),
    categories: readTexts(item, "Categories"),
    recurs: child(item, "Recurrence") !== undefined,
  };
}

/** A double in the schema, whole in all that people can choose. */
function readPercent(value: string): number {
  const percent = readInteger(value.replace(/\.0*$/u, "")) ?? Number(value);
  if (!(percent >= 0 && percent <= 100)) throw new UnreadableItem("PercentComplete");
  return percent;
}

function readReminder(item: Xml): string | null {
  if (!readBoolean(optional(item, "ReminderIsSet") ?? "false")) return null;
  return readInstant(required(item, "ReminderDueBy"));
}

/** @throws UnreadableItem */
export function observedTask(read: EwsTask): Observed<Task> {
  const status = statusOf.get(read.status);
  const priority = priorityOf.get(read.importance);
  const privacy = privacyOf.get(read.sensitivity);
  if (status === undefined || priority === undefined || privacy === undefined)
    throw new UnreadableItem("an unknown name");
  return {
    ref: read.id,
    version: read.changeKey,
    uid: null,
    key: read.key,
    item: taskKind.normalize({
      title: read.subject,
      description: read.body,
      due: read.due && nearestDay(read.due),
      start: read.start && nearestDay(read.start),
      progress: {
        status,
        percentComplete: read.percent,
        // When it was done, not a day that somebody chose: its hour counts.
        completedOn: read.completed && read.completed.slice(0, 10),
      },
      priority,
      privacy,
      alert: read.reminder,
      category: read.categories.find((category) => category !== "") ?? "",
    }),
    traits: { ...plainTraits, recurrenceUnknown: read.recurs },
  };
}

/** Whether writing the patch takes what is there. */
export function needsPresentTask(patch: Partial<Task>): boolean {
  return patch.category !== undefined;
}

/**
 * The properties that a patch means; nothing else is written.
 *
 * @param present the task as it is; none for a new one
 */
export function taskFields(patch: Partial<Task>, present?: EwsTask): EwsTaskFields {
  const fields: EwsTaskFields = {};
  if (patch.title !== undefined)
    fields.subject = shortLine(taskKind.normalizeField.title(patch.title)) || null;
  if (patch.description !== undefined) fields.body = patch.description;
  if (patch.due !== undefined) fields.due = midnightOf(patch.due);
  if (patch.start !== undefined) fields.start = midnightOf(patch.start);
  if (patch.progress !== undefined) Object.assign(fields, progressFields(patch.progress));
  if (patch.priority !== undefined) fields.importance = importances[patch.priority];
  if (patch.privacy !== undefined) fields.sensitivity = patch.privacy === "private" ? "Private" : "Normal";
  if (patch.alert !== undefined) fields.reminder = taskKind.normalizeField.alert(patch.alert);
  if (patch.category !== undefined)
    fields.categories = withCategory(present?.categories ?? [], patch.category);
  return fields;
}

/** Exchange makes percentage and day of what is done, and of what is not begun, by itself. */
function progressFields({ status, percentComplete, completedOn }: Task["progress"]): EwsTaskFields {
  const percent = status === "completed" || status === "needs-action" ? null : percentComplete;
  return {
    status: statusNames[status],
    ...(percent === null ? {} : { percent }),
    ...(status === "completed" && completedOn !== null ? { completed: `${completedOn}T00:00:00Z` } : {}),
  };
}

function midnightOf(day: string | null): string | null {
  return day === null ? null : `${day}T00:00:00Z`;
}
