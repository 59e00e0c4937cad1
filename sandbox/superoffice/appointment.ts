/**
 * One row of SuperOffice's appointment table: a diary entry, a task, one date of a series, or a booking.
 * @see database/tables/appointment.md and its enums
 */
export interface Appointment {
  id: number;
  /** Whose diary or checklist it stands in. */
  associateId: number;
  /** Itself for the mother of a booking, the mother for a slave, 0 otherwise. */
  motherId: number;
  /** The rule that all dates of a series share, 0 for a single one. */
  recurrenceId: number;
  /** Local times of the base zone. */
  start: string;
  end: string;
  /** Where the series had put this date before anybody moved it. */
  originalStart: string;
  type: AppointmentType;
  completed: ActivityStatus;
  taskId: number;
  contactId: number;
  personId: number;
  title: string;
  description: string;
  location: string;
  allDay: boolean;
  free: boolean;
  alarm: boolean;
  private: AppointmentPrivate;
  /** UTC, in milliseconds since 1970; the wire shows seconds. */
  created: number;
  createdBy: number;
  updated: number;
  updatedBy: number;
  more: More;
}

/** Members that nobody searches by. */
export interface More {
  agenda: string;
  internalNotes: string;
  priorityId: number;
  projectId: number;
  saleId: number;
  alarmLeadTime: string;
  leadTime: string;
  lagTime: string;
  colorIndex: number;
  rejectCounter: number;
  rejectReason: string;
  participants: Participant[];
  assignmentStatus: string;
  invitationStatus: InvitationStatus;
  bookingType: BookingType;
  assignedBy: number;
  preferredTZLocation: number;
  milestone: boolean;
  cautionWarning: string;
  ownedExternally: string;
  joinVideomeetUrl: string;
  centralserviceVideomeetId: string;
  suggestedAppointmentId: number;
  userDefinedFields: Record<string, unknown>;
  extraFields: Record<string, unknown>;
  customFields: Record<string, unknown>;
  visibleFor: { VisibleId: number; Visibility: string; DisplayValue: string }[];
  links: Record<string, unknown>[];
}

export interface Participant {
  AssociateId: number;
  PersonId: number;
  ContactId: number;
  EmailId: number;
  SendEmail: boolean;
  InvitationStatus: InvitationStatus;
  EmailAddress: string;
  Description: string;
  ExternallyOwnedType: string;
  ExternallyOwnedStatus: string;
}

/** In the order of their numbers (database/tables/enums). */
export const TYPES = [
  "Unknown",
  "inDiary",
  "inChecklist",
  "Note",
  "Document",
  "SavedReport",
  "BookingForDiary",
  "BookingForChecklist",
  "MergeDraft",
  "MergeFinal",
] as const;
export const COMPLETED = ["Unknown", "NotStarted", "Started", "Completed"] as const;
export const PRIVATE = ["Public", "PrivateUser", "PrivateGroup"] as const;

export type AppointmentType = (typeof TYPES)[number];
export type ActivityStatus = (typeof COMPLETED)[number];
export type AppointmentPrivate = (typeof PRIVATE)[number];
export type BookingType = "Unknown" | "None" | "Owner" | "Participant";
export type InvitationStatus =
  | "Unknown"
  | "None"
  | "Accepted"
  | "Hidden"
  | "Invitation"
  | "Moved"
  | "Seen"
  | "MovedSeen"
  | "Declined"
  | "Cancelled";
export type UpdateMode = "OnlyThis" | "ThisAndForward" | "StopRecurrence";

const BOOKING_STATUS: Partial<Record<InvitationStatus, number>> = {
  Hidden: 4,
  Invitation: 5,
  Moved: 6,
  Seen: 7,
  MovedSeen: 8,
  Declined: 9,
  Cancelled: 10,
};

/** The `status` column: progress, or where a booking stands (enums/appointmentstatus.md). */
export function statusNumber(appointment: Appointment): number {
  const booking =
    appointment.more.bookingType === "Participant"
      ? BOOKING_STATUS[appointment.more.invitationStatus]
      : undefined;
  return booking ?? COMPLETED.indexOf(appointment.completed);
}

/** A new, empty row of `associateId`. */
export function emptyAppointment(
  associateId: number,
  start: string,
  end: string,
  now: number,
  by: number,
): Appointment {
  return {
    id: 0,
    associateId,
    motherId: 0,
    recurrenceId: 0,
    start,
    end,
    originalStart: start,
    type: "inDiary",
    completed: "NotStarted",
    taskId: 0,
    contactId: 0,
    personId: 0,
    title: "",
    description: "",
    location: "",
    allDay: false,
    free: false,
    alarm: false,
    private: "Public",
    created: now,
    createdBy: by,
    updated: now,
    updatedBy: by,
    more: {
      agenda: "",
      internalNotes: "",
      priorityId: 0,
      projectId: 0,
      saleId: 0,
      alarmLeadTime: "00:00:00",
      leadTime: "00:00:00",
      lagTime: "00:00:00",
      colorIndex: 0,
      rejectCounter: 0,
      rejectReason: "",
      participants: [],
      assignmentStatus: "None",
      invitationStatus: "None",
      bookingType: "None",
      assignedBy: 0,
      preferredTZLocation: 0,
      milestone: false,
      cautionWarning: "OK",
      ownedExternally: "None",
      joinVideomeetUrl: "",
      centralserviceVideomeetId: "",
      suggestedAppointmentId: 0,
      userDefinedFields: {},
      extraFields: {},
      customFields: {},
      visibleFor: [],
      links: [],
    },
  };
}
