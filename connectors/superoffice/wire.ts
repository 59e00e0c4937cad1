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

/** One row of the checklist: the same entity, with what only tasks use. */
export const taskEntity = appointmentEntity.extend({
  Completed: z.string(),
  Priority: z.object({ Id: z.number() }).nullish(),
  Task: z.object({ TaskListItemId: z.number() }).nullish(),
});
export type TaskEntity = z.infer<typeof taskEntity>;

/** Booleans of archives come as such, or as text or number in slim mode. */
const flag = z
  .union([z.boolean(), z.number(), z.string()])
  .transform((value) => value === true || ["true", "1"].includes(String(value).toLowerCase()));

export const checklistRow = z.object({
  appointmentId: cell,
  updatedDate: date,
  date,
  endDate: date.nullish(),
  completed: flag,
});

export const taskListItem = z.object({
  TaskListItemId: z.number(),
  Value: text,
  Type: z.string(),
  Rank: z.number().nullish(),
  Deleted: z.boolean().nullish(),
});

export const listItem = z.object({
  Id: z.number(),
  Name: text,
  Rank: z.number().nullish(),
  Deleted: z.boolean().nullish(),
});

const element = z.object({ Value: text, Description: text }).nullable();
const elements = z.array(element).nullish();
export type Element = { Value?: string | null | undefined; Description?: string | null | undefined } | null;

const structuredAddress = z
  .object({
    AtypeIdx: text,
    Address1: text,
    Address2: text,
    Address3: text,
    City: text,
    County: text,
    State: text,
    Zipcode: text,
  })
  .nullish();
const address = z.object({ Street: structuredAddress, Postal: structuredAddress }).nullish();
export type Street = z.infer<typeof structuredAddress>;
const country = z.object({ Name: text }).nullish();

/** A person ("contact" on SuperOffice's screens). */
export const personEntity = z.object({
  PersonId: z.number(),
  UpdatedDate: date,
  Mrmrs: text,
  Firstname: text,
  MiddleName: text,
  Lastname: text,
  Title: text,
  BirthDate: text,
  Description: text,
  Emails: elements,
  OfficePhones: elements,
  MobilePhones: elements,
  PrivatePhones: elements,
  OtherPhones: elements,
  Faxes: elements,
  ChatEmails: elements,
  Urls: elements,
  Address: address,
  Country: country,
  Category: z.object({ Value: text }).nullish(),
  Contact: z.object({ ContactId: z.number() }).nullish(),
  DbiKey: text,
});
export type PersonEntity = z.infer<typeof personEntity>;

/** A contact ("company" on SuperOffice's screens). */
export const companyEntity = z.object({
  ContactId: z.number(),
  UpdatedDate: date,
  Name: text,
  Department: text,
  Phones: elements,
  Address: address,
  Country: country,
});
export type CompanyEntity = z.infer<typeof companyEntity>;

export const memberRow = z.object({
  personId: cell,
  contactId: cell.nullish(),
  personUpdatedDate: date,
});
export type MemberRow = z.infer<typeof memberRow>;

export const companyRow = z.object({ contactId: cell, updatedDate: date });
export const personRow = z.object({ personId: cell });

export const selectionRow = z.object({ selectionId: cell, name: text });
export const selectionEntity = z.object({ SelectionId: z.number(), SelectionType: z.string() });
