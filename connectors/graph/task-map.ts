import { z } from "zod";
import { declare } from "../../core/items/kind.ts";
import { plainTraits, type Observed } from "../../core/items/observed.ts";
import type { Task, TaskStatus } from "../../core/items/task.ts";
import { taskKind } from "../../core/items/task-kind.ts";
import { UnreadableItem } from "../ews/values.ts";
import { withCategory } from "../ews/categories.ts";
import { nearestDay } from "../ews/days.ts";
import { instant } from "./map.ts";
import { dateTime } from "./wire.ts";

/**
 * Tasks and To Do's tasks, in both directions; pure. To Do knows no percentage and no private tasks; its tasks have no
 * extended properties, so the stamp is a linked resource, sent with the task.
 */

const time = dateTime.nullish();
const shape = z.object({
  id: z.string().min(1),
  "@odata.etag": z.string().min(1),
  title: z.string().nullable(),
  body: z.object({ contentType: z.string(), content: z.string().nullish() }).nullish(),
  dueDateTime: time,
  startDateTime: time,
  completedDateTime: time,
  status: z.string(),
  importance: z.string(),
  isReminderOn: z.boolean(),
  reminderDateTime: time,
  categories: z.array(z.string().nullable()),
  recurrence: z.unknown().optional(),
  linkedResources: z
    .array(z.object({ applicationName: z.string().nullish(), externalId: z.string().nullish() }))
    .nullish(),
});
export type GraphTask = z.infer<typeof shape>;

const statusNames: Record<TaskStatus, string> = {
  "needs-action": "notStarted",
  "in-process": "inProgress",
  completed: "completed",
  waiting: "waitingOnOthers",
  deferred: "deferred",
};
const statusOf = new Map(
  Object.entries(statusNames).map(([status, name]) => [name, status as TaskStatus] as const),
);
/** Shown to the owner beside the task, as what linked it. */
const applicationName = "Everlink";

export const taskDeclaration = declare(taskKind, {
  title: "full",
  description: "full",
  due: "full",
  start: "full",
  progress: { lossy: (progress) => ({ ...progress, percentComplete: null }) },
  priority: "full",
  privacy: { none: "public" },
  alert: "full",
  category: "full",
});

/** @throws UnreadableItem when something that every task has is missing or of another kind */
export function readTask(json: unknown): GraphTask {
  const read = shape.safeParse(json);
  if (!read.success) throw new UnreadableItem(read.error.issues[0]?.path.join(".") ?? "a task");
  return read.data;
}

export function keyOf({ linkedResources }: Pick<GraphTask, "linkedResources">): string | null {
  const ours = linkedResources?.find((link) => link.applicationName === applicationName);
  return ours?.externalId ?? null;
}

/** @throws UnreadableItem */
export function observedTask(read: GraphTask): Observed<Task> {
  const status = statusOf.get(read.status);
  if (status === undefined) throw new UnreadableItem("status");
  const { completedDateTime, reminderDateTime } = read;
  return {
    ref: read.id,
    version: read["@odata.etag"],
    uid: null,
    key: keyOf(read),
    item: taskKind.normalize({
      title: read.title ?? "",
      description: bodyOf(read),
      due: dayOf(read.dueDateTime),
      start: dayOf(read.startDateTime),
      progress: {
        status,
        percentComplete: null,
        // When it was done, not a day that somebody chose: its hour counts.
        completedOn: completedDateTime ? instant(completedDateTime).slice(0, 10) : null,
      },
      priority: priorityOf(read.importance),
      privacy: "public",
      alert: read.isReminderOn && reminderDateTime ? instant(reminderDateTime) : null,
      category: read.categories.find((category) => category) ?? "",
    }),
    traits: { ...plainTraits, recurrenceUnknown: read.recurrence !== null && read.recurrence !== undefined },
  };
}

function bodyOf({ body }: GraphTask): string {
  if (!body) return "";
  if (body.contentType !== "text") throw new UnreadableItem("body");
  return body.content ?? "";
}

function priorityOf(importance: string): Task["priority"] {
  if (importance === "low" || importance === "normal" || importance === "high") return importance;
  throw new UnreadableItem("importance");
}

function dayOf(at: GraphTask["dueDateTime"]): string | null {
  return at ? nearestDay(instant(at)) : null;
}

/**
 * The body of a create or an update; what is not named stays as it is.
 *
 * @param current the task as it is; none for a new one
 */
export function taskBody(patch: Partial<Task>, current?: GraphTask): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  if (patch.title !== undefined) body["title"] = patch.title;
  if (patch.description !== undefined) body["body"] = { contentType: "text", content: patch.description };
  if (patch.due !== undefined) body["dueDateTime"] = midnightOf(patch.due);
  if (patch.start !== undefined) body["startDateTime"] = midnightOf(patch.start);
  if (patch.progress !== undefined) {
    const { status, completedOn } = patch.progress;
    body["status"] = statusNames[status];
    if (completedOn !== null) body["completedDateTime"] = midnightOf(completedOn);
  }
  if (patch.priority !== undefined) body["importance"] = patch.priority;
  if (patch.alert !== undefined) {
    body["isReminderOn"] = patch.alert !== null;
    if (patch.alert !== null)
      body["reminderDateTime"] = { dateTime: patch.alert.slice(0, 19), timeZone: "UTC" };
  }
  if (patch.category !== undefined) {
    const present = (current?.categories ?? []).map((category) => category ?? "");
    body["categories"] = withCategory(present, patch.category);
  }
  return body;
}

function midnightOf(day: string | null): { dateTime: string; timeZone: string } | null {
  return day === null ? null : { dateTime: `${day}T00:00:00`, timeZone: "UTC" };
}

/** The stamp, as it is sent with a new task. */
export function linked(key: string): Record<string, unknown> {
  return { linkedResources: [{ applicationName, displayName: "SuperOffice", externalId: key }] };
}
