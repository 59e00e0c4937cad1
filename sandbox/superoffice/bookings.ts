import type { Appointment, InvitationStatus, Participant } from "./appointment.ts";
import type { AppointmentRows } from "./appointmentRows.ts";
import type { Associates } from "./associates.ts";
import { badRequest } from "./errors.ts";
import type { Office } from "./office.ts";

/** The call that a change is part of, and whether it may mail participants who want that (`SendEmail`). */
export interface Deed {
  operation: string;
  mails: boolean;
}

/**
 * Meetings: the mother stands in the organizer's diary, each other participating associate has a slave.
 * External persons are participants of the mother only.
 * @see database/tables/appointment.md (`mother_id`), enums/appointmenttype.md, diary/learn/invitation
 */
export class Bookings {
  readonly #office: Office;
  readonly #rows: AppointmentRows;
  readonly #associates: Associates;

  constructor(office: Office, rows: AppointmentRows, associates: Associates) {
    this.#office = office;
    this.#rows = rows;
    this.#associates = associates;
  }

  /** Makes a saved row a mother with slaves when it has participants; @returns it as it stands now. */
  open(saved: Appointment, deed: Deed): Appointment {
    if (saved.more.participants.length === 0) return saved;
    const mother: Appointment = {
      ...saved,
      motherId: saved.id,
      more: { ...saved.more, bookingType: "Owner" },
    };
    this.#rows.update(mother);
    for (const participant of invitees(mother)) this.#rows.insert(slaveOf(mother, participant));
    this.#mail(mother, mother.more.participants, deed);
    return mother;
  }

  /** Brings the slaves in line with a mother that was just changed from `before` to `after`. */
  follow(before: Appointment, after: Appointment, deed: Deed): Appointment {
    if (after.more.bookingType === "Participant") return after;
    if (before.more.bookingType !== "Owner") return this.open(after, deed);
    const moved = before.start !== after.start || before.end !== after.end;
    const asksAgain = moved && this.#office.switches.movedBookingsAskAgain;
    const slaves = this.#rows.slaves(after.id);
    const statuses = new Map<number, InvitationStatus>();
    for (const participant of invitees(after)) {
      const slave = slaves.find((row) => row.associateId === participant.AssociateId);
      if (!slave) {
        this.#rows.insert(slaveOf(after, participant));
        continue;
      }
      const status =
        asksAgain && slave.more.invitationStatus === "Accepted" ? "Moved" : slave.more.invitationStatus;
      statuses.set(participant.AssociateId, status);
      this.#rows.update(this.#following(slave, after, status));
    }
    for (const slave of slaves) {
      const invited = after.more.participants.some(
        (participant) => participant.AssociateId === slave.associateId,
      );
      if (!invited) this.#dismiss(slave, after);
    }
    this.#mail(after, after.more.participants, deed);
    return this.#withStatuses(after, statuses);
  }

  /** What becomes of the slaves when the mother is deleted; call before the mother's row goes. */
  cancel(mother: Appointment, deed: Deed): void {
    if (mother.more.bookingType !== "Owner") return;
    for (const slave of this.#rows.slaves(mother.id)) this.#dismiss(slave, mother);
    this.#mail(mother, mother.more.participants, deed);
  }

  /**
   * The invited associate's answer: accepted slaves move into the diary or checklist.
   * @throws SoError 400 when the row is not an invitation
   */
  answer(slave: Appointment, accepted: boolean, reason: string, by: number): void {
    if (slave.more.bookingType !== "Participant")
      throw badRequest(`Appointment ${slave.id} is not an invitation`);
    const status: InvitationStatus = accepted ? "Accepted" : "Declined";
    const checklist = slave.type === "BookingForChecklist" || slave.type === "inChecklist";
    const type = accepted
      ? checklist
        ? "inChecklist"
        : "inDiary"
      : checklist
        ? "BookingForChecklist"
        : "BookingForDiary";
    const stamp = { updated: this.#office.now(), updatedBy: by };
    this.#rows.update({
      ...slave,
      ...stamp,
      type,
      more: { ...slave.more, invitationStatus: status, rejectReason: reason },
    });
    const mother = this.#rows.find(slave.motherId);
    if (!mother) return;
    const rejectCounter = mother.more.rejectCounter + (accepted ? 0 : 1);
    const answered = { ...mother, ...stamp, more: { ...mother.more, rejectCounter } };
    this.#rows.update(this.#withStatuses(answered, new Map([[slave.associateId, status]])));
  }

  #withStatuses(mother: Appointment, statuses: Map<number, InvitationStatus>): Appointment {
    const participants = mother.more.participants.map((participant) => ({
      ...participant,
      InvitationStatus: statuses.get(participant.AssociateId) ?? participant.InvitationStatus,
    }));
    const changed = { ...mother, more: { ...mother.more, participants } };
    this.#rows.update(changed);
    return changed;
  }

  /** The slave with the mother's time and words; privacy, alarm and progress stay the invited person's own. */
  #following(slave: Appointment, mother: Appointment, status: InvitationStatus): Appointment {
    const tentative = mother.type === "inChecklist" ? "BookingForChecklist" : "BookingForDiary";
    return {
      ...slave,
      start: mother.start,
      end: mother.end,
      title: mother.title,
      description: mother.description,
      location: mother.location,
      allDay: mother.allDay,
      contactId: mother.contactId,
      personId: mother.personId,
      taskId: mother.taskId,
      type: status === "Moved" ? tentative : slave.type,
      updated: mother.updated,
      updatedBy: mother.updatedBy,
      more: { ...slave.more, agenda: mother.more.agenda, invitationStatus: status },
    };
  }

  #dismiss(slave: Appointment, mother: Appointment): void {
    if (this.#office.switches.slavesOfDeletedMother === "removed") return this.#rows.remove(slave.id);
    this.#rows.update({
      ...slave,
      updated: this.#office.now(),
      updatedBy: mother.updatedBy,
      more: { ...slave.more, invitationStatus: "Cancelled" },
    });
  }

  #mail(mother: Appointment, participants: Participant[], deed: Deed): void {
    const to = participants
      .filter((participant) => participant.SendEmail && participant.AssociateId !== mother.associateId)
      .map((participant) => participant.EmailAddress)
      .filter((address) => address !== "");
    if (!deed.mails || to.length === 0) return;
    this.#office.context.attendeeMails.add({
      system: "superoffice",
      from: this.#associates.find(mother.associateId)?.address ?? "",
      to,
      subject: mother.title,
      operation: deed.operation,
    });
  }
}

function invitees(mother: Appointment): Participant[] {
  return mother.more.participants.filter(
    (participant) => participant.AssociateId !== 0 && participant.AssociateId !== mother.associateId,
  );
}

function slaveOf(mother: Appointment, participant: Participant): Appointment {
  return {
    ...mother,
    id: 0,
    associateId: participant.AssociateId,
    motherId: mother.id,
    type: mother.type === "inChecklist" ? "BookingForChecklist" : "BookingForDiary",
    private: "Public",
    alarm: false,
    more: {
      ...mother.more,
      participants: [],
      bookingType: "Participant",
      invitationStatus: "Invitation",
      visibleFor: [{ VisibleId: 0, Visibility: "All", DisplayValue: "All" }],
    },
  };
}
