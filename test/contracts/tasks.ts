import type { Task } from "../../core/items/task.ts";
import { taskKind } from "../../core/items/task-kind.ts";
import { fieldByField, type KindExamples } from "./item-store.suite.ts";

/** Something to do in March 2026, begun; tests name what matters to them. */
export function task(patch: Partial<Task> = {}): Task {
  return {
    title: "Call back",
    description: "About the drawings\nand the price",
    due: "2026-03-06",
    start: "2026-03-02",
    progress: { status: "in-process", percentComplete: 50, completedOn: null },
    priority: "high",
    privacy: "public",
    alert: "2026-03-05T08:15:00Z",
    category: "Call",
    ...patch,
  };
}

const nothing: Pick<Task, "description" | "due" | "start" | "alert" | "category"> = {
  description: "",
  due: null,
  start: null,
  alert: null,
  category: "",
};
const open = { status: "needs-action", percentComplete: 0, completedOn: null } as const;
const done = { status: "completed", percentComplete: 100, completedOn: "2026-03-04" } as const;

/** Where a part of `progress` is not told, a system fills in what it must: no shape here has such. */
export const taskExamples: KindExamples<Task> = {
  kind: taskKind,
  plain: task(),
  named: (title) => ({ title }),
  nameOf: ({ title }) => title,
  shapes: {
    "one begun": task(),
    "one with a title only": task({ ...nothing, progress: open, priority: "normal" }),
    "one with a day only": task({ ...nothing, due: "2026-03-06", progress: open, priority: "low" }),
    "one that is done": task({ progress: done, alert: null }),
    "one that waits for others": task({ progress: { ...task().progress, status: "waiting" } }),
    "one put off, hardly begun": task({
      progress: { status: "deferred", percentComplete: 1, completedOn: null },
    }),
    "one for a single day": task({ start: "2026-03-06" }),
    "days around both clock changes": task({ start: "2026-03-29", due: "2026-10-25" }),
    "a private one": task({ privacy: "private" }),
    "markup and other alphabets": task({
      title: `R&D <b>"Ærlig"</b> 日本語 🎉 'x'`,
      description: "First line\n\n  indented & <not> markup\n]]> end",
      category: "Møte & <mer>",
    }),
  },
  patches: {
    ...fieldByField(
      taskKind,
      task(),
      {
        title: "Another title",
        description: "Another\ntext",
        due: "2026-03-20",
        start: "2026-03-03",
        priority: "low",
        privacy: "private",
        alert: "2026-03-04T12:30:00Z",
        category: "Meeting",
      },
      nothing,
    ),
    "both days": { start: "2026-04-01", due: "2026-04-02" },
    "that it is done": { progress: done },
    "that it waits": { progress: { status: "waiting", percentComplete: 50, completedOn: null } },
    "that it was put off": { progress: { status: "deferred", percentComplete: 50, completedOn: null } },
    "that it is not begun": { progress: open },
    "how far it is": { progress: { status: "in-process", percentComplete: 75, completedOn: null } },
  },
  thorough: {
    title: "Ours",
    due: "2026-03-16",
    progress: done,
    priority: "normal",
    alert: null,
    category: "Meeting",
  },
  away: { due: "2024-03-06", start: null, progress: { ...done, completedOn: "2024-03-04" } },
};
