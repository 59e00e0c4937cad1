import type { Office } from "./office.ts";

/** The iCalendar UIDs that appointments are known by outside (SuperOffice's invitation table); each names one row. */
export class Uids {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  appointmentOf(uid: string): number | undefined {
    return this.#office.sql.first<{ appointment_id: number }>(
      "select appointment_id from superoffice_uid where uid = ?",
      uid,
    )?.appointment_id;
  }

  of(appointmentId: number): string | undefined {
    return this.#office.sql.first<{ uid: string }>(
      "select uid from superoffice_uid where appointment_id = ?",
      appointmentId,
    )?.uid;
  }

  /** @returns whether the UID was free */
  reserve(uid: string, appointmentId: number): boolean {
    if (this.taken(uid)) return false;
    this.#office.sql.run(
      "insert into superoffice_uid (uid, appointment_id) values (?, ?)",
      uid,
      appointmentId,
    );
    return true;
  }

  taken(uid: string): boolean {
    return this.appointmentOf(uid) !== undefined;
  }
}
