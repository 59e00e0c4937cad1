import type { OccurrenceChange } from "../samples.ts";
import type { Exception, ItemData } from "./model.ts";
import { contentFields } from "./sample-content.ts";
import { writeFields } from "./sample-fields.ts";

/** Elements in which each member of an occurrence stands. */
const elements = {
  subject: ["Subject"],
  location: ["Location"],
  busy: ["LegacyFreeBusyStatus"],
  private: ["Sensitivity"],
  reminderMinutes: ["ReminderIsSet", "ReminderMinutesBeforeStart"],
} as const;
type Content = Omit<OccurrenceChange, "start" | "end">;

/** What an occurrence has of its own, its times apart. */
export function readOccurrence(exception: Pick<Exception, "values" | "body">): Content {
  const data = blank();
  for (const [name, value] of Object.entries(exception.values)) if (value) data.values[name] = value;
  const own: Record<string, unknown> = {};
  for (const [name, places] of Object.entries(elements)) {
    if (places.some((place) => place in exception.values)) {
      own[name] = contentFields[name as keyof typeof elements].read(data);
    }
  }
  if (exception.body) own["body"] = contentFields.body.read({ ...data, body: exception.body });
  return own;
}

/** Writes into an exception what `changes` says beside times; null stands for what the series has and it has not. */
export function writeOccurrence(exception: Pick<Exception, "values" | "body">, changes: Content): void {
  const data = blank();
  writeFields(contentFields, data, changes);
  for (const [name, places] of Object.entries(elements)) {
    if (changes[name as keyof Content] === undefined) continue;
    for (const place of places) exception.values[place] = data.values[place] ?? null;
  }
  if (changes.body !== undefined && data.body) exception.body = data.body;
}

const blank = (): ItemData => ({ itemClass: "", created: 0, modified: 0, values: {}, extended: [] });
