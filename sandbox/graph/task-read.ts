import { bodyAs } from "../exchange/bodies.ts";
import { EwsError } from "../exchange/errors.ts";
import type { ItemView } from "../exchange/model.ts";
import { readRule } from "../exchange/recurrence.ts";
import { children, type Xml } from "../exchange/xml.ts";
import { writeRecurrence, type PatternedRecurrence } from "./recurrence.ts";
import { etag, type GraphRequest } from "./request.ts";
import { instant, utcZone, writeTime, type DateTimeTimeZone } from "./time.ts";

const statuses: Record<string, string> = {
  NotStarted: "notStarted",
  InProgress: "inProgress",
  Completed: "completed",
  WaitingOnOthers: "waitingOnOthers",
  Deferred: "deferred",
};

/** Every member that a task is answered with. Its percentage is EWS's alone. */
export function readTask(view: ItemView, request: GraphRequest): Record<string, unknown> {
  const { item, data } = view;
  const text = (element: string): string | undefined => data.values[element]?.text;
  const time = (element: string): DateTimeTimeZone | null => {
    const value = text(element);
    return value === undefined ? null : writeTime(Date.parse(value), utcZone);
  };
  const { type, content } = bodyAs(data.body, request.prefer.bodyType === "HTML" ? "Best" : "Text");
  const links = data.graph?.linkedResources ?? [];
  return {
    "@odata.etag": etag(request.changeKey(item)),
    id: request.taskId(item.row),
    title: text("Subject") ?? "",
    body: { contentType: type.toLowerCase(), content },
    bodyLastModifiedDateTime: instant(data.modified),
    importance: (text("Importance") ?? "Normal").toLowerCase(),
    isReminderOn: ["true", "1"].includes(text("ReminderIsSet") ?? "false"),
    reminderDateTime: time("ReminderDueBy"),
    status: statuses[text("Status") ?? "NotStarted"] ?? "notStarted",
    hasAttachments: false,
    categories: children(data.values["Categories"]).map((category) => category.text ?? ""),
    createdDateTime: instant(data.created),
    lastModifiedDateTime: instant(data.modified),
    startDateTime: time("StartDate"),
    dueDateTime: time("DueDate"),
    completedDateTime: time("CompleteDate"),
    recurrence: recurrenceOf(data.values["Recurrence"]),
    ...(request.switches.linkedResourcesUnasked && links.length > 0 ? { linkedResources: links } : {}),
  };
}

/** Tasks that are made anew after completion have no pattern that Graph could tell. */
function recurrenceOf(recurrence: Xml | undefined): PatternedRecurrence | null {
  if (!recurrence) return null;
  try {
    return writeRecurrence(readRule(recurrence), "UTC");
  } catch (error) {
    if (error instanceof EwsError) return null;
    throw error;
  }
}
