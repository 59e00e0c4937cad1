import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import postgres from "postgres";
import { createApiToken, createConsoleLink, type Role } from "../../db/access.ts";
import { saveConnections } from "../../db/connections.ts";
import { migrate } from "../../db/migrate.ts";
import type { Config } from "../../platform/config.ts";
import { parseConnections } from "../../platform/connections.ts";
import { newRootKeyLine } from "../../platform/root-key.ts";
import { trustSandbox } from "../../platform/trust.ts";
import { chooseOrganization, withInstallation } from "../installation.ts";
import { sandboxConnections } from "../sandbox-connections.ts";

const roles: readonly Role[] = ["owner", "administrator", "helpdesk", "auditor"];

/** What the operator of an installation does; works on the database directly, so it needs no sign-in. */
export function addOperatorCommands(program: Command, config: () => Config): void {
  program
    .command("install")
    .description("bring the database to this version; in sandbox mode connect the sample company")
    .action(async () => {
      const settings = config();
      if (settings.databaseEmbedded) await ensureDatabase(settings.databaseUrl);
      const { applied } = await migrate(settings.databaseUrl);
      for (const name of applied) console.log(`Applied ${name}`);
      await withInstallation(settings, async ({ database, vault }) => {
        if (settings.mode !== "sandbox") return;
        trustSandbox(settings);
        const offered = await sandboxConnections(`https://localhost:${settings.sandboxPort}`);
        await saveConnections(database, vault, offered);
      });
    });

  program
    .command("connect")
    .description("save the connections to SuperOffice, Microsoft and the mail server from a JSON file")
    .requiredOption("--file <file>", "see README.md for its form")
    .action(async (options: { file: string }) => {
      const file = parseConnections(JSON.parse(readFileSync(options.file, "utf8")));
      await withInstallation(config(), async ({ database, vault }) => {
        const { connections } = await saveConnections(database, vault, file);
        console.log(
          `${file.organization.name}: ${Object.keys(connections).join(", ")} connected. Secrets are in the vault: delete the file.`,
        );
      });
    });

  const admin = program.command("admin").description("access of administrators");
  admin
    .command("link")
    .description("print a one-time link to the console, good for 15 minutes")
    .option("--organization <slug>")
    .option("--role <role>", roles.join(", "), "owner")
    .action(async (options: { organization?: string; role: string }) => {
      const settings = config();
      const role = parseRole(options.role);
      await withInstallation(settings, async ({ database, secrets }) => {
        const organizationId = await chooseOrganization(database, options.organization);
        const { url } = await createConsoleLink(database, secrets, {
          organizationId,
          publicUrl: settings.publicUrl,
          role,
        });
        console.log(url);
      });
    });

  const token = program.command("token").description("API tokens");
  token
    .command("create")
    .description("print a new API token; it is shown this once only")
    .option("--organization <slug>")
    .option("--role <role>", roles.join(", "), "administrator")
    .option("--name <name>", "what it is for", "made on the command line")
    .option("--days <number>", "ends by itself after this many days")
    .action(async (options: { organization?: string; role: string; name: string; days?: string }) => {
      const role = parseRole(options.role);
      const days = options.days === undefined ? undefined : Number(options.days);
      if (days !== undefined && !(Number.isInteger(days) && days > 0))
        throw new Error("--days must be a whole number of days.");
      await withInstallation(config(), async ({ database, secrets }) => {
        const organizationId = await chooseOrganization(database, options.organization);
        const made = await createApiToken(database, secrets, {
          organizationId,
          name: options.name,
          role,
          createdBy: "operator",
          expiresInDays: days,
        });
        console.log(made.token.reveal());
      });
    });

  program
    .command("key")
    .description("the root key that encrypts all tokens")
    .command("create")
    .description("make the root key file, or add a new key to it for rotation")
    .action(() => {
      const { rootKeyFile } = config();
      const exists = existsSync(rootKeyFile);
      writeFileSync(rootKeyFile, newRootKeyLine(), { flag: exists ? "a" : "wx", mode: 0o600 });
      console.log(
        exists
          ? `Added a key to ${rootKeyFile}; earlier keys stay for reading.`
          : `Made ${rootKeyFile}. Keep a copy in a safe place, apart from the database's backups.`,
      );
    });
}

function parseRole(role: string): Role {
  const found = roles.find((each) => each === role);
  if (!found) throw new Error(`--role must be one of ${roles.join(", ")}.`);
  return found;
}

/** The launcher's own PostgreSQL starts without our database. */
async function ensureDatabase(url: string): Promise<void> {
  const wanted = new URL(url);
  const name = wanted.pathname.slice(1);
  wanted.pathname = "/postgres";
  const sql = postgres(wanted.href, { max: 1, onnotice: () => {} });
  try {
    const [existing] = await sql`select from pg_database where datname = ${name}`;
    if (!existing) await sql.unsafe(`create database "${name}"`);
  } finally {
    await sql.end();
  }
}
