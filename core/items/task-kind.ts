import { dayTouches, isDate, normalizeDate } from "./dates.ts";
import type { ItemKind } from "./kind.ts";
import type { Window } from "./observed.ts";
import type { Task, TaskProgress } from "./task.ts";
import { normalizeLine, normalizeText } from "./text.ts";
import { longest } from "./validate.ts";

const normalizeField: ItemKind<Task>["normalizeField"] = {
  title: normalizeLine,
  description: normalizeText,
  due: normalizeDate,
  start: normalizeDate,
  progress: normalizeProgress,
  priority: (priority) => priority,
  privacy: (privacy) => privacy,
  alert: wholeMinutes,
  category: normalizeLine,
};

export const taskKind: ItemKind<Task> = {
  kind: "task",
  fields: ["title", "description", "due", "start", "progress", "priority", "privacy", "alert", "category"],
  normalizeField,
  normalize: (item) => ({
    title: normalizeField.title(item.title),
    description: normalizeField.description(item.description),
    due: normalizeField.due(item.due),
    start: normalizeField.start(item.start),
    progress: normalizeField.progress(item.progress),
    priority: item.priority,
    privacy: item.privacy,
    alert: normalizeField.alert(item.alert),
    category: normalizeField.category(item.category),
  }),
  compared: {},
  isValid,
  touches,
};

/** The status decides where the parts disagree. */
function normalizeProgress({ status, percentComplete, completedOn }: TaskProgress): TaskProgress {
  switch (status) {
    case "completed":
      return { status, percentComplete: 100, completedOn: normalizeDate(completedOn) };
    case "needs-action":
      return { status, percentComplete: 0, completedOn: null };
    case "in-process":
    case "waiting":
    case "deferred":
      return { status, percentComplete: wholePercent(percentComplete), completedOn: null };
  }
}

function wholePercent(percent: number | null): number | null {
  return percent === null || Number.isNaN(percent) ? null : Math.min(100, Math.max(0, Math.round(percent)));
}

/** No system reminds by the second. */
function wholeMinutes(text: string | null): string | null {
  if (text === null || text === "") return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? text : `${new Date(at).toISOString().slice(0, 16)}:00Z`;
}

function isValid(item: Task): boolean {
  const { due, start, alert } = item;
  return (
    [due, start, item.progress.completedOn].every((day) => day === null || isDate(day)) &&
    (due === null || start === null || start <= due) &&
    (alert === null || (isDate(alert.slice(0, 10)) && !Number.isNaN(Date.parse(alert)))) &&
    item.title.length <= longest.title &&
    item.category.length <= longest.title &&
    item.description.length <= longest.description
  );
}

/**
 * What is not done yet concerns its owner whenever it was due. What is done is history: it lies where it was done, else
 * where it was due; without any date it is nowhere.
 */
function touches({ progress, due, start }: Task, window: Window): boolean {
  if (progress.status !== "completed") return true;
  const day = progress.completedOn ?? due ?? start;
  return day !== null && dayTouches(day, window);
}
