import { Command } from "commander";
import { createApiToken } from "../db/access.ts";
import type { Config } from "../platform/config.ts";
import { apiClient, type ApiClient } from "./client.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addItemCommands } from "./commands/items.ts";
import { addOperatorCommands } from "./commands/operator.ts";
import { addUnlinkCommands } from "./commands/unlink.ts";
import { addUserCommands } from "./commands/users.ts";
import { chooseOrganization, withInstallation } from "./installation.ts";
import { configOrExit } from "./settings.ts";

let read: Config | undefined;
const config = (): Config => (read ??= configOrExit());

const program = new Command("everlink")
  .description("Everlink on the command line: the same commands as the console's buttons.")
  .option("--url <url>", "address of the API; this installation's own unless given (or EVERLINK_URL)")
  .option(
    "--token <token>",
    "API token; one for this command alone is made when the database is at hand (or EVERLINK_TOKEN)",
  )
  .option("--organization <slug>", "when there are several")
  .showHelpAfterError();

addOperatorCommands(program, config);
addUserCommands(program, connect);
addUnlinkCommands(program, connect);
addItemCommands(program, connect);
addDoctor(program, config);

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/** The API with the caller's token, or with one of an hour's use made through the database. */
async function connect(): Promise<ApiClient> {
  const options = program.opts<{ url?: string; token?: string; organization?: string }>();
  const url = options.url ?? process.env.EVERLINK_URL;
  const token = options.token ?? process.env.EVERLINK_TOKEN;
  if (url && !token) throw new Error("Another installation needs an API token: --token, or EVERLINK_TOKEN.");
  if (token) return apiClient(url ?? config().publicUrl, token);
  return await withInstallation(config(), async ({ database, secrets }) => {
    const organizationId = await chooseOrganization(database, options.organization);
    const made = await createApiToken(database, secrets, {
      organizationId,
      name: "command line",
      role: "administrator",
      createdBy: "operator",
      expiresInDays: 1,
    });
    return apiClient(`http://${config().host}:${config().port}`, made.token.reveal());
  });
}
