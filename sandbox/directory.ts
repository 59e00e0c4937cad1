import { timingSafeEqual, createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Directory, Person, Tenant } from "./context.ts";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** @returns whether `password` is this person's, without telling by time how much of it was right. */
export function hasPassword(person: Person, password: string): boolean {
  return timingSafeEqual(digest(person.password), digest(password));
}

/** The people and tenants both worlds know, in SQLite. `empty()` is for `/control/reset` alone. */
export function createDirectory(
  db: DatabaseSync,
  transaction: <T>(work: () => T) => T,
): Directory & { empty(): void } {
  db.exec(`
    create table if not exists directory_tenant (id text primary key, tenant text not null) strict;
    create table if not exists directory_person (
      associate_id integer primary key,
      object_id text not null unique,
      person text not null
    ) strict;
    create table if not exists directory_address (
      address text primary key,
      associate_id integer not null references directory_person on delete cascade
    ) strict;
  `);
  const all = db.prepare("select person from directory_person order by associate_id");
  const byId = db.prepare("select person from directory_person where associate_id = ?");
  const byObject = db.prepare("select person from directory_person where object_id = ?");
  const byMail = db.prepare(
    "select person from directory_person natural join directory_address where address = ?",
  );
  const upsert = db.prepare(
    `insert into directory_person (associate_id, object_id, person) values (?, ?, ?)
     on conflict (associate_id) do update set object_id = excluded.object_id, person = excluded.person`,
  );
  const forget = db.prepare("delete from directory_address where associate_id = ?");
  const remember = db.prepare("insert into directory_address (address, associate_id) values (?, ?)");
  const tenants = db.prepare("select tenant from directory_tenant order by id");
  const upsertTenant = db.prepare(
    "insert into directory_tenant (id, tenant) values (?, ?) on conflict (id) do update set tenant = excluded.tenant",
  );

  const person = (row: Record<string, unknown> | undefined): Person | undefined =>
    row === undefined ? undefined : (JSON.parse(row["person"] as string) as Person);

  const directory: Directory & { empty(): void } = {
    tenants: () => tenants.all().map((row) => JSON.parse(row["tenant"] as string) as Tenant),
    people: () => all.all().map((row) => person(row)!),
    byAssociate: (associateId) => person(byId.get(associateId)),
    byAddress: (address) => person(byMail.get(address.trim().toLowerCase())),
    byObjectId: (objectId) => person(byObject.get(objectId)),
    byCredentials(user, password) {
      // `DOMAIN\name` is how Exchange on-premises clients often write the user.
      const found = directory.byAddress(user.slice(user.lastIndexOf("\\") + 1));
      if (!found || !found.capabilities.enabled || !hasPassword(found, password)) return undefined;
      return found;
    },
    save(saved) {
      transaction(() => {
        upsert.run(saved.associateId, saved.objectId, JSON.stringify(saved));
        forget.run(saved.associateId);
        const addresses = [
          saved.address,
          saved.userPrincipalName,
          ...saved.proxyAddresses.map(withoutScheme),
        ];
        for (const address of new Set(addresses.map((each) => each.toLowerCase()))) {
          if (address !== "") remember.run(address, saved.associateId);
        }
      });
    },
    saveTenant: (tenant) => void upsertTenant.run(tenant.id, JSON.stringify(tenant)),
    empty() {
      transaction(() => db.exec("delete from directory_person; delete from directory_tenant"));
    },
  };
  return directory;
}

/** Exchange writes proxy addresses as `SMTP:primary@…` and `smtp:alias@…`. */
const withoutScheme = (address: string): string => address.replace(/^[a-z0-9]+:/i, "");
