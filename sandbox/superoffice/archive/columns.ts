import type { SQLInputValue } from "node:sqlite";

/** What a column holds decides which operators it knows and how its values come out. */
export type ColumnKind =
  /** Whole numbers and list ids. */
  | "int"
  | "string"
  | "bool"
  /** An associate's id; shown as login name. */
  | "associate"
  /** Base-zone local time. */
  | "date"
  /** Milliseconds since 1970. */
  | "utc"
  /** A time span. */
  | "span";

export interface Column {
  kind: ColumnKind;
  /** Expression for filtering and sorting, and the raw value. */
  sql: string;
  /** Expression of the display value when it differs. */
  display?: string;
  /** Columns without a restriction in the reference cannot be filtered by. */
  fixed?: true;
}

/** An archive provider: a query over rows with named columns. */
export interface Archive {
  entity: string;
  from: string;
  /** Always true of its rows. */
  where: string;
  key: string;
  columns: Record<string, Column>;
}

export type Parameters = SQLInputValue[];

const associate = (name: string, key: string, login: string): Record<string, Column> => ({
  [name]: { kind: "associate", sql: key, display: login },
});

/** Columns of the owner, as `associate/fullName` (archive-providers/reference/findappointment.md). */
const OWNER: Record<string, Column> = {
  "associate/firstName": { kind: "string", sql: "op.first_name" },
  "associate/lastName": { kind: "string", sql: "op.last_name" },
  "associate/fullName": { kind: "string", sql: "o.full_name" },
  "associate/contactId": { kind: "int", sql: "o.contact_id" },
  "associate/personId": { kind: "int", sql: "o.person_id" },
  "associate/associateDbId": { kind: "associate", sql: "o.associate_id" },
  "associate/assocName": { kind: "associate", sql: "o.associate_id", display: "o.name" },
  "associate/isActive": { kind: "bool", sql: "(o.retired = 0)" },
  "associate/userName": { kind: "string", sql: "o.address" },
  "associate/personEmail": { kind: "string", sql: "o.address" },
};

const fieldOf = (path: string): string => `json_extract(a.fields, '$.${path}')`;
const loginOf = (key: string): string =>
  `(select name from superoffice_associate where associate_id = ${key})`;
const nameOf = (key: string): string =>
  `(select full_name from superoffice_associate where associate_id = ${key})`;
const TASK_NAME = `(case a.task_id when 1 then 'Meeting' when 2 then 'Meeting - external' when 3 then 'Phone call'
  when 4 then 'Task' when 5 then 'Vacation' when 6 then 'Private' when 7 then 'Prepare offer' else '' end)`;

const APPOINTMENT: Record<string, Column> = {
  appointmentId: { kind: "int", sql: "a.appointment_id" },
  ...associate("associateId", "a.associate_id", "o.name"),
  date: { kind: "date", sql: "a.start_local" },
  endDate: { kind: "date", sql: "a.end_local" },
  time: { kind: "string", sql: "substr(a.start_local, 12, 5)", fixed: true },
  endTime: { kind: "string", sql: "substr(a.end_local, 12, 5)", fixed: true },
  type: { kind: "int", sql: "a.task_id", display: TASK_NAME },
  recordType: { kind: "string", sql: "(case when a.type in (2, 7) then 'task' else 'appointment' end)" },
  // SuperOffice shows one text for an activity; which of title and description is not documented.
  text: { kind: "string", sql: "(case when a.title <> '' then a.title else a.description end)" },
  "appointment/description": { kind: "string", sql: "a.description" },
  location: { kind: "string", sql: "a.location" },
  completed: { kind: "bool", sql: "(a.status = 3)" },
  contactId: { kind: "int", sql: "a.contact_id" },
  personId: { kind: "int", sql: "a.person_id" },
  projectId: { kind: "int", sql: fieldOf("projectId") },
  saleId: { kind: "int", sql: fieldOf("saleId") },
  priority: { kind: "int", sql: fieldOf("priorityId") },
  alarm: { kind: "bool", sql: "(a.has_alarm = 1)" },
  recurring: { kind: "bool", sql: "(a.recurrence_id <> 0)" },
  recurrenceRuleId: { kind: "int", sql: "a.recurrence_id" },
  booking: { kind: "bool", sql: "(a.mother_id <> 0)" },
  rawType: { kind: "int", sql: "a.type" },
  rawStatus: { kind: "int", sql: "a.status" },
  visibleInDiary: { kind: "bool", sql: "(a.type not in (6, 7))" },
  cautionWarning: { kind: "string", sql: fieldOf("cautionWarning") },
  isMilestone: { kind: "bool", sql: `(${fieldOf("milestone")} = 1)` },
  suggestedAppointmentId: { kind: "int", sql: fieldOf("suggestedAppointmentId") },
  joinVideomeetUrl: { kind: "string", sql: fieldOf("joinVideomeetUrl"), fixed: true },
  invitedPersonId: { kind: "int", sql: "0" },
  updatedDate: { kind: "utc", sql: "a.updated" },
  registeredDate: { kind: "utc", sql: "a.created" },
  ...associate("updatedBy", "a.updated_by", loginOf("a.updated_by")),
  updatedByFullName: { kind: "associate", sql: "a.updated_by", display: nameOf("a.updated_by") },
  ...associate("registeredBy", "a.created_by", loginOf("a.created_by")),
  registeredByFullName: { kind: "associate", sql: "a.created_by", display: nameOf("a.created_by") },
  "contact/contactId": { kind: "int", sql: "c.contact_id" },
  "contact/name": { kind: "string", sql: "c.name" },
  "contact/department": { kind: "string", sql: "c.department" },
  "person/personId": { kind: "int", sql: "p.person_id" },
  "person/fullName": { kind: "string", sql: "trim(p.first_name || ' ' || p.last_name)" },
  "person/firstName": { kind: "string", sql: "p.first_name" },
  "person/lastName": { kind: "string", sql: "p.last_name" },
  getAllRows: { kind: "bool", sql: "1" },
  getNoRows: { kind: "bool", sql: "0" },
  ...OWNER,
};

const PERSON: Record<string, Column> = {
  personId: { kind: "int", sql: "p.person_id" },
  firstName: { kind: "string", sql: "p.first_name" },
  middleName: { kind: "string", sql: "p.middle_name" },
  lastName: { kind: "string", sql: "p.last_name" },
  fullName: { kind: "string", sql: "trim(p.first_name || ' ' || p.last_name)" },
  title: { kind: "string", sql: "p.title" },
  contactId: { kind: "int", sql: "p.contact_id" },
  retired: { kind: "bool", sql: "(p.retired = 1)" },
  hasCompany: { kind: "bool", sql: "(p.contact_id <> 0)" },
  "email/emailAddress": { kind: "string", sql: "p.email" },
  "contact/name": { kind: "string", sql: "c.name" },
  personUpdatedDate: { kind: "utc", sql: "p.updated" },
  personRegisteredDate: { kind: "utc", sql: "p.created" },
  personUpdatedBy: { kind: "associate", sql: "p.updated_by", display: loginOf("p.updated_by") },
  personRegisteredBy: { kind: "associate", sql: "p.created_by", display: loginOf("p.created_by") },
  personAssociateId: { kind: "associate", sql: "p.associate_id", display: loginOf("p.associate_id") },
  getAllRows: { kind: "bool", sql: "1" },
  getNoRows: { kind: "bool", sql: "0" },
};

const CONTACT: Record<string, Column> = {
  contactId: { kind: "int", sql: "c.contact_id" },
  name: { kind: "string", sql: "c.name" },
  department: { kind: "string", sql: "c.department" },
  nameDepartment: { kind: "string", sql: "trim(c.name || ' ' || c.department)", fixed: true },
  associateId: { kind: "associate", sql: "c.associate_id", display: loginOf("c.associate_id") },
  updatedDate: { kind: "utc", sql: "c.updated" },
  registeredDate: { kind: "utc", sql: "c.created" },
  updatedBy: { kind: "associate", sql: "c.updated_by", display: loginOf("c.updated_by") },
  registeredBy: { kind: "associate", sql: "c.created_by", display: loginOf("c.created_by") },
  getAllRows: { kind: "bool", sql: "1" },
  getNoRows: { kind: "bool", sql: "0" },
};

const SELECTION: Record<string, Column> = {
  selectionId: { kind: "int", sql: "s.selection_id" },
  name: { kind: "string", sql: "s.name" },
  kind: { kind: "string", sql: "s.kind" },
  // Persons are table 6 of the database (database/tables/person.md).
  targetTableNumber: { kind: "int", sql: "6", display: "'Person'" },
  associateId: { kind: "associate", sql: "s.associate_id", display: loginOf("s.associate_id") },
  memberCount: {
    kind: "int",
    sql: "(select count(*) from superoffice_selection_member m where m.selection_id = s.selection_id)",
  },
  lastMembershipChange: { kind: "utc", sql: "s.members_changed" },
  updatedDate: { kind: "utc", sql: "s.updated" },
  registeredDate: { kind: "utc", sql: "s.created" },
  updatedBy: { kind: "associate", sql: "s.updated_by", display: loginOf("s.updated_by") },
  registeredBy: { kind: "associate", sql: "s.created_by", display: loginOf("s.created_by") },
  getAllRows: { kind: "bool", sql: "1" },
  getNoRows: { kind: "bool", sql: "0" },
};

const appointments = (where: string): Archive => ({
  entity: "appointment",
  from: `superoffice_appointment a
    left join superoffice_associate o on o.associate_id = a.associate_id
    left join superoffice_person op on op.person_id = o.person_id
    left join superoffice_contact c on c.contact_id = a.contact_id
    left join superoffice_person p on p.person_id = a.person_id`,
  where,
  key: "a.appointment_id",
  columns: APPOINTMENT,
});

export const persons: Archive = {
  entity: "person",
  from: "superoffice_person p left join superoffice_contact c on c.contact_id = p.contact_id",
  where: "p.deleted_at is null",
  key: "p.person_id",
  columns: PERSON,
};

const selections: Archive = {
  entity: "selection",
  from: "superoffice_selection s",
  where: "1",
  key: "s.selection_id",
  columns: SELECTION,
};

const contacts: Archive = {
  entity: "contact",
  from: "superoffice_contact c",
  where: "c.deleted_at is null",
  key: "c.contact_id",
  columns: CONTACT,
};

/** Providers by lower-case name. Documents are not modelled, so every row is a follow-up. */
export const ARCHIVES: Record<string, Archive> = {
  findappointment: appointments("1"),
  /** "Appointment activities, of the Diary type (not followup or booking)". */
  diaryappointment: appointments("a.type = 1"),
  /** Follow-ups of the checklist (archive-providers/reference/checklistappointment.md). */
  checklistappointment: appointments("a.type = 2"),
  findselection: selections,
  findperson: persons,
  simpleperson: persons,
  findcontact: contacts,
  simplecontact: contacts,
};
