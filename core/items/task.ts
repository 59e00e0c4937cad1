/**
 * A task as both sides can tell it, in JSCalendar's words (RFC 8984 §2.2): a line of SuperOffice's checklist, an
 * Exchange task, a To Do task.
 *
 * Each property is one *field*: compared, fingerprinted, merged and patched as a whole. Dates are days without a
 * zone, `2026-03-02`: none of the systems means an hour by them, whatever its wire format holds.
 */
export interface Task {
  title: string;
  /** Plain text, `\n` line ends. */
  description: string;
  /** The day on which it is to be done; `null` for none. */
  due: string | null;
  start: string | null;
  progress: TaskProgress;
  priority: TaskPriority;
  privacy: "public" | "private";
  /** When to remind: a UTC instant in whole minutes `2026-03-02T08:15:00Z`; `null` for no alert. */
  alert: string | null;
  /**
   * The one keyword that stands for the CRM's follow-up type, by name; empty for none. A mailbox holds it as the
   * first of the item's categories; writing it replaces that one and leaves the others.
   */
  category: string;
}

/**
 * How far it is: one field, because a status from one side with a percentage from the other reopens what somebody
 * has finished.
 */
export interface TaskProgress {
  /** JSCalendar's `progress`, with the two that Exchange has besides. */
  status: TaskStatus;
  /** 0..100; 0 and 100 where the status says so; `null`: the system does not tell, and a write leaves what is there. */
  percentComplete: number | null;
  /** The day on which it was done; `null` when it is not, or the system does not tell. */
  completedOn: string | null;
}

export type TaskStatus = "needs-action" | "in-process" | "completed" | "waiting" | "deferred";

/** JSCalendar's 1–4, 0 and 5, 6–9: what people can choose in every system. */
export type TaskPriority = "high" | "normal" | "low";
