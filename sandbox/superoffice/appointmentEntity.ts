import {
  PRIVATE,
  type ActivityStatus,
  type Appointment,
  type AppointmentPrivate,
  type AppointmentType,
  type InvitationStatus,
  type Participant,
} from "./appointment.ts";
import type { Associates } from "./associates.ts";
import { badRequest } from "./errors.ts";
import { PRIORITIES } from "./lists.ts";
import type { Office } from "./office.ts";
import type { People } from "./people.ts";
import type { RecurrenceRule } from "./recurrence.ts";
import { writeRule, type RecurrenceCarrier } from "./recurrenceCarrier.ts";
import { DEFAULT_FOLLOW_UP, DEFAULT_TODO, followUpType, taskCarrier } from "./tasks.ts";
import { fromBase, NO_DATE, toBase, utcText, type DateWish } from "./time.ts";

/** What a checked `AppointmentEntity` may carry that a client can set. */
export interface AppointmentCarrier {
  AppointmentId?: number;
  Associate?: { AssociateId?: number } | null;
  Contact?: { ContactId?: number } | null;
  Person?: { PersonId?: number } | null;
  Project?: { ProjectId?: number } | null;
  Sale?: { SaleId?: number } | null;
  Priority?: { Id: number } | null;
  Task?: { TaskListItemId?: number } | null;
  AssignedBy?: { AssociateId?: number } | null;
  Title?: string | null;
  Description?: string | null;
  Agenda?: string | null;
  InternalNotes?: string | null;
  Location?: string | null;
  StartDate?: string;
  EndDate?: string;
  Type?: AppointmentType;
  Completed?: ActivityStatus;
  Private?: AppointmentPrivate;
  VisibleFor?: ({ VisibleId?: number; Visibility?: string; DisplayValue?: string | null } | null)[] | null;
  HasAlarm?: boolean;
  AlarmLeadTime?: string | null;
  LeadTime?: string | null;
  LagTime?: string | null;
  ColorIndex?: number;
  IsFree?: boolean;
  IsAlldayEvent?: boolean;
  IsMileStone?: boolean;
  RejectReason?: string | null;
  Participants?: (Partial<Participant> | null)[] | null;
  PreferredTZLocation?: number;
  CautionWarning?: string;
  OwnedExternally?: string;
  JoinVideomeetUrl?: string | null;
  CentralserviceVideomeetId?: string | null;
  SuggestedAppointmentId?: number;
  UserDefinedFields?: Record<string, unknown> | null;
  ExtraFields?: Record<string, unknown> | null;
  CustomFields?: Record<string, unknown> | null;
  Links?: Record<string, unknown>[] | null;
  Recurrence?: RecurrenceCarrier | null;
}

/** `location` is String(254) in the database (database/tables/appointment.md). */
const LOCATION_LENGTH = 254;

/** Turns rows into `AppointmentEntity` and back. */
export class AppointmentEntities {
  readonly #office: Office;
  readonly #associates: Associates;
  readonly #people: People;

  constructor(office: Office, associates: Associates, people: People) {
    this.#office = office;
    this.#associates = associates;
    this.#people = people;
  }

  /** @param links adds `_Links`, which only REST answers have */
  write(
    appointment: Appointment,
    series: { rule: RecurrenceRule; starts: string[] } | undefined,
    mother: Appointment | undefined,
    dates: DateWish,
    links: boolean,
  ): Record<string, unknown> {
    const { more } = appointment;
    const task = followUpType(appointment.taskId);
    const priority = PRIORITIES.find(([id]) => id === more.priorityId);
    return {
      Associate: this.#associates.carrier(appointment.associateId),
      Contact: this.#people.contactCarrier(appointment.contactId),
      CreatedBy: this.#associates.carrier(appointment.createdBy),
      UpdatedBy: this.#associates.carrier(appointment.updatedBy),
      CreatedDate: utcText(appointment.created, dates),
      AppointmentId: appointment.id,
      Description: appointment.description,
      Title: appointment.title,
      Agenda: more.agenda,
      InternalNotes: more.internalNotes,
      StartDate: fromBase(appointment.start, dates),
      EndDate: fromBase(appointment.end, dates),
      InvitedPerson: null,
      Person: this.#people.personCarrier(appointment.personId),
      MotherId: appointment.motherId,
      Priority: priority
        ? { Id: priority[0], Value: priority[1], Tooltip: "", TableRight: null, FieldProperties: {} }
        : null,
      Private: appointment.private,
      Project: null,
      Type: appointment.type,
      UpdatedDate: utcText(appointment.updated, dates),
      Completed: appointment.completed,
      ActiveLinks: more.links.length,
      Links: more.links,
      AlarmLeadTime: more.alarmLeadTime,
      HasAlarm: appointment.alarm,
      ColorIndex: more.colorIndex,
      IsFree: appointment.free,
      IsAlldayEvent: appointment.allDay,
      LagTime: more.lagTime,
      LeadTime: more.leadTime,
      Location: appointment.location,
      RejectCounter: more.rejectCounter,
      RejectReason: more.rejectReason,
      Recurrence: series ? writeRule(series.rule, appointment.recurrenceId, series.starts, dates) : null,
      Participants: (mother ?? appointment).more.participants,
      AssignmentStatus: more.assignmentStatus,
      InvitationStatus: more.invitationStatus,
      BookingType: more.bookingType,
      ActiveDate: fromBase(appointment.start, dates),
      HasConflict: false,
      AssignedBy: this.#associates.carrier(more.assignedBy),
      MotherAssociate: this.#associates.carrier((mother ?? appointment).associateId),
      Task: task ? taskCarrier(task) : null,
      PreferredTZLocation: more.preferredTZLocation,
      PreferredTZLocationData: null,
      Sale: null,
      SuggestedAppointmentId: more.suggestedAppointmentId,
      IsMileStone: more.milestone,
      CautionWarning: more.cautionWarning,
      OwnedExternally: more.ownedExternally,
      JoinVideomeetUrl: more.joinVideomeetUrl,
      CentralserviceVideomeetId: more.centralserviceVideomeetId,
      UserDefinedFields: more.userDefinedFields,
      ExtraFields: more.extraFields,
      CustomFields: more.customFields,
      PublishEventDate: NO_DATE,
      PublishTo: NO_DATE,
      PublishFrom: NO_DATE,
      IsPublished: false,
      VisibleFor: more.visibleFor,
      TableRight: null,
      FieldProperties: {},
      ...(links ? { _Links: this.links(appointment.id) } : {}),
    };
  }

  links(id: number): Record<string, string> {
    const archive = `${this.#office.baseUrl}/api/v1/Appointment`;
    return { Self: `${archive}/${id}`, Archive: archive };
  }

  /**
   * `current` with everything that a client can set taken from the carrier; what it leaves out becomes empty,
   * since PUT replaces the entity.
   * @throws SoError 400 for references to nothing, and times that cannot be
   */
  read(current: Appointment, carrier: AppointmentCarrier, dates: DateWish): Appointment {
    const associateId = carrier.Associate?.AssociateId ?? current.associateId;
    if (!this.#associates.find(associateId)) throw badRequest(`Associate ${associateId} does not exist`);
    const start = carrier.StartDate ? toBase(carrier.StartDate, dates) : current.start;
    const end = carrier.EndDate ? toBase(carrier.EndDate, dates) : start;
    if (end < start && this.#office.switches.endBeforeStart === "refuse") {
      throw badRequest("EndDate must not be before StartDate");
    }
    const { type, taskId } = this.#kind(carrier);
    const location = carrier.Location ?? "";
    if (location.length > LOCATION_LENGTH)
      throw badRequest(`Location is longer than ${LOCATION_LENGTH} characters`);
    const { privacy, visibleFor } = this.#visibility(current, carrier, associateId);
    return {
      ...current,
      associateId,
      start,
      end,
      type: current.more.bookingType === "Participant" ? current.type : type,
      completed: carrier.Completed ?? "NotStarted",
      taskId,
      contactId: this.#people.requireContact(carrier.Contact?.ContactId ?? 0),
      personId: this.#people.requirePerson(carrier.Person?.PersonId ?? 0),
      title: carrier.Title ?? "",
      description: carrier.Description ?? "",
      location,
      allDay: carrier.IsAlldayEvent ?? false,
      free: carrier.IsFree ?? false,
      alarm: carrier.HasAlarm ?? false,
      private: privacy,
      more: {
        ...current.more,
        agenda: carrier.Agenda ?? "",
        internalNotes: carrier.InternalNotes ?? "",
        priorityId: carrier.Priority?.Id ?? 0,
        projectId: carrier.Project?.ProjectId ?? 0,
        saleId: carrier.Sale?.SaleId ?? 0,
        alarmLeadTime: carrier.AlarmLeadTime ?? "00:00:00",
        leadTime: carrier.LeadTime ?? "00:00:00",
        lagTime: carrier.LagTime ?? "00:00:00",
        colorIndex: carrier.ColorIndex ?? 0,
        rejectReason: carrier.RejectReason ?? "",
        participants: this.#participants(carrier.Participants ?? [], current),
        assignedBy: carrier.AssignedBy?.AssociateId ?? 0,
        preferredTZLocation: carrier.PreferredTZLocation ?? 0,
        milestone: carrier.IsMileStone ?? false,
        cautionWarning: carrier.CautionWarning ?? "OK",
        ownedExternally: carrier.OwnedExternally ?? "None",
        joinVideomeetUrl: carrier.JoinVideomeetUrl ?? "",
        centralserviceVideomeetId: carrier.CentralserviceVideomeetId ?? "",
        suggestedAppointmentId: carrier.SuggestedAppointmentId ?? 0,
        userDefinedFields: carrier.UserDefinedFields ?? {},
        extraFields: carrier.ExtraFields ?? {},
        customFields: carrier.CustomFields ?? {},
        visibleFor,
        links: carrier.Links ?? [],
      },
    };
  }

  /** A follow-up type decides between diary and checklist unless the client says which. */
  #kind(carrier: AppointmentCarrier): { type: AppointmentType; taskId: number } {
    const asked = carrier.Type && carrier.Type !== "Unknown" ? carrier.Type : undefined;
    const taskId =
      carrier.Task?.TaskListItemId ?? (asked === "inChecklist" ? DEFAULT_TODO : DEFAULT_FOLLOW_UP);
    const task = followUpType(taskId);
    if (!task) throw badRequest(`Task ${taskId} does not exist`);
    return { taskId, type: asked ?? (task.taskType === "ToDo" ? "inChecklist" : "inDiary") };
  }

  /** `Private` is the denormalized form of `VisibleFor` (database/tables/appointment.md): whichever changed leads. */
  #visibility(
    current: Appointment,
    carrier: AppointmentCarrier,
    associateId: number,
  ): { privacy: AppointmentPrivate; visibleFor: Appointment["more"]["visibleFor"] } {
    const listed = (carrier.VisibleFor ?? []).flatMap((entry) =>
      entry
        ? [
            {
              VisibleId: entry.VisibleId ?? 0,
              Visibility: entry.Visibility ?? "All",
              DisplayValue: entry.DisplayValue ?? "",
            },
          ]
        : [],
    );
    const changed = JSON.stringify(listed) !== JSON.stringify(current.more.visibleFor);
    if (
      listed.length > 0 &&
      (changed || carrier.Private === undefined || carrier.Private === current.private)
    ) {
      return { privacy: privacyOf(listed.map((entry) => entry.Visibility)), visibleFor: listed };
    }
    const privacy = PRIVATE.includes(carrier.Private ?? "Public") ? (carrier.Private ?? "Public") : "Public";
    const entry = {
      Public: { VisibleId: 0, Visibility: "All", DisplayValue: "All" },
      PrivateUser: { VisibleId: associateId, Visibility: "Associate", DisplayValue: "" },
      PrivateGroup: { VisibleId: 1, Visibility: "Group", DisplayValue: "" },
    }[privacy];
    return { privacy, visibleFor: [entry] };
  }

  #participants(asked: (Partial<Participant> | null)[], current: Appointment): Participant[] {
    return asked.flatMap((entry): Participant[] => {
      if (!entry) return [];
      const associateId = entry.AssociateId ?? 0;
      const associate = associateId === 0 ? undefined : this.#associates.find(associateId);
      if (associateId !== 0 && !associate) throw badRequest(`Participant ${associateId} is not an associate`);
      const personId = entry.PersonId || associate?.person_id || 0;
      const known = current.more.participants.find(
        (other) => other.AssociateId === associateId && other.PersonId === personId,
      );
      const owner = associateId !== 0 && associateId === current.associateId;
      const status: InvitationStatus = known?.InvitationStatus ?? (owner ? "Accepted" : "Invitation");
      return [
        {
          AssociateId: associateId,
          PersonId: this.#people.requirePerson(personId),
          ContactId: entry.ContactId || associate?.contact_id || 0,
          EmailId: entry.EmailId ?? 0,
          SendEmail: entry.SendEmail ?? false,
          InvitationStatus: status,
          EmailAddress: entry.EmailAddress || associate?.address || this.#people.mailOf(personId),
          Description: entry.Description || associate?.full_name || "",
          ExternallyOwnedType: entry.ExternallyOwnedType ?? "Unknown",
          ExternallyOwnedStatus: entry.ExternallyOwnedStatus ?? "Unknown",
        },
      ];
    });
  }
}

function privacyOf(visibilities: string[]): AppointmentPrivate {
  if (visibilities.includes("All")) return "Public";
  return visibilities.includes("Group") ? "PrivateGroup" : "PrivateUser";
}
