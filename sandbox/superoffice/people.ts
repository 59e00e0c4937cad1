import { countryWith } from "./countries.ts";
import { badRequest, notFound } from "./errors.ts";
import type { Associates } from "./associates.ts";
import type { Office } from "./office.ts";
import {
  fullName,
  writeContact,
  writePerson,
  type ContactRow,
  type PersonRow,
  type Stamped,
} from "./peopleRows.ts";
import { NO_DATE, toBase, utcText, type DateWish } from "./time.ts";

type Carrier = Record<string, unknown>;

/** Members of the entities that are kept as they came. */
const PERSON_KEPT = [
  "Mrmrs",
  "Description",
  "PrivatePhones",
  "Faxes",
  "MobilePhones",
  "OfficePhones",
  "OtherPhones",
  "Emails",
  "Urls",
  "Address",
  "PersonNumber",
  "NoMailing",
  "UsePersonAddress",
  "BirthDate",
  "Salutation",
  "UserDefinedFields",
  "ExtraFields",
  "CustomFields",
  "Position",
  "Category",
  "Business",
  "Country",
  "ChatEmails",
  "InternetPhones",
  "DbiAgentId",
  "DbiKey",
] as const;
const CONTACT_KEPT = [
  "OrgNr",
  "Number1",
  "Number2",
  "Emails",
  "Urls",
  "Phones",
  "Faxes",
  "Description",
  "NoMailing",
  "Address",
  "Business",
  "Category",
  "Country",
  "UserDefinedFields",
  "ExtraFields",
  "CustomFields",
] as const;

/** Persons ("contacts" on SuperOffice's screens) and contacts ("companies"), soft-deleted as SuperOffice does. */
export class People {
  readonly #office: Office;
  readonly #associates: Associates;

  constructor(office: Office, associates: Associates) {
    this.#office = office;
    this.#associates = associates;
  }

  person(id: number): PersonRow | undefined {
    return this.#office.sql.first<PersonRow>(
      "select * from superoffice_person where person_id = ? and deleted_at is null",
      id,
    );
  }

  contact(id: number): ContactRow | undefined {
    return this.#office.sql.first<ContactRow>(
      "select * from superoffice_contact where contact_id = ? and deleted_at is null",
      id,
    );
  }

  /** @throws SoError 404 */
  getPerson(id: number): PersonRow {
    const row = Number.isSafeInteger(id) ? this.person(id) : undefined;
    if (!row) throw notFound(`Person id ${id} not found`);
    return row;
  }

  /** @throws SoError 404 */
  getContact(id: number): ContactRow {
    const row = Number.isSafeInteger(id) ? this.contact(id) : undefined;
    if (!row) throw notFound(`Contact id ${id} not found`);
    return row;
  }

  /** @throws SoError 400 when an appointment points to nobody; 0 is nobody on purpose */
  requirePerson(id: number): number {
    if (id !== 0 && !this.person(id)) throw badRequest(`Person ${id} does not exist`);
    return id;
  }

  requireContact(id: number): number {
    if (id !== 0 && !this.contact(id)) throw badRequest(`Contact ${id} does not exist`);
    return id;
  }

  personName(id: number): string {
    const row = this.person(id);
    return row ? fullName(row) : "";
  }

  contactName(id: number): string {
    return this.contact(id)?.name ?? "";
  }

  mailOf(personId: number): string {
    return this.person(personId)?.email ?? "";
  }

  personCarrier(id: number): Carrier | null {
    const row = id === 0 ? undefined : this.person(id);
    if (!row) return null;
    return {
      PersonId: row.person_id,
      Firstname: row.first_name,
      Lastname: row.last_name,
      MiddleName: row.middle_name,
      Title: row.title,
      Email: row.email,
      FullName: fullName(row),
      FormalName: fullName(row),
      ContactId: row.contact_id,
      ContactName: this.contactName(row.contact_id),
      Retired: row.retired,
      AssociateId: row.associate_id,
      TableRight: null,
      FieldProperties: {},
    };
  }

  contactCarrier(id: number): Carrier | null {
    const row = id === 0 ? undefined : this.contact(id);
    if (!row) return null;
    return {
      ContactId: row.contact_id,
      Name: row.name,
      Department: row.department,
      FullName: row.name,
      AssociateId: row.associate_id,
      TableRight: null,
      FieldProperties: {},
    };
  }

  personEntity(row: PersonRow, dates: DateWish): Carrier {
    const kept = JSON.parse(row.fields) as Carrier;
    return {
      Mrmrs: "",
      Description: "",
      PrivatePhones: [],
      Faxes: [],
      MobilePhones: [],
      OfficePhones: [],
      OtherPhones: [],
      Emails: [],
      Urls: [],
      Address: null,
      PersonNumber: "",
      NoMailing: false,
      UsePersonAddress: false,
      BirthDate: NO_DATE,
      Salutation: "",
      UserDefinedFields: {},
      ExtraFields: {},
      CustomFields: {},
      Position: null,
      Category: null,
      Business: null,
      Country: null,
      ChatEmails: [],
      InternetPhones: [],
      DbiAgentId: 0,
      DbiKey: "",
      ...kept,
      PersonId: row.person_id,
      Firstname: row.first_name,
      MiddleName: row.middle_name,
      Lastname: row.last_name,
      Title: row.title,
      FullName: fullName(row),
      FormalName: fullName(row),
      CreatedDate: utcText(row.created, dates),
      UpdatedDate: utcText(row.updated, dates),
      CreatedBy: this.#associates.carrier(row.created_by),
      UpdatedBy: this.#associates.carrier(row.updated_by),
      IsAssociate: row.associate_id !== 0,
      CorrespondingAssociate: this.#associates.carrier(row.associate_id),
      Contact: this.contactCarrier(row.contact_id),
      Retired: row.retired === 1,
      Interests: [],
      Consents: [],
      TableRight: null,
      FieldProperties: {},
      _Links: this.#links("Person", row.person_id),
    };
  }

  contactEntity(row: ContactRow, dates: DateWish): Carrier {
    const kept = JSON.parse(row.fields) as Carrier;
    return {
      OrgNr: "",
      Number1: "",
      Number2: "",
      Emails: [],
      Urls: [],
      Phones: [],
      Faxes: [],
      Description: "",
      NoMailing: false,
      Address: null,
      Business: null,
      Category: null,
      Country: null,
      UserDefinedFields: {},
      ExtraFields: {},
      CustomFields: {},
      ...kept,
      ContactId: row.contact_id,
      Name: row.name,
      Department: row.department,
      CreatedDate: utcText(row.created, dates),
      UpdatedDate: utcText(row.updated, dates),
      CreatedBy: this.#associates.carrier(row.created_by),
      UpdatedBy: this.#associates.carrier(row.updated_by),
      Associate: this.#associates.carrier(row.associate_id),
      Persons: this.#office.sql
        .all<{ person_id: number }>(
          "select person_id from superoffice_person where contact_id = ? and deleted_at is null order by person_id",
          row.contact_id,
        )
        .map(({ person_id }) => this.personCarrier(person_id)),
      Deleted: 0,
      TableRight: null,
      FieldProperties: {},
      _Links: this.#links("Contact", row.contact_id),
    };
  }

  /** A row before its first save, for `/default` and POST. */
  newPerson(by: number): PersonRow {
    return {
      ...this.#stamps(by),
      person_id: 0,
      contact_id: 0,
      associate_id: 0,
      first_name: "",
      middle_name: "",
      last_name: "",
      email: "",
      title: "",
      retired: 0,
    };
  }

  newContact(by: number): ContactRow {
    return { ...this.#stamps(by), contact_id: 0, associate_id: by, name: "", department: "" };
  }

  readPerson(row: PersonRow, entity: Carrier, dates: DateWish): PersonRow {
    const emails = (entity["Emails"] ?? []) as ({ Value?: string | null } | null)[];
    const contact = entity["Contact"] as { ContactId?: number } | null | undefined;
    const kept = pick(entity, PERSON_KEPT);
    // A list item is meant by its id; its texts are the list's.
    const country = entity["Country"] as { CountryId?: number } | null | undefined;
    if (country) kept["Country"] = countryWith(country.CountryId ?? 0) ?? null;
    if (typeof kept["BirthDate"] === "string")
      kept["BirthDate"] = toBase(kept["BirthDate"], { ...dates, zone: undefined });
    return {
      ...row,
      first_name: text(entity["Firstname"]),
      middle_name: text(entity["MiddleName"]),
      last_name: text(entity["Lastname"]),
      title: text(entity["Title"]),
      email: emails[0]?.Value ?? "",
      contact_id: this.requireContact(contact?.ContactId ?? 0),
      retired: entity["Retired"] === true ? 1 : 0,
      fields: JSON.stringify(kept),
    };
  }

  readContact(row: ContactRow, entity: Carrier): ContactRow {
    const associate = entity["Associate"] as { AssociateId?: number } | null | undefined;
    return {
      ...row,
      name: text(entity["Name"]),
      department: text(entity["Department"]),
      associate_id: associate?.AssociateId ?? row.associate_id,
      fields: JSON.stringify(pick(entity, CONTACT_KEPT)),
    };
  }

  savePerson(row: PersonRow, by: number): number {
    const id = writePerson(this.#office, row, by);
    this.#tell("person", row.person_id === 0 ? "created" : "changed", id, by);
    return id;
  }

  saveContact(row: ContactRow, by: number): number {
    const id = writeContact(this.#office, row, by);
    this.#tell("contact", row.contact_id === 0 ? "created" : "changed", id, by);
    return id;
  }

  removePerson(id: number): void {
    this.#office.sql.run(
      "update superoffice_person set deleted_at = ? where person_id = ?",
      this.#office.now(),
      id,
    );
    this.#tell("person", "deleted", id, this.#office.actor);
  }

  removeContact(id: number): void {
    this.#office.sql.run(
      "update superoffice_contact set deleted_at = ? where contact_id = ?",
      this.#office.now(),
      id,
    );
    this.#tell("contact", "deleted", id, this.#office.actor);
  }

  #tell(entity: "person" | "contact", what: "created" | "changed" | "deleted", id: number, by: number): void {
    this.#office.tell({ entity, what, id, by, values: { [`${entity}_id`]: id } });
  }

  #stamps(by: number): Stamped {
    const now = this.#office.now();
    return { created: now, created_by: by, updated: now, updated_by: by, fields: "{}" };
  }

  #links(entity: string, id: number): Record<string, string> {
    const archive = `${this.#office.baseUrl}/api/v1/${entity}`;
    return { Self: `${archive}/${id}`, Archive: archive };
  }
}

function pick(entity: Carrier, names: readonly string[]): Carrier {
  return Object.fromEntries(
    names.filter((name) => entity[name] !== undefined).map((name) => [name, entity[name]]),
  );
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
