import type { Person } from "../context.ts";
import type { ListedContact, SampleContact, SampleItems } from "../samples.ts";
import { notFound } from "./errors.ts";
import type { Office } from "./office.ts";
import type { People } from "./people.ts";
import type { ContactRow } from "./peopleRows.ts";
import { fillCompany, fillPerson, readPerson } from "./sampleContact.ts";
import { FAVOURITES, type Selections } from "./selections.ts";

/**
 * Persons as an associate has them: those in their selection of favourites. Companies are shared: a person goes to
 * the company of that name and department, which is made when there is none.
 */
export function contactSamples(
  office: Office,
  people: People,
  selections: Selections,
  as: <T>(person: Person, work: () => T) => T,
): SampleItems<SampleContact, ListedContact> {
  const companyOf = (given: Partial<SampleContact>, by: number): number => {
    const { companyName = "", department = "" } = given;
    if (companyName === "") return 0;
    const known = office.sql.first<ContactRow>(
      "select * from superoffice_contact where name = ? and department = ? and deleted_at is null",
      companyName,
      department,
    );
    const card = fillCompany(known ?? people.newContact(by), given);
    if (known && card.fields === known.fields) return known.contact_id;
    return people.saveContact(card, by);
  };

  const mine = (person: Person, id: string): number => {
    const favourites = selections.favourites(person.associateId);
    if (!favourites || !selections.members(favourites).includes(Number(id)))
      throw notFound(`${person.fullName} has no person ${id} in "${FAVOURITES}"`);
    return Number(id);
  };

  const read = (id: number): ListedContact => {
    const row = people.getPerson(id);
    return readPerson(row, people.contact(row.contact_id));
  };

  return {
    put: (person, sample) =>
      as(person, () => {
        const by = person.associateId;
        const row = { ...fillPerson(people.newPerson(by), sample), contact_id: companyOf(sample, by) };
        const id = people.savePerson(row, by);
        const favourites =
          selections.favourites(by) ??
          selections.create({ associateId: by, name: FAVOURITES, kind: "Static", filter: "" }, by);
        selections.add(favourites, [id]);
        return String(id);
      }),
    change: (person, id, changes) =>
      as(person, () => {
        const row = people.getPerson(mine(person, id));
        const before = read(row.person_id);
        const moves = ["companyName", "department", "addresses"].some((name) => name in changes);
        people.savePerson(
          {
            ...fillPerson(row, changes),
            contact_id: moves ? companyOf({ ...before, ...changes }, person.associateId) : row.contact_id,
          },
          person.associateId,
        );
      }),
    remove: (person, id) => as(person, () => people.removePerson(mine(person, id))),
    list(person) {
      const favourites = selections.favourites(person.associateId);
      return favourites ? selections.members(favourites).map(read) : [];
    },
  };
}
