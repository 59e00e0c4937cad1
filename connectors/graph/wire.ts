import { z } from "zod";

/**
 * What this connector reads of Graph's answers, checked where they arrive. Members that are not named are ignored;
 * one that is missing or of another kind makes the item unreadable, it never becomes a default.
 */

export const dateTime = z.object({
  dateTime: z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?$/u),
  timeZone: z.string(),
});
const address = z.object({ address: z.string().nullish(), name: z.string().nullish() }).nullish();
const pattern = z.object({
  type: z.string(),
  interval: z.int(),
  month: z.int().nullish(),
  dayOfMonth: z.int().nullish(),
  daysOfWeek: z.array(z.string()).nullish(),
  firstDayOfWeek: z.string().nullish(),
  index: z.string().nullish(),
});
const range = z.object({
  type: z.string(),
  startDate: z.string(),
  endDate: z.string().nullish(),
  numberOfOccurrences: z.int().nullish(),
  recurrenceTimeZone: z.string().nullish(),
});
const recurrence = z.object({ pattern, range });
export type GraphRecurrence = z.infer<typeof recurrence>;

/** An event as it is asked for by `eventProperties`. */
export const event = z.object({
  id: z.string().min(1),
  changeKey: z.string().min(1),
  iCalUId: z.string().nullish(),
  type: z.string(),
  seriesMasterId: z.string().nullish(),
  /** Of one date of a series: when its rule makes it start, in UTC. */
  originalStart: z.string().nullish(),
  subject: z.string().nullable(),
  body: z.object({ contentType: z.string(), content: z.string().nullish() }).nullable(),
  location: z.object({ displayName: z.string().nullish() }).nullable(),
  start: dateTime,
  end: dateTime,
  isAllDay: z.boolean(),
  originalStartTimeZone: z.string().nullable(),
  showAs: z.string(),
  sensitivity: z.string(),
  isReminderOn: z.boolean(),
  reminderMinutesBeforeStart: z.int().nullish(),
  recurrence: z.unknown().optional(),
  attendees: z.array(z.object({ emailAddress: address })),
  organizer: z.object({ emailAddress: address }).nullish(),
  isOrganizer: z.boolean(),
  isOnlineMeeting: z.boolean().nullish(),
  singleValueExtendedProperties: z.array(z.object({ id: z.string(), value: z.string() })).optional(),
});
export type GraphEvent = z.infer<typeof event>;
export const eventRecurrence = recurrence.nullish();

/** What a series' master tells of the dates that differ from its rule. */
export const exceptions = z.object({
  cancelledOccurrences: z.array(z.string()).nullish(),
  exceptionOccurrences: z.array(z.unknown()).nullish(),
});

/** What a write answers of an event. */
export const versionOnly = z.object({ changeKey: z.string().min(1) });

export const idOnly = z.object({ id: z.string().min(1) });

/** A page of a listing. */
export const page = z.object({ value: z.array(z.unknown()), "@odata.nextLink": z.string().optional() });

/** A page of a delta listing; an occurrence may come with its id, its times and its series' id only. */
export const deltaPage = z.object({
  value: z.array(
    z.object({
      id: z.string().min(1),
      type: z.string().nullish(),
      seriesMasterId: z.string().nullish(),
      "@removed": z.object({ reason: z.string().optional() }).optional(),
    }),
  ),
  "@odata.nextLink": z.string().optional(),
  "@odata.deltaLink": z.string().optional(),
});

export const calendar = z.object({ id: z.string(), canEdit: z.boolean().nullish() });
