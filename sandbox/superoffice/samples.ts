import type { OccurrenceChange, Person, SampleAppointment, SampleStore } from "../context.ts";
import { emptyAppointment, type Appointment, type Participant } from "./appointment.ts";
import type { AppointmentRows } from "./appointmentRows.ts";
import { onDay, type Diary } from "./diary.ts";
import { notFound } from "./errors.ts";
import type { Office } from "./office.ts";
import type { People } from "./people.ts";
import { endOfAllDay, readAllDayEnd } from "./sampleAllDay.ts";
import { contactSamples } from "./sampleContacts.ts";
import { repetitionOf, sampleRecurrence } from "./sampleRecurrence.ts";
import { fillTask, readTask } from "./sampleTask.ts";
import type { Selections } from "./selections.ts";
import { blankTask } from "../samples.ts";
import { DEFAULT_FOLLOW_UP } from "./tasks.ts";
import {
  BASE_ZONE,
  baseToMoment,
  clockFace,
  localText,
  momentToBase,
  spanMinutes,
  spanText,
  zoneToBase,
} from "./time.ts";
import type { Uids } from "./uids.ts";

const VISIBLE_TO_ALL = [{ VisibleId: 0, Visibility: "All", DisplayValue: "All" }];
const PRIORITY = { low: 1, normal: 2, high: 3 } as const;
const BY_SAMPLE = { operation: "sample", mails: false };
/** Ids of series: all dates together, whichever of them are deleted. */
const SERIES = "series-";

/**
 * Neutral items in and out of SuperOffice. A series is one sample; its changed dates are told by what most of its
 * dates have. `busy` other than free becomes busy; times come back in the base zone.
 * @throws Error (or SoError) from every writing method for what SuperOffice cannot hold, above all endless series
 */
export function sampleStore(
  office: Office,
  rows: AppointmentRows,
  diary: Diary,
  people: People,
  uids: Uids,
  selections: Selections,
): SampleStore {
  const idOf = (row: Appointment): string =>
    row.recurrenceId === 0 ? String(row.id) : `${SERIES}${row.recurrenceId}`;

  const put = (person: Person, sample: SampleAppointment): string => {
    const { recurrence } = sample;
    const draft = filled(office, blank(office, person), person, sample);
    const { modified, ...plain } = recurrence ?? {};
    // Patterns count days of the base zone: a series near midnight elsewhere would fall on other weekdays.
    if (recurrence && !sample.allDay && draft.start.slice(0, 10) !== sample.start.slice(0, 10))
      throw new Error("SuperOffice cannot hold a series that begins on another day in its base zone");
    const repetition = recurrence
      ? repetitionOf(plain as typeof recurrence, draft.start, office.switches)
      : undefined;
    if (repetition?.days.length === 0) throw new Error("All dates of the series are cancelled");
    const made = diary.create(draft, repetition, BY_SAMPLE);
    if (sample.uid) uids.reserve(sample.uid, made.id);
    for (const { originalStart, ...changes } of modified ?? []) {
      const local = (time: string | undefined): string | undefined =>
        time === undefined ? undefined : zoneToBase(time, sample.timeZone);
      const [start, end] = [local(changes.start), local(changes.end)];
      changeOccurrence(person, idOf(made), zoneToBase(originalStart, sample.timeZone), {
        ...changes,
        ...(start === undefined ? {} : { start }),
        ...(end === undefined ? {} : { end }),
      });
    }
    return idOf(made);
  };

  const datesOf = (person: Person, id: string): Appointment[] => {
    const found = id.startsWith(SERIES)
      ? rows.series(Number(id.slice(SERIES.length)), person.associateId)
      : [rows.get(Number(id))].filter((row) => row.associateId === person.associateId);
    if (found.length === 0) throw notFound(`${person.fullName} has no appointment ${id}`);
    return found;
  };

  const occurrence = (person: Person, id: string, originalStart: string): Appointment => {
    const day = originalStart.slice(0, 10);
    const found = datesOf(person, id).find((date) => date.originalStart.slice(0, 10) === day);
    if (!found) throw notFound(`${id} has no date ${day}`);
    return found;
  };

  const read = (dates: Appointment[]): SampleAppointment => toSample(office, rows, diary, uids, dates);

  /** A row with `changes`; an end that was not said keeps its distance to the start. */
  const changed = (person: Person, row: Appointment, changes: Partial<SampleAppointment>): Appointment => {
    const before = read([row]);
    const end =
      changes.start !== undefined && changes.end === undefined
        ? localText(clockFace(changes.start).plus(clockFace(before.end).diff(clockFace(before.start))))
        : (changes.end ?? before.end);
    return stamped(office, person, filled(office, row, person, { ...before, ...changes, end }));
  };

  const changeOccurrence = (
    person: Person,
    id: string,
    originalStart: string,
    changes: OccurrenceChange,
  ): void => {
    const row = occurrence(person, id, originalStart);
    diary.change(changed(person, row, changes), "OnlyThis", undefined, BY_SAMPLE);
  };

  /** Changes this date and the later ones; a new pattern counts from this date. */
  const changeFrom = (person: Person, row: Appointment, changes: Partial<SampleAppointment>): Appointment => {
    const next = changed(person, row, changes);
    if (changes.recurrence === null) return diary.change(next, "StopRecurrence", undefined, BY_SAMPLE);
    const repetition = changes.recurrence
      ? repetitionOf(changes.recurrence, next.start, office.switches)
      : undefined;
    return diary.change(next, "ThisAndForward", repetition, BY_SAMPLE);
  };

  const change = (person: Person, id: string, changes: Partial<SampleAppointment>): void => {
    const dates = datesOf(person, id);
    const first = id.startsWith(SERIES) ? dates[0] : dates.find((date) => String(date.id) === id);
    if (!first) return;
    if (id.startsWith(SERIES) || changes.recurrence) changeFrom(person, first, changes);
    else diary.change(changed(person, first, changes), "OnlyThis", undefined, BY_SAMPLE);
  };

  const task = (person: Person, id: string): Appointment => {
    const row = rows.get(Number(id));
    if (row.associateId !== person.associateId || row.type !== "inChecklist")
      throw notFound(`${person.fullName} has no task ${id}`);
    return row;
  };

  const as = <T>(person: Person, work: () => T): T => office.write(() => office.as(person.associateId, work));

  return {
    put: (person, sample) => as(person, () => put(person, sample)),
    change: (person, id, changes) => as(person, () => change(person, id, changes)),
    remove: (person, id) =>
      as(person, () => {
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
      return [...bySeries].map(([id, dates]) => {
        const sample = read(dates);
        const first = dates[0] as Appointment;
        const end = sample.allDay ? first.end : sample.end;
        return {
          ...sample,
          id,
          startsAt: baseToMoment(sample.start).toISOString(),
          endsAt: baseToMoment(end).toISOString(),
        };
      });
    },
    changeOccurrence: (person, id, originalStart, changes) =>
      as(person, () => changeOccurrence(person, id, originalStart, changes)),
    cancelOccurrence: (person, id, originalStart) =>
      as(person, () => void diary.remove(occurrence(person, id, originalStart).id, "OnlyThis", BY_SAMPLE)),
    changeFollowing: (person, id, originalStart, changes) =>
      as(person, () => idOf(changeFrom(person, occurrence(person, id, originalStart), changes))),
    tasks: {
      put: (person, sample) =>
        as(person, () => {
          const row = fillTask(blank(office, person), sample, blankTask, person);
          return String(diary.create(row, undefined, BY_SAMPLE).id);
        }),
      change: (person, id, changes) =>
        as(person, () => {
          const row = task(person, id);
          const next = stamped(office, person, fillTask(row, changes, readTask(row), person));
          diary.change(next, "OnlyThis", undefined, BY_SAMPLE);
        }),
      remove: (person, id) => as(person, () => void diary.remove(task(person, id).id, "OnlyThis", BY_SAMPLE)),
      list: (person) =>
        rows
          .ofAssociate(person.associateId)
          .filter((row) => row.type === "inChecklist")
          .map(readTask),
    },
    contacts: contactSamples(office, people, selections, as),
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
      priorityId: sample.importance ? PRIORITY[sample.importance] : current.more.priorityId,
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

/** The dates of a series (or one row) as one sample; content is what most of the dates have. */
function toSample(
  office: Office,
  rows: AppointmentRows,
  diary: Diary,
  uids: Uids,
  dates: Appointment[],
): SampleAppointment {
  const base = mostCommon(dates);
  const first = dates[0] as Appointment;
  const rule = diary.rule(base.recurrenceId);
  const mother = base.motherId !== 0 && base.motherId !== base.id ? rows.find(base.motherId) : undefined;
  const attendees = (mother ?? base).more.participants.map((participant) => participant.EmailAddress);
  const uid = uids.of(first.id);
  const series = rule && rule.pattern !== "Custom" && dates.length > 0 ? rule : undefined;
  const own = dates.length === 1 ? base : onDay(base, first.originalStart.slice(0, 10));
  const priority = (Object.keys(PRIORITY) as (keyof typeof PRIORITY)[]).find(
    (name) => PRIORITY[name] === base.more.priorityId,
  );
  return {
    ...contentOf(base),
    start: own.start,
    end: endOf(own),
    timeZone: BASE_ZONE,
    allDay: base.allDay,
    recurrence: series ? sampleRecurrence(series, dates, base, { contentOf, endOf }, office.switches) : null,
    ...(priority === undefined || priority === "normal" ? {} : { importance: priority }),
    ...(attendees.length > 0 ? { attendees } : {}),
    ...(uid === undefined ? {} : { uid }),
  };
}

/** All-day rows end in one of several ways; a sample ends at the midnight after. */
function endOf({ allDay, start, end }: Appointment): string {
  return allDay ? `${readAllDayEnd(start, end)}T00:00:00` : end;
}

type Content = Required<Omit<OccurrenceChange, "start" | "end">>;

function contentOf(row: Appointment): Content {
  return {
    subject: row.title,
    body: row.description,
    location: row.location,
    busy: row.free ? "free" : "busy",
    private: row.private !== "Public",
    reminderMinutes: row.alarm ? spanMinutes(row.more.alarmLeadTime) : null,
  };
}

/** The first of the dates that look alike most often: what the series is, apart from its changed dates. */
function mostCommon(dates: Appointment[]): Appointment {
  const looks = new Map<string, Appointment[]>();
  for (const date of dates) {
    const moved = date.start !== date.originalStart;
    const look = JSON.stringify([contentOf(date), date.start.slice(10), date.end.slice(10), moved]);
    looks.set(look, [...(looks.get(look) ?? []), date]);
  }
  const [most = dates] = [...looks.values()].toSorted((a, b) => b.length - a.length);
  return most[0] as Appointment;
}
