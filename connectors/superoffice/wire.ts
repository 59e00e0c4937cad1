import { z } from "zod";

/**
 * The parts of SuperOffice's JSON that Everlink reads, PascalCase as on the wire. Whatever else an answer holds is
 * left alone. Names and enum members: typings of `@superoffice/webapi` 12.4.1514.
 */
const date = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/);
const text = z.string().nullish();

const monthPattern = z.object({
  Cycle: z.number(),
  Day: z.number().nullish(),
  Weekday: z.string().nullish(),
  WeekOfMonth: z.string().nullish(),
  Pattern: z.string(),
});

export const recurrenceInfo = z.object({
  RecurrenceId: z.number(),
  StartDate: date,
  EndDate: date,
  RecurrenceEndType: z.string(),
  RecurrenceCounter: z.number(),
  Pattern: z.string(),
  DayPattern: z.object({ Cycle: z.number(), Pattern: z.string() }).nullish(),
  WeekPattern: z.object({ Cycle: z.number(), Weekdays: z.string() }).nullish(),
  MonthPattern: monthPattern.nullish(),
  YearPattern: monthPattern.nullish(),
  IsRecurrence: z.boolean(),
});
export type RecurrenceInfo = z.infer<typeof recurrenceInfo>;

/** What entity and record have in common: the content of a row. */
const rowContent = z.object({
  Title: text,
  Description: text,
  Location: text,
  StartDate: date,
  EndDate: date,
  IsAlldayEvent: z.boolean(),
  IsFree: z.boolean(),
  Private: z.string(),
  HasAlarm: z.boolean(),
  AlarmLeadTime: text,
});
export type RowContent = z.infer<typeof rowContent>;

/** One row of the diary. A series is as many rows as it has dates. */
export const appointmentEntity = rowContent.extend({
  AppointmentId: z.number(),
  Associate: z.object({ AssociateId: z.number() }).nullish(),
  Type: z.string(),
  BookingType: z.string().nullish(),
  MotherId: z.number().nullish(),
  UpdatedDate: date,
  CreatedDate: date.nullish(),
  Recurrence: recurrenceInfo.nullish(),
  Participants: z
    .array(z.object({ AssociateId: z.number().nullish(), PersonId: z.number().nullish() }).nullable())
    .nullish(),
});
export type AppointmentEntity = z.infer<typeof appointmentEntity>;

/** The short form that `GetAppointmentRecords` answers with. */
export const appointmentRecord = rowContent.extend({
  AppointmentId: z.number(),
  AssociateId: z.number(),
  Type: z.string(),
  CreatedDate: date.nullish(),
});
export type AppointmentRecord = z.infer<typeof appointmentRecord>;

/** Archive columns in slim mode come as text or as numbers (api/search/odata/using-filters.md shows both). */
const cell = z.union([z.number(), z.string()]).transform((value) => Number(value));

export const listingRow = z.object({
  appointmentId: cell,
  recurrenceRuleId: cell.nullish(),
  updatedDate: date,
  date,
  endDate: date.nullish(),
});
export type ListingRow = z.infer<typeof listingRow>;

export const archivePage = z.object({
  value: z.array(z.unknown()),
  "odata.nextLink": z.string().nullish(),
});
