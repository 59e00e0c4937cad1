import { DateTime } from "luxon";
import type { Task, TaskPriority, TaskStatus } from "../../core/items/task.ts";
import { taskKind } from "../../core/items/task-kind.ts";
import { declare } from "../../core/items/kind.ts";
import type { Capabilities } from "../contract.ts";
import { entryNamed, type Lists } from "./lists.ts";
import { clip, firstLine, lines, oneLine, textLength } from "./texts.ts";
import { dayIn, instant, minutesSpan, moment, spanMinutes } from "./time.ts";
import type { TaskEntity } from "./wire.ts";

/**
 * Tasks and rows of SuperOffice's checklist, in both directions; pure.
 *
 * A row always has a start and an end, with times of day that nobody means: the days are what a task tells. Its reminder
 * counts back from the start, so that one later than the day on which the task starts cannot be held.
 */

/** `alarm` is an unsigned 16-bit number of minutes. */
const longestAlertMinutes = 65_535;
/** The hour of a row that never had one. */
const usualTime = "08:00:00";

/** What SuperOffice holds of a task, with the lists of that tenant. */
export function taskCapabilities(
  lists: Lists,
  zone: string,
): Pick<Capabilities<Task>, "fields" | "project" | "requires" | "follows"> {
  return {
    ...declare(taskKind, {
      title: {
        lossy: (title, { description }) =>
          clip(oneLine(title), textLength) || firstLine(clip(lines(description), textLength)),
      },
      description: { lossy: (description) => clip(lines(description), textLength) },
      due: "full",
      start: { lossy: startOf },
      progress: { lossy: projectProgress },
      priority: { lossy: (priority) => priorityOf(lists, priorityId(lists, priority)) },
      privacy: "full",
      alert: { lossy: (alert, item) => projectAlert(alert, item, zone) },
      category: { lossy: (category) => categoryOf(lists, typeId(lists, category)) },
    }),
    requires: ["due"],
    follows: { start: ["due"], alert: ["start", "due"] },
  };
}

/** @throws RangeError for dates that are none */
export function readTask(row: TaskEntity, lists: Lists, zone: string): Task {
  const description = lines(row.Description ?? "");
  const lead = spanMinutes(row.AlarmLeadTime ?? "") ?? 0;
  return taskKind.normalize({
    title: oneLine(row.Title ?? "") || firstLine(description),
    description,
    due: dayIn(row.EndDate, zone),
    start: dayIn(row.StartDate, zone),
    progress: { status: statusOf(row.Completed), percentComplete: null, completedOn: null },
    priority: priorityOf(lists, row.Priority?.Id),
    // A group's task is not everybody's: of the two words, "private" shows less.
    privacy: row.Private === "Public" ? "public" : "private",
    alert: row.HasAlarm ? instant(moment(row.StartDate).minus({ minutes: lead })) : null,
    category: categoryOf(lists, row.Task?.TaskListItemId),
  });
}

/**
 * The members of an entity that a patch sets.
 *
 * @param after the whole task as it is to be
 * @param present the row as it is; none for a new one
 */
export function writeTask(
  patch: Partial<Task>,
  after: Task,
  present: Pick<TaskEntity, "StartDate" | "EndDate"> | undefined,
  lists: Lists,
  zone: string,
): Record<string, unknown> {
  const moves = ["due", "start", "alert"].some((field) => field in patch);
  return {
    ...(patch.title === undefined ? {} : { Title: after.title }),
    ...(patch.description === undefined ? {} : { Description: after.description }),
    ...(moves ? writeTimes(after, present, zone) : {}),
    ...(patch.progress === undefined ? {} : { Completed: completedOf(after.progress.status) }),
    ...(patch.priority === undefined ? {} : writeEntry("Priority", "Id", priorityId(lists, after.priority))),
    ...(patch.privacy === undefined
      ? {}
      : { Private: patch.privacy === "private" ? "PrivateUser" : "Public" }),
    ...(patch.category === undefined
      ? {}
      : writeEntry("Task", "TaskListItemId", typeId(lists, after.category))),
  };
}

/** Days at the times of day that the row had; the start takes the reminder's when that comes later on its day. */
function writeTimes(
  { due, start, alert }: Task,
  present: Pick<TaskEntity, "StartDate" | "EndDate"> | undefined,
  zone: string,
): Record<string, unknown> {
  const [first, last] = [start ?? due, due ?? start];
  if (first === null || last === null) throw new RangeError("a task without a day");
  const remindsAt = alert === null ? null : moment(alert);
  const usual = at(first, present?.StartDate, zone);
  const begins =
    remindsAt !== null && remindsAt > usual && dayIn(instant(remindsAt), zone) === first ? remindsAt : usual;
  const ends = at(last, present?.EndDate, zone);
  const lead = remindsAt === null ? null : Math.round(begins.diff(remindsAt, "minutes").minutes);
  return {
    StartDate: instant(begins),
    EndDate: instant(ends < begins ? begins : ends),
    ...(lead === null || lead < 0 || lead > longestAlertMinutes
      ? { HasAlarm: false }
      : { HasAlarm: true, AlarmLeadTime: minutesSpan(lead) }),
  };
}

function at(day: string, like: string | undefined, zone: string): DateTime<true> {
  const time = like === undefined ? usualTime : moment(like).setZone(zone).toFormat("HH:mm:ss");
  const found = DateTime.fromISO(`${day}T${time}`, { zone });
  if (!found.isValid) throw new RangeError("not a date");
  return found;
}

function startOf(start: string | null, { due }: Task): string | null {
  return start ?? due;
}

function projectAlert(alert: string | null, item: Task, zone: string): string | null {
  const day = startOf(item.start, item);
  if (alert === null || day === null) return null;
  if (dayIn(alert, zone) > day) return null;
  // Counted from the latest moment of the day that a row may start at.
  const latest = DateTime.fromISO(day, { zone }).endOf("day");
  return latest.diff(moment(alert), "minutes").minutes > longestAlertMinutes ? null : alert;
}

/** Not started, started and done are all that SuperOffice knows. */
function projectProgress({ status }: Task["progress"]): Task["progress"] {
  return { status: statusOf(completedOf(status)), percentComplete: null, completedOn: null };
}

function completedOf(status: TaskStatus): string {
  if (status === "completed") return "Completed";
  return status === "needs-action" ? "NotStarted" : "Started";
}

function statusOf(completed: string): TaskStatus {
  if (completed === "Completed") return "completed";
  return completed === "Started" ? "in-process" : "needs-action";
}

/** The ends of the tenant's list are high and low, whatever lies between is normal. */
function priorityOf({ priorities }: Lists, id: number | undefined): TaskPriority {
  const place = priorities.findIndex((priority) => priority.id === id);
  if (place === -1 || priorities.length < 2) return "normal";
  if (place === priorities.length - 1) return "high";
  return place === 0 ? "low" : "normal";
}

function priorityId({ priorities }: Lists, priority: TaskPriority): number | undefined {
  const last = priorities.length - 1;
  const place = { low: 0, normal: Math.floor(last / 2), high: last }[priority];
  return priorities[place]?.id;
}

/** The usual type has no category: a mailbox need not be full of tasks that are called tasks. */
function categoryOf({ followUpTypes }: Lists, id: number | undefined): string {
  const place = followUpTypes.findIndex((type) => type.id === id);
  return place < 1 ? "" : (followUpTypes[place]?.name ?? "");
}

function typeId({ followUpTypes }: Lists, category: string): number | undefined {
  return (entryNamed(followUpTypes, category) ?? followUpTypes[0])?.id;
}

function writeEntry(member: string, key: string, id: number | undefined): Record<string, unknown> {
  return id === undefined ? {} : { [member]: { [key]: id } };
}
