import { COMPLETED, PRIVATE, statusNumber, TYPES, type Appointment, type More } from "./appointment.ts";
import { notFound } from "./errors.ts";
import type { Office } from "./office.ts";

interface AppointmentRow {
  appointment_id: number;
  associate_id: number;
  mother_id: number;
  recurrence_id: number;
  start_local: string;
  end_local: string;
  original_start: string;
  type: number;
  task_id: number;
  contact_id: number;
  person_id: number;
  title: string;
  description: string;
  location: string;
  all_day: number;
  is_free: number;
  has_alarm: number;
  private: number;
  created: number;
  created_by: number;
  updated: number;
  updated_by: number;
  fields: string;
}

const COLUMNS = `associate_id, mother_id, recurrence_id, start_local, end_local, original_start, type, status, task_id,
  contact_id, person_id, title, description, location, all_day, is_free, has_alarm, private,
  created, created_by, updated, updated_by, fields`;
const COUNT = COLUMNS.split(",").length;
const INSERT = `insert into superoffice_appointment (${COLUMNS}) values (${Array(COUNT).fill("?").join(", ")})`;
const UPDATE = `update superoffice_appointment set (${COLUMNS}) = (${Array(COUNT).fill("?").join(", ")}) where appointment_id = ?`;
const SELECT = "select * from superoffice_appointment";

/** The appointment table. Deleted rows are gone: a REST GET answers 404 and no archive lists them. */
export class AppointmentRows {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  find(id: number): Appointment | undefined {
    const row = this.#office.sql.first<AppointmentRow>(`${SELECT} where appointment_id = ?`, id);
    return row && read(row);
  }

  /** @throws SoError 404 */
  get(id: number): Appointment {
    const found = Number.isSafeInteger(id) ? this.find(id) : undefined;
    if (!found) throw notFound(`Appointment id ${id} not found`);
    return found;
  }

  /** All dates of a series in one diary, by date. */
  series(recurrenceId: number, associateId: number): Appointment[] {
    return this.#many(
      "where recurrence_id = ? and associate_id = ? order by start_local, appointment_id",
      recurrenceId,
      associateId,
    );
  }

  /**
   * "All records involved in a booking and/or recurring appointments"; either id may be 0 (reference,
   * v1AppointmentAgent_GetAppointmentRecords).
   */
  records(motherId: number, recurrenceId: number): Appointment[] {
    if (motherId === 0 && recurrenceId === 0) return [];
    return this.#many(
      "where (? = 0 or mother_id = ?) and (? = 0 or recurrence_id = ?) order by start_local, appointment_id",
      motherId,
      motherId,
      recurrenceId,
      recurrenceId,
    );
  }

  slaves(motherId: number): Appointment[] {
    return this.#many(
      "where mother_id = ? and appointment_id <> ? order by appointment_id",
      motherId,
      motherId,
    );
  }

  /** A diary's rows that overlap the time from `start` to `end`. */
  diary(associateId: number, start: string, end: string, limit: number): Appointment[] {
    return this.#many(
      "where associate_id = ? and start_local < ? and end_local >= ? order by start_local, appointment_id limit ?",
      associateId,
      end,
      start,
      limit,
    );
  }

  ofAssociate(associateId: number): Appointment[] {
    return this.#many("where associate_id = ? order by start_local, appointment_id", associateId);
  }

  insert(appointment: Appointment): Appointment {
    const id = this.#office.sql.run(INSERT, ...values(appointment));
    this.#tell("created", { ...appointment, id }, appointment.createdBy);
    return { ...appointment, id };
  }

  update(appointment: Appointment): void {
    this.#office.sql.run(UPDATE, ...values(appointment), appointment.id);
    this.#tell("changed", appointment, appointment.updatedBy);
  }

  remove(id: number): void {
    const { sql, switches } = this.#office;
    const doomed = this.find(id);
    if (doomed) this.#tell("deleted", doomed, this.#office.actor);
    sql.run("delete from superoffice_appointment where appointment_id = ?", id);
    if (switches.uidFreedByDelete) sql.run("delete from superoffice_uid where appointment_id = ?", id);
  }

  /** Members as in automation/webhook/reference/activity-events.md. */
  #tell(what: "created" | "changed" | "deleted", row: Appointment, by: number): void {
    const values = {
      appointment_id: row.id,
      contact_id: row.contactId,
      person_id: row.personId,
      project_id: row.more.projectId,
      sale_id: row.more.saleId,
    };
    const more = {
      associate_id: row.associateId,
      do_by: row.start,
      endDate: row.end,
      mother_id: row.motherId,
      private: PRIVATE.indexOf(row.private),
      status: statusNumber(row),
      task_idx: row.taskId,
      type: TYPES.indexOf(row.type),
      updated: new Date(row.updated).toISOString(),
    };
    const all = what === "deleted" ? values : { ...values, ...more };
    this.#office.tell({ entity: "activity", what, id: row.id, by, values: all });
  }

  #many(where: string, ...parameters: (string | number)[]): Appointment[] {
    return this.#office.sql.all<AppointmentRow>(`${SELECT} ${where}`, ...parameters).map(read);
  }
}

function read(row: AppointmentRow): Appointment {
  const { completed, ...more } = JSON.parse(row.fields) as More & Pick<Appointment, "completed">;
  return {
    id: row.appointment_id,
    associateId: row.associate_id,
    motherId: row.mother_id,
    recurrenceId: row.recurrence_id,
    start: row.start_local,
    end: row.end_local,
    originalStart: row.original_start,
    type: TYPES[row.type] ?? "Unknown",
    completed: COMPLETED.includes(completed) ? completed : "Unknown",
    taskId: row.task_id,
    contactId: row.contact_id,
    personId: row.person_id,
    title: row.title,
    description: row.description,
    location: row.location,
    allDay: row.all_day === 1,
    free: row.is_free === 1,
    alarm: row.has_alarm === 1,
    private: PRIVATE[row.private] ?? "Public",
    created: row.created,
    createdBy: row.created_by,
    updated: row.updated,
    updatedBy: row.updated_by,
    more,
  };
}

function values(appointment: Appointment): (string | number)[] {
  return [
    appointment.associateId,
    appointment.motherId,
    appointment.recurrenceId,
    appointment.start,
    appointment.end,
    appointment.originalStart,
    TYPES.indexOf(appointment.type),
    statusNumber(appointment),
    appointment.taskId,
    appointment.contactId,
    appointment.personId,
    appointment.title,
    appointment.description,
    appointment.location,
    Number(appointment.allDay),
    Number(appointment.free),
    Number(appointment.alarm),
    PRIVATE.indexOf(appointment.private),
    appointment.created,
    appointment.createdBy,
    appointment.updated,
    appointment.updatedBy,
    JSON.stringify({ ...appointment.more, completed: appointment.completed }),
  ];
}
