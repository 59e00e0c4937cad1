import { randomBytes, randomUUID } from "node:crypto";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OrganizationId, UserId } from "../../core/ids.ts";
import { openInstallation } from "../../db/installation.ts";
import { vaultRows } from "../../db/vault.ts";
import { newRootKeyLine, parseRootKeys } from "../../platform/root-key.ts";
import { createSecrets, Secret } from "../../platform/secret.ts";
import { createVault, type Place, type Vault } from "../../platform/vault.ts";
import { freshDatabase } from "../support/postgres.ts";

describe("vault", () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let vault: Vault;
  let users: UserId[];
  const organizationId = randomUUID() as OrganizationId;
  const line = newRootKeyLine();
  const other = newRootKeyLine();
  const signal = AbortSignal.timeout(60_000);

  const vaultWith = (text: string): Vault =>
    createVault({
      rootKeys: parseRootKeys(text, "root.key"),
      rows: vaultRows,
      inOrganization: fresh.database.inOrganization.bind(fresh.database),
    });
  const within = <Result>(work: Parameters<typeof fresh.database.inOrganization<Result>>[1]) =>
    fresh.database.inOrganization(organizationId, work);
  const placeOf = (userId: UserId): Place => ({ organizationId, userId, purpose: "msal", id: "cache" });

  beforeAll(async () => {
    fresh = await freshDatabase();
    vault = vaultWith(line);
    users = [randomUUID() as UserId, randomUUID() as UserId];
    await within(async (tx) => {
      await tx`insert into organization ${tx({ organization_id: organizationId, slug: "north", name: "North" })}`;
      for (const [index, userId] of users.entries()) {
        await tx`insert into users ${tx({ organization_id: organizationId, user_id: userId, associate_id: index + 1 })}`;
      }
    });
  });
  afterAll(() => fresh.drop());

  it("gives back what was put in, and stores nothing readable", async () => {
    const place = placeOf(users[0]!);
    await within((tx) => vault.write(tx, place, new Secret("the-secret-text"), null));
    expect((await within((tx) => vault.read(tx, place)))?.value.reveal()).toBe("the-secret-text");
    const [row] = await within(
      (tx) => tx<{ sealed: Buffer }[]>`select sealed from vault_entry where user_id = ${users[0]!}`,
    );
    expect(row!.sealed.includes("the-secret-text")).toBe(false);
  });

  it("lets one of two writers win, and tells the other", async () => {
    const place = { ...placeOf(users[0]!), id: "race" };
    await within((tx) => vault.write(tx, place, new Secret("0"), null));
    const { version } = (await within((tx) => vault.read(tx, place)))!;
    const writes = await Promise.allSettled(
      ["a", "b", "c"].map((value) => within((tx) => vault.write(tx, place, new Secret(value), version))),
    );
    expect(writes.filter((write) => write.status === "fulfilled")).toHaveLength(1);
    expect(
      writes
        .filter((write) => write.status === "rejected")
        .map((write) => (write.reason as { code: string }).code),
    ).toEqual(["vault.busy", "vault.busy"]);
  });

  it("refuses a writer that read before the entry was replaced or made anew", async () => {
    const place = { ...placeOf(users[0]!), id: "stale" };
    await within((tx) => vault.write(tx, place, new Secret("old"), null));
    const { version } = (await within((tx) => vault.read(tx, place)))!;
    await within((tx) => vault.replace(tx, place, "new"));
    await expect(within((tx) => vault.write(tx, place, new Secret("late"), version))).rejects.toMatchObject({
      code: "vault.busy",
    });
    await within((tx) => vault.remove(tx, place));
    await within((tx) => vault.replace(tx, place, "newest"));
    await expect(within((tx) => vault.write(tx, place, new Secret("late"), version))).rejects.toMatchObject({
      code: "vault.busy",
    });
    expect((await within((tx) => vault.read(tx, place)))?.value.reveal()).toBe("newest");
  });

  it("opens nothing that was moved to another user, purpose or id", async () => {
    const place = { ...placeOf(users[0]!), id: "here" };
    await within((tx) => vault.write(tx, place, new Secret("mine"), null));
    for (const change of [
      (id: string) => within((tx) => tx`update vault_entry set entry_id = ${id} where entry_id = 'here'`),
      (id: string) =>
        within(
          (tx) => tx`update vault_entry set purpose = 'connection', entry_id = ${id} where entry_id = 'here'`,
        ),
    ]) {
      const [before] = await within((tx) => tx`select * from vault_entry where entry_id = 'here'`);
      await change("there");
      const [moved] = await within(
        (tx) => tx<{ purpose: Place["purpose"] }[]>`select purpose from vault_entry where entry_id = 'there'`,
      );
      await expect(
        within((tx) => vault.read(tx, { ...place, id: "there", purpose: moved!.purpose })),
      ).rejects.toMatchObject({ code: "vault.unreadable" });
      await within((tx) => tx`delete from vault_entry where entry_id = 'there'`);
      await within((tx) => tx`insert into vault_entry ${tx(before as Record<string, string>)}`);
    }
    await within((tx) => tx`update vault_entry set user_id = ${users[1]!} where entry_id = 'here'`);
    await expect(within((tx) => vault.read(tx, { ...place, userId: users[1]! }))).rejects.toMatchObject({
      code: "vault.unreadable",
    });
  });

  it("writes nothing back when the root key is the wrong one, and reads again with the right one", async () => {
    const place = { ...placeOf(users[0]!), id: "wrong-key" };
    await within((tx) => vault.write(tx, place, new Secret("kept"), null));
    const content = async () =>
      JSON.stringify(
        await within(async (tx) => [
          await tx`select * from vault_entry order by 1, 2, 3, 4`,
          await tx`select * from vault_key order by 1, 2, 3`,
        ]),
      );
    const before = await content();
    const blind = vaultWith(other);
    await expect(within((tx) => blind.read(tx, place))).rejects.toMatchObject({ code: "vault.unreadable" });
    await expect(within((tx) => blind.replace(tx, place, "garbage"))).rejects.toMatchObject({
      code: "vault.unreadable",
    });
    expect(await content()).toBe(before);
    expect((await within((tx) => vault.read(tx, place)))?.value.reveal()).toBe("kept");
  });

  it("reads under an earlier root key while a newer one is in use", async () => {
    const place = { ...placeOf(users[0]!), id: "rotated" };
    await within((tx) => vault.write(tx, place, new Secret("old key"), null));
    expect((await within((tx) => vaultWith(line + other).read(tx, place)))?.value.reveal()).toBe("old key");
  });

  it("keeps one fingerprint key for each user, apart from the data key, and destroys both", async () => {
    const [first, second] = await Promise.all([
      vault.fingerprintKey(organizationId, users[1]!),
      vault.fingerprintKey(organizationId, users[1]!),
    ]);
    expect(first.equals(second)).toBe(true);
    expect(first.equals(await vault.fingerprintKey(organizationId, users[0]!))).toBe(false);
    await within((tx) => vault.write(tx, placeOf(users[1]!), new Secret("doomed"), null));
    await within((tx) => vault.destroyUser(tx, organizationId, users[1]!));
    expect(await within((tx) => tx`select from vault_key where user_id = ${users[1]!}`)).toHaveLength(0);
    expect(await within((tx) => vault.read(tx, placeOf(users[1]!)))).toBeUndefined();
  });

  it("lets one holder at a time refresh, and goes on when a holder died", async () => {
    const owner = { organizationId, userId: users[0]! };
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 5 }, () =>
        vault.withLease(owner, signal, async () => {
          inside += 1;
          most = Math.max(most, inside);
          await within((tx) => tx`select pg_sleep(0.02)`);
          inside -= 1;
        }),
      ),
    );
    expect(most).toBe(1);
    await within(
      (tx) =>
        tx`insert into vault_lease (organization_id, user_id, holder, expires_at) values (${organizationId}, ${users[0]!}, ${randomUUID()}, now() + interval '1 minute')`,
    );
    await expect(vault.withLease(owner, signal, () => Promise.resolve(), 50)).rejects.toMatchObject({
      code: "vault.busy",
    });
    await within((tx) => tx`update vault_lease set expires_at = now()`);
    expect(await vault.withLease(owner, signal, () => Promise.resolve("mine"), 50)).toBe("mine");
  });

  it("stamps the mode, keeps one lookup key, and refuses another mode or root key", async () => {
    const { sql } = fresh.database;
    const keys = parseRootKeys(line, "root.key");
    const made = await Promise.all([1, 2, 3].map(() => openInstallation(sql, "sandbox", keys)));
    expect(new Set(made.map(({ lookupKey }) => lookupKey.toString("hex"))).size).toBe(1);
    await expect(openInstallation(sql, "production", keys)).rejects.toThrow("was made in sandbox mode");
    await expect(openInstallation(sql, "sandbox", parseRootKeys(other, "root.key"))).rejects.toMatchObject({
      code: "vault.unreadable",
    });
  });
});

describe("secrets", () => {
  it("do not print, in any way that things are printed", () => {
    const secret = new Secret("canary");
    for (const text of [
      String(secret),
      secret.toString(),
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true, depth: 5 }),
    ]) {
      expect(text).not.toContain("canary");
    }
    expect(secret.reveal()).toBe("canary");
  });

  it("are found by a hash that depends on kind and key", () => {
    const secrets = createSecrets(randomBytes(32));
    const token = secrets.mint("token").reveal();
    expect(secrets.hash("token", token)).toEqual(secrets.hash("token", token));
    expect(secrets.hash("session", token)).not.toEqual(secrets.hash("token", token));
    expect(createSecrets(randomBytes(32)).hash("token", token)).not.toEqual(secrets.hash("token", token));
  });
});
