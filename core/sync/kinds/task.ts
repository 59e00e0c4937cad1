import { taskKind } from "../../items/task-kind.ts";
import type { Task } from "../../items/task.ts";
import type { KindRules } from "../rules.ts";

export const taskRules: KindRules<Task> = {
  kind: taskKind,
  content: ["title", "description", "category"],
  privacy: "privacy",
  isPrivate: (item) => item.privacy === "private",
  mask: (item, title) => ({ ...item, title, description: "", category: "" }),
  emptied: { title: '""', description: '""', due: "null" },
  /** A task that makes its own successor when it is done is two tasks for the other system. */
  whyUntouched: ({ observed: { traits } }) => {
    if (traits.invited) return "invited";
    if (traits.participants > 0) return "meeting";
    return traits.recurrenceUnknown ? "unknown-recurrence" : null;
  },
  whyFiltered: () => null,
  subscribes: null,
};
