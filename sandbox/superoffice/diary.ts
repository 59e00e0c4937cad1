import type { Appointment, UpdateMode } from "./appointment.ts";
import type { AppointmentRows } from "./appointmentRows.ts";
import type { Bookings, Deed } from "./bookings.ts";
import type { Office } from "./office.ts";
import type { RecurrenceRule } from "./recurrence.ts";
import { clockFace, localText } from "./time.ts";

/** A repetition as asked for: the rule, and the days that it comes to. */
export interface Repetition {
  rule: RecurrenceRule;
  days: string[];
}

/**
 * Saves and deletes appointments with everything that hangs on them: dates of a series, slaves of a booking.
 * Each date of a series is a row of its own; nothing here opens a transaction.
 */
export class Diary {
  readonly #office: Office;
  readonly #rows: AppointmentRows;
  readonly #bookings: Bookings;

  constructor(office: Office, rows: AppointmentRows, bookings: Bookings) {
    this.#office = office;
    this.#rows = rows;
    this.#bookings = bookings;
  }

  rule(recurrenceId: number): RecurrenceRule | undefined {
    if (recurrenceId === 0) return undefined;
    const row = this.#office.sql.first<{ rule: string }>(
      "select rule from superoffice_recurrence where recurrence_id = ?",
      recurrenceId,
    );
    return row && (JSON.parse(row.rule) as RecurrenceRule);
  }

  /** @returns the row, or the first row of the series */
  create(draft: Appointment, repetition: Repetition | undefined, deed: Deed): Appointment {
    if (!repetition) return this.#insert({ ...draft, originalStart: draft.start }, deed);
    const recurrenceId = this.#office.sql.run(
      "insert into superoffice_recurrence (rule) values (?)",
      JSON.stringify(bounded(repetition)),
    );
    const dates = repetition.days.map((day) => this.#insert({ ...onDay(draft, day), recurrenceId }, deed));
    return dates[0] ?? draft;
  }

  /**
   * Saves `next` over the row with its id.
   * @param repetition  what the client says of the series; undefined to leave it alone
   */
  change(next: Appointment, mode: UpdateMode, repetition: Repetition | undefined, deed: Deed): Appointment {
    const current = this.#rows.get(next.id);
    if (current.recurrenceId === 0) {
      const saved = this.#update(current, next, deed);
      return repetition ? this.#makeSeries(saved, repetition, deed) : saved;
    }
    if (mode === "OnlyThis") return this.#update(current, next, deed);
    const later = this.#later(current);
    if (mode === "StopRecurrence") {
      for (const date of later) this.#drop(date, deed);
      this.#saveRule(current.recurrenceId, (rule) => ({
        ...rule,
        endType: "EndDate",
        endDay: next.start.slice(0, 10),
      }));
      return this.#update(current, next, deed);
    }
    return this.#changeForward(current, next, later, repetition, deed);
  }

  /** @returns the ids that are gone */
  remove(id: number, mode: UpdateMode, deed: Deed): number[] {
    const current = this.#rows.get(id);
    const series = current.recurrenceId !== 0 && mode !== "OnlyThis";
    const doomed = series ? [current, ...this.#later(current)] : [current];
    if (series) {
      this.#saveRule(current.recurrenceId, (rule) => ({
        ...rule,
        endType: "EndDate",
        endDay: dayBefore(current.start),
      }));
    }
    for (const date of doomed) this.#drop(date, deed);
    return doomed.map((date) => date.id);
  }

  #changeForward(
    current: Appointment,
    next: Appointment,
    later: Appointment[],
    repetition: Repetition | undefined,
    deed: Deed,
  ): Appointment {
    const recurrenceId = this.#forwardId(current, repetition);
    const wanted = this.#keptDays(current, later, repetition);
    const day = wanted?.includes(next.start.slice(0, 10)) ? next.start.slice(0, 10) : wanted?.[0];
    const saved = this.#update(current, { ...(day ? onDay(next, day) : next), recurrenceId }, deed);
    const shift = daysBetween(current.start, saved.start);
    const kept = wanted?.filter((other) => other !== day);
    for (const date of later) {
      const day = date.start.slice(0, 10);
      if (kept && !kept.includes(day)) this.#drop(date, deed);
      else {
        const target = kept ? day : plusDays(day, shift);
        this.#update(date, { ...onDay(saved, target), ...ownOf(date), recurrenceId }, deed);
      }
    }
    const known = later.map((date) => date.start.slice(0, 10));
    for (const day of kept ?? []) {
      if (!known.includes(day)) this.#insert({ ...onDay(saved, day), recurrenceId }, deed);
    }
    return saved;
  }

  /** The days from this one on that the client wants, when it wants others than there are. */
  #keptDays(
    current: Appointment,
    later: Appointment[],
    repetition: Repetition | undefined,
  ): string[] | undefined {
    if (!repetition) return undefined;
    const today = current.start.slice(0, 10);
    const wanted = repetition.days.filter((day) => day >= today);
    const present = [current, ...later].map((date) => date.start.slice(0, 10));
    return wanted.length === 0 || wanted.join() === present.join() ? undefined : wanted;
  }

  /** The recurrence id of this and later dates, its rule brought up to date. */
  #forwardId(current: Appointment, repetition: Repetition | undefined): number {
    const rule = this.rule(current.recurrenceId);
    if (!repetition || !rule) return current.recurrenceId;
    if (!this.#office.switches.thisAndForwardSplits) {
      this.#saveRule(current.recurrenceId, () => ({ ...bounded(repetition), startDay: rule.startDay }));
      return current.recurrenceId;
    }
    this.#saveRule(current.recurrenceId, (old) => ({
      ...old,
      endType: "EndDate",
      endDay: dayBefore(current.start),
    }));
    return this.#office.sql.run(
      "insert into superoffice_recurrence (rule) values (?)",
      JSON.stringify(bounded(repetition)),
    );
  }

  #makeSeries(first: Appointment, repetition: Repetition, deed: Deed): Appointment {
    const recurrenceId = this.#office.sql.run(
      "insert into superoffice_recurrence (rule) values (?)",
      JSON.stringify(bounded(repetition)),
    );
    const [day = first.start.slice(0, 10), ...others] = repetition.days;
    const saved = this.#update(first, { ...onDay(first, day), recurrenceId }, deed);
    for (const other of others) this.#insert({ ...onDay(saved, other), recurrenceId }, deed);
    return saved;
  }

  #insert(draft: Appointment, deed: Deed): Appointment {
    return this.#bookings.open(this.#rows.insert({ ...draft, id: 0, motherId: 0 }), deed);
  }

  #update(before: Appointment, after: Appointment, deed: Deed): Appointment {
    this.#rows.update(after);
    return this.#bookings.follow(before, after, deed);
  }

  #drop(appointment: Appointment, deed: Deed): void {
    this.#bookings.cancel(appointment, deed);
    this.#rows.remove(appointment.id);
  }

  #later(current: Appointment): Appointment[] {
    return this.#rows
      .series(current.recurrenceId, current.associateId)
      .filter((date) => date.start > current.start && date.id !== current.id);
  }

  #saveRule(recurrenceId: number, change: (rule: RecurrenceRule) => RecurrenceRule): void {
    const rule = this.rule(recurrenceId);
    if (!rule) return;
    this.#office.sql.run(
      "update superoffice_recurrence set rule = ? where recurrence_id = ?",
      JSON.stringify(change(rule)),
      recurrenceId,
    );
  }
}

/** The appointment on another day at the same clock time and of the same length on the clock. */
export function onDay(appointment: Appointment, day: string): Appointment {
  const shift = daysBetween(appointment.start, day);
  const start = `${day}${appointment.start.slice(10)}`;
  const end = localText(clockFace(appointment.end).plus({ days: shift }));
  return { ...appointment, start, end, originalStart: start };
}

/** What stays each date's own when the series changes. */
function ownOf(
  date: Appointment,
): Pick<Appointment, "id" | "motherId" | "created" | "createdBy" | "completed"> {
  return {
    id: date.id,
    motherId: date.motherId,
    created: date.created,
    createdBy: date.createdBy,
    completed: date.completed,
  };
}

function bounded(repetition: Repetition): RecurrenceRule {
  const last = repetition.days.at(-1) ?? repetition.rule.startDay;
  return {
    ...repetition.rule,
    endDay: repetition.rule.endType === "Counter" ? last : repetition.rule.endDay,
  };
}

function daysBetween(from: string, to: string): number {
  return Math.round(clockFace(to.slice(0, 10)).diff(clockFace(from.slice(0, 10)), "days").days);
}

function plusDays(day: string, days: number): string {
  return localText(clockFace(day).plus({ days })).slice(0, 10);
}

function dayBefore(start: string): string {
  return plusDays(start.slice(0, 10), -1);
}
