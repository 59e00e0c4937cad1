import { Failure } from "../../core/errors/failure.ts";
import type { Contact } from "../../core/items/contact.ts";
import { plainTraits } from "../../core/items/observed.ts";
import type { Account, Capabilities, ItemStore, Observed, Ref } from "../contract.ts";
import { probeAssociate } from "./account.ts";
import { changesSince, type Found, type Listed } from "./changes.ts";
import { contactCapabilities, readContact, writePerson } from "./contact-map.ts";
import { digestOf, layouts } from "./cursor.ts";
import { noLists } from "./lists.ts";
import { identityOf, longestWorkMs, type SuperOfficeStoreOptions } from "./options.ts";
import { isSettled } from "./pages.ts";
import { Persons } from "./persons.ts";
import { keyOf, readRef, refOf, uidOf } from "./refs.ts";
import { Selections } from "./selections.ts";
import { moment, momentMs } from "./time.ts";
import { carefully, versionOf } from "./version.ts";
import type { CompanyEntity, PersonEntity } from "./wire.ts";

/**
 * The persons of one associate's chosen selections as an `ItemStore` (`person:17`). Whoever is in none of them does not
 * exist for it; a person is never deleted, and `remove` takes them out of the selections.
 *
 * The stamp is the person's `DbiKey`, "the primary key for the integrated entry in the external datasource", written
 * with the person: only persons that Everlink made have one of ours.
 */
export function createSuperOfficeContactStore(
  options: SuperOfficeStoreOptions,
): ItemStore<Contact> & Account {
  const { client, associateId, lists = noLists, selections: chosen = [] } = options;
  const persons = new Persons(client);
  const selections = new Selections(client, associateId, chosen);
  const capabilities: Capabilities<Contact> = {
    ...contactCapabilities(lists),
    compareAndSet: "second",
    createKey: "stamp",
    longestRequestMs: client.timeoutMs + longestWorkMs,
  };

  /** One request for the selections, one for each, and one for a hundred companies. */
  async function list(signal: AbortSignal): Promise<{ person: Map<number, Listed> }> {
    const { rows, receivedAt } = await selections.members(signal);
    const companies = [...new Set([...rows.values()].map((row) => row.contactId ?? 0))].filter(
      (id) => id > 0,
    );
    const updated = await persons.companiesUpdated(companies, signal);
    const listed = [...rows.values()].map(({ personId, contactId, personUpdatedDate }) => {
      const times = [personUpdatedDate, updated.get(contactId ?? 0) ?? ""];
      return [
        personId,
        {
          digest: digestOf([[personId, contactId, ...times].join("|")]),
          settled: times.every((time) => time === "" || isSettled(momentMs(time), receivedAt)),
          anchor: 0,
        },
      ] as const;
    });
    return { person: new Map(listed) };
  }

  async function see(id: number, signal: AbortSignal): Promise<Seen | undefined> {
    const person = await persons.person(id, signal);
    return person && seen(person, signal);
  }

  async function seen(person: PersonEntity, signal: AbortSignal): Promise<Seen> {
    const companyId = person.Contact?.ContactId ?? 0;
    const company = companyId === 0 ? undefined : await persons.company(companyId, signal);
    return carefully(async () => ({
      person,
      observed: observed(person, company),
      touches: () => true,
    }));
  }

  function observed(person: PersonEntity, company: CompanyEntity | undefined): Observed<Contact> {
    const item = readContact(person, company);
    return {
      ref: refOf({ kind: "person", id: person.PersonId }),
      version: versionOf(person.UpdatedDate, item),
      uid: null,
      key: keyOf(person.DbiKey ?? null),
      item,
      traits: plainTraits,
    };
  }

  /** @returns `undefined` for a person who is gone, or in none of the selections */
  async function found(ref: Ref, signal: AbortSignal): Promise<Seen | undefined> {
    signal.throwIfAborted();
    const name = readRef(ref);
    if (name?.kind !== "person") return undefined;
    const there = await see(name.id, signal);
    return there && ((await selections.members(signal)).rows.has(name.id) ? there : undefined);
  }

  async function atVersion(ref: Ref, version: string, signal: AbortSignal): Promise<Seen | undefined> {
    const there = await found(ref, signal);
    if (there && there.observed.version !== version) throw new Failure("item.version-conflict");
    return there;
  }

  return {
    capabilities,
    identity: identityOf(options),

    changes: (scope, cursor, signal) => {
      let members: Promise<ReadonlySet<number>> | undefined;
      /** Asked a second time for those whom the listing lacks: one short answer is no proof of anything. */
      const again = () => (members ??= selections.members(signal).then(({ rows }) => new Set(rows.keys())));
      let listed: ReadonlyMap<number, Listed>;
      return changesSince(
        cursor,
        scope.window,
        {
          layout: layouts.persons,
          list: async () => {
            const listing = await list(signal);
            listed = listing.person;
            return listing;
          },
          see: async ({ id }) => {
            const there = await see(id, signal);
            if (!there || listed.has(id)) return there;
            return (await again()).has(id) ? there : "elsewhere";
          },
        },
        signal,
      );
    },

    get: async (ref, signal) => (await found(ref, signal))?.observed,

    async create(_scope, item, key, signal) {
      const held = capabilities.project(item);
      const into = await selections.handPicked(signal);
      // Made before, and not put into the selection: the work goes on from there.
      const [before] = await persons.withKey(uidOf(key), signal);
      const person = before ?? (await make(held, key, signal));
      await selections.add(into, person.PersonId, signal);
      return (await seen(person, signal)).observed;
    },

    async findByKey(_scope, key, signal) {
      const carrying = await persons.withKey(uidOf(key), signal);
      if (carrying.length === 0) return [];
      const { rows } = await selections.members(signal);
      const own = carrying.filter(({ PersonId }) => rows.has(PersonId));
      return Promise.all(own.map(async (person) => (await seen(person, signal)).observed));
    },

    async update(ref, patch, version, signal) {
      const there = await atVersion(ref, version, signal);
      if (!there) throw new Failure("item.not-found");
      const { person } = there;
      const after = capabilities.project({ ...there.observed.item, ...patch });
      const writes = writePerson(patch, after, person, lists);
      if (Object.keys(writes).length === 0) return there.observed;
      await persons.patch(person.PersonId, writes, moment(person.UpdatedDate).toJSDate(), signal);
      const now = await see(person.PersonId, signal);
      if (!now) throw new Failure("item.not-found");
      return now.observed;
    },

    async remove(ref, version, signal) {
      const there = await atVersion(ref, version, signal);
      if (there) await selections.leave(there.person.PersonId, signal);
    },

    probe: (signal) => probeAssociate(options, signal, () => selections.ids(signal)),
  };

  async function make(held: Contact, key: string, signal: AbortSignal): Promise<PersonEntity> {
    const name = held["organizations/company"];
    const contactId = name === "" ? undefined : await persons.companyNamed(name, signal);
    const entity = {
      ...(await persons.template(signal)),
      PersonId: 0,
      ...(contactId === undefined ? {} : { Contact: { ContactId: contactId } }),
      ...writePerson(held, held, undefined, lists),
      DbiKey: uidOf(key),
    };
    return persons.create(entity, signal);
  }
}

interface Seen extends Found<Contact> {
  person: PersonEntity;
}
