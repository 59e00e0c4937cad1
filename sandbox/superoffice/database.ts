import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

const TABLES = `
create table if not exists superoffice_associate (
  associate_id integer primary key, person_id integer not null, contact_id integer not null,
  name text not null, full_name text not null, address text not null,
  user_type text not null, retired integer not null);
create table if not exists superoffice_contact (
  contact_id integer primary key autoincrement, associate_id integer not null, name text not null,
  department text not null, created integer not null, created_by integer not null,
  updated integer not null, updated_by integer not null, deleted_at integer, fields text not null);
create table if not exists superoffice_person (
  person_id integer primary key autoincrement, contact_id integer not null, associate_id integer not null,
  first_name text not null, middle_name text not null, last_name text not null, email text not null,
  title text not null, retired integer not null, created integer not null, created_by integer not null,
  updated integer not null, updated_by integer not null, deleted_at integer, fields text not null);
create table if not exists superoffice_recurrence (
  recurrence_id integer primary key autoincrement, rule text not null);
create table if not exists superoffice_appointment (
  appointment_id integer primary key autoincrement, associate_id integer not null,
  mother_id integer not null, recurrence_id integer not null,
  start_local text not null, end_local text not null, original_start text not null,
  type integer not null, status integer not null, task_id integer not null,
  contact_id integer not null, person_id integer not null,
  title text not null, description text not null, location text not null,
  all_day integer not null, is_free integer not null, has_alarm integer not null, private integer not null,
  created integer not null, created_by integer not null,
  updated integer not null, updated_by integer not null, fields text not null);
create index if not exists superoffice_appointment_start on superoffice_appointment (associate_id, start_local);
create index if not exists superoffice_appointment_updated on superoffice_appointment (associate_id, updated);
create index if not exists superoffice_appointment_mother on superoffice_appointment (mother_id);
create index if not exists superoffice_appointment_series on superoffice_appointment (recurrence_id, start_local);
create table if not exists superoffice_uid (uid text primary key, appointment_id integer not null);
create index if not exists superoffice_uid_appointment on superoffice_uid (appointment_id);
create table if not exists superoffice_selection (
  selection_id integer primary key autoincrement, associate_id integer not null, name text not null,
  kind text not null, filter text not null, created integer not null, created_by integer not null,
  updated integer not null, updated_by integer not null, members_changed integer not null);
create table if not exists superoffice_selection_member (
  selection_id integer not null, person_id integer not null, primary key (selection_id, person_id));
create table if not exists superoffice_snapshot (name text primary key, content text not null);
create table if not exists superoffice_webhook (webhook_id integer primary key autoincrement, fields text not null);
create table if not exists superoffice_event (
  event_id integer primary key autoincrement, webhook_id integer not null, payload text not null);
create table if not exists superoffice_session (
  token text primary key, kind text not null, associate_id integer not null, expires integer not null,
  details text not null);
create table if not exists superoffice_setting (name text primary key, value text not null);
`;

const CONTENT = [
  "associate",
  "contact",
  "person",
  "recurrence",
  "appointment",
  "uid",
  "selection",
  "selection_member",
  "webhook",
];

export type Row = Record<string, SQLInputValue>;

/** Prepared statements, made once each, over SuperOffice's own tables. */
export class Sql {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
    db.exec(TABLES);
  }

  all<T = Row>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#prepare(sql).all(...values) as T[];
  }

  first<T = Row>(sql: string, ...values: SQLInputValue[]): T | undefined {
    return this.#prepare(sql).get(...values) as T | undefined;
  }

  /** @returns the id of an inserted row */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).lastInsertRowid);
  }

  /** Empties everything but credentials and sessions; ids are not used again. */
  clear(): void {
    for (const table of CONTENT) this.#db.exec(`delete from superoffice_${table}`);
    this.#db.exec("delete from superoffice_snapshot; delete from superoffice_event");
    this.#db.exec("delete from superoffice_setting where name in ('switches', 'tenant-state')");
  }

  /** Keeps a copy of the tenant's content under `name`. */
  snapshot(name: string): void {
    const tables = Object.fromEntries(
      CONTENT.map((table) => [table, this.all(`select * from superoffice_${table}`)]),
    );
    const sequences = this.all(
      "select name, seq from sqlite_sequence where name like 'superoffice~_%' escape '~'",
    );
    this.run(
      "insert or replace into superoffice_snapshot (name, content) values (?, ?)",
      name,
      JSON.stringify({ tables, sequences }),
    );
  }

  /**
   * Puts a copy back as a restored backup does: what came since is gone, and ids are given out again.
   * @throws Error when there is no such copy
   */
  restore(name: string): void {
    const found = this.first<{ content: string }>(
      "select content from superoffice_snapshot where name = ?",
      name,
    );
    if (!found) throw new Error(`there is no snapshot ${name}`);
    const { tables, sequences } = JSON.parse(found.content) as {
      tables: Record<string, Row[]>;
      sequences: { name: string; seq: number }[];
    };
    for (const table of CONTENT) {
      this.#db.exec(`delete from superoffice_${table}`);
      for (const row of tables[table] ?? []) {
        const columns = Object.keys(row);
        this.run(
          `insert into superoffice_${table} (${columns.join(", ")}) values (${columns.map(() => "?").join(", ")})`,
          ...Object.values(row),
        );
      }
      const sequence = sequences.find((each) => each.name === `superoffice_${table}`);
      this.run(
        "update sqlite_sequence set seq = ? where name = ?",
        sequence?.seq ?? 0,
        `superoffice_${table}`,
      );
    }
  }

  setting(name: string): string | undefined {
    return this.first<{ value: string }>("select value from superoffice_setting where name = ?", name)?.value;
  }

  saveSetting(name: string, value: string): void {
    this.run("insert or replace into superoffice_setting (name, value) values (?, ?)", name, value);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      // Queries are composed from clients' filters: keep the cache from growing with every wish.
      if (this.#statements.size > 500) this.#statements.clear();
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
