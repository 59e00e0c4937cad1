import { randomUUID } from "node:crypto";
import type { ItemView } from "../exchange/model.ts";
import { DAY, toLocal } from "../exchange/timezones.ts";
import { draftOf, newDraft, type Draft } from "../exchange/writers/draft.ts";
import { deleteField, setField } from "../exchange/writers/fields.ts";
import { settleTask } from "../exchange/writers/task.ts";
import { el, type Xml } from "../exchange/xml.ts";
import { badRequest } from "./errors.ts";
import { readExtensions } from "./extensions.ts";
import { recurrenceElement, type PatternedRecurrence } from "./recurrence.ts";
import type { GraphRequest } from "./request.ts";
import { instant, namedZone, readDateTime, type DateTimeTimeZone } from "./time.ts";

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Members that the server owns. */
const ignored = new Set([
  "id",
  "createdDateTime",
  "lastModifiedDateTime",
  "bodyLastModifiedDateTime",
  "hasAttachments",
]);

/** Dates without a time of day in the store; the day is the one of the member's own zone. */
const days: Record<string, string> = {
  startDateTime: "StartDate",
  dueDateTime: "DueDate",
  completedDateTime: "CompleteDate",
};

export function newTask(request: GraphRequest): Draft {
  const draft = newDraft("Task", request.call);
  apply(draft, request);
  return draft;
}

export function changedTask(view: ItemView, request: GraphRequest): Draft {
  const draft = draftOf(view);
  apply(draft, request);
  return draft;
}

function apply(draft: Draft, request: GraphRequest): void {
  for (const [name, value] of Object.entries(request.body)) {
    if (!name.includes("@odata.") && !ignored.has(name)) applyMember(draft, name, value, request);
  }
  settleTask(draft, request.call);
}

function applyMember(draft: Draft, name: string, value: unknown, request: GraphRequest): void {
  const put = (element: string, xml: Xml | undefined): void => {
    if (xml) setField(draft, xml, request.call);
    else if (draft.data.values[element]) deleteField(draft, element);
  };
  const day = days[name];
  if (day !== undefined) {
    put(day, value ? el(day, dayOf(value as DateTimeTimeZone)) : undefined);
    return;
  }
  switch (name) {
    case "title":
      put("Subject", el("Subject", typeof value === "string" ? value : ""));
      break;
    case "body": {
      const body = value as { content?: string | null; contentType?: string } | null;
      const type = body?.contentType === "html" ? "HTML" : "Text";
      put("Body", el("Body", body?.content ?? "", { BodyType: type }));
      break;
    }
    case "importance":
      put("Importance", el("Importance", capital(String(value))));
      break;
    case "status":
      put("Status", el("Status", capital(String(value))));
      break;
    case "isReminderOn":
      put("ReminderIsSet", el("ReminderIsSet", String(value)));
      break;
    case "reminderDateTime":
      put(
        "ReminderDueBy",
        value ? el("ReminderDueBy", instant(readDateTime(value as DateTimeTimeZone))) : undefined,
      );
      break;
    case "categories": {
      const list = (value as string[]).map((each) => el("String", each));
      put("Categories", list.length > 0 ? el("Categories", list) : undefined);
      break;
    }
    case "recurrence":
      put("Recurrence", value ? recurrenceElement(value as PatternedRecurrence) : undefined);
      break;
    case "linkedResources":
    case "checklistItems":
      draft.data.graph = {
        ...draft.data.graph,
        [name]: (value as Record<string, unknown>[]).map((each) => ({ ...each, id: randomUUID() })),
      };
      break;
    case "extensions":
      draft.data.graph = {
        ...draft.data.graph,
        extensions: readExtensions(value as Record<string, unknown>[]),
      };
      break;
    default:
      throw badRequest("invalidRequest", `The property '${name}' cannot be written here.`);
  }
}

function dayOf(value: DateTimeTimeZone): string {
  const local = toLocal(namedZone(value.timeZone).zone, readDateTime(value));
  return new Date(Math.floor(local / DAY) * DAY).toISOString().replace(".000Z", "Z");
}
