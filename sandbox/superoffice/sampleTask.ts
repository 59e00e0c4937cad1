import { DateTime } from "luxon";
import type { Person } from "../context.ts";
import { settledTask, type ListedTask, type SampleTask } from "../samples.ts";
import type { ActivityStatus, Appointment } from "./appointment.ts";
import { DEFAULT_TODO, FOLLOW_UP_TYPES, followUpType } from "./tasks.ts";
import { baseToMoment, clockFace, localText, momentToBase, spanMinutes, spanText } from "./time.ts";

const PRIORITY = { low: 1, normal: 2, high: 3 } as const;
const STATUS: Record<SampleTask["status"], ActivityStatus> = {
  "not-started": "NotStarted",
  "in-progress": "Started",
  completed: "Completed",
  waiting: "Started",
  deferred: "NotStarted",
};
const HOUR = "T08:00:00";

/**
 * A task as SuperOffice keeps it: a row of the checklist, always with a time (database/tables/appointment.md, do_by).
 * @throws Error for a task that repeats
 */
export function fillTask(
  row: Appointment,
  given: Partial<SampleTask>,
  before: SampleTask,
  person: Person,
): Appointment {
  if (given.recurrence) throw new Error("SuperOffice holds no repeating task of this kind");
  const task = settledTask(given, before);
  const start = task.start ?? task.due;
  const due = task.due ?? task.start;
  const moved = given.start !== undefined || given.due !== undefined;
  const next: Appointment = {
    ...row,
    type: "inChecklist",
    taskId: typeOf(given, row),
    title: task.subject,
    description: task.body,
    start: moved && start ? withDay(row.start, start, row.id === 0) : row.start,
    end: moved && due ? withDay(row.end, due, row.id === 0) : row.end,
    completed: STATUS[task.status],
    free: true,
    private: task.private ? "PrivateUser" : "Public",
    more: {
      ...row.more,
      priorityId: PRIORITY[task.importance],
      visibleFor: [
        task.private
          ? { VisibleId: person.associateId, Visibility: "Associate", DisplayValue: person.fullName }
          : { VisibleId: 0, Visibility: "All", DisplayValue: "All" },
      ],
    },
  };
  if (next.end < next.start) next.end = next.start;
  if (given.reminderAt === undefined) return next;
  if (given.reminderAt === null) return { ...next, alarm: false };
  const lead = (baseToMoment(next.start).getTime() - Date.parse(given.reminderAt)) / 60_000;
  return {
    ...next,
    alarm: true,
    more: { ...next.more, alarmLeadTime: spanText(Math.max(0, Math.round(lead))) },
  };
}

export function readTask(row: Appointment): ListedTask {
  const status =
    row.completed === "Completed" ? "completed" : row.completed === "Started" ? "in-progress" : "not-started";
  const lead = spanMinutes(row.more.alarmLeadTime);
  const alarm = DateTime.fromJSDate(baseToMoment(row.start)).minus({ minutes: lead });
  return {
    id: String(row.id),
    subject: row.title,
    body: row.description,
    start: row.start.slice(0, 10),
    due: row.end.slice(0, 10),
    status,
    percentComplete: { "not-started": 0, "in-progress": 50, completed: 100 }[status],
    completedOn: status === "completed" ? momentToBase(new Date(row.updated)).slice(0, 10) : null,
    importance:
      row.more.priorityId === PRIORITY.high
        ? "high"
        : row.more.priorityId === PRIORITY.low
          ? "low"
          : "normal",
    private: row.private !== "Public",
    reminderAt: row.alarm ? alarm.toUTC().toJSDate().toISOString().replace(".000Z", "Z") : null,
    categories: row.taskId === DEFAULT_TODO ? [] : [followUpType(row.taskId)?.name ?? ""],
    recurrence: null,
    startsAt: baseToMoment(row.start).toISOString(),
    dueAt: baseToMoment(row.end).toISOString(),
  };
}

/** The first category may name a type of the checklist; the usual one has none. */
function typeOf({ categories }: Partial<SampleTask>, row: Appointment): number {
  const known = row.taskId !== 0 && row.type === "inChecklist";
  if (categories === undefined && known) return row.taskId;
  const named = FOLLOW_UP_TYPES.find(({ name, taskType }) => taskType === "ToDo" && name === categories?.[0]);
  return named?.id ?? DEFAULT_TODO;
}

/** Another day at the same time; a new task gets the hour at which SuperOffice lets working days begin. */
function withDay(local: string, day: string, isNew: boolean): string {
  return localText(clockFace(`${day.slice(0, 10)}${isNew ? HOUR : local.slice(10)}`));
}
