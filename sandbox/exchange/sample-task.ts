import { settledTask, type SampleTask } from "../samples.ts";
import type { ItemData } from "./model.ts";
import { readRule, writeRule } from "./recurrence.ts";
import {
  body,
  categories,
  day,
  importance,
  isPrivate,
  put,
  readFields,
  text,
  wordOf,
  writeFields,
  type Fields,
} from "./sample-fields.ts";
import { readSampleRule, writeSampleRule } from "./sample-recurrence.ts";

const statusNames = {
  "not-started": "NotStarted",
  "in-progress": "InProgress",
  completed: "Completed",
  waiting: "WaitingOnOthers",
  deferred: "Deferred",
} as const;

const fields: Fields<SampleTask> = {
  subject: text("Subject"),
  body,
  start: day("StartDate"),
  due: day("DueDate"),
  status: {
    read: (data) => wordOf(statusNames, data.values["Status"]?.text) ?? "not-started",
    write: (data, value) => put(data, "Status", statusNames[value]),
  },
  percentComplete: {
    read: (data) => Number(data.values["PercentComplete"]?.text ?? "0"),
    write: (data, value) => put(data, "PercentComplete", String(value)),
  },
  completedOn: day("CompleteDate"),
  importance,
  private: isPrivate,
  reminderAt: {
    read: (data) =>
      data.values["ReminderIsSet"]?.text === "true" ? (data.values["ReminderDueBy"]?.text ?? null) : null,
    write(data, value) {
      put(data, "ReminderIsSet", String(value !== null));
      put(
        data,
        "ReminderDueBy",
        value === null ? undefined : new Date(value).toISOString().replace(".000Z", "Z"),
      );
    },
  },
  categories,
  recurrence: {
    read(data) {
      const stored = data.values["Recurrence"];
      if (!stored) return null;
      return writeSampleRule({ rule: readRule(stored), deleted: [], exceptions: [] }, String);
    },
    write(data, value) {
      const first = (data.values["StartDate"] ?? data.values["DueDate"])?.text?.slice(0, 10);
      if (value !== null && first === undefined) throw new Error("A task that repeats needs a day to begin");
      put(
        data,
        "Recurrence",
        value === null ? undefined : writeRule(readSampleRule(value, first as string), (date) => date),
      );
    },
  },
};

export const readTask = (data: ItemData): SampleTask => readFields(fields, data);

/** Writes what is given; status, percentage and day of completion follow each other. */
export function writeTask(data: ItemData, given: Partial<SampleTask>, today: string): void {
  const before = readTask(data);
  const task = settledTask(given, before);
  if (task.status === "completed") task.completedOn ??= today;
  writeFields(fields, data, {
    ...given,
    status: task.status,
    percentComplete: task.percentComplete,
    completedOn: task.completedOn,
  });
}
