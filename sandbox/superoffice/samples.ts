import type { Person, SampleAppointment, SampleContact, SampleStore, SampleTask } from "../context.ts";
import { emptyAppointment, type Appointment, type Participant } from "./appointment.ts";
import type { AppointmentRows } from "./appointmentRows.ts";
import { element } from "./associates.ts";
import type { Diary } from "./diary.ts";
import { notFound } from "./errors.ts";
import type { Office } from "./office.ts";
import type { People } from "./people.ts";
import { endOfAllDay, readAllDayEnd } from "./sampleAllDay.ts";
import { repetitionOf, sampleRecurrence } from "./sampleRecurrence.ts";
import { DEFAULT_FOLLOW_UP, DEFAULT_TODO } from "./tasks.ts";
import { BASE_ZONE, baseToMoment, momentToBase, spanMinutes, spanText, zoneToBase } from "./time.ts";
import type { Uids } from "./uids.ts";

const VISIBLE_TO_ALL = [{ VisibleId: 0, Visibility: "All", DisplayValue: "All" }];
const PRIORITY = { low: 1, normal: 2, high: 3 };
const BY_SAMPLE = { operation: "sample", mails: false };
/** Ids of series: all dates together, whichever of them are deleted. */
const SERIES = "series-";

/**
 * Neutral appointments, tasks and contacts in and out of SuperOffice. A series is one sample.
 * `busy` other than free becomes busy; times come back in the base zone.
 * @throws Error (or SoError) from every writing method for what SuperOffice cannot hold, above all endless series
 */
export function sampleStore(
  office: Office,
  rows: AppointmentRows,
  diary: Diary,
  people: People,
  uids: Uids,
): SampleStore {
  const put = (person: Person, sample: SampleAppointment): string => {
    const draft = filled(office, blank(office, person), person, sample);
    const repetition = sample.recurrence
      ? repetitionOf(sample.recurrence, draft.start, office.switches)
      : undefined;
    const made = diary.create(draft, repetition, BY_SAMPLE);
    if (sample.uid) uids.reserve(sample.uid, made.id);
    return made.recurrenceId === 0 ? String(made.id) : `${SERIES}${made.recurrenceId}`;
  };

  const datesOf = (person: Person, id: string): Appointment[] => {
    const found = id.startsWith(SERIES)
      ? rows.series(Number(id.slice(SERIES.length)), person.associateId)
      : [rows.get(Number(id))].filter((row) => row.associateId === person.associateId);
    if (found.length === 0) throw notFound(`${person.fullName} has no appointment ${id}`);
    return found;
  };

  const change = (person: Person, id: string, changes: Partial<SampleAppointment>): void => {
    const dates = datesOf(person, id);
    const [first] = dates;
    if (!first) return;
    if (changes.recurrence !== undefined)
      throw new Error("To change a recurrence, remove the sample and put another");
    const sample = { ...toSample(office, rows, diary, uids, first, dates), ...changes };
    const next = stamped(office, person, filled(office, first, person, sample));
    const series = first.recurrenceId !== 0 && id.startsWith(SERIES);
    diary.change(next, series ? "ThisAndForward" : "OnlyThis", undefined, BY_SAMPLE);
  };

  return {
    put: (person, sample) => office.write(() => put(person, sample)),
    change: (person, id, changes) => office.write(() => change(person, id, changes)),
    remove: (person, id) =>
      office.write(() => {
        for (const date of datesOf(person, id)) diary.remove(date.id, "OnlyThis", BY_SAMPLE);
      }),
    list(person) {
      const bySeries = new Map<string, Appointment[]>();
      for (const row of rows.ofAssociate(person.associateId)) {
        if (row.type !== "inDiary" && row.type !== "BookingForDiary") continue;
        // Hand-picked dates have no pattern that a sample could name: they are listed one by one.
        const together = row.recurrenceId !== 0 && diary.rule(row.recurrenceId)?.pattern !== "Custom";
        const id = together ? `${SERIES}${row.recurrenceId}` : String(row.id);
        bySeries.set(id, [...(bySeries.get(id) ?? []), row]);
      }
      return [...bySeries].flatMap(([id, dates]) =>
        dates[0]
          ? [
              {
                ...toSample(office, rows, diary, uids, dates[0], dates),
                id,
                startsAt: baseToMoment(dates[0].start).toISOString(),
                endsAt: baseToMoment(dates[0].end).toISOString(),
              },
            ]
          : [],
      );
    },
    putTask: (person, task) =>
      office.write(() => String(diary.create(taskRow(office, person, task), undefined, BY_SAMPLE).id)),
    putContact: (person, contact) => office.write(() => String(savePerson(office, people, person, contact))),
  };
}

function blank(office: Office, person: Person): Appointment {
  const start = momentToBase(new Date(office.now()));
  const empty = emptyAppointment(person.associateId, start, start, office.now(), person.associateId);
  return { ...empty, taskId: DEFAULT_FOLLOW_UP, more: { ...empty.more, visibleFor: VISIBLE_TO_ALL } };
}

function stamped(office: Office, person: Person, appointment: Appointment): Appointment {
  return { ...appointment, updated: office.now(), updatedBy: person.associateId };
}

function filled(
  office: Office,
  current: Appointment,
  person: Person,
  sample: SampleAppointment,
): Appointment {
  const local = (time: string): string => zoneToBase(time, sample.timeZone);
  const alarm = sample.reminderMinutes !== null;
  return {
    ...current,
    title: sample.subject,
    description: sample.body,
    location: sample.location,
    start: sample.allDay ? `${sample.start.slice(0, 10)}T00:00:00` : local(sample.start),
    end: sample.allDay ? endOfAllDay(sample.end.slice(0, 10), office.switches) : local(sample.end),
    allDay: sample.allDay,
    free: sample.busy === "free",
    private: sample.private ? "PrivateUser" : "Public",
    alarm,
    more: {
      ...current.more,
      alarmLeadTime: spanText(sample.reminderMinutes ?? 0),
      participants: participantsOf(office, person, sample.attendees ?? []),
      visibleFor: sample.private
        ? [{ VisibleId: person.associateId, Visibility: "Associate", DisplayValue: person.fullName }]
        : VISIBLE_TO_ALL,
    },
  };
}

/** Addresses as participants: colleagues by associate, others by address only. Nobody of a sample is mailed. */
function participantsOf(office: Office, owner: Person, addresses: string[]): Participant[] {
  return addresses.map((address) => {
    const colleague = office.context.directory.byAddress(address);
    const isOwner = colleague?.associateId === owner.associateId;
    return {
      AssociateId: colleague?.associateId ?? 0,
      PersonId: colleague?.personId ?? 0,
      ContactId: colleague?.contactId ?? 0,
      EmailId: 0,
      SendEmail: false,
      InvitationStatus: isOwner ? "Accepted" : "Invitation",
      EmailAddress: address,
      Description: colleague?.fullName ?? address,
      ExternallyOwnedType: "Unknown",
      ExternallyOwnedStatus: "Unknown",
    };
  });
}

function toSample(
  office: Office,
  rows: AppointmentRows,
  diary: Diary,
  uids: Uids,
  first: Appointment,
  dates: Appointment[],
): SampleAppointment {
  const rule = diary.rule(first.recurrenceId);
  const mother = first.motherId !== 0 && first.motherId !== first.id ? rows.find(first.motherId) : undefined;
  const attendees = (mother ?? first).more.participants.map((participant) => participant.EmailAddress);
  const uid = uids.of(first.id);
  return {
    subject: first.title,
    body: first.description,
    location: first.location,
    start: first.start,
    end: first.allDay ? `${readAllDayEnd(first.start, first.end)}T00:00:00` : first.end,
    timeZone: BASE_ZONE,
    allDay: first.allDay,
    busy: first.free ? "free" : "busy",
    private: first.private !== "Public",
    reminderMinutes: first.alarm ? spanMinutes(first.more.alarmLeadTime) : null,
    recurrence: rule && rule.pattern !== "Custom" ? sampleRecurrence(rule, dates, office.switches) : null,
    ...(attendees.length > 0 ? { attendees } : {}),
    ...(uid === undefined ? {} : { uid }),
  };
}

function taskRow(office: Office, person: Person, task: SampleTask): Appointment {
  const row = blank(office, person);
  const local = (time: string): string =>
    time.length === 10 ? `${time}T08:00:00` : zoneToBase(time, person.timeZone);
  // A task always has a time in SuperOffice (database/tables/appointment.md, do_by).
  const start = task.start ?? task.due;
  const due = task.due ?? task.start;
  const completed =
    task.percentComplete >= 100 ? "Completed" : task.percentComplete > 0 ? "Started" : "NotStarted";
  return {
    ...row,
    type: "inChecklist",
    taskId: DEFAULT_TODO,
    title: task.subject,
    description: task.body,
    start: start ? local(start) : row.start,
    end: due ? local(due) : row.end,
    completed,
    free: true,
    more: { ...row.more, priorityId: PRIORITY[task.importance] },
  };
}

function savePerson(office: Office, people: People, owner: Person, contact: SampleContact): number {
  const known = office.sql.first<{ contact_id: number }>(
    "select contact_id from superoffice_contact where name = ? and deleted_at is null",
    contact.companyName,
  );
  const by = owner.associateId;
  const company =
    contact.companyName === ""
      ? 0
      : (known?.contact_id ??
        people.saveContact({ ...people.newContact(by), name: contact.companyName }, by));
  const numbers = (kind: string): unknown[] =>
    contact.phones.filter((phone) => phone.kind === kind).map((phone) => element(phone.number));
  const fields = {
    Emails: contact.emails.map((email) => element(email)),
    OfficePhones: numbers("business"),
    MobilePhones: numbers("mobile"),
    PrivatePhones: numbers("home"),
  };
  return people.savePerson(
    {
      ...people.newPerson(by),
      contact_id: company,
      first_name: contact.givenName,
      last_name: contact.surname,
      title: contact.jobTitle,
      email: contact.emails[0] ?? "",
      fields: JSON.stringify(fields),
    },
    by,
  );
}
