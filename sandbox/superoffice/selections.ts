import { persons } from "./archive/columns.ts";
import { comparer } from "./archive/compare.ts";
import { compileFilter, type Condition } from "./archive/filter.ts";
import { badRequest, notFound } from "./errors.ts";
import type { Office } from "./office.ts";

/** A selection of persons: hand-picked, or whoever fits a filter at the moment. */
export interface Selection {
  selectionId: number;
  associateId: number;
  name: string;
  kind: "Static" | "Dynamic";
  /** OData filter over FindPerson's columns; empty for static ones. */
  filter: string;
  created: number;
  createdBy: number;
  updated: number;
  updatedBy: number;
  membersChanged: number;
}

/** The selection into which each associate puts the persons that they want in their mailbox. */
export const FAVOURITES = "Contacts I favour";

const SELECT = `select selection_id as selectionId, associate_id as associateId, name, kind, filter, created,
  created_by as createdBy, updated, updated_by as updatedBy, members_changed as membersChanged
  from superoffice_selection`;

/** @see api/reference/restful/rest/Selection; selections of companies, sales … are not modelled */
export class Selections {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  /** @throws SoError 404 */
  get(id: number): Selection {
    const found = Number.isSafeInteger(id)
      ? this.#office.sql.first<Selection>(`${SELECT} where selection_id = ?`, id)
      : undefined;
    if (!found) throw notFound(`Selection id ${id} not found`);
    return found;
  }

  of(associateId: number): Selection[] {
    return this.#office.sql.all<Selection>(
      `${SELECT} where associate_id = ? order by selection_id`,
      associateId,
    );
  }

  favourites(associateId: number): Selection | undefined {
    return this.of(associateId).find((each) => each.name === FAVOURITES);
  }

  /** @throws SoError 400 for a filter that cannot be read */
  create(wish: Pick<Selection, "associateId" | "name" | "kind" | "filter">, by: number): Selection {
    if (wish.kind === "Dynamic") this.#compile(wish.filter, wish.associateId);
    const now = this.#office.now();
    const id = this.#office.sql.run(
      `insert into superoffice_selection (associate_id, name, kind, filter, created, created_by, updated, updated_by,
         members_changed) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      wish.associateId,
      wish.name,
      wish.kind,
      wish.filter,
      now,
      by,
      now,
      by,
      now,
    );
    return this.get(id);
  }

  update(selection: Selection, by: number): Selection {
    if (selection.kind === "Dynamic") this.#compile(selection.filter, selection.associateId);
    this.#office.sql.run(
      "update superoffice_selection set name = ?, filter = ?, updated = ?, updated_by = ? where selection_id = ?",
      selection.name,
      selection.filter,
      this.#office.now(),
      by,
      selection.selectionId,
    );
    return this.get(selection.selectionId);
  }

  remove(id: number): void {
    this.#office.sql.run("delete from superoffice_selection_member where selection_id = ?", id);
    this.#office.sql.run("delete from superoffice_selection where selection_id = ?", id);
  }

  /** @throws SoError 400 for a dynamic selection. @returns how many were not members before */
  add(selection: Selection, personIds: number[]): number {
    const before = this.members(selection).length;
    this.#demandStatic(selection);
    for (const id of personIds) {
      this.#office.sql.run(
        "insert or ignore into superoffice_selection_member (selection_id, person_id) values (?, ?)",
        selection.selectionId,
        id,
      );
    }
    this.#touch(selection);
    return this.members(selection).length - before;
  }

  leave(selection: Selection, personIds: number[]): void {
    this.#demandStatic(selection);
    for (const id of personIds) {
      this.#office.sql.run(
        "delete from superoffice_selection_member where selection_id = ? and person_id = ?",
        selection.selectionId,
        id,
      );
    }
    this.#touch(selection);
  }

  /** Ids of the members that are not deleted. */
  members(selection: Selection): number[] {
    const { sql, parameters } = this.condition(selection);
    return this.#office.sql
      .all<{ id: number }>(
        `select ${persons.key} as id from ${persons.from} where (${persons.where}) and (${sql}) order by id`,
        ...parameters,
      )
      .map(({ id }) => id);
  }

  /** Who belongs to it, as a condition over the persons' archive. */
  condition(selection: Selection): Condition {
    if (selection.kind === "Dynamic") return this.#compile(selection.filter, selection.associateId);
    return {
      sql: "p.person_id in (select person_id from superoffice_selection_member where selection_id = ?)",
      parameters: [selection.selectionId],
    };
  }

  #compile(filter: string, associateId: number): Condition {
    const { switches } = this.#office;
    const utc = { zone: "UTC", offsets: true, utcOffsetStyle: switches.utcOffsetStyle };
    const compare = comparer(utc, switches, new Date(this.#office.now()), associateId);
    return compileFilter(filter, persons.columns, compare);
  }

  #demandStatic(selection: Selection): void {
    if (selection.kind === "Dynamic")
      throw badRequest("Members of a dynamic selection follow from its criteria");
  }

  #touch(selection: Selection): void {
    this.#office.sql.run(
      "update superoffice_selection set members_changed = ? where selection_id = ?",
      this.#office.now(),
      selection.selectionId,
    );
  }
}
