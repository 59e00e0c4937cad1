import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OrganizationId } from "../../core/ids.ts";
import { freshDatabase } from "../support/postgres.ts";

describe("organization isolation in the database", () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  const ours = randomUUID() as OrganizationId;
  const theirs = randomUUID() as OrganizationId;

  beforeAll(async () => {
    fresh = await freshDatabase();
    for (const [id, slug] of [
      [ours, "ours"],
      [theirs, "theirs"],
    ] as const) {
      await fresh.database.inOrganization(
        id,
        (tx) => tx`insert into organization ${tx({ organization_id: id, slug, name: slug })}`,
      );
    }
  });
  afterAll(() => fresh.drop());

  it("forces row-level security on every table that has an organization", async () => {
    const open = await fresh.database.sql`
      select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id'
      where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
        and not (c.relrowsecurity and c.relforcerowsecurity)`;
    expect(open).toEqual([]);
  });

  it("gives every table an organization, but the two that belong to the installation", async () => {
    const without = await fresh.database.sql<{ relname: string }[]>`
      select c.relname from pg_class c where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
        and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id')
      order by 1`;
    expect(without.map((row) => row.relname)).toEqual(["installation", "migration"]);
  });

  it("runs the application under a role that owns no table and cannot bypass policies", async () => {
    const [role] = await fresh.database.sql`
      select current_user as name, rolbypassrls or rolsuper as bypasses,
        exists (select from pg_class where relowner = current_user::regrole) as owns
      from pg_roles where rolname = current_user`;
    expect(role).toEqual({ name: "everlink_app", bypasses: false, owns: false });
  });

  it("shows no row without a named organization, and only its own with one", async () => {
    expect(await fresh.database.sql`select * from organization`).toEqual([]);
    const seen = await fresh.database.inOrganization(
      ours,
      (tx) => tx<{ slug: string }[]>`select slug from organization`,
    );
    expect(seen.map((row) => row.slug)).toEqual(["ours"]);
  });

  it("refuses to write a row of another organization", async () => {
    const write = fresh.database.inOrganization(
      ours,
      (tx) =>
        tx`insert into associate ${tx({ organization_id: theirs, associate_id: 1, connection_id: randomUUID() })}`,
    );
    await expect(write).rejects.toThrow(/row-level security/);
  });

  it("lists the ids of all organizations to the workers", async () => {
    expect(await fresh.database.organizationIds()).toEqual([ours, theirs]);
  });
});
