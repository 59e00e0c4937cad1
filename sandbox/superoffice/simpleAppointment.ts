import type { Appointment } from "./appointment.ts";
import type { Associates } from "./associates.ts";
import type { People } from "./people.ts";
import { PRIORITIES } from "./lists.ts";
import type { RecurrenceRule } from "./recurrence.ts";
import { followUpType } from "./tasks.ts";
import { fromBase, NO_DATE, utcText, type DateWish } from "./time.ts";

/** The flat `Appointment` carrier of `/Simple` and of the Agents calls that list; it has no `UpdatedDate`. */
export function simpleAppointment(
  appointment: Appointment,
  rule: RecurrenceRule | undefined,
  motherAssociateId: number,
  associates: Associates,
  people: People,
  dates: DateWish,
): Record<string, unknown> {
  const { more } = appointment;
  const owner = associates.find(appointment.associateId);
  const creator = associates.find(appointment.createdBy);
  const task = followUpType(appointment.taskId);
  return {
    AppointmentId: appointment.id,
    StartDate: fromBase(appointment.start, dates),
    EndDate: fromBase(appointment.end, dates),
    Type: appointment.type,
    Task: task?.name ?? "",
    AssociateFullName: owner?.full_name ?? "",
    ContactName: people.contactName(appointment.contactId),
    Description: appointment.description,
    PersonFullName: people.personName(appointment.personId),
    PersonId: appointment.personId,
    ContactId: appointment.contactId,
    ProjectId: more.projectId,
    ProjectName: "",
    IsPublished: false,
    AssociateId: appointment.associateId,
    ColorIndex: more.colorIndex,
    IsFree: appointment.free,
    HasAlarm: appointment.alarm,
    IsAlldayEvent: appointment.allDay,
    Private: appointment.private,
    PriorityId: more.priorityId,
    PriorityName: PRIORITIES.find(([id]) => id === more.priorityId)?.[1] ?? "",
    TaskType: task?.taskType ?? "Unknown",
    IsBookingMain: appointment.motherId !== 0 && appointment.motherId === appointment.id,
    IsRecurrence: appointment.recurrenceId !== 0,
    IsBooking: appointment.motherId !== 0,
    ActiveDate: fromBase(appointment.start, dates),
    AssignmentStatus: more.assignmentStatus,
    InvitationStatus: more.invitationStatus,
    BookingType: more.bookingType,
    Completed: appointment.completed,
    RecurringPattern: rule?.pattern ?? "Unknown",
    RecurringStartDate: rule ? fromBase(`${rule.startDay}T00:00:00`, dates) : NO_DATE,
    RecurringEndDate: rule ? fromBase(`${rule.endDay}T00:00:00`, dates) : NO_DATE,
    MotherId: appointment.motherId,
    AssignedBy: more.assignedBy,
    AssignedByFullName: associates.find(more.assignedBy)?.full_name ?? "",
    RejectReason: more.rejectReason,
    Location: appointment.location,
    AlarmLeadTime: more.alarmLeadTime,
    SaleId: more.saleId,
    SaleName: "",
    AssociateName: owner?.name ?? "",
    CreatedDate: utcText(appointment.created, dates),
    CreatedBy: creator?.name ?? "",
    CreatedByFullName: creator?.full_name ?? "",
    CreatedByAssociateId: appointment.createdBy,
    CautionWarning: more.cautionWarning,
    OwnedExternally: more.ownedExternally,
    MotherAssociateId: motherAssociateId,
    JoinVideomeetUrl: more.joinVideomeetUrl,
    PreferredTZLocation: more.preferredTZLocation,
    Title: appointment.title,
    Agenda: more.agenda,
    InternalNotes: more.internalNotes,
    TaskId: appointment.taskId,
    TableRight: null,
    FieldProperties: {},
  };
}
