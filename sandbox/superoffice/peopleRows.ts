import type { Office } from "./office.ts";

/** When and by whom a row was made and last changed, and its members that nobody searches by. */
export interface Stamped {
  created: number;
  created_by: number;
  updated: number;
  updated_by: number;
  fields: string;
}
export interface PersonRow extends Stamped {
  person_id: number;
  contact_id: number;
  associate_id: number;
  first_name: string;
  middle_name: string;
  last_name: string;
  email: string;
  title: string;
  retired: number;
}
export interface ContactRow extends Stamped {
  contact_id: number;
  associate_id: number;
  name: string;
  department: string;
}

export function fullName(row: PersonRow): string {
  return [row.first_name, row.middle_name, row.last_name].filter((part) => part !== "").join(" ");
}

/** Inserts (id 0) or updates, stamped with now and `by`. @returns the id */
export function writePerson(office: Office, row: PersonRow, by: number): number {
  const { sql } = office;
  const shared = [
    row.contact_id,
    row.associate_id,
    row.first_name,
    row.middle_name,
    row.last_name,
    row.email,
    row.title,
    row.retired,
  ];
  if (row.person_id === 0) {
    return sql.run(
      `insert into superoffice_person (contact_id, associate_id, first_name, middle_name, last_name, email, title,
           retired, created, created_by, updated, updated_by, fields) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...shared,
      office.now(),
      by,
      office.now(),
      by,
      row.fields,
    );
  }
  sql.run(
    `update superoffice_person set contact_id = ?, associate_id = ?, first_name = ?, middle_name = ?, last_name = ?,
         email = ?, title = ?, retired = ?, updated = ?, updated_by = ?, fields = ? where person_id = ?`,
    ...shared,
    office.now(),
    by,
    row.fields,
    row.person_id,
  );
  return row.person_id;
}

/** Likewise. */
export function writeContact(office: Office, row: ContactRow, by: number): number {
  const { sql } = office;
  const now = office.now();
  if (row.contact_id === 0) {
    return sql.run(
      `insert into superoffice_contact (associate_id, name, department, created, created_by, updated, updated_by, fields)
         values (?, ?, ?, ?, ?, ?, ?, ?)`,
      row.associate_id,
      row.name,
      row.department,
      now,
      by,
      now,
      by,
      row.fields,
    );
  }
  sql.run(
    `update superoffice_contact set associate_id = ?, name = ?, department = ?, updated = ?, updated_by = ?, fields = ?
       where contact_id = ?`,
    row.associate_id,
    row.name,
    row.department,
    now,
    by,
    row.fields,
    row.contact_id,
  );
  return row.contact_id;
}
