import { readAs, unlessGone, withoutLinks, type Json } from "./answers.ts";
import { inParallel } from "./changes.ts";
import type { SuperOfficeClient } from "./client.ts";
import { searchAll } from "./pages.ts";
import {
  companyEntity,
  companyRow,
  personEntity,
  personRow,
  type CompanyEntity,
  type PersonEntity,
} from "./wire.ts";

/** Addresses have a length: so many companies are asked for at once. */
const atOnce = 100;

/** The calls of SuperOffice's person and company services that the store of contacts is made of. */
export class Persons {
  readonly #client: SuperOfficeClient;

  constructor(client: SuperOfficeClient) {
    this.#client = client;
  }

  /** @returns `undefined` for 404 of a running tenant */
  async person(id: number, signal: AbortSignal): Promise<PersonEntity | undefined> {
    const query = { $select: Object.keys(personEntity.shape).join(",") };
    const answer = await unlessGone(
      this.#client.call({ method: "GET", path: `Person/${id}`, query, signal }),
    );
    return answer && readAs(personEntity, answer.value);
  }

  async company(id: number, signal: AbortSignal): Promise<CompanyEntity | undefined> {
    const query = { $select: Object.keys(companyEntity.shape).join(",") };
    const answer = await unlessGone(
      this.#client.call({ method: "GET", path: `Contact/${id}`, query, signal }),
    );
    return answer && readAs(companyEntity, answer.value);
  }

  /** When each of these companies was changed last. */
  async companiesUpdated(ids: readonly number[], signal: AbortSignal): Promise<Map<number, string>> {
    const updated = new Map<number, string>();
    for (let from = 0; from < ids.length; from += atOnce) {
      const { rows } = await searchAll(
        this.#client,
        {
          path: "Contact",
          columns: "contactId,updatedDate",
          filter: `contactId oneOf (${ids.slice(from, from + atOnce).join(",")})`,
          key: "contactId",
          read: (value) => companyRow.safeParse(value).data,
          keyOf: (row) => row.contactId,
        },
        signal,
      );
      for (const { contactId, updatedDate } of rows) updated.set(contactId, updatedDate);
    }
    return updated;
  }

  /** The only company of exactly that name; `undefined` when there is none, or more than one. */
  async companyNamed(name: string, signal: AbortSignal): Promise<number | undefined> {
    const { rows } = await searchAll(
      this.#client,
      {
        path: "Contact",
        columns: "contactId,updatedDate",
        filter: `name is '${name.replaceAll("'", "''")}'`,
        key: "contactId",
        read: (value) => companyRow.safeParse(value).data,
        keyOf: (row) => row.contactId,
      },
      signal,
    );
    return rows.length === 1 ? rows[0]?.contactId : undefined;
  }

  /** An unsaved person with the tenant's defaults. */
  async template(signal: AbortSignal): Promise<Json> {
    const { value } = await this.#client.call({ method: "GET", path: "Person/default", signal });
    return withoutLinks(value);
  }

  async create(entity: Json, signal: AbortSignal): Promise<PersonEntity> {
    const query = { $select: Object.keys(personEntity.shape).join(",") };
    const { value } = await this.#client.call({
      method: "POST",
      path: "Person",
      query,
      body: entity,
      signal,
    });
    return readAs(personEntity, value);
  }

  /** RFC 7396; only the members in `changes` are written. */
  async patch(id: number, changes: Json, unmodifiedSince: Date, signal: AbortSignal): Promise<void> {
    await this.#client.call({
      method: "PATCH",
      path: `Person/${id}`,
      query: { $select: "PersonId" },
      body: changes,
      contentType: "application/merge-patch+json",
      ifUnmodifiedSince: unmodifiedSince,
      signal,
    });
  }

  /**
   * Persons that carry a key. No archive can be searched for it, so those that our own system user has registered are
   * looked through: few, and asked for only when the outcome of a create is not known.
   */
  async withKey(key: string, signal: AbortSignal): Promise<PersonEntity[]> {
    const { rows } = await searchAll(
      this.#client,
      {
        path: "Person",
        columns: "personId",
        filter: "personRegisteredBy currentAssociate",
        key: "personId",
        read: (value) => personRow.safeParse(value).data,
        keyOf: (row) => row.personId,
      },
      signal,
    );
    const found: PersonEntity[] = [];
    await inParallel(rows, signal, async ({ personId }) => {
      const person = await this.person(personId, signal);
      if (person?.DbiKey === key) found.push(person);
    });
    return found;
  }
}
