import { openDatabase, type Database } from "../db/client.ts";
import { openInstallation } from "../db/installation.ts";
import { organizationBySlug } from "../db/connections.ts";
import { vaultRows } from "../db/vault.ts";
import type { OrganizationId } from "../core/ids.ts";
import type { Config } from "../platform/config.ts";
import { readRootKeys } from "../platform/root-key.ts";
import { createSecrets, type Secrets } from "../platform/secret.ts";
import { createVault, type Vault } from "../platform/vault.ts";

/** What commands that need no running API work with: the database, the lookup key and the vault. */
export interface OpenInstallation {
  database: Database;
  secrets: Secrets;
  vault: Vault;
}

/** Opens the installation for the length of one command. */
export async function withInstallation<Result>(
  config: Config,
  work: (installation: OpenInstallation) => Promise<Result>,
): Promise<Result> {
  const rootKeys = readRootKeys(config.rootKeyFile, { create: config.mode === "sandbox" });
  const database = openDatabase({ url: config.databaseUrl, max: 2 });
  try {
    const { lookupKey } = await openInstallation(database.sql, config.mode, rootKeys);
    const vault = createVault({
      rootKeys,
      rows: vaultRows,
      inOrganization: (organizationId, inside) => database.inOrganization(organizationId, inside),
    });
    return await work({ database, secrets: createSecrets(lookupKey), vault });
  } finally {
    await database.close();
  }
}

/**
 * The organization that a command is for: the only one, or the one named by its slug.
 *
 * @throws when there is none, or when several exist and none was named
 */
export async function chooseOrganization(
  database: Database,
  slug: string | undefined,
): Promise<OrganizationId> {
  if (slug !== undefined) {
    const named = await organizationBySlug(database, slug);
    if (!named) throw new Error(`There is no organization "${slug}".`);
    return named;
  }
  const [first, ...others] = await database.organizationIds();
  if (!first) throw new Error("No organization is connected yet: `everlink connect --file FILE` makes one.");
  if (others.length > 0)
    throw new Error("There are several organizations: name one with --organization SLUG.");
  return first;
}
