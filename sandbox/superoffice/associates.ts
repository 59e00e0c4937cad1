import type { Person } from "../context.ts";
import { SYSTEM_ASSOCIATE, TENANT, type Office } from "./office.ts";

export interface AssociateRow {
  associate_id: number;
  person_id: number;
  contact_id: number;
  name: string;
  full_name: string;
  address: string;
  user_type: string;
  retired: number;
}

const SYSTEM: AssociateRow = {
  associate_id: SYSTEM_ASSOCIATE,
  person_id: 0,
  contact_id: 0,
  name: "EVERLINK",
  full_name: "Everlink (system user)",
  address: "",
  user_type: "SystemAssociate",
  retired: 0,
};

/** SuperOffice's users, made from the sample company's people, and the system user. */
export class Associates {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  /** Makes or renews associate, person and own company of a person. */
  admit(person: Person): void {
    const { sql } = this.#office;
    const now = this.#office.now();
    const company =
      this.#office.context.directory.tenants().find((tenant) => tenant.id === person.tenant)?.name ??
      "Own company";
    this.#office.write(() => {
      sql.run(
        `insert into superoffice_associate
           (associate_id, person_id, contact_id, name, full_name, address, user_type, retired)
         values (?, ?, ?, ?, ?, ?, 'InternalAssociate', ?)
         on conflict (associate_id) do update set person_id = excluded.person_id, contact_id = excluded.contact_id,
           name = excluded.name, full_name = excluded.full_name, address = excluded.address, retired = excluded.retired`,
        person.associateId,
        person.personId,
        person.contactId,
        person.loginName,
        person.fullName,
        person.address,
        person.capabilities.retired ? 1 : 0,
      );
      sql.run(
        `insert into superoffice_contact
           (contact_id, associate_id, name, department, created, created_by, updated, updated_by, fields)
         values (?, ?, ?, '', ?, ?, ?, ?, '{}') on conflict (contact_id) do nothing`,
        person.contactId,
        person.associateId,
        company,
        now,
        SYSTEM_ASSOCIATE,
        now,
        SYSTEM_ASSOCIATE,
      );
      sql.run(
        `insert into superoffice_person
           (person_id, contact_id, associate_id, first_name, middle_name, last_name, email, title, retired,
            created, created_by, updated, updated_by, fields)
         values (?, ?, ?, ?, '', ?, ?, '', ?, ?, ?, ?, ?, ?)
         on conflict (person_id) do update set first_name = excluded.first_name, last_name = excluded.last_name,
           email = excluded.email, retired = excluded.retired, updated = excluded.updated, fields = excluded.fields`,
        person.personId,
        person.contactId,
        person.associateId,
        person.firstName,
        person.lastName,
        person.address,
        person.capabilities.retired ? 1 : 0,
        now,
        SYSTEM_ASSOCIATE,
        now,
        SYSTEM_ASSOCIATE,
        JSON.stringify({ Emails: person.address === "" ? [] : [element(person.address)] }),
      );
    });
  }

  find(associateId: number): AssociateRow | undefined {
    if (associateId === SYSTEM_ASSOCIATE) return SYSTEM;
    return this.#office.sql.first<AssociateRow>(
      "select * from superoffice_associate where associate_id = ?",
      associateId,
    );
  }

  all(): AssociateRow[] {
    return this.#office.sql.all<AssociateRow>(
      "select * from superoffice_associate order by full_name, associate_id",
    );
  }

  /** The nested carrier; null for 0 or an associate that never was. */
  carrier(associateId: number): Record<string, unknown> | null {
    const row = this.find(associateId);
    return row ? associateCarrier(row) : null;
  }

  /** `User/currentPrincipal` (reference, v1User_GetCurrentPrincipal). */
  principal(associateId: number): Record<string, unknown> {
    const row = this.find(associateId) ?? SYSTEM;
    const system = row.user_type === "SystemAssociate";
    return {
      UserType: row.user_type,
      Associate: row.name,
      AssociateId: row.associate_id,
      IsPerson: !system,
      PersonId: row.person_id,
      CountryId: 578,
      HomeCountryId: 578,
      ContactId: row.contact_id,
      GroupId: 1,
      BusinessId: 0,
      CategoryId: 0,
      ContactOwner: 0,
      RoleId: system ? 3 : 1,
      RoleName: system ? "System user" : "User level 0",
      RoleDescription: "",
      RoleType: system ? "System" : "Employee",
      Licenses: [],
      FullName: row.full_name,
      EMailAddress: row.address,
      FunctionRights: [],
      EjUserId: 0,
      EjAccessLevel: 0,
      EjUserStatus: "StatusUnknown",
      ProvidedCredentials: [],
      SecondaryGroups: [],
      DatabaseContextIdentifier: TENANT,
      UserName: row.address,
    };
  }
}

export function associateCarrier(row: AssociateRow): Record<string, unknown> {
  return {
    AssociateId: row.associate_id,
    Name: row.name,
    PersonId: row.person_id,
    Rank: 0,
    Tooltip: "",
    Type: row.user_type,
    GroupIdx: 1,
    FullName: row.full_name,
    FormalName: row.full_name,
    Deleted: row.retired === 1,
    EjUserId: 0,
    UserName: row.address,
    ExtraFields: {},
    CustomFields: {},
    TableRight: null,
    FieldProperties: {},
  };
}

/** A mail address, phone number or URL of a person or company. */
export function element(value: string, description = ""): Record<string, unknown> {
  return {
    Value: value,
    StrippedValue: value,
    Description: description,
    TableRight: null,
    FieldProperties: {},
  };
}
